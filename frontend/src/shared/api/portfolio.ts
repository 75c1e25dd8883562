import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";

type Mode = "paper" | "live";

export const portfolioQuery = (mode: Mode) =>
  queryOptions({
    queryKey: ["portfolio", mode],
    queryFn: () => unwrap(api.GET("/api/v1/portfolio", { params: { query: { mode } } })),
    refetchInterval: 5_000,
  });

export const equityQuery = (mode: Mode) =>
  queryOptions({
    queryKey: ["portfolio", mode, "history"],
    queryFn: () => unwrap(api.GET("/api/v1/portfolio/history", { params: { query: { mode } } })),
    refetchInterval: 30_000,
  });
