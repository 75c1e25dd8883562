import { describe, expect, it } from "vitest";

import {
  ABSENT,
  formatAge,
  formatDuration,
  formatMoney,
  formatPercent,
  formatQuantity,
  formatSignedMoney,
  formatStep,
} from "@/shared/lib/format";

describe("formats", () => {
  it("shows a price with the digits of its tick", () => {
    expect(formatStep("67123.4", "0.01")).toBe("67,123.40");
    expect(formatStep("0.000012345678", "0.00000001")).toBe("0.00001235");
  });

  it("keeps digits a float would lose", () => {
    expect(formatQuantity("123456789012345678.12345678")).toBe("123,456,789,012,345,678.12345678");
  });

  it("says the sign of profit and loss, and none of zero", () => {
    expect(formatSignedMoney("12.5", "USDT")).toBe("+12.50 USDT");
    expect(formatSignedMoney("-12.5", "USDT")).toBe("-12.50 USDT");
    expect(formatSignedMoney("0", "USDT")).toBe("0.00 USDT");
  });

  it("shows absence as a dash, not as zero", () => {
    expect(formatMoney(null, "USDT")).toBe(ABSENT);
    expect(formatPercent(undefined)).toBe(ABSENT);
  });

  it("writes fractions as percent", () => {
    expect(formatPercent("0.0123", { signed: true })).toBe("+1.23%");
    expect(formatPercent(-0.5, { places: 0 })).toBe("-50%");
  });

  it("tells ages and durations in words", () => {
    const now = Date.parse("2026-01-01T00:10:00Z");
    expect(formatAge("2026-01-01T00:07:00Z", now)).toBe("3 min. ago");
    expect(formatDuration(75)).toBe("1 min 15 s");
    expect(formatDuration(3_700)).toBe("1 h 1 min");
  });
});
