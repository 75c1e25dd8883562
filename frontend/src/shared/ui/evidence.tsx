import type { Metric } from "@/shared/api/types";
import { ABSENT, formatNumber, formatPercent } from "@/shared/lib/format";
import { Badge, type BadgeTone } from "@/shared/ui/badge";

type Evidence = Metric["evidence"];

const LABELS: Record<Evidence, { word: string; tone: BadgeTone; meaning: string }> = {
  in_sample: {
    word: "In sample",
    tone: "warn",
    meaning: "Measured on the data it was made for. It says nothing about tomorrow.",
  },
  selected: { word: "Selected", tone: "warn", meaning: "The best of many tries: flattered by choosing." },
  out_of_sample: {
    word: "Out of sample",
    tone: "accent",
    meaning: "Measured on later data that had no part in making it.",
  },
  forward: { word: "Forward", tone: "up", meaning: "Measured after it was made, as time went on." },
};

/** What a number is evidence of; stands beside every number of analysis. */
export function EvidenceBadge({ evidence }: { evidence: Evidence }) {
  const label = LABELS[evidence];
  return (
    <Badge tone={label.tone} title={label.meaning}>
      {label.word}
    </Badge>
  );
}

function metricText(value: number | null | undefined, unit: Metric["unit"]): string {
  if (value === null || value === undefined) return ABSENT;
  if (unit === "fraction") return formatPercent(value);
  if (unit === "count") return formatNumber(value, 0);
  if (unit === "nats") return formatNumber(value, 4);
  return formatNumber(value, 2);
}

function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Metrics as a grid; each with interval, note and evidence label. */
export function MetricGrid({ metrics }: { metrics: Metric[] }) {
  const labels = new Set(metrics.map((metric) => metric.evidence));
  const [only] = labels.size === 1 ? labels : [];
  return (
    <div className="flex flex-col gap-3">
      {only && (
        <p className="flex items-center gap-2 text-xs text-faint">
          All figures: <EvidenceBadge evidence={only} />
        </p>
      )}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-4">
        {metrics.map((metric) => (
          <div key={`${metric.name}-${metric.evidence}`} className="min-w-0" title={metric.note ?? undefined}>
            <dt className="text-xs text-faint">{title(metric.name)}</dt>
            <dd className="tnum font-semibold">
              {metricText(metric.value, metric.unit)}
              {metric.unit === "quote" && metric.value !== null && (
                <span className="text-xs font-normal text-faint"> quote</span>
              )}
            </dd>
            {metric.low !== null && metric.low !== undefined && (
              <dd className="tnum text-xs text-muted">
                90 %: {metricText(metric.low, metric.unit)} to {metricText(metric.high, metric.unit)}
              </dd>
            )}
            {!only && (
              <dd className="mt-0.5">
                <EvidenceBadge evidence={metric.evidence} />
              </dd>
            )}
          </div>
        ))}
      </dl>
    </div>
  );
}
