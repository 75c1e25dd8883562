import type { components } from "@/shared/api/schema";
import { formatDate, formatNumber } from "@/shared/lib/format";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { SignedPercent } from "@/shared/ui/figures";
import { MetricGrid } from "@/shared/ui/evidence";

type Evidence = components["schemas"]["Evidence"];
type Fold = components["schemas"]["FoldReport"];

const COLUMNS: Column<Fold>[] = [
  {
    key: "test",
    header: "Judged on",
    cell: (fold) => `${formatDate(fold.test_first)} to ${formatDate(fold.test_last)}`,
  },
  {
    key: "train",
    header: "Trained on",
    hideOnPhone: true,
    cell: (fold) => `${formatDate(fold.train_first)} to ${formatDate(fold.train_last)}`,
  },
  { key: "loss", header: "Log loss", align: "right", cell: (fold) => formatNumber(fold.log_loss, 4) },
  { key: "base", header: "Guessing", align: "right", cell: (fold) => formatNumber(fold.base_log_loss, 4) },
  { key: "auc", header: "AUC", align: "right", cell: (fold) => formatNumber(fold.auc, 3) },
  {
    key: "net",
    header: "Net return",
    align: "right",
    cell: (fold) => <SignedPercent value={fold.net_return} />,
  },
];

function WalkForwardStrip({ folds }: { folds: Fold[] }) {
  const first = Math.min(...folds.map((fold) => fold.train_first));
  const last = Math.max(...folds.map((fold) => fold.test_last));
  const at = (time: number) => ((time - first) / Math.max(1, last - first)) * 100;
  return (
    <svg
      viewBox={`0 0 100 ${folds.length * 5}`}
      preserveAspectRatio="none"
      className="h-24 w-full"
      role="img"
      aria-label="Each fold: trained before, judged after"
    >
      {folds.map((fold, row) => (
        <g key={fold.test_first}>
          <rect
            x={at(fold.train_first)}
            width={at(fold.train_last) - at(fold.train_first)}
            y={row * 5 + 1}
            height={3}
            className="fill-line-strong"
          />
          <rect
            x={at(fold.test_first)}
            width={Math.max(0.5, at(fold.test_last) - at(fold.test_first))}
            y={row * 5 + 1}
            height={3}
            className={fold.net_return > 0 ? "fill-up" : fold.net_return < 0 ? "fill-down" : "fill-accent"}
          />
        </g>
      ))}
    </svg>
  );
}

/** What a model showed on data it had not seen, fold by fold. */
export function EvidenceView({ evidence }: { evidence: Evidence }) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-muted">{evidence.reason}</p>
      <MetricGrid metrics={evidence.metrics} />
      {evidence.folds.length > 0 && (
        <>
          <div>
            <p className="mb-1 text-xs text-faint">
              Walk-forward: grey is training, colour is the judged stretch after it.
            </p>
            <WalkForwardStrip folds={evidence.folds} />
          </div>
          <div className="-mx-4">
            <DataTable
              caption="Folds"
              columns={COLUMNS}
              rows={evidence.folds}
              rowKey={(fold) => String(fold.test_first)}
              empty={null}
            />
          </div>
        </>
      )}
      <p className="text-xs text-faint">
        Trainings run on this symbol so far: {evidence.trials}. Each further try makes a lucky result
        likelier.
      </p>
    </div>
  );
}
