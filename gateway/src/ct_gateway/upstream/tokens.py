"""Internal tokens, one per user and audience, reused while they are fresh."""

import time
from collections import OrderedDict
from collections.abc import Callable

from ct_kit.identity import MAXIMUM_LIFETIME_S, ServiceIdentity

_REUSE_S = 30.0
"""Half a token's life: what a call starts with stays valid for its longest timeout."""
_CAPACITY = 2_000

_Key = tuple[str, str | None, tuple[str, ...]]


class Tokens:
    """Signing costs about 0.1 ms, a look-up none; a page makes a dozen calls at once."""

    def __init__(
        self, identity: ServiceIdentity, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._identity = identity
        self._clock = clock
        self._tokens: OrderedDict[_Key, tuple[str, float]] = OrderedDict()

    def bearer(self, audience: str, subject: str | None = None, roles: tuple[str, ...] = ()) -> str:
        """Return an Authorization value for one audience, in the name of a user or of nobody."""
        key = (audience, subject, roles)
        now = self._clock()
        known = self._tokens.get(key)
        if known is not None and now < known[1]:
            return known[0]
        value = f"Bearer {self._identity.token(audience, subject, roles, MAXIMUM_LIFETIME_S)}"
        self._tokens[key] = (value, now + _REUSE_S)
        self._tokens.move_to_end(key)
        if len(self._tokens) > _CAPACITY:
            self._tokens.popitem(last=False)
        return value
