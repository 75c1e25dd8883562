"""Decides whether a call may leave. Refuses by default, does no I/O, names the rule it applied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ct_proxy.domain.routes import BUILT_IN, Role, Route, route_for

Scheme = Literal["http", "https", "wss"]

_URL = re.compile(
    r"(?P<scheme>https|wss|http)://(?P<host>[a-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>/[!$-;=?-Z_a-z~]*)?",
    re.ASCII,
)
"""A plain absolute URL: lower-case host, no userinfo, no fragment, no backslash, no space."""

_DEFAULT_PORT = {"http": 80, "https": 443, "wss": 443}
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
_KEY_HEADERS = frozenset({"x-mbx-apikey"})
_PASSED_HEADERS = frozenset({"accept", "content-type", "x-mbx-time-unit", *_KEY_HEADERS})
_MAXIMUM_URL = 8_192


@dataclass(frozen=True, slots=True)
class Exit:
    """One host and port of a venue, and who may go there for what."""

    venue: str
    scheme: Scheme
    host: str
    port: int
    roles: frozenset[Role]


_PUBLIC: frozenset[Role] = frozenset({"market_data"})
_BOTH: frozenset[Role] = frozenset({"market_data", "signed"})

# Hosts from binance-spot-api-docs (a5e0bc3, 2026-07-21): rest-api.md, web-socket-streams.md,
# web-socket-api.md, faqs/market_data_only.md.
EXITS = (
    Exit("binance", "https", "api.binance.com", 443, _BOTH),
    Exit("binance", "https", "data-api.binance.vision", 443, _PUBLIC),
    Exit("binance", "wss", "stream.binance.com", 443, _PUBLIC),
    Exit("binance", "wss", "stream.binance.com", 9443, _PUBLIC),
    Exit("binance", "wss", "data-stream.binance.vision", 443, _PUBLIC),
    Exit("binance", "wss", "ws-api.binance.com", 443, _BOTH),
    Exit("binance", "wss", "ws-api.binance.com", 9443, _BOTH),
)

CALLER_ROLES: Mapping[str, frozenset[Role]] = {
    "exchange-bridge": _BOTH,
    "ai-engine": _PUBLIC,
    "gateway": frozenset(),
}
"""What each service may ask to send; the gateway only asks how things are."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call somebody wants to leave."""

    caller: str
    role: Role
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """A call that may leave, spelled out: nothing is parsed again after this."""

    rule: str
    route: Route
    exit: Exit
    target: str
    headers: tuple[tuple[str, str], ...]
    pinned: str | None = field(default=None)
    """The address, where the exit is one already (the simulator); else the name is resolved."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that stays inside, and the rule that keeps it."""

    rule: str
    detail: str
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's routes and exceptions over the built-in exits."""

    routes: tuple[Route, ...] = (BUILT_IN,)
    signed_routes: frozenset[str] = frozenset()
    simulator: tuple[str, int] | None = None

    def decide(self, ask: Ask) -> Allowed | Refused:
        """Return the way out, or why there is none."""
        if ask.role not in CALLER_ROLES.get(ask.caller, frozenset()):
            return Refused("role_of_caller", f"{ask.caller} may not send {ask.role} calls.")
        if ask.method not in _METHODS:
            return Refused("method", "The method is not one venues use.")
        match = _URL.fullmatch(ask.url) if len(ask.url) <= _MAXIMUM_URL else None
        if match is None or _has_dot_segments(match["target"]):
            return Refused("url", "The URL is not a plain absolute one.")
        scheme, host = match["scheme"], match["host"]
        port = int(match["port"] or _DEFAULT_PORT[scheme])
        found = self._exit(scheme, host, port)
        if found is None:
            return Refused("host", "The host and port are on no list.", host)
        if ask.role not in found.roles:
            return Refused("role_of_host", f"{host} is not for {ask.role} calls.", host)
        headers = tuple((name, value) for name, value in ask.headers if _passes(name, value))
        if ask.role == "market_data" and any(n.lower() in _KEY_HEADERS for n, _ in headers):
            return Refused("key_in_public_call", "Public calls carry no API key.", host)
        target = match["target"] or "/"
        if found.venue == "simulator":
            return Allowed("simulator", BUILT_IN, found, target, headers, pinned=host)
        route = route_for(ask.role, found.venue, self.routes, self.signed_routes)
        if route is None:
            return Refused(f"no_{ask.role}_route", f"No route carries {ask.role} calls.", host)
        return Allowed(f"route:{route.id}", route, found, target, headers)

    def _exit(self, scheme: str, host: str, port: int) -> Exit | None:
        if scheme == "http":
            if (host, port) == self.simulator:
                return Exit("simulator", "http", host, port, _BOTH)
            return None
        for found in EXITS:
            if (found.scheme, found.host, found.port) == (scheme, host, port):
                return found
        return None


def _has_dot_segments(target: str | None) -> bool:
    # A client would resolve them, and what is sent would not be what was decided on and signed.
    path = (target or "").partition("?")[0]
    return not {".", ".."}.isdisjoint(path.split("/"))


def _passes(name: str, value: str) -> bool:
    """Keep the few headers venues read; hop-by-hop, identity and forwarding ones end here."""
    return name.lower() in _PASSED_HEADERS and value.isascii() and value.isprintable()
