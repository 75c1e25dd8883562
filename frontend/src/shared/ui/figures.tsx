import type { ReactNode } from "react";

import { sign, type Decimal } from "@/shared/lib/decimal";
import { ABSENT, formatAge, formatDateTime, formatPercent, formatSignedMoney } from "@/shared/lib/format";
import { classNames } from "@/shared/lib/class-names";
import { useNow } from "@/shared/lib/use-now";
import { Icon } from "@/shared/ui/icon";

/** One headline number with its name. */
export function Stat({
  label,
  value,
  detail,
  className,
}: {
  label: ReactNode;
  value: ReactNode;
  detail?: ReactNode;
  className?: string;
}) {
  return (
    <div className={classNames("min-w-0", className)}>
      <dt className="text-xs font-medium text-faint">{label}</dt>
      <dd className="tnum text-base font-semibold tracking-tight sm:text-lg">{value}</dd>
      {detail !== undefined && <dd className="tnum text-xs text-muted">{detail}</dd>}
    </div>
  );
}

function Signed({ direction, children }: { direction: -1 | 0 | 1; children: ReactNode }) {
  const tone = direction > 0 ? "text-up" : direction < 0 ? "text-down" : "text-muted";
  return (
    <span className={classNames("tnum inline-flex items-center gap-0.5 whitespace-nowrap", tone)}>
      {direction !== 0 && <Icon name={direction > 0 ? "up" : "down"} className="size-3.5" />}
      {children}
    </span>
  );
}

/** Profit or loss in money: sign, arrow and colour together. */
export function SignedMoney({ value, asset }: { value: Decimal | null | undefined; asset: string }) {
  if (value === null || value === undefined) return <>{ABSENT}</>;
  return <Signed direction={sign(value)}>{formatSignedMoney(value, asset)}</Signed>;
}

/** A change as percent: sign, arrow and colour together. */
export function SignedPercent({ value }: { value: Decimal | number | null | undefined }) {
  if (value === null || value === undefined) return <>{ABSENT}</>;
  const direction = typeof value === "number" ? (Math.sign(value) as -1 | 0 | 1) : sign(value);
  return <Signed direction={direction}>{formatPercent(value, { signed: true })}</Signed>;
}

/** A time as age, with the full time on hover. */
export function Age({ at }: { at: string | number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)} className="whitespace-nowrap">
      {formatAge(at, now)}
    </time>
  );
}

export interface OriginLike {
  venue: string;
  market: "simulated" | "replay" | "live";
  as_of: string;
  stale: boolean;
}

/** Where a figure comes from and how old it is; stale looks stale. */
export function OriginTag({ origin }: { origin: OriginLike }) {
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs whitespace-nowrap",
        origin.stale ? "border-warn/60 text-warn" : "border-line text-faint",
      )}
      title={`Read at ${formatDateTime(origin.as_of)}`}
    >
      <Icon name={origin.stale ? "alert" : "clock"} className="size-3.5" />
      <span className="capitalize">{origin.venue}</span> · {origin.market} · {origin.stale ? "stale, " : ""}
      <Age at={origin.as_of} />
    </span>
  );
}
