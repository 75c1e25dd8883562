"""Binance's REST transport: one request per call, no retries, no redirects, bounded answers.

`SpotCalls` is binance-connector's own request builder with its sending taken out, so that a
signature can come from the vault and the order's SENDING state can be durable in between.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import orjson
import requests
from binance.spot import Spot
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.ports.venue import Credential
from ct_exchange_bridge.venues.binance import consts, parse
from ct_exchange_bridge.venues.binance.credentials import Signer
from ct_exchange_bridge.venues.clock import VenueClock
from ct_exchange_bridge.venues.weight import WeightBudget
from ct_kit.contracts.keys import Signature

ORDER_THREADS = 8
DATA_THREADS = 4

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One venue call, built and not yet sent."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """Return the query string the way the venue reads it and the vault signs it."""
        return urlencode(self.params).replace("%40", "@")


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A call and the vault's signature of exactly its query."""

    call: Call
    signature: Signature


class SpotCalls(Spot):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's methods, returning the call they would have sent."""

    def send_request(
        self, http_method: str, url_path: str, payload: dict[str, Any] | None = None
    ) -> Call:
        """Build a public call."""
        return Call(http_method, url_path, _plain(payload))

    def sign_request(
        self, http_method: str, url_path: str, payload: dict[str, Any] | None = None
    ) -> Call:
        """Build a call the vault has to sign; it still lacks its timestamp."""
        return Call(http_method, url_path, _plain(payload))

    def limited_encoded_sign_request(
        self, http_method: str, url_path: str, payload: dict[str, Any] | None = None
    ) -> NoReturn:
        """Refuse: those endpoints are not ours, and this path would sign by itself."""
        del payload
        raise NotSignableError(f"{http_method} {url_path} is not a call of this adapter")


class NotSignableError(Exception):
    """A call that must not leave this service."""


def _plain(payload: dict[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Write every value as text; a float would become `1e-05` on the wire and is refused."""
    values: Params = []
    for name, value in (payload or {}).items():
        if value is None:
            continue
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise TypeError(f"{name} must be text or a whole number, was {type(value).__name__}")
        values.append((name, str(value)))
    return tuple(values)


class BinanceRest:
    """Sends calls in worker threads, each with its own connection; signed ones by the vault."""

    def __init__(
        self,
        base_url: str,
        signer: Signer,
        clock: VenueClock,
        budget: WeightBudget,
        on_error: Callable[[VenueError], None] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._signer = signer
        self._clock = clock
        self._budget = budget
        self._on_error = on_error
        self._local = threading.local()
        self._order_pool = ThreadPoolExecutor(ORDER_THREADS, "binance-orders")
        self._data_pool = ThreadPoolExecutor(DATA_THREADS, "binance-data")

    def close(self) -> None:
        """Let running calls end and stop the threads."""
        self._order_pool.shutdown(wait=True)
        self._data_pool.shutdown(wait=True)

    async def public(self, call: Call) -> Any:
        """Send an unsigned call and return its JSON; raises `VenueError`."""
        self._budget.admit(consts.WEIGHTS[call.method, call.path], urgent=False)
        return await self._run(self._data_pool, call, None)

    async def signed(self, credential: Credential, call: Call, *, urgent: bool = True) -> Any:
        """Stamp, sign and send a read or a cancel and return its JSON; raises `VenueError`."""
        self._budget.admit(consts.WEIGHTS[call.method, call.path], urgent=urgent)
        stamped = self.stamped(call, self._clock.stamp_ms())
        signature = await self.sign(credential, stamped)
        pool = self._data_pool if call.method == "GET" else self._order_pool
        return await self._run(pool, stamped, signature)

    def stamped(self, call: Call, now_ms: int) -> Call:
        """Return the call with the venue's deadline in it."""
        stamp = (("recvWindow", str(consts.RECV_WINDOW_MS)), ("timestamp", str(now_ms)))
        return Call(call.method, call.path, (*call.params, *stamp))

    async def sign(self, credential: Credential, call: Call) -> Signature:
        """Have the vault sign a stamped call, and check that it signed what was asked."""
        signature = await self._signer.sign(credential, call.method, call.path, list(call.params))
        if signature.query != call.query:
            raise NotSignableError(f"the vault signed another query for {call.method} {call.path}")
        return signature

    async def submit(self, signed: SignedCall) -> Any:
        """Write a signed order to the socket, once; raises `VenueError`."""
        self._budget.admit(consts.WEIGHTS[signed.call.method, signed.call.path], urgent=True)
        return await self._run(self._order_pool, signed.call, signed.signature)

    async def _run(self, pool: ThreadPoolExecutor, call: Call, signature: Signature | None) -> Any:
        loop = asyncio.get_running_loop()
        try:
            used, body = await loop.run_in_executor(pool, self._transmit, call, signature)
        except VenueError as failure:
            if failure.kind is VenueErrorKind.RATE_LIMITED:
                self._budget.block(failure.retry_after_s or 60.0)
            if self._on_error is not None:
                self._on_error(failure)
            raise
        self._budget.observe(used)
        return body

    def _transmit(self, call: Call, signature: Signature | None) -> tuple[int | None, Any]:
        url = f"{self._base_url}{call.path}"
        headers = {}
        query = call.query
        if signature is not None:
            headers["X-MBX-APIKEY"] = signature.api_key
            query = f"{signature.query}&signature={quote(signature.signature, safe='')}"
        read_timeout = (
            consts.ORDER_READ_TIMEOUT_S if call.method != "GET" else consts.DATA_READ_TIMEOUT_S
        )
        try:
            with self._session().request(
                call.method,
                f"{url}?{query}" if query else url,
                headers=headers,
                timeout=(consts.CONNECT_TIMEOUT_S, read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = response.raw.read(consts.MAX_BODY_BYTES + 1, decode_content=True)
                if len(body) <= consts.MAX_BODY_BYTES:
                    response.raw.release_conn()
        except (requests.RequestException, HTTPError, OSError) as failure:
            # Their texts carry the signed URL: only the kind of failure may be passed on.
            raise VenueError(
                VenueErrorKind.UNKNOWN_OUTCOME,
                f"no answer to {call.method} {call.path}: {type(failure).__name__}",
            ) from None
        return _used_weight(response), _answer(call, response, body)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._local.session = session
        return session


def _used_weight(response: requests.Response) -> int | None:
    used = response.headers.get("X-MBX-USED-WEIGHT-1M", "")
    return int(used) if used.isdecimal() else None


def _answer(call: Call, response: requests.Response, body: bytes) -> Any:
    status = response.status_code
    if len(body) > consts.MAX_BODY_BYTES:
        raise VenueError(
            VenueErrorKind.UNKNOWN_OUTCOME, "the answer was larger than allowed", status=status
        )
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None
    if status == requests.codes.ok and parsed is not None:
        return parsed
    if 300 <= status < 400 or (status < 400 and parsed is None):
        # A captive page or a redirect is not an answer: nobody knows what became of the request.
        raise VenueError(
            VenueErrorKind.UNKNOWN_OUTCOME,
            f"{call.method} {call.path} was answered {status} without JSON",
            status=status,
        )
    code = parsed.get("code") if isinstance(parsed, dict) else None
    message = (
        str(parsed.get("msg")) if isinstance(parsed, dict) else body[:200].decode(errors="replace")
    )
    retry_after = response.headers.get("Retry-After", "")
    raise parse.error(
        status,
        code if isinstance(code, int) else None,
        message,
        float(retry_after) if retry_after.isdecimal() else None,
    )
