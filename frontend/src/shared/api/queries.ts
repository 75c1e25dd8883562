/** Queries more than one feature reads; what one feature alone reads stays in its folder. */
import { queryOptions } from "@tanstack/react-query";

import { api, setCsrfToken, unwrap } from "@/shared/api/client";
import { ApiProblem } from "@/shared/api/problem";
import type { Session } from "@/shared/api/types";

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await unwrap(api.GET("/api/v1/auth/session"));
      setCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) {
        setCsrfToken(null);
        return null;
      }
      throw error;
    }
  },
  staleTime: 60_000,
});

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/accounts"))).items,
});

export const accountQuery = (id: string) =>
  queryOptions({
    queryKey: ["accounts", id],
    queryFn: () => unwrap(api.GET("/api/v1/accounts/{id}", { params: { path: { id } } })),
    refetchInterval: 15_000,
  });

export const marketsQuery = queryOptions({
  queryKey: ["markets"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/markets"))).items,
  refetchInterval: 10_000,
});

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => unwrap(api.GET("/api/v1/status")),
  refetchInterval: 5_000,
});

export const riskQuery = queryOptions({
  queryKey: ["risk"],
  queryFn: () => unwrap(api.GET("/api/v1/risk/limits")),
});

export const botsQuery = queryOptions({
  queryKey: ["bots"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/bots"))).items,
});

export const strategiesQuery = queryOptions({
  queryKey: ["strategies"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/strategies"))).items,
  staleTime: Infinity,
});
