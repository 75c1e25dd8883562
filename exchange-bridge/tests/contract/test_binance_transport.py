"""The transport against a venue that misbehaves on a real socket."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.venues.binance import consts
from ct_exchange_bridge.venues.binance.rest import BinanceRest, SpotCalls
from ct_exchange_bridge.venues.clock import VenueClock
from ct_exchange_bridge.venues.weight import WeightBudget


class Venue:
    """Answers every request with the same bytes and counts them."""

    def __init__(
        self, status: int, body: bytes, headers: dict[str, str], cut_at: int | None
    ) -> None:
        self.requests = 0
        self.connections: set[Any] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests += 1
                outer.connections.add(self.client_address)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if cut_at is None else body[:cut_at])
                if cut_at is not None:
                    self.close_connection = True

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def talk() -> Iterator[Callable[..., Any]]:
    """Return a maker of a client and its venue."""
    opened: list[tuple[Venue, BinanceRest]] = []

    def make(
        status: int = 200,
        body: bytes = b'{"serverTime":1}',
        headers: dict[str, str] | None = None,
        cut_at: int | None = None,
    ) -> tuple[Venue, BinanceRest]:
        venue = Venue(status, body, headers or {}, cut_at)
        budget = WeightBudget(6_000, 0.2)
        rest = BinanceRest(venue.url, _NoSigner(), VenueClock(), budget)
        opened.append((venue, rest))
        return venue, rest

    yield make
    for venue, rest in opened:
        rest.close()
        venue.server.shutdown()
        venue.server.server_close()


class _NoSigner:
    async def sign(self, *_: Any) -> Any:
        raise AssertionError("a public call is not signed")


CALL = SpotCalls(base_url="http://unused.invalid").time()


async def test_an_answer_is_read_and_the_connection_kept(talk: Callable[..., Any]) -> None:
    venue, rest = talk(headers={"X-MBX-USED-WEIGHT-1M": "77"})
    for _ in range(20):
        assert await rest.public(CALL) == {"serverTime": 1}
    assert venue.requests == 20
    assert len(venue.connections) <= 4
    assert rest._budget.used >= 77


@pytest.mark.parametrize(
    "answer",
    [
        {"body": b"<html>sign in to the hotel network</html>"},
        {"body": b'{"serverTime":1}', "cut_at": 8},
        {"status": 302, "headers": {"Location": "http://169.254.169.254/"}},
        {"status": 500, "body": b'{"code":-1013,"msg":"Filter failure: LOT_SIZE"}'},
        {"status": 503, "body": b"busy"},
    ],
    ids=["html", "cut", "redirect", "500", "503"],
)
async def test_what_is_no_answer_has_an_unknown_outcome_and_is_asked_once(
    talk: Callable[..., Any], answer: dict[str, Any]
) -> None:
    venue, rest = talk(**answer)
    with pytest.raises(VenueError) as failure:
        await rest.public(CALL)
    assert failure.value.kind is VenueErrorKind.UNKNOWN_OUTCOME
    assert not failure.value.refuses_order
    assert venue.requests == 1


@pytest.mark.parametrize("body", [b"[]", b'{"unexpected":true}', b"not json", b""])
async def test_an_odd_4xx_is_not_understood_and_never_a_crash(
    talk: Callable[..., Any], body: bytes
) -> None:
    _, rest = talk(status=400, body=body)
    with pytest.raises(VenueError) as failure:
        await rest.public(CALL)
    assert failure.value.kind is VenueErrorKind.NOT_UNDERSTOOD


async def test_an_answer_beyond_the_cap_is_not_swallowed(
    talk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consts, "MAX_BODY_BYTES", 1_000)
    _, rest = talk(body=b'"' + b"x" * 5_000 + b'"')
    with pytest.raises(VenueError) as failure:
        await rest.public(CALL)
    assert failure.value.kind is VenueErrorKind.UNKNOWN_OUTCOME


async def test_after_a_429_nothing_leaves_until_the_stated_time(talk: Callable[..., Any]) -> None:
    venue, rest = talk(
        status=429, body=b'{"code":-1003,"msg":"Too much"}', headers={"Retry-After": "30"}
    )
    for _ in range(3):
        with pytest.raises(VenueError) as failure:
            await rest.public(CALL)
        assert failure.value.kind is VenueErrorKind.RATE_LIMITED
    assert venue.requests == 1


async def test_a_refused_connection_is_unknown_and_tells_no_url() -> None:
    rest = BinanceRest("http://127.0.0.1:1", _NoSigner(), VenueClock(), WeightBudget(100, 0))
    with pytest.raises(VenueError) as failure:
        await rest.public(CALL)
    rest.close()
    assert failure.value.kind is VenueErrorKind.UNKNOWN_OUTCOME
    assert "127.0.0.1" not in str(failure.value)
    assert failure.value.__cause__ is None
