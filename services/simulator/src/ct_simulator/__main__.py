"""Run the simulator: `python -m ct_simulator`."""

import asyncio
import signal
import sys

import uvloop

from ct_kit.errors import StartRefused
from ct_kit.logs import configure_logging
from ct_kit.settings import EXIT_CONFIGURATION, load_settings
from ct_simulator.bootstrap import build
from ct_simulator.server import listen, serve
from ct_simulator.settings import SimulatorSettings


def main() -> None:
    """Read settings, build, serve; exit 78 when it must not start as configured."""
    settings = load_settings(SimulatorSettings)
    configure_logging("simulator", settings.log_format)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(settings))
    except StartRefused as refusal:
        sys.stderr.write(f"Cannot start: {refusal.detail}\n")
        raise SystemExit(EXIT_CONFIGURATION) from refusal


async def _run(settings: SimulatorSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with (
        listen(settings.host, settings.port) as admin,
        listen(settings.host, settings.binance_port) as binance,
    ):
        await serve(build(settings), admin, binance, stop)


if __name__ == "__main__":
    main()
