import type { ReactNode } from "react";

import { asProblem } from "@/shared/api/problem";
import { Button } from "@/shared/ui/button";
import { Icon, type IconName } from "@/shared/ui/icon";

/** One sentence and one thing to do; never a blank table. */
export function EmptyState({
  icon = "table",
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      <span className="rounded-full bg-raised p-3 text-muted">
        <Icon name={icon} className="size-6" />
      </span>
      <p className="font-medium">{title}</p>
      {children && <p className="max-w-md text-sm text-muted">{children}</p>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** What failed, in plain words, with a code to quote and a way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-lg border border-danger/40 bg-danger/5 p-4"
    >
      <p className="flex items-center gap-2 font-medium text-danger">
        <Icon name="alert" /> {problem.title}
      </p>
      <p className="text-sm text-ink">{problem.detail}</p>
      {problem.errors.length > 0 && (
        <ul className="list-disc pl-5 text-sm">
          {problem.errors.map((field) => (
            <li key={field.field + field.message}>
              <span className="font-mono text-xs">{field.field}</span>: {field.message} {field.remedy}
            </li>
          ))}
        </ul>
      )}
      <p className="font-mono text-xs text-muted">
        {problem.code}
        {problem.requestId && ` · request ${problem.requestId}`}
      </p>
      {retry && (
        <Button size="small" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Grey bars where content will be. */
export function Skeleton({ rows = 3, className = "" }: { rows?: number; className?: string }) {
  return (
    <div className={`flex animate-pulse flex-col gap-3 py-2 ${className}`} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="h-5 rounded bg-raised" />
      ))}
    </div>
  );
}

interface QueryLike<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, error or content of a query: the three states no view may forget. */
export function QueryView<Data>({
  query,
  rows = 3,
  children,
}: {
  query: QueryLike<Data>;
  rows?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <Skeleton rows={rows} />;
  return <ErrorState error={query.error} retry={() => void query.refetch()} />;
}
