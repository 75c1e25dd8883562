"""The exact string a venue call is signed over. What is signed is what is sent."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from ct_keyvault.domain.policy import Payload

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{13,16}", re.ASCII)
_MAX_VALUE_CHARS = 2_000
_SEPARATORS = frozenset("&=")

Params = Sequence[tuple[str, str]]


class ParamsRefusedError(Exception):
    """The parameters do not make one unambiguous request."""

    def __init__(self, field: str, detail: str, remedy: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail
        self.remedy = remedy


def canonical_query(params: Params, payload: Payload, api_key: str) -> str:
    """Return the string to sign and to send, without the signature itself.

    REST follows binance-connector (`binance.lib.utils.encoded_string`: form encoding, `@` left
    bare), in the order given. The WebSocket API sorts by name, includes `apiKey` and does not
    percent-encode (web-socket-api.md, "SIGNED request example"); there, a value holding `&` or `=`
    could pose as another parameter and is refused.
    """
    _check(params, payload)
    if payload is Payload.QUERY:
        return urlencode(params).replace("%40", "@")
    named = dict(params)
    if named.setdefault("apiKey", api_key) != api_key:
        raise ParamsRefusedError("apiKey", "is not this key's", "Leave apiKey out.")
    return "&".join(f"{name}={named[name]}" for name in sorted(named))


def _check(params: Params, payload: Payload) -> None:
    seen: set[str] = set()
    for name, value in params:
        if not _NAME.fullmatch(name):
            raise ParamsRefusedError(name, "is not a parameter name", "Use letters and digits.")
        if name in seen:
            raise ParamsRefusedError(name, "is given twice", "Give each parameter once.")
        if name == "signature":
            raise ParamsRefusedError(name, "is the vault's to make", "Leave signature out.")
        if len(value) > _MAX_VALUE_CHARS or not value.isprintable():
            raise ParamsRefusedError(name, "has an unusable value", "Send plain, short text.")
        if payload is Payload.SORTED and _SEPARATORS & set(value):
            raise ParamsRefusedError(name, "holds & or =", "Leave those characters out.")
        seen.add(name)
    timestamp = dict(params).get("timestamp", "")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise ParamsRefusedError(
            "timestamp", "is missing or not epoch milliseconds", "Send the venue's time in ms."
        )
