import type { ReactNode } from "react";

import { classNames } from "@/shared/lib/class-names";
import { Icon, type IconName } from "@/shared/ui/icon";

export type BadgeTone = "neutral" | "up" | "down" | "warn" | "danger" | "accent";

const TONES: Record<BadgeTone, string> = {
  neutral: "border-line-strong text-muted",
  up: "border-up/50 text-up",
  down: "border-down/50 text-down",
  warn: "border-warn/50 text-warn",
  danger: "border-danger/60 text-danger",
  accent: "border-accent/50 text-accent",
};

/** A word of state: never colour alone, so give an icon where the state matters. */
export function Badge({
  tone = "neutral",
  icon,
  children,
  title,
}: {
  tone?: BadgeTone;
  icon?: IconName;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span
      title={title}
      className={classNames(
        "inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {icon && <Icon name={icon} className="size-3.5" />}
      {children}
    </span>
  );
}

/** Paper and live differ in shape, border and word, not only in hue. */
export function ModeBadge({ mode }: { mode: "paper" | "live" }) {
  return mode === "live" ? (
    <span className="inline-flex items-center gap-1 rounded-sm border-2 border-live bg-live/15 px-2 py-0.5 text-xs font-bold tracking-wide text-live uppercase">
      <Icon name="alert" className="size-3.5" /> Live
    </span>
  ) : (
    <span className="inline-flex items-center gap-1 rounded-full border border-dashed border-paper px-2 py-0.5 text-xs font-semibold tracking-wide text-paper uppercase">
      <Icon name="flask" className="size-3.5" /> Paper
    </span>
  );
}
