import type { ReactNode } from "react";

import { classNames } from "@/shared/lib/class-names";

interface CardProps {
  title?: ReactNode;
  actions?: ReactNode;
  className?: string;
  flush?: boolean;
  children: ReactNode;
}

/** A titled surface. `flush` lets tables and charts reach the edge. */
export function Card({ title, actions, className, flush = false, children }: CardProps) {
  return (
    <section className={classNames("min-w-0 rounded-card border border-line bg-surface", className)}>
      {(title ?? actions) && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-2">
          {title && <h2 className="font-semibold tracking-tight">{title}</h2>}
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={flush ? "" : classNames("px-4 pb-4", title || actions ? "pt-1" : "pt-4")}>
        {children}
      </div>
    </section>
  );
}
