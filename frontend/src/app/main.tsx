import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";

import { router } from "@/app/router";
import "@/app/theme.css";
import { ApiProblem } from "@/shared/api/problem";
import { sessionQuery } from "@/shared/api/queries";
import { ToastProvider } from "@/shared/ui/toast";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Reads may be asked again; a refusal of ours says the same twice.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
      staleTime: 2_000,
    },
    mutations: { retry: false },
  },
});

client.getQueryCache().subscribe((event) => {
  if (event.type !== "updated" || event.action.type !== "error") return;
  const error: unknown = event.action.error;
  if (
    error instanceof ApiProblem &&
    error.status === 401 &&
    event.query !== client.getQueryCache().find({ queryKey: sessionQuery.queryKey })
  ) {
    client.setQueryData(sessionQuery.queryKey, null);
  }
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
);
