"""The real connection out, against servers on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ct_proxy.adapters.wire import HttpWire
from ct_proxy.domain.policy import Allowed, Exit
from ct_proxy.domain.routes import BUILT_IN
from ct_proxy.errors import AnswerLost, NotSent
from ct_proxy.openapi import document


@pytest.fixture
async def wire() -> AsyncIterator[HttpWire]:
    made = HttpWire()
    yield made
    await made.close()


def out(port: int, target: str = "/", scheme: Any = "http", host: str = "127.0.0.1") -> Allowed:
    roles = frozenset({"market_data"})
    leave = Exit("simulator", scheme, host, port, roles)  # type: ignore[arg-type]
    return Allowed("simulator", BUILT_IN, leave, target, (("Accept", "application/json"),))


async def exchange(wire: HttpWire, allowed: Allowed) -> tuple[int, bytes, dict[str, str]]:
    async with wire.send(allowed, "127.0.0.1", "GET", b"") as reply:
        body = b"".join([chunk async for chunk in reply.body])
        return reply.status, body, dict(reply.headers)


@pytest.mark.parametrize(
    "target",
    [
        "/api/v3/time",
        "/api/v3/klines?symbol=BTCUSDT&limit=5",
        "/a?x=%EF%BC%91&y=a%20b&z=a+b&email=a@b&signature=ab%2Fcd%2B%3D",
        "/a?symbols=%5B%22BTCUSDT%22%5D",
        "/a?",
        "/a//b",
        "/a?q=it's(1);*!$,~:/?@Z",
    ],
)
async def test_the_target_arrives_as_it_was_signed(wire: HttpWire, venue: Any, target: str) -> None:
    await exchange(wire, out(venue.port, target))
    line = venue.requests[0].split(b"\r\n")[0]
    assert line == f"GET {target} HTTP/1.1".encode()


async def test_only_our_headers_are_sent(wire: HttpWire, venue: Any) -> None:
    await exchange(wire, out(venue.port))
    names = {line.split(b":")[0].lower() for line in venue.requests[0].split(b"\r\n")[1:] if line}
    assert names == {b"host", b"accept", b"user-agent", b"accept-encoding", b"connection"}


async def test_a_redirect_is_not_followed_and_its_target_not_told(
    wire: HttpWire, venue: Any
) -> None:
    venue.answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nSet-Cookie: a=b\r\n"
        b"Retry-After: 7\r\nX-MBX-USED-WEIGHT-1M: 9\r\nContent-Length: 0\r\n\r\n"
    )
    status, _, headers = await exchange(wire, out(venue.port))
    assert status == 302
    assert headers == {"retry-after": "7", "x-mbx-used-weight-1m": "9"}
    assert len(venue.requests) == 1


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"garbage\r\n\r\n"]
)
async def test_a_lost_answer_is_said_to_be_lost_and_never_asked_for_again(
    wire: HttpWire, venue: Any, answer: bytes
) -> None:
    venue.answer = answer
    with pytest.raises(AnswerLost):
        await exchange(wire, out(venue.port))
    assert len(venue.requests) == 1


async def test_a_refused_connection_means_nothing_was_sent(wire: HttpWire, venue: Any) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(NotSent):
        await exchange(wire, out(port))


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = tmp_path / f"{name}.pem"
        path.write_bytes(made.public_bytes(Encoding.PEM) + private)
        return path

    return make


@pytest.mark.parametrize("named", ["api.binance.com", "evil.example"])
async def test_tls_is_checked_against_the_venues_name_not_the_pinned_address(
    certificate: Callable[[str], Path], named: str
) -> None:
    pem = certificate(named)
    asked: list[str | None] = []
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_tls.load_cert_chain(pem)
    server_tls.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client did not like the certificate
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls)
    port = server.sockets[0].getsockname()[1]
    wire = HttpWire(ssl.create_default_context(cafile=str(pem)))
    try:
        allowed = out(port, scheme="https", host="api.binance.com")
        if named == "api.binance.com":
            assert (await exchange(wire, allowed))[0] == 200
        else:
            with pytest.raises(NotSent):
                await exchange(wire, allowed)
        assert asked == ["api.binance.com"]
    finally:
        await wire.close()
        server.close()
        await server.wait_closed()


def test_the_committed_openapi_document_is_current() -> None:
    assert (Path(__file__).parents[2] / "openapi.json").read_text() == document()
