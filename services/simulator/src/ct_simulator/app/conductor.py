"""Moves time: pulses the feeds while the clock runs, and steps it candle by candle."""

import asyncio
from collections.abc import Callable

from ct_kit.logs import get_logger
from ct_simulator.app.exchange import Exchange
from ct_simulator.domain.clock import ClockMode
from ct_simulator.errors import ClockNotStepped, ReplayEnded
from ct_simulator.ports import Feed

_PULSE_S = 0.1
_PULSES_PER_SAVE = 10
_log = get_logger(__name__)


class Conductor:
    """Hold the baton over one exchange and what it is fed to."""

    def __init__(
        self, exchange: Exchange, feeds: list[Feed], remember: Callable[[int], None]
    ) -> None:
        """Use `remember` to keep the clock's position over a restart."""
        self._exchange = exchange
        self._feeds = feeds
        self._remember = remember
        self._clock = exchange.market.clock
        self._source = exchange.market.source
        self._stepping = asyncio.Lock()

    async def run(self) -> None:
        """Settle resting orders and pulse the feeds ten times a second, until cancelled."""
        pulses = 0
        while True:
            if self._exchange.has_open_orders:
                self._exchange.settle_all()
                await self._exchange.commit()
            for feed in self._feeds:
                feed.pulse(stepped=False)
            pulses += 1
            if not self._clock.is_real and pulses % _PULSES_PER_SAVE == 0:
                self._remember(self._clock.now_ms())
            await asyncio.sleep(_PULSE_S)

    async def step(self, candles: int) -> int:
        """Move a stepped clock on by whole candles and return its new time.

        For each candle: resting orders trade in it, their reports go out, the closed candle goes
        out, and the price is the next candle's open. Returns once clients have been handed it all.
        Raises ClockNotStepped when the clock runs by itself, ReplayEnded past the last candle.
        """
        if self._clock.mode is not ClockMode.STEPPED:
            raise ClockNotStepped("clock_not_stepped", "the clock runs by itself; set its speed")
        async with self._stepping:
            for _ in range(candles):
                self._clock.move_to(self._next_ms())
                self._exchange.settle_all()
                await self._exchange.commit()
                for feed in self._feeds:
                    feed.pulse(stepped=True)
            self._remember(self._clock.now_ms())
            for feed in self._feeds:
                try:
                    await feed.flush()
                except TimeoutError:
                    _log.warning("slow_stream_clients_not_waited_for")
            return self._clock.now_ms()

    def _next_ms(self) -> int:
        if self._clock.ended:
            raise ReplayEnded
        open_ms = self._source.open_at(self._clock.now_ms())
        following = self._source.next_open(open_ms)
        # after the last candle the clock stands at its end, with the candle closed
        return open_ms + self._source.interval_ms if following is None else following
