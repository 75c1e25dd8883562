"""Forward: hand the call to its service as it is, under our own name.

Headers go through on an allow-list, so whatever a browser sends about identity, address or
connection, in whatever case, spelling or number, ends here.
"""

from urllib.parse import quote

from ct_gateway.operations import Upstream
from ct_gateway.pipeline.call import Answer, Call
from ct_gateway.ports import Outgoing, Reply, Services
from ct_kit.errors import InvalidRequest

_REQUEST_HEADERS = (b"accept", b"if-none-match")
_ANSWER_HEADERS = (
    "content-type",
    "content-length",
    "content-encoding",
    "content-disposition",
    "etag",
    "retry-after",
)
_LONGEST_KEY = 128


async def forward(call: Call, services: Services) -> Answer:
    """Send the call to its service and return what it answers, problems included."""
    return to_answer(await services.send(outgoing(call)))


def outgoing(call: Call, *, upstream: Upstream | None = None, target: str = "") -> Outgoing:
    """Build the internal call: only validated parameters, allowed headers, our identity."""
    operation = call.operation
    session = call.session
    to = upstream or operation.upstream
    headers = _headers(call)
    if to is Upstream.AUTH:
        headers |= _for_auth(call)
    return Outgoing(
        upstream=to,
        method=operation.method,
        target=target or _target(call),
        request_id=call.request_id,
        timeout_s=operation.timeout_s,
        user_id=session.user.id if session else None,
        roles=tuple(session.user.roles) if session else (),
        headers=headers,
        body=call.body,
    )


def to_answer(reply: Reply) -> Answer:
    """Take over a service's answer; its other headers are inside matters."""
    headers = [
        (name.encode(), reply.headers[name].encode("latin-1"))
        for name in _ANSWER_HEADERS
        if name in reply.headers
    ]
    return Answer(reply.status, headers, reply.body, reply.parts)


def _target(call: Call) -> str:
    path = call.operation.upstream_path
    for name, value in call.parameters.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return f"{path}?{call.query.decode('ascii')}" if call.query else path


def _headers(call: Call) -> dict[str, str]:
    headers = {}
    for name in _REQUEST_HEADERS:
        value = call.headers.single(name)
        if value is not None:
            headers[name.decode()] = value
    if call.body:
        headers["content-type"] = "application/json"
    if call.operation.idempotent_by_key:
        key = call.headers.single(b"idempotency-key")
        if key is not None:
            headers["idempotency-key"] = _checked_key(key)
    return headers


def _checked_key(key: str) -> str:
    plain = key.replace("-", "").replace("_", "").replace(".", "").replace(":", "")
    if not (plain.isascii() and plain.isalnum() and len(key) <= _LONGEST_KEY):
        raise InvalidRequest(
            "idempotency_key_invalid",
            f"The Idempotency-Key is 1 to {_LONGEST_KEY} letters, digits and . _ : -",
        )
    return key


def _for_auth(call: Call) -> dict[str, str]:
    """Tell auth what it throttles and lists by: only auth reads these."""
    headers = {"x-ct-client-address": call.address}
    user_agent = call.headers.single(b"user-agent")
    if user_agent is not None:
        headers["user-agent"] = user_agent[:300]
    if call.session is not None:
        headers["x-ct-session"] = call.session.session_id
    return headers
