import { expect, it } from "vitest";

import { clampView, priceRange, toBar, visible } from "@/shared/charts/candle-scene";

const bar = (low: number, high: number) => ({ t: 0, open: low, high, low, close: high, volume: 1 });

it("keeps the newest candle in reach and the zoom sensible", () => {
  expect(clampView({ from: 900, to: 5_000 }, 500)).toEqual({ from: -1, to: 503 });
  expect(clampView({ from: 490, to: 491 }, 500)).toEqual({ from: 476, to: 491 });
});

it("scales to what is in sight only, with room for the volume below", () => {
  const scene = {
    bars: [bar(1, 2), bar(100, 110), bar(105, 120)],
    marks: [],
    lines: [],
    palette: {} as never,
    tickSize: "1",
  };
  const range = priceRange(visible(scene, { from: 1, to: 2 }));
  expect(range.min).toBeLessThan(100);
  expect(range.min).toBeGreaterThan(90);
  expect(range.max).toBeGreaterThan(120);
});

it("turns a candle's strings into pixels' numbers", () => {
  const candle = {
    open_time: 60_000,
    open: "1.5",
    high: "2",
    low: "1",
    close: "1.75",
    volume: "3",
    closed: true,
  };
  expect(toBar(candle)).toEqual({ t: 60_000, open: 1.5, high: 2, low: 1, close: 1.75, volume: 3 });
});
