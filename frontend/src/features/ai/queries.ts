import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";
import type { Interval } from "@/shared/lib/intervals";

export const analysisQuery = (symbol: string, interval: Interval) =>
  queryOptions({
    queryKey: ["analysis", symbol, interval],
    queryFn: () =>
      unwrap(api.GET("/api/v1/analysis/{symbol}", { params: { path: { symbol }, query: { interval } } })),
    refetchInterval: 30_000,
  });

export const recommendationsQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["recommendations", symbol],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/recommendations", { params: { query: { symbol } } }))).items,
  });
