"""Sends one call out: decide, resolve once, pin, record, send once, relay, record."""

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from ct_kit.errors import CtError
from ct_kit.logs import get_logger
from ct_proxy.domain.addresses import AddressRefusedError, pin
from ct_proxy.domain.policy import Allowed, Ask, Policy, Refused
from ct_proxy.errors import AnswerLost, EgressRefused
from ct_proxy.ports import Audit, AuditRow, Clock, Reply, Resolver, Wire

MAXIMUM_ANSWER = 32 * 1024 * 1024
"""Bytes. The largest answer we ask for, exchangeInfo of all symbols, has about 15 MB."""

MAXIMUM_SECONDS = 60
"""Longest answer; each single read is bounded by the wire."""

log = get_logger(__name__)


@dataclass(slots=True)
class Counters:
    """What happened since the start."""

    forwarded: int = 0
    refused: int = 0
    failed: int = 0
    bytes_in: int = 0
    restricted: dict[str, str] = field(default_factory=dict)


class Forwarder:
    """The way out. A call it cannot put on record does not leave."""

    def __init__(
        self, policy: Policy, resolver: Resolver, wire: Wire, audit: Audit, clock: Clock
    ) -> None:
        self.policy = policy
        self.counters = Counters()
        self._resolver = resolver
        self._wire = wire
        self._audit = audit
        self._clock = clock

    async def send(self, ask: Ask, owner: str | None, body: bytes) -> Reply:
        """Send a call and return the venue's answer; its body records the end when it is read.

        Raises `EgressRefused`, `NotSent` (nothing left) or `AnswerLost` (something may have).
        """
        attempt = AuditRow(
            at=self._clock(), caller=ask.caller, owner=owner, role=ask.role, verdict="allowed"
        )
        verdict = self.policy.decide(ask)
        if isinstance(verdict, Refused):
            raise await self._refusal(attempt, verdict)
        if verdict.exit.scheme == "wss":
            detail = "Streams are decided on here and opened by the caller."
            raise await self._refusal(attempt, Refused("stream", detail, verdict.exit.host))
        attempt = replace(
            attempt, host=verdict.exit.host, route=verdict.route.id, rule=verdict.rule
        )
        address = await self._address(verdict, attempt)
        attempt = replace(attempt, address=address)
        await self._audit.add(attempt)
        async with AsyncExitStack() as stack:
            try:
                sending = self._wire.send(verdict, address, ask.method, body)
                reply = await stack.enter_async_context(sending)
            except CtError as failed:
                self.counters.failed += 1
                await self._audit.add(replace(attempt, at=self._clock(), verdict=failed.code))
                raise
            self._notice(verdict, reply.status)
            relayed = self._relay(attempt, reply, stack.pop_all())
            # Begun here, so that it closes the connection even if nobody ever reads it.
            await anext(relayed)
            return Reply(reply.status, reply.headers, relayed)

    async def _address(self, allowed: Allowed, attempt: AuditRow) -> str:
        if allowed.pinned is not None:
            return allowed.pinned
        answers = await self._resolver.resolve(allowed.exit.host, allowed.exit.port)
        try:
            return pin(answers)
        except AddressRefusedError as error:
            refused = Refused("address", f"Refused: {error}.", allowed.exit.host)
            raise await self._refusal(attempt, refused) from error

    async def _relay(
        self, attempt: AuditRow, reply: Reply, stack: AsyncExitStack
    ) -> AsyncGenerator[bytes]:
        received = 0
        verdict = "interrupted"
        deadline = time.monotonic() + MAXIMUM_SECONDS
        try:
            yield b""
            async for chunk in reply.body:
                received += len(chunk)
                if received > MAXIMUM_ANSWER:
                    raise AnswerLost(f"it exceeds {MAXIMUM_ANSWER} bytes")
                if time.monotonic() > deadline:
                    raise AnswerLost(f"it takes longer than {MAXIMUM_SECONDS} s")
                yield chunk
            verdict = "answered"
            self.counters.forwarded += 1
        finally:
            await stack.aclose()
            self.counters.bytes_in += received
            ended = replace(
                attempt,
                at=self._clock(),
                verdict=verdict,
                status=reply.status,
                bytes_in=received,
            )
            await self._audit.add(ended)

    def _notice(self, allowed: Allowed, status: int) -> None:
        if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
            # The venue does not serve this location. Nothing here tries another way out.
            self.counters.restricted[allowed.exit.host] = allowed.route.id
            log.warning("venue_restricted", host=allowed.exit.host, route=allowed.route.id)

    async def _refusal(self, attempt: AuditRow, refused: Refused) -> EgressRefused:
        self.counters.refused += 1
        log.warning("egress_refused", caller=attempt.caller, rule=refused.rule, host=refused.host)
        await self._audit.add(
            replace(attempt, verdict="refused", rule=refused.rule, host=refused.host)
        )
        return EgressRefused(refused.rule, refused.detail)
