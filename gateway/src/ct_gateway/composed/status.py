"""The status page: what each service says of itself, and the bridge of the venues."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal, Protocol

import aiohttp
from pydantic import ValidationError

from ct_gateway.operations import Upstream
from ct_gateway.pipeline.call import Answer, Call
from ct_gateway.ports import Outgoing, Services
from ct_kit.contracts.common import MarketKind
from ct_kit.contracts.status import BridgeStatus, Readiness, ServiceStatus, Status
from ct_kit.domain.identifiers import new_id
from ct_kit.errors import CtError
from ct_kit.logs import current_request_id

_FRESH_S = 1.0
_PATIENCE_S = 2.5  # above the services' own two seconds, so that they name the part that hangs
_CANNOT_DO_WITHOUT = frozenset({"auth", "exchange-bridge"})


class Prober(Protocol):
    """Reads a health address."""

    async def probe(self, url: str, timeout_s: float) -> tuple[int, bytes]:
        """Return status and body."""


class StatusBoard:
    """Asks everybody at once, at most once a second, for however many who want to know."""

    def __init__(
        self,
        *,
        prober: Prober,
        services: Services,
        ready_urls: Mapping[str, str],
        market: MarketKind,
        own_faults: Callable[[], list[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prober = prober
        self._services = services
        self._ready_urls = ready_urls
        self._market = market
        self._own_faults = own_faults
        self._clock = clock
        self._last: tuple[Status, float] | None = None
        self._lock = asyncio.Lock()

    async def answer(self, call: Call) -> Answer:
        """Answer GET /status."""
        del call
        body = (await self.read()).model_dump_json().encode()
        return Answer(200, [(b"content-type", b"application/json")], body)

    async def read(self) -> Status:
        """Return the status, at most a second old."""
        async with self._lock:
            if self._last is None or self._clock() >= self._last[1]:
                self._last = (await self._compose(), self._clock() + _FRESH_S)
            return self._last[0]

    async def _compose(self) -> Status:
        asked = asyncio.gather(*(self._service(*item) for item in self._ready_urls.items()))
        bridge, answered = await asyncio.gather(self._bridge(), asked)
        services = [self._own(), *answered]
        venues = bridge.venues if bridge else []
        down = {item.name for item in services if item.state == "down"}
        state: Literal["ok", "degraded", "down"] = "ok"
        if down & _CANNOT_DO_WITHOUT:
            state = "down"
        elif any(item.state != "up" for item in services) or any(
            venue.state != "healthy" for venue in venues
        ):
            state = "degraded"
        return Status(
            state=state,
            market=venues[0].market if venues else self._market,
            version=version("ct-gateway"),
            services=services,
            venues=venues,
            as_of=datetime.now(UTC),
        )

    def _own(self) -> ServiceStatus:
        faults = self._own_faults()
        return ServiceStatus(
            name="gateway",
            state="not_ready" if faults else "up",
            reason="; ".join(faults) or None,
            checked_at=datetime.now(UTC),
        )

    async def _service(self, name: str, url: str) -> ServiceStatus:
        state: Literal["up", "down", "not_ready"] = "up"
        reason = None
        try:
            status, body = await self._prober.probe(url, _PATIENCE_S)
            if status != 200:
                state, reason = "not_ready", _why(body)
        except (aiohttp.ClientError, TimeoutError):
            state, reason = "down", "does not answer"
        return ServiceStatus(name=name, state=state, reason=reason, checked_at=datetime.now(UTC))

    async def _bridge(self) -> BridgeStatus | None:
        ask = Outgoing(
            upstream=Upstream.BRIDGE,
            method="GET",
            target="/v1/status",
            request_id=current_request_id() or new_id("req"),
            timeout_s=_PATIENCE_S,
        )
        try:
            reply = await self._services.send(ask, whole=True)
            return BridgeStatus.model_validate_json(reply.body) if reply.status == 200 else None
        except (CtError, ValidationError):
            return None  # its row among the services says that it is down


def _why(body: bytes) -> str:
    try:
        return "; ".join(Readiness.model_validate_json(body).reasons) or "is not ready"
    except ValidationError:
        return "is not ready"
