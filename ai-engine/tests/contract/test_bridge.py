"""What the engine understands of the bridge, over real HTTP."""

from typing import Any

import numpy as np
import pytest

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_kit.errors import UpstreamFailed
from ct_kit.http import SyncServiceClient


@pytest.fixture
def client(bridge: Any, identities: Any) -> Any:
    with SyncServiceClient(bridge.url, "exchange-bridge", identities.of("ai-engine")) as client:
        yield client


def test_history_in_pages_equals_history_at_once(bridge: Any, client: Any) -> None:
    whole = bridge.candles("BTC-USDT", "1m")
    start, end = int(whole[100, 0]), int(whole[3_000, 0])
    paged = BridgeMarket(client, page_rows=700).history("BTC-USDT", "1m", start, end)
    assert bridge.asked.count("/v1/candles.arrow") == 5
    assert np.array_equal(paged.rows, whole[100:3_000])
    assert (paged.venue, paged.market) == ("binance", "simulated")


def test_recent_candles_and_instruments_are_read(bridge: Any, client: Any) -> None:
    market = BridgeMarket(client)
    table = market.candles("ETH-USDT", "1h", 50)
    assert table.rows == pytest.approx(bridge.candles("ETH-USDT", "1h")[-50:], rel=1e-6)
    found = market.find("ETH-USDT")
    assert found is not None
    assert str(found.tick_size) == "0.01"
    assert market.find("DOGE-USDT") is None
    assert bridge.asked.count("/v1/markets") == 1


def test_a_candle_that_is_not_finite_is_refused(bridge: Any, client: Any) -> None:
    whole = bridge.candles("BTC-USDT", "1m")
    whole[10, 4] = np.nan
    with pytest.raises(UpstreamFailed, match="not finite"):
        BridgeMarket(client).history("BTC-USDT", "1m", int(whole[0, 0]), int(whole[20, 0]))
