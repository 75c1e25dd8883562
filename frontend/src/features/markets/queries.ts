import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";
import type { Interval } from "@/shared/lib/intervals";

const CANDLES_SHOWN = 500;

export const marketQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["markets", symbol],
    queryFn: () => unwrap(api.GET("/api/v1/markets/{symbol}", { params: { path: { symbol } } })),
  });

export const candlesQuery = (symbol: string, interval: Interval) =>
  queryOptions({
    queryKey: ["candles", symbol, interval],
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/markets/{symbol}/candles", {
          params: { path: { symbol }, query: { interval, limit: CANDLES_SHOWN } },
        }),
      ),
    staleTime: 30_000,
  });

export const bookQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["book", symbol],
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/markets/{symbol}/book", { params: { path: { symbol }, query: { depth: 20 } } }),
      ),
  });

export const tradesQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["trades", symbol],
    queryFn: () =>
      unwrap(
        api.GET("/api/v1/markets/{symbol}/trades", { params: { path: { symbol }, query: { limit: 40 } } }),
      ),
    refetchInterval: 3_000,
  });
