import { expect, it } from "vitest";

import { asProblem, problemFrom } from "@/shared/api/problem";

it("reads a problem document and finds a field's complaint", async () => {
  const answer = new Response(
    JSON.stringify({
      status: 422,
      code: "min_notional",
      title: "Too small",
      detail: "The order is below the venue's minimum.",
      request_id: "req_1",
      errors: [{ field: "body.quantity", message: "Worth 2 USDT.", remedy: "Use at least 5 USDT." }],
    }),
    { status: 422, headers: { "Content-Type": "application/problem+json" } },
  );
  const problem = await problemFrom(answer);
  expect(problem.code).toBe("min_notional");
  expect(problem.field("quantity")).toBe("Worth 2 USDT. Use at least 5 USDT.");
  expect(problem.field("price")).toBeUndefined();
});

it("makes do with a page of HTML from something in between", async () => {
  const problem = await problemFrom(new Response("<html>Bad gateway</html>", { status: 502 }));
  expect(problem.status).toBe(502);
  expect(problem.code).toBe("http_502");
});

it("turns anything thrown into a problem", () => {
  expect(asProblem(new TypeError("boom")).detail).toBe("boom");
});
