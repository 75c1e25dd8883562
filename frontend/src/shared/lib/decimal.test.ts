import { describe, expect, it } from "vitest";

import {
  add,
  compare,
  decimalPlaces,
  divide,
  floorToStep,
  isDecimal,
  multiply,
  subtract,
} from "@/shared/lib/decimal";

describe("decimals", () => {
  it("adds what floats cannot", () => {
    expect(add("0.1", "0.2")).toBe("0.3");
    expect(subtract("100000000000.00000001", "0.00000001")).toBe("100000000000");
  });

  it("multiplies and divides exactly, and has no quotient by zero", () => {
    expect(multiply("0.00001", "67123.45")).toBe("0.6712345");
    expect(divide("1", "8")).toBe("0.125");
    expect(divide("1", "0")).toBeNull();
  });

  it("never writes an exponent", () => {
    expect(multiply("0.000000001", "0.000000001")).toBe("0.000000000000000001");
    expect(multiply("1000000000000", "1000000000000")).toBe("1000000000000000000000000");
  });

  it.each([
    ["0.123456", "0.001", "0.123"],
    ["5", "0.00001", "5"],
    ["0.0009", "0.001", "0"],
    ["12.5", "0", "12.5"],
  ])("floors %s to the step %s", (value, step, expected) => {
    expect(compare(floorToStep(value, step), expected)).toBe(0);
  });

  it("counts the places of a step", () => {
    expect(decimalPlaces("0.010")).toBe(2);
    expect(decimalPlaces("1")).toBe(0);
    expect(decimalPlaces("0.00000100")).toBe(6);
  });

  it.each(["1e5", "", ".5", "5.", "1,5", "+1", "NaN", "0x10"])("refuses %j as the API would", (text) => {
    expect(isDecimal(text)).toBe(false);
  });
});
