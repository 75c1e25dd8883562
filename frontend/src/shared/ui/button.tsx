import type { ButtonHTMLAttributes } from "react";
import { Link, type LinkProps } from "react-router";

import { classNames } from "@/shared/lib/class-names";

type Tone = "primary" | "secondary" | "ghost" | "danger" | "buy" | "sell";
type Size = "small" | "medium";

const TONES: Record<Tone, string> = {
  primary: "bg-accent text-accent-ink hover:brightness-110",
  secondary: "border border-line-strong bg-surface text-ink hover:bg-raised",
  ghost: "text-muted hover:bg-raised hover:text-ink",
  danger: "border border-danger text-danger hover:bg-danger/10",
  buy: "bg-up text-canvas hover:brightness-110",
  sell: "bg-down text-canvas hover:brightness-110",
};

const SIZES: Record<Size, string> = {
  small: "min-h-9 px-3 text-sm",
  medium: "min-h-11 px-4",
};

function look(tone: Tone, size: Size, className?: string): string {
  return classNames(
    "inline-flex items-center justify-center gap-2 rounded-lg font-medium transition whitespace-nowrap",
    "disabled:cursor-not-allowed disabled:opacity-50",
    TONES[tone],
    SIZES[size],
    className,
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  size?: Size;
  busy?: boolean;
}

/** A button; while `busy` it cannot be pressed again and says so. */
export function Button({
  tone = "secondary",
  size = "medium",
  busy = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={busy || rest.disabled}
      aria-busy={busy || undefined}
      className={look(tone, size, className)}
    >
      {busy && (
        <span
          className="size-4 animate-spin rounded-full border-2 border-current border-t-transparent"
          aria-hidden
        />
      )}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  tone = "secondary",
  size = "medium",
  className,
  ...rest
}: LinkProps & { tone?: Tone; size?: Size }) {
  return <Link {...rest} className={look(tone, size, className)} />;
}
