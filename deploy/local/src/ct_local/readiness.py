"""Ask a child whether it can serve, without an HTTP library: the launcher stays small."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

_TIMEOUT_S = 3.0
_MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a part can serve and, when not, why."""

    ready: bool
    reason: str = ""


Probe = Callable[[], Coroutine[Any, Any, Readiness]]


def http_probe(port: int, path: str = "/readyz") -> Probe:
    """Return a probe that asks `http://127.0.0.1:port/path`; ready means status 200."""

    async def probe() -> Readiness:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                status, body = await _get(port, path)
        except TimeoutError:
            return Readiness(ready=False, reason="does not answer")
        except (OSError, ValueError):
            return Readiness(ready=False, reason="not listening yet")
        return Readiness(ready=status == 200, reason="" if status == 200 else _reason(body, status))

    return probe


def tcp_probe(port: int) -> Probe:
    """Return a probe that is ready when something accepts connections on the port."""

    async def probe() -> Readiness:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
        except (TimeoutError, OSError):
            return Readiness(ready=False, reason="not listening yet")
        writer.close()
        return Readiness(ready=True)

    return probe


async def _get(port: int, path: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        answer = await reader.read(_MAX_ANSWER_BYTES)
        while chunk := await reader.read(_MAX_ANSWER_BYTES):
            if len(answer) < _MAX_ANSWER_BYTES:
                answer += chunk
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def _reason(body: bytes, status: int) -> str:
    """Shorten a not-ready answer (`ct_kit.contracts.status.Readiness`) to one line."""
    try:
        answer = json.loads(body)
    except ValueError:
        return f"answers {status}"
    reasons = answer.get("reasons") if isinstance(answer, dict) else None
    return ", ".join(map(str, reasons))[:200] if isinstance(reasons, list) else f"answers {status}"
