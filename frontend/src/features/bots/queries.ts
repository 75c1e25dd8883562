import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";

export const botQuery = (id: string) =>
  queryOptions({
    queryKey: ["bots", id],
    queryFn: () => unwrap(api.GET("/api/v1/bots/{id}", { params: { path: { id } } })),
    refetchInterval: 5_000,
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["bot-events", id],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/bots/{id}/events", { params: { path: { id }, query: { limit: 100 } } })))
        .items,
    refetchInterval: 5_000,
  });

export const decisionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["bot-events", id, "decisions"],
    queryFn: async () =>
      (
        await unwrap(
          api.GET("/api/v1/bots/{id}/decisions", { params: { path: { id }, query: { limit: 50 } } }),
        )
      ).items,
    refetchInterval: 10_000,
  });

export const botOrdersQuery = (id: string) =>
  queryOptions({
    queryKey: ["orders", "bot", id],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/bots/{id}/orders", { params: { path: { id }, query: { limit: 50 } } })))
        .items,
    refetchInterval: 10_000,
  });

export const botEquityQuery = (id: string) =>
  queryOptions({
    queryKey: ["bot-events", id, "equity"],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/bots/{id}/equity", { params: { path: { id } } }))).items,
    refetchInterval: 30_000,
  });
