"""The services as data: what each starts, whom it may call, which secrets it is shown."""

from dataclasses import dataclass
from typing import Literal

Peer = Literal[
    "auth",
    "keyvault",
    "exchange-bridge",
    "proxy",
    "ai-engine",
    "bots",
    "simulator",
    "simulator-binance",
]


@dataclass(frozen=True, slots=True)
class Service:
    """One program of the platform.

    `calls` is the "may call" column of docs/architecture.md: a service is told the address of
    nobody else. `tier` is the stop order: the highest stops first, so that whoever holds a stream
    open goes before whoever serves it.
    """

    name: str
    module: str
    identity: str
    port_settings: tuple[tuple[str, str], ...]
    """(variable that sets the port, name of the port)."""
    tier: int
    calls: tuple[Peer, ...] = ()
    database: bool = True


SERVICES = (
    Service(
        name="simulator",
        module="ct_simulator",
        identity="simulator",
        port_settings=(
            ("CT_SIMULATOR_PORT", "simulator"),
            ("CT_SIMULATOR_BINANCE_PORT", "simulator-binance"),
        ),
        tier=1,
        database=False,
    ),
    Service(
        name="auth",
        module="ct_auth",
        identity="auth",
        port_settings=(("CT_AUTH_PORT", "auth"),),
        tier=1,
    ),
    Service(
        name="keyvault",
        module="ct_keyvault",
        identity="keyvault",
        port_settings=(("CT_KEYVAULT_PORT", "keyvault"),),
        tier=1,
    ),
    Service(
        name="proxy",
        module="ct_proxy",
        identity="proxy",
        port_settings=(("CT_PROXY_PORT", "proxy"),),
        tier=1,
        calls=("simulator-binance",),
    ),
    Service(
        name="exchange-bridge",
        module="ct_exchange_bridge",
        identity="exchange-bridge",
        port_settings=(("CT_EXCHANGE_BRIDGE_PORT", "exchange-bridge"),),
        tier=2,
        calls=("keyvault", "proxy", "simulator", "simulator-binance"),
    ),
    Service(
        name="ai-engine",
        module="ct_ai_engine",
        identity="ai-engine",
        port_settings=(("CT_AI_ENGINE_PORT", "ai-engine"),),
        tier=3,
        calls=("exchange-bridge", "proxy"),
    ),
    Service(
        name="ai-worker",
        module="ct_ai_engine.worker",
        identity="ai-engine",
        port_settings=(("CT_AI_ENGINE_WORKER_PORT", "ai-worker"),),
        tier=3,
        calls=("exchange-bridge", "proxy"),
    ),
    Service(
        name="bots",
        module="ct_bots",
        identity="bots",
        port_settings=(("CT_BOTS_PORT", "bots"),),
        tier=3,
        calls=("exchange-bridge", "ai-engine"),
    ),
    Service(
        name="bots-runner",
        module="ct_bots.runner",
        identity="bots",
        port_settings=(("CT_BOTS_RUNNER_PORT", "bots-runner"),),
        tier=3,
        calls=("exchange-bridge", "ai-engine"),
    ),
    Service(
        name="gateway",
        module="ct_gateway",
        identity="gateway",
        port_settings=(("CT_GATEWAY_PORT", "gateway"),),
        tier=4,
        calls=("auth", "keyvault", "exchange-bridge", "bots", "ai-engine", "proxy", "simulator"),
        database=False,
    ),
)
