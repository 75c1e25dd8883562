"""The symbol of a market as all of CryptoTrade spells it."""

import re
from dataclasses import dataclass
from typing import Self

_SPELLING = re.compile(r"[A-Z0-9]{2,12}-[A-Z0-9]{2,12}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A base and a quote asset, written BTC-USDT. A venue's own spelling stays in its adapter."""

    base: str
    quote: str

    def __post_init__(self) -> None:
        if not _SPELLING.fullmatch(f"{self.base}-{self.quote}"):
            raise ValueError(
                f"a symbol is two assets of 2 to 12 capital letters or digits, "
                f"was {self.base!r} and {self.quote!r}"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `BTC-USDT`; raises `ValueError` for any other spelling."""
        if not _SPELLING.fullmatch(text):
            raise ValueError(f"a symbol is written like BTC-USDT, was {text!r}")
        base, _, quote = text.partition("-")
        return cls(base, quote)

    def __str__(self) -> str:
        return f"{self.base}-{self.quote}"
