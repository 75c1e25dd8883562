import { expect, it } from "vitest";

import { withCandle } from "@/features/markets/use-live-market";
import type { Candle } from "@/shared/api/types";

function candle(open_time: number, close: string): Candle {
  return { open_time, open: "1", high: "2", low: "1", close, volume: "1", closed: false };
}

it("appends a new candle and replaces the one that moves", () => {
  const known = [candle(0, "1"), candle(60, "1")];
  expect(withCandle(known, candle(120, "5")).map((one) => one.open_time)).toEqual([0, 60, 120]);
  expect(withCandle(known, candle(60, "7")).map((one) => one.close)).toEqual(["1", "7"]);
});

it("corrects an older candle in place", () => {
  const known = [candle(0, "1"), candle(60, "1")];
  expect(withCandle(known, candle(0, "9")).map((one) => one.close)).toEqual(["9", "1"]);
});
