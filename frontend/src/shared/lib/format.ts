/** The one place where decimals and times become text. */
import type { Decimal } from "@/shared/lib/decimal";
import { decimalPlaces } from "@/shared/lib/decimal";

export const ABSENT = "–";

type NumericText = Intl.StringNumericLiteral;

/** Intl formats decimal strings exactly; the cast only tells TypeScript so. */
function exact(value: Decimal): NumericText {
  return value as NumericText;
}

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(undefined, options);
    formats.set(key, format);
  }
  return format;
}

/** A price or quantity with the digits of its tick or step. */
export function formatStep(value: Decimal | null | undefined, step: Decimal): string {
  if (value === null || value === undefined) return ABSENT;
  const places = decimalPlaces(step);
  return numberFormat({ minimumFractionDigits: places, maximumFractionDigits: places }).format(exact(value));
}

/** A quantity without trailing zeros, at most `places` digits after the point. */
export function formatQuantity(value: Decimal | null | undefined, places = 8): string {
  if (value === null || value === undefined) return ABSENT;
  return numberFormat({ maximumFractionDigits: places }).format(exact(value));
}

/** Money in a quote asset, two digits; the asset is named, never guessed. */
export function formatMoney(value: Decimal | null | undefined, asset: string): string {
  if (value === null || value === undefined) return ABSENT;
  return `${numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(exact(value))} ${asset}`;
}

/** Money with its sign, for profit and loss. */
export function formatSignedMoney(value: Decimal | null | undefined, asset: string): string {
  if (value === null || value === undefined) return ABSENT;
  const text = numberFormat({
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: "exceptZero",
  }).format(exact(value));
  return `${text} ${asset}`;
}

/** A fraction as percent: "0.0123" is +1.23 %. */
export function formatPercent(
  fraction: Decimal | number | null | undefined,
  { signed = false, places = 2 }: { signed?: boolean; places?: number } = {},
): string {
  if (fraction === null || fraction === undefined) return ABSENT;
  return numberFormat({
    style: "percent",
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: signed ? "exceptZero" : "auto",
  }).format(typeof fraction === "number" ? fraction : exact(fraction));
}

/** A plain number from numeric analysis (metrics, models), never money. */
export function formatNumber(value: number | null | undefined, places = 2): string {
  if (value === null || value === undefined) return ABSENT;
  return numberFormat({ maximumFractionDigits: places }).format(value);
}

/** Large amounts in few characters: 1.2M. */
export function formatCompact(value: Decimal | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  return numberFormat({ notation: "compact", maximumFractionDigits: 2 }).format(exact(value));
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone all times are shown in. */
export function timeZone(): string {
  return zone;
}

const dateTime = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortDateTime = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});
const shortDate = new Intl.DateTimeFormat(undefined, { month: "short", day: "2-digit" });

function toDate(value: string | number): Date {
  return new Date(value);
}

/** Date, time and zone in full, for tooltips and details. */
export function formatDateTime(value: string | number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : dateTime.format(toDate(value));
}

/** Date and minute, for tables. */
export function formatShortDateTime(value: string | number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : shortDateTime.format(toDate(value));
}

export function formatTime(value: string | number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : time.format(toDate(value));
}

export function formatDate(value: string | number): string {
  return shortDate.format(toDate(value));
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** "3 min ago"; a time that our clock has not reached yet is now. */
export function formatAge(value: string | number, now: number = Date.now()): string {
  const seconds = Math.min(0, Math.round((toDate(value).getTime() - now) / 1000));
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

/** A duration in words: 75 becomes "1 min 15 s". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
