import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";
import type { Job } from "@/shared/api/types";

const ENDED = new Set<Job["state"]>(["succeeded", "failed", "cancelled"]);

export function hasEnded(job: Job): boolean {
  return ENDED.has(job.state);
}

/** One job with its result; asked again while it runs, the stream moving the bar between. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: () => unwrap(api.GET("/api/v1/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: (query) =>
      query.state.data && hasEnded(query.state.data) && query.state.data.result !== undefined ? false : 1_500,
  });

export const jobsQuery = (kind?: Job["kind"]) =>
  queryOptions({
    queryKey: ["jobs", "list", kind],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/jobs", { params: { query: kind ? { kind } : {} } }))).items,
    refetchInterval: 5_000,
  });
