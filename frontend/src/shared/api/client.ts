/** The typed client of the gateway's API. Cookies carry the session; unsafe calls carry the CSRF token. */
import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "@/shared/api/schema";
import { ApiProblem, problemFrom } from "@/shared/api/problem";

let csrfToken: string | null = null;

/** Remember the token of the session; null after signing out. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

const guard: Middleware = {
  onRequest({ request }) {
    if (!SAFE_METHODS.has(request.method) && csrfToken) {
      request.headers.set("X-CSRF-Token", csrfToken);
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemFrom(response);
    return response;
  },
  onError({ error }) {
    if (error instanceof ApiProblem) return error;
    return new ApiProblem({
      status: 0,
      code: "unreachable",
      title: "CryptoTrade cannot be reached",
      detail: "The server did not answer. Check that it runs and that this device is connected.",
      requestId: null,
      errors: [],
    });
  },
};

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(guard);

/** Unwrap an answer: problems are thrown by the client, so data is there. */
export async function unwrap<Data>(call: Promise<{ data?: Data }>): Promise<Data> {
  const { data } = await call;
  return data as Data;
}

/** A fresh Idempotency-Key: make one per user's intention, not per attempt. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
