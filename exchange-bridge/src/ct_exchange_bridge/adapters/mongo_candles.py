"""Candle history in MongoDB: one document per market, symbol, interval and month, packed columns.

A month of 1-minute candles is 2.1 MB of little-endian columns; a year is read as twelve documents
and needs no parsing to become Arrow.
"""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from ct_exchange_bridge.domain.candles import COLUMNS, Columns, month_of, months_between
from ct_kit.domain import Interval, Market, Symbol
from ct_kit.mongo import mongo_errors

Document = dict[str, Any]


class MongoCandles:
    """The `candles` collection of one market."""

    def __init__(self, db: AsyncDatabase[Document], market: Market) -> None:
        self._raw = db["candles"]
        self._market = market.value

    async def read(self, symbol: Symbol, interval: Interval, start_ms: int, end_ms: int) -> Columns:
        """Return the stored candles that open in [start, end)."""
        where = {
            **self._series(symbol, interval),
            "month": {"$in": months_between(start_ms, end_ms)},
        }
        joined = Columns()
        with mongo_errors():
            async for item in self._raw.find(where).sort("month", 1):
                joined = joined.merged(_columns(item))
        return joined.between(start_ms, end_ms)

    async def add(self, symbol: Symbol, interval: Interval, candles: Columns) -> None:
        """Store closed candles, joining them with what their months hold already.

        One process writes this collection, so reading, joining and replacing a month is safe.
        """
        months: dict[str, Columns] = {}
        for candle in candles.rows():
            months.setdefault(month_of(candle.open_time), Columns()).append(candle)
        for month, columns in months.items():
            where = {**self._series(symbol, interval), "month": month}
            with mongo_errors():
                stored = await self._raw.find_one(where)
                joined = columns if stored is None else _columns(stored).merged(columns)
                document = {"count": len(joined), **joined.packed()}
                await self._raw.update_one(where, {"$set": document}, upsert=True)

    async def forget(self, symbol: Symbol) -> None:
        """Drop a symbol's history: it belongs to another run of a simulated market."""
        with mongo_errors():
            await self._raw.delete_many({"market": self._market, "symbol": str(symbol)})

    async def newest(self, symbol: Symbol, interval: Interval) -> Columns:
        """Return the newest stored month, empty where there is none."""
        with mongo_errors():
            found = await self._raw.find_one(self._series(symbol, interval), sort=[("month", -1)])
        return Columns() if found is None else _columns(found)

    def _series(self, symbol: Symbol, interval: Interval) -> Document:
        return {"market": self._market, "symbol": str(symbol), "interval": interval.value}


def _columns(item: Document) -> Columns:
    return Columns.unpacked({name: item[name] for name in COLUMNS})
