"""The bridge against what it really talks to: a mongod, the key vault and the simulated venue."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ct_exchange_bridge.bootstrap import bootstrap
from ct_exchange_bridge.settings import BridgeSettings
from ct_kit.http import ServiceClient
from ct_kit.mongo import new_id
from ct_kit.testing import Identities, eventually, free_port, running, service_client

STARTUP_S = 30.0


@dataclass
class Neighbours:
    """Where the processes around the bridge listen."""

    vault_url: str
    simulator_url: str
    binance_url: str
    environment: dict[str, str]
    market: str = "simulated"


@dataclass
class Running:
    """A bridge with clients of each caller."""

    gateway: ServiceClient
    bots: ServiceClient
    engine: ServiceClient
    simulator: ServiceClient
    neighbours: Neighbours
    user: str
    services: Any = None

    async def get(self, path: str, **params: Any) -> Any:
        return await self.gateway.request("GET", path, subject=self.user, params=params)

    async def post(self, path: str, body: object, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else None
        return await self.gateway.request(
            "POST", path, subject=self.user, json=body, headers=headers
        )

    async def open_account(self, **balances: str) -> dict[str, Any]:
        """Open a paper account and wait until its stream keeps it up to date."""
        wanted = balances or {"USDT": "100000"}
        account = await self.post("/v1/accounts/paper", {"label": "test", "balances": wanted})

        async def live() -> bool:
            return not (await self.get(f"/v1/accounts/{account['id']}"))["stale"]

        await eventually(live, timeout_s=10)
        return account

    async def fault(self, kind: str, **fields: Any) -> None:
        await self.simulator.request("POST", "/admin/faults", json={"kind": kind, **fields})

    async def accepted(self, client_order_id: str) -> int:
        """Count in the venue's own log how often it took an order under this id."""
        after, count = 0, 0
        while True:
            page = await self.simulator.request(
                "GET", "/admin/truth", params={"limit": 10_000, "after": after}
            )
            count += sum(
                item["kind"] == "order" and item["client_order_id"] == client_order_id
                for item in page["items"]
            )
            if not page["items"]:
                return count
            after = page["next_after"]

    def order(self, account: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {
            "account_id": account["id"],
            "symbol": "BTC-USDT",
            "side": "buy",
            "type": "market",
            **fields,
        }


def _start(stack: ExitStack, module: str, env: dict[str, str], log: Path) -> None:
    """Run a service; the test's end ends it, by its own pid."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def end() -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(end)


def _await_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)  # not listening yet; polled until the deadline
    raise AssertionError(f"{url} did not become ready:\n{log.read_text()[-4000:]}")


def _neighbours(
    stack: ExitStack,
    identities: Identities,
    mongo_uri: str,
    prefix: str,
    folder: Path,
    simulator_env: dict[str, str],
) -> Neighbours:
    vault, admin, binance = free_port(), free_port(), free_port()
    root_key = folder / "root.key"
    root_key.write_bytes(os.urandom(32))
    root_key.chmod(0o600)
    shared = {
        "CT_MONGODB_URI": mongo_uri,
        "CT_MONGODB_PREFIX": prefix,
        "CT_IDENTITY_TRUST_DIR": str(identities.trust_dir),
        "CT_DATA_DIR": str(folder),
        "CT_LOG_FORMAT": "console",
    }
    _start(
        stack,
        "ct_keyvault",
        {
            **shared,
            "CT_IDENTITY_KEY_FILE": str(identities.key_file("keyvault")),
            "CT_KEYVAULT_PORT": str(vault),
            "CT_KEYVAULT_ROOT_KEY_FILE": str(root_key),
            "CT_KEYVAULT_SIGN_PER_SECOND": "5000",
            "CT_KEYVAULT_SIGN_BURST": "5000",
        },
        folder / "keyvault.log",
    )
    _start(
        stack,
        "ct_simulator",
        {
            **shared,
            "CT_IDENTITY_KEY_FILE": str(identities.key_file("simulator")),
            "CT_SIMULATOR_PORT": str(admin),
            "CT_SIMULATOR_BINANCE_PORT": str(binance),
            "CT_SIMULATOR_WEIGHT_LIMIT_1M": "600000",
            "CT_SIMULATOR_ORDER_LIMIT_10S": "100000",
            **simulator_env,
        },
        folder / "simulator.log",
    )
    _await_ready(f"http://127.0.0.1:{vault}", folder / "keyvault.log")
    _await_ready(f"http://127.0.0.1:{admin}", folder / "simulator.log")
    return Neighbours(
        f"http://127.0.0.1:{vault}",
        f"http://127.0.0.1:{admin}",
        f"http://127.0.0.1:{binance}",
        shared,
        simulator_env.get("CT_MARKET", "simulated"),
    )


@pytest.fixture(scope="session")
def session_prefix() -> str:
    return "xb_"


@pytest.fixture(scope="session")
def neighbours(
    identities: Identities,
    mongo_uri: str,
    session_prefix: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Neighbours]:
    """Run the vault and the simulated venue once for all tests."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("neighbours")
        yield _neighbours(stack, identities, mongo_uri, session_prefix, folder, {})


@pytest.fixture(scope="session")
def start_neighbours(identities: Identities, mongo_uri: str) -> Any:
    """Return a starter of a vault and a simulator with settings of their own."""

    def start(stack: ExitStack, folder: Path, environment: dict[str, str]) -> Neighbours:
        prefix = f"{new_id('xb')[-12:]}_"
        return _neighbours(stack, identities, mongo_uri, prefix, folder, environment)

    return start


@pytest.fixture
def settings_of_bridge(
    neighbours: Neighbours, identities: Identities, mongo_uri: str, mongo_prefix: str
) -> Callable[..., BridgeSettings]:
    """Return a maker of settings; the bridge gets a database of its own per test."""

    def make(**changes: Any) -> BridgeSettings:
        around = changes.pop("around", neighbours)
        values: dict[str, Any] = {
            "mongodb_uri": mongo_uri,
            "mongodb_prefix": mongo_prefix,
            "identity_key_file": identities.key_file("exchange-bridge"),
            "identity_trust_dir": identities.trust_dir,
            "keyvault_url": around.vault_url,
            "simulator_url": around.simulator_url,
            "simulator_binance_url": around.binance_url,
            "market": around.market,
            "lookup_every_s": 0.2,
            "compare_every_s": 0.5,
            "equity_every_s": 0.3,
            **changes,
        }
        return BridgeSettings(**values)

    return make


@pytest.fixture
async def own_bridge(
    neighbours: Neighbours,
    settings_of_bridge: Callable[..., BridgeSettings],
    run_bridge: Callable[..., Any],
) -> AsyncIterator[Running]:
    """Run a bridge inside this process, where a test may change its rules."""
    async with run_bridge(settings_of_bridge(), neighbours) as found:
        yield found


@pytest.fixture
def run_bridge(identities: Identities) -> Callable[..., Any]:
    """Return a context manager that runs a bridge until it is ready."""

    @asynccontextmanager
    async def run(settings: BridgeSettings, around: Neighbours) -> AsyncIterator[Running]:
        app = bootstrap(settings)
        operator = identities.of("operator")
        async with (
            running(app),
            ServiceClient(around.simulator_url, "simulator", operator) as simulator,
        ):
            bridge = Running(
                *(
                    service_client(app, "exchange-bridge", identities.of(caller))
                    for caller in ("gateway", "bots", "ai-engine")
                ),
                simulator,
                around,
                user=new_id("usr"),
                services=app.state.services,
            )

            async def ready() -> bool:
                answer = await bridge.gateway.send("GET", "/readyz")
                assert answer.status_code == 200, answer.text
                return True

            await eventually(ready, timeout_s=20)
            await simulator.request("DELETE", "/admin/faults")
            yield bridge

    return run


@pytest.fixture(scope="session")
def shared_bridge(
    neighbours: Neighbours,
    identities: Identities,
    mongo_uri: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Run one bridge as a process for all tests that need no bridge of their own."""
    port, log = free_port(), tmp_path_factory.mktemp("bridge") / "bridge.log"
    prefix = "CT_EXCHANGE_BRIDGE_"
    env = {
        **neighbours.environment,
        "CT_IDENTITY_KEY_FILE": str(identities.key_file("exchange-bridge")),
        "CT_KEYVAULT_URL": neighbours.vault_url,
        "CT_SIMULATOR_URL": neighbours.simulator_url,
        "CT_SIMULATOR_BINANCE_URL": neighbours.binance_url,
        f"{prefix}PORT": str(port),
        f"{prefix}LOOKUP_EVERY_S": "0.2",
        f"{prefix}EQUITY_EVERY_S": "0.3",
    }
    with ExitStack() as stack:
        _start(stack, "ct_exchange_bridge", env, log)
        _await_ready(f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def bridge(
    shared_bridge: str, neighbours: Neighbours, identities: Identities
) -> AsyncIterator[Running]:
    """Use the shared bridge as a new user."""
    async with AsyncExitStack() as stack:

        async def client(url: str, audience: str, caller: str) -> ServiceClient:
            made = ServiceClient(url, audience, identities.of(caller))
            return await stack.enter_async_context(made)

        gateway, bots, engine = [
            await client(shared_bridge, "exchange-bridge", caller)
            for caller in ("gateway", "bots", "ai-engine")
        ]
        simulator = await client(neighbours.simulator_url, "simulator", "operator")
        await simulator.request("DELETE", "/admin/faults")
        yield Running(gateway, bots, engine, simulator, neighbours, user=new_id("usr"))
