import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "@/shared/api/client";

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/auth/sessions"))).items,
});

export const securityLogQuery = queryOptions({
  queryKey: ["security-log"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/auth/audit"))).items,
});
