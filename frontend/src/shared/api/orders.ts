/** Orders and fills, read by markets, orders, dashboard and bots alike. */
import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";

export interface OrderFilter {
  account_id?: string;
  bot_id?: string;
  /** Only orders that may still fill. */
  working?: boolean;
  cursor?: string;
}

export const ordersQuery = (filter: OrderFilter = {}) =>
  queryOptions({
    queryKey: ["orders", "list", filter],
    queryFn: () => unwrap(api.GET("/api/v1/orders", { params: { query: { limit: 50, ...filter } } })),
    refetchInterval: 15_000,
  });

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ["orders", "one", id],
    queryFn: () => unwrap(api.GET("/api/v1/orders/{id}", { params: { path: { id } } })),
  });

export const fillsQuery = (filter: { bot_id?: string; cursor?: string } = {}) =>
  queryOptions({
    queryKey: ["fills", filter],
    queryFn: () => unwrap(api.GET("/api/v1/fills", { params: { query: { limit: 50, ...filter } } })),
  });
