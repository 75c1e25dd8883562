import { formatDuration, formatPercent } from "@/shared/lib/format";

/** How far a job is: phase, bar, time left. */
export function ProgressBar({
  phase,
  fraction,
  etaSeconds,
}: {
  phase: string;
  fraction: number;
  etaSeconds: number | null;
}) {
  const share = Math.min(1, Math.max(0, fraction));
  return (
    <div className="flex flex-col gap-1">
      <div className="flex justify-between gap-4 text-sm">
        <span className="capitalize">{phase}</span>
        <span className="tnum text-muted">
          {formatPercent(share, { places: 0 })}
          {etaSeconds !== null && ` · ${formatDuration(etaSeconds)} left`}
        </span>
      </div>
      <progress
        value={share}
        max={1}
        aria-label={phase}
        className="h-2 w-full overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:rounded-full [&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-all"
      />
    </div>
  );
}
