/** Arithmetic on the API's decimal strings. Nothing here ever becomes a float. */
import Big from "big.js";

Big.DP = 20;
Big.NE = -20;
Big.PE = 40;

export type Decimal = string;

const PLAIN = /^-?\d{1,20}(\.\d{1,18})?$/;

/** Whether `text` is a decimal the API accepts. */
export function isDecimal(text: string): boolean {
  return PLAIN.test(text);
}

export function add(a: Decimal, b: Decimal): Decimal {
  return new Big(a).plus(b).toFixed();
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return new Big(a).minus(b).toFixed();
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return new Big(a).times(b).toFixed();
}

/** Quotient to 20 places; null when `b` is zero. */
export function divide(a: Decimal, b: Decimal): Decimal | null {
  const divisor = new Big(b);
  return divisor.eq(0) ? null : new Big(a).div(divisor).toFixed();
}

/** -1, 0 or 1. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  return new Big(a).cmp(b);
}

export function sign(value: Decimal): -1 | 0 | 1 {
  return compare(value, "0");
}

/** The largest multiple of `step` that is not above `value`. */
export function floorToStep(value: Decimal, step: Decimal): Decimal {
  const size = new Big(step);
  if (size.eq(0)) return value;
  return new Big(value).div(size).round(0, Big.roundDown).times(size).toFixed();
}

/** How many digits after the point the step shows: "0.010" has 2. */
export function decimalPlaces(step: Decimal): number {
  const [, fraction = ""] = new Big(step).toFixed().split(".");
  return fraction.length;
}
