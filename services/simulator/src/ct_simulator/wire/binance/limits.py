"""Request weight per address and unfilled orders per account, as Binance counts them.

Weight is counted per clock minute, orders per ten seconds and per day. A window ends when either
the real or the virtual clock leaves it, so a stepped clock neither locks a client out for ever nor
refuses a bot that trades a week in a minute.
"""

from dataclasses import dataclass, field

from ct_simulator.domain.clock import VirtualClock
from ct_simulator.wire.binance.consts import (
    BAN_AFTER_REFUSALS,
    BAN_S,
    ORDER_LIMIT_1D,
    ORDER_LIMIT_10S,
    WEIGHT_LIMIT_1M,
)
from ct_simulator.wire.binance.errors import WireError

_MINUTE_MS = 60_000
_TEN_SECONDS_MS = 10_000
_DAY_MS = 86_400_000
Window = tuple[int, int]


@dataclass(slots=True)
class _Counter:
    window: Window = (-1, -1)
    count: int = 0


@dataclass(slots=True)
class _Address:
    weight: _Counter = field(default_factory=_Counter)
    refusals: int = 0
    banned_until_ms: int = 0


@dataclass(slots=True)
class OrderCount:
    """How many orders of one account count at present."""

    ten_seconds: _Counter = field(default_factory=_Counter)
    day: _Counter = field(default_factory=_Counter)


class Limits:
    """Count, and refuse what is too much."""

    def __init__(
        self,
        clock: VirtualClock,
        *,
        weight_1m: int = WEIGHT_LIMIT_1M,
        orders_10s: int = ORDER_LIMIT_10S,
        orders_1d: int = ORDER_LIMIT_1D,
    ) -> None:
        self._clock = clock
        self.weight_1m = weight_1m
        self.orders_10s = orders_10s
        self.orders_1d = orders_1d
        self._addresses: dict[str, _Address] = {}
        self._orders: dict[str, OrderCount] = {}

    def spend(self, address: str, weight: int) -> int:
        """Count the weight of a request and return what is used in this minute.

        Raises -1003 with 429 when it is too much, with 418 while the address is banned.
        """
        state = self._addresses.setdefault(address, _Address())
        now = self._clock.wall_now_ms()
        if now < state.banned_until_ms:
            raise self._banned(state, now)
        used = self._count(state.weight, _MINUTE_MS)
        if used.count + weight > self.weight_1m:
            state.refusals += 1
            if state.refusals > BAN_AFTER_REFUSALS:
                state.refusals = 0
                state.banned_until_ms = now + BAN_S * 1000
                raise self._banned(state, now)
            wait = (_MINUTE_MS - now % _MINUTE_MS) // 1000 + 1
            raise WireError(
                -1003,
                f"Too much request weight used; current limit is {self.weight_1m} request weight "
                "per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling "
                "the API.",
                429,
                retry_after_s=wait,
            )
        state.refusals = 0
        used.count += weight
        return used.count

    def used_weight(self, address: str) -> int:
        """Return the weight an address has used in this minute."""
        return self._count(self._addresses.setdefault(address, _Address()).weight, _MINUTE_MS).count

    def check_orders(self, account_id: str) -> None:
        """Raise -1015 with 429 when the account has too many unfilled orders for another."""
        ten_seconds, day = self._order_counters(account_id)
        for counter, limit, name in (
            (ten_seconds, self.orders_10s, "10 SECOND"),
            (day, self.orders_1d, "1 DAY"),
        ):
            if counter.count >= limit:
                raise WireError(
                    -1015,
                    f"Too many new orders; current limit is {limit} orders per {name}.",
                    429,
                    retry_after_s=10,
                )

    def add_order(self, account_id: str) -> None:
        """Count an accepted order."""
        for counter in self._order_counters(account_id):
            counter.count += 1

    def order_traded(self, account_id: str) -> None:
        """Forget one order of the account: those that trade do not count as unfilled."""
        for counter in self._order_counters(account_id):
            counter.count = max(counter.count - 1, 0)

    def orders(self, account_id: str) -> tuple[int, int]:
        """Return the unfilled orders of the last ten seconds and of the day."""
        ten_seconds, day = self._order_counters(account_id)
        return ten_seconds.count, day.count

    def _order_counters(self, account_id: str) -> tuple[_Counter, _Counter]:
        counts = self._orders.setdefault(account_id, OrderCount())
        return self._count(counts.ten_seconds, _TEN_SECONDS_MS), self._count(counts.day, _DAY_MS)

    def _count(self, counter: _Counter, length_ms: int) -> _Counter:
        """Return the counter, begun anew if its window is over."""
        clock = self._clock
        window = (clock.wall_now_ms() // length_ms, clock.now_ms() // length_ms)
        if counter.window != window:
            counter.window = window
            counter.count = 0
        return counter

    def _banned(self, state: _Address, now: int) -> WireError:
        return WireError(
            -1003,
            f"Way too much request weight used; IP banned until {state.banned_until_ms}. "
            "Please use WebSocket Streams for live updates to avoid bans.",
            418,
            retry_after_s=max((state.banned_until_ms - now) // 1000, 1),
        )
