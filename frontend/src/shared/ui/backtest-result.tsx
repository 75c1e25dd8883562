import { useMemo } from "react";

import type { components } from "@/shared/api/schema";
import { LineChart, type Series } from "@/shared/charts/line-chart";
import { formatDateTime, formatNumber, formatShortDateTime } from "@/shared/lib/format";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { MetricGrid } from "@/shared/ui/evidence";
import { Icon } from "@/shared/ui/icon";
import { SideWord } from "@/shared/ui/order-state";
import { EmptyState } from "@/shared/ui/states";

type BacktestResult = components["schemas"]["BacktestResult"];
type Trade = components["schemas"]["BacktestTrade"];

const TRADES_SHOWN = 100;

const COLUMNS: Column<Trade>[] = [
  { key: "side", header: "Fill", cell: (trade) => <SideWord side={trade.side} /> },
  { key: "time", header: "Time", cell: (trade) => formatShortDateTime(trade.t) },
  { key: "price", header: "Price", align: "right", cell: (trade) => formatNumber(trade.price, 6) },
  { key: "quantity", header: "Quantity", align: "right", cell: (trade) => formatNumber(trade.quantity, 6) },
  { key: "fee", header: "Fee (quote)", align: "right", cell: (trade) => formatNumber(trade.fee_quote, 4) },
  {
    key: "position",
    header: "Position after",
    align: "right",
    cell: (trade) => formatNumber(trade.position, 6),
  },
  {
    key: "reason",
    header: "Why",
    cell: (trade) => <span className="text-muted">{trade.reason.replaceAll("_", " ")}</span>,
  },
];

/** A backtest's figures, curve and trades, with what they rest on. `compact` leaves the trades out. */
export function BacktestView({ result, compact = false }: { result: BacktestResult; compact?: boolean }) {
  const { data } = result;
  const series = useMemo<Series[]>(
    () => [
      {
        name: "Strategy",
        tone: "accent",
        points: result.curve.map((point) => ({ t: point.t, value: point.equity })),
      },
      {
        name: "Buy and hold",
        tone: "muted",
        dashed: true,
        points: result.curve.map((point) => ({ t: point.t, value: point.hold })),
      },
    ],
    [result.curve],
  );
  const quote = data.symbol.split("-")[1] ?? "";
  return (
    <div className="flex flex-col gap-4">
      {result.warnings.map((warning) => (
        <p
          key={warning}
          className="flex items-start gap-2 rounded-lg border border-warn/40 bg-warn/10 px-3 py-2 text-sm"
        >
          <Icon name="alert" className="mt-0.5 size-4 text-warn" /> {warning}
        </p>
      ))}
      <MetricGrid metrics={result.metrics} />
      <LineChart title={`Equity of the backtest on ${data.symbol}`} series={series} unit={quote} />
      <p className="text-xs text-faint">
        {data.candles.toLocaleString()} candles of {data.symbol} {data.interval}, {formatDateTime(data.first)}{" "}
        to {formatDateTime(data.last)}, {data.venue} ({data.market}
        ), {data.gaps === 0 ? "no gaps" : `${data.gaps} gaps`}. Fills as{" "}
        <span className="font-mono">{result.fill_model}</span> states. Data{" "}
        <span className="font-mono">{data.sha256.slice(0, 12)}</span>, code{" "}
        <span className="font-mono">{result.code_version.slice(0, 12)}</span>.
      </p>
      {!compact && (
        <section aria-label="Fills of the backtest" className="-mx-4 border-t border-line pt-2">
          <DataTable
            caption="Fills"
            columns={COLUMNS}
            rows={result.trades.slice(0, TRADES_SHOWN)}
            rowKey={(trade) => `${trade.t}-${trade.side}-${trade.position}-${trade.price}`}
            empty={<EmptyState icon="orders" title="The strategy never traded on this data." />}
          />
          {result.trades_total > TRADES_SHOWN && (
            <p className="px-4 py-2 text-xs text-faint">
              The first {TRADES_SHOWN} of {result.trades_total.toLocaleString()} fills.
            </p>
          )}
        </section>
      )}
    </div>
  );
}
