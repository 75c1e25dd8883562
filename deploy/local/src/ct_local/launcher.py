"""The run from the first check to the last process gone."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Mapping
from contextlib import closing
from datetime import UTC, datetime

from ct_kit.identity import generate_identities
from ct_local import database, plan
from ct_local.console import Console
from ct_local.disk import require_free_disk
from ct_local.guard import Guard
from ct_local.layout import REPOSITORY, DataDir
from ct_local.page import require_page
from ct_local.ports import require_free_ports
from ct_local.process import Process
from ct_local.rootkey import ensure_root_key
from ct_local.runlock import RunLock
from ct_local.settings import LauncherSettings
from ct_local.status_file import StatusFile
from ct_local.supervisor import Supervisor

_MARKET_LINES = {
    "simulated": "Market: SIMULATED. Prices are made up; no order leaves this machine.",
    "replay": "Market: SIMULATED, replaying {replay} at {speed:g}x. No order leaves this machine.",
}


def launch(
    settings: LauncherSettings, operator_environment: Mapping[str, str], *, demo: bool
) -> None:
    """Run the platform until a signal; raises StartFault when it cannot run."""
    console = Console()
    data = DataDir(settings.data_dir.resolve())
    data.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_free_disk(data.root)
    ports = plan.shifted_ports(settings)
    address = f"http://{settings.gateway_host}:{ports['gateway']}"
    with closing(RunLock(data.run_lock, address)):
        require_page()
        mongo = database.choose(settings, data, ports["mongod"])
        specs = plan.children(
            settings,
            operator_environment=operator_environment,
            machine=os.environ,
            database=mongo,
        )
        require_free_ports(
            "127.0.0.1",
            {name: port for spec in specs for name, port in spec.ports.items()},
            offset=settings.port_offset,
        )
        generate_identities(data.identity)
        ensure_root_key(data.vault_root_key)
        console.say("cryptotrade", f"market {settings.market}; data in {data.root}; {mongo.origin}")
        header = {
            "launcher_pid": os.getpid(),
            "address": address,
            "market": settings.market,
            "started_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        with Guard() as guard, closing(StatusFile(data.status, header)) as status:
            supervisor = Supervisor(
                specs, console=console, status=status, logs=data.logs, guard=guard
            )
            work = _work(supervisor, settings, console, address, demo=demo)
            asyncio.run(_until_stopped(work, supervisor, console))


async def _until_stopped(
    work: Coroutine[None, None, None], supervisor: Supervisor, console: Console
) -> None:
    task = asyncio.create_task(work)
    _on_signals(asyncio.get_running_loop(), task, supervisor, console)
    try:
        await task
    except asyncio.CancelledError:
        console.say("cryptotrade", "stopping; Ctrl-C again ends everything at once")
    finally:
        began = console.elapsed_s
        await supervisor.stop()
        console.say("cryptotrade", f"stopped in {console.elapsed_s - began:.1f} s")


async def _work(
    supervisor: Supervisor,
    settings: LauncherSettings,
    console: Console,
    address: str,
    *,
    demo: bool,
) -> None:
    await supervisor.start(settings.start_timeout_s)
    if demo:
        await _seed(console, address)
    market = _MARKET_LINES[settings.market].format(
        replay=settings.replay, speed=settings.replay_speed
    )
    console.box(
        [
            f"CryptoTrade is ready: {address}",
            market,
            f"Ready after {console.elapsed_s:.1f} s. Ctrl-C stops everything.",
        ]
    )
    await supervisor.run()


async def _seed(console: Console, address: str) -> None:
    """Run the demo's seeding as a program of its own: a user of the public API, nothing more."""
    console.say("demo", "making an account, orders, bots and results through the public API")
    seeding = Process(
        (sys.executable, "-m", "ct_local.demo", address, str(console.elapsed_s)),
        env={"PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1"},
        cwd=REPOSITORY,
        on_output=console.write_through,
    )
    try:
        code = await seeding.exited()
    except asyncio.CancelledError:
        seeding.signal_group(signal.SIGKILL)
        raise
    if code:
        console.say("demo", "is incomplete (see above); the platform itself is well")


def _on_signals(
    loop: asyncio.AbstractEventLoop,
    work: asyncio.Task[None],
    supervisor: Supervisor,
    console: Console,
) -> None:
    def received() -> None:
        if work.done() or work.cancelling():
            console.say("cryptotrade", "ending everything at once")
            supervisor.kill()
        else:
            work.cancel()

    numbers = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants to outlive its terminal
        numbers.add(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, received)
