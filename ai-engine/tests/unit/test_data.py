from decimal import Decimal

import pytest

from ct_ai_engine.market import InstrumentSteps
from ct_ai_engine.tasks import data
from ct_ai_engine.tasks.errors import JobFailedError
from ct_kit.contracts.ai import CandleRange


class MarketWithoutHistory:
    def find(self, symbol: str) -> InstrumentSteps:
        cent = Decimal("0.01")
        return InstrumentSteps(symbol, cent, cent, cent, cent)


@pytest.mark.parametrize(("start", "end"), [(None, 0), (0, 0), (5, 5)])
def test_a_range_without_candles_fails_the_job_with_the_reason(start: int | None, end: int) -> None:
    wanted = CandleRange(symbol="BTC-USDT", interval="1h", start=start, end=end)
    with pytest.raises(JobFailedError, match="range is empty"):
        data.load(MarketWithoutHistory(), wanted, warmup=10, at_least=10)
