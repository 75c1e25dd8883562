"""Parameters as they come, and reading them with the refusals Binance gives."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl

from ct_simulator.wire.binance.consts import (
    CLIENT_ID_RANGE,
    INTEGER_RANGE,
    NUMBER_RANGE,
    SYMBOL_RANGE,
    SYMBOLS_RANGE,
)
from ct_simulator.wire.binance.errors import WireError, illegal, missing

_NUMBER: Final = re.compile(NUMBER_RANGE)
_INTEGER: Final = re.compile(INTEGER_RANGE)
_SYMBOL: Final = re.compile(SYMBOL_RANGE)
_SYMBOLS: Final = re.compile(SYMBOLS_RANGE)
_CLIENT_ID: Final = re.compile(CLIENT_ID_RANGE)
_MAX_DIGITS = 8
SIGNING = frozenset({"timestamp", "recvWindow", "signature"})


class Params:
    """The parameters of one request, of query string and body; the query string wins."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @classmethod
    def of(cls, query: str, body: str) -> "Params":
        """Read a raw query string and form body; raises -1101 when a name comes twice."""
        values: dict[str, str] = {}
        for part in (body, query):
            seen: set[str] = set()
            for name, value in parse_qsl(part, keep_blank_values=True):
                if name in seen:
                    raise WireError(-1101, "Duplicate values for a parameter detected.")
                seen.add(name)
                values[name] = value
        return cls(values)

    def only(self, known: Iterable[str]) -> None:
        """Refuse parameters this endpoint does not read."""
        unread = self._values.keys() - set(known) - SIGNING
        if unread:
            sent = len(self._values)
            raise WireError(
                -1104,
                f"Not all sent parameters were read; read '{sent - len(unread)}' parameter(s) "
                f"but was sent '{sent}'.",
            )

    def has(self, name: str) -> bool:
        """Tell whether a parameter was sent."""
        return name in self._values

    def text(self, name: str) -> str | None:
        """Return a parameter, None when it was not sent; raises -1105 when it is empty."""
        value = self._values.get(name)
        if value == "":
            raise WireError(-1105, f"Parameter '{name}' was empty.")
        return value

    def required(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.match(value):
            raise illegal(name, INTEGER_RANGE)
        return int(value)

    def limit(self, default: int, maximum: int) -> int:
        """Return the `limit` of a list: too large is cut, zero refused."""
        value = self.integer("limit")
        if value is None:
            return default
        if value < 1:
            raise WireError(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(value, maximum)

    def number(self, name: str) -> Decimal | None:
        """Return a decimal of plain digits, at most eight behind the point."""
        value = self.text(name)
        if value is None:
            return None
        if not _NUMBER.match(value):
            raise illegal(name, NUMBER_RANGE)
        if len(value.partition(".")[2].rstrip("0")) > _MAX_DIGITS:
            raise WireError(-1111, f"Parameter '{name}' has too much precision.")
        return Decimal(value)

    def symbol(self) -> str | None:
        """Return the symbol in the venue's spelling, not yet known to exist."""
        value = self.text("symbol")
        if value is not None and not _SYMBOL.match(value):
            raise illegal("symbol", SYMBOL_RANGE)
        return value

    def symbols(self) -> list[str] | None:
        """Return the symbols of a JSON list."""
        value = self.text("symbols")
        if value is None:
            return None
        value = value.replace(" ", "")
        if not _SYMBOLS.match(value):
            raise illegal("symbols", SYMBOLS_RANGE)
        names: list[str] = json.loads(value)
        if len(set(names)) < len(names):
            raise WireError(-1151, "Symbol is present multiple times in the list.")
        return names

    def client_id(self, name: str) -> str | None:
        """Return a client order id."""
        value = self.text(name)
        if value is not None and not _CLIENT_ID.match(value):
            raise illegal(name, CLIENT_ID_RANGE)
        return value

    def choice(self, name: str, options: frozenset[str], error: WireError) -> str:
        """Return one of a closed set of words; raises the given error for another."""
        value = self.required(name)
        if value not in options:
            raise error
        return value
