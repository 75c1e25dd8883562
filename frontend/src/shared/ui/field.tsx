import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";

import { classNames } from "@/shared/lib/class-names";

const CONTROL =
  "w-full min-h-11 rounded-lg border bg-canvas px-3 text-ink placeholder:text-faint disabled:opacity-60 aria-invalid:border-danger";

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  suffix?: ReactNode;
}

function describedBy(id: string, help: unknown, error: unknown): string | undefined {
  return [error ? `${id}-error` : "", help ? `${id}-help` : ""].filter(Boolean).join(" ") || undefined;
}

function Frame({ id, label, help, error, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium text-muted">
        {label}
      </label>
      {children}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="text-xs text-faint">
          {help}
        </p>
      )}
    </div>
  );
}

/** A labelled input; `error` is announced and tied to it, `suffix` names the unit. */
export function TextField({
  label,
  help,
  error,
  suffix,
  className,
  ...rest
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <div className="relative">
        <input
          {...rest}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, help, error)}
          className={classNames(
            CONTROL,
            "border-line-strong",
            suffix !== undefined && "pr-16",
            rest.inputMode === "decimal" && "tnum",
            className,
          )}
        />
        {suffix !== undefined && (
          <span className="pointer-events-none absolute inset-y-0 right-3 flex items-center text-sm text-faint">
            {suffix}
          </span>
        )}
      </div>
    </Frame>
  );
}

/** A labelled choice. */
export function SelectField({
  label,
  help,
  error,
  children,
  className,
  ...rest
}: Omit<FieldProps, "suffix"> & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, help, error)}
        className={classNames(CONTROL, "border-line-strong", className)}
      >
        {children}
      </select>
    </Frame>
  );
}

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: ReactNode }[];
  onChange: (value: Value) => void;
  className?: string;
}

/** A small set of exclusive choices, all in sight. */
export function Segmented<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: SegmentedProps<Value>) {
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={classNames("inline-flex rounded-lg border border-line bg-canvas p-0.5", className)}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          onClick={() => onChange(option.value)}
          className={classNames(
            "min-h-8 flex-1 rounded-md px-3 text-sm font-medium whitespace-nowrap",
            option.value === value ? "bg-raised text-ink" : "text-muted hover:text-ink",
          )}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
