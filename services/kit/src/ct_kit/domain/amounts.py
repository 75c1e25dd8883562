"""Price, Quantity and Money: exact decimals that do not mix and refuse float.

Same type adds to the same type. The instrument turns price x quantity into money, a ratio is a
plain `Decimal`, and a quantity or a price is never negative.
"""

from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Self, final

# 38 digits hold every sum of our 20 + 18 digit wire format; a result that would need more
# raises instead of being rounded behind our back.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])

Source = str | int | Decimal


def exact_decimal(value: Source) -> Decimal:
    """Read a finite decimal from `str`, `int` or `Decimal`.

    Raises `TypeError` for float and bool, `ValueError` for anything that is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(f"an amount is built from str, int or Decimal, was {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"an amount must be a decimal number, was {value!r}") from error
    if not number.is_finite():
        raise ValueError(f"an amount must be finite, was {value!r}")
    return number


class _Amount:
    """One exact decimal of one kind; compares and adds only with its own kind."""

    __slots__ = ("_value",)
    _value: Decimal
    _signed = False

    def __init__(self, value: Source) -> None:
        number = exact_decimal(value)
        if number < 0 and not self._signed:
            raise ValueError(f"a {type(self).__name__.lower()} is never negative, was {number}")
        object.__setattr__(self, "_value", number)

    @property
    def value(self) -> Decimal:
        """Return the exact number."""
        return self._value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __reduce__(self) -> tuple[type[Self], tuple[Decimal]]:
        return type(self), (self._value,)

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(_EXACT.add(self._value, other._value))

    def __sub__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(_EXACT.subtract(self._value, other._value))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value == other._value

    def __lt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value < other._value

    def __le__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value <= other._value

    def __gt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value > other._value

    def __ge__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._value >= other._value

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return format(self._value, "f")

    def __repr__(self) -> str:
        return f"{type(self).__name__}('{self}')"


@final
class Price(_Amount):
    """Quote units for one base unit; never negative."""

    __slots__ = ()


@final
class Quantity(_Amount):
    """Base units; never negative, the side says the direction."""

    __slots__ = ()


@final
class Money(_Amount):
    """An amount of one asset; a loss or a debit is negative."""

    __slots__ = ()
    _signed = True

    def __neg__(self) -> "Money":
        return Money(-self._value)
