import { useQueryClient } from "@tanstack/react-query";

import { bookQuery, candlesQuery, marketQuery } from "@/features/markets/queries";
import { useChannel } from "@/shared/api/stream";
import type { components } from "@/shared/api/schema";
import type { Book, Candle, Ticker } from "@/shared/api/types";
import type { Interval } from "@/shared/lib/intervals";

type CandleUpdate = components["schemas"]["CandleUpdate"];

/** Put a moving candle where it belongs: over the last one, or after it. */
export function withCandle(candles: Candle[], candle: Candle): Candle[] {
  const last = candles.at(-1);
  if (!last || candle.open_time > last.open_time) return [...candles, candle];
  if (candle.open_time === last.open_time) return [...candles.slice(0, -1), candle];
  return candles.map((known) => (known.open_time === candle.open_time ? candle : known));
}

/** Fold one symbol's ticker, book and candles from the stream into the query cache. */
export function useLiveMarket(symbol: string, interval: Interval): void {
  const client = useQueryClient();
  useChannel<Ticker>(`ticker:${symbol}`, (ticker) =>
    client.setQueryData(marketQuery(symbol).queryKey, (market) => market && { ...market, ticker }),
  );
  useChannel<Book>(`book:${symbol}`, (book) => client.setQueryData(bookQuery(symbol).queryKey, book));
  useChannel<CandleUpdate>(`candles:${symbol}:${interval}`, (update) => {
    const key = candlesQuery(symbol, interval).queryKey;
    const known = client.getQueryData(key);
    if (!known) return;
    const last = known.items.at(-1);
    const step = last ? update.candle.open_time - last.open_time : 0;
    const before = known.items.at(-2);
    const width = last && before ? last.open_time - before.open_time : step;
    if (width > 0 && step > width) {
      void client.invalidateQueries({ queryKey: key }); // a hole: read the candles anew
      return;
    }
    client.setQueryData(key, {
      ...known,
      as_of: update.as_of,
      stale: update.stale,
      items: withCandle(known.items, update.candle),
    });
  });
}
