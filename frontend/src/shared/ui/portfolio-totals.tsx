import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { equityQuery, portfolioQuery } from "@/shared/api/portfolio";
import type { components } from "@/shared/api/schema";
import { LineChart, type Series } from "@/shared/charts/line-chart";
import { subtract } from "@/shared/lib/decimal";
import { formatMoney, formatPercent } from "@/shared/lib/format";
import { Age, SignedMoney, Stat } from "@/shared/ui/figures";
import { EmptyState, QueryView } from "@/shared/ui/states";

type Portfolio = components["schemas"]["Portfolio"];

/** The totals a trader looks at first. */
export function PortfolioTotals({ portfolio }: { portfolio: Portfolio }) {
  const { quote } = portfolio;
  const ahead = portfolio.buy_and_hold === null ? null : subtract(portfolio.equity, portfolio.buy_and_hold);
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-3 xl:grid-cols-6">
      <Stat
        label="Equity"
        value={formatMoney(portfolio.equity, quote)}
        detail={
          <>
            {portfolio.stale ? "stale, " : ""}
            <Age at={portfolio.as_of} />
          </>
        }
      />
      <Stat label="Today" value={<SignedMoney value={portfolio.day_change} asset={quote} />} />
      <Stat
        label="Realised"
        value={<SignedMoney value={portfolio.realised} asset={quote} />}
        detail={`fees ${formatMoney(portfolio.fees, quote)}`}
      />
      <Stat label="Unrealised" value={<SignedMoney value={portfolio.unrealised} asset={quote} />} />
      <Stat label="Drawdown" value={formatPercent(portfolio.drawdown)} detail="below the highest equity" />
      <Stat label="Against holding BTC" value={<SignedMoney value={ahead} asset={quote} />} />
    </dl>
  );
}

/** Equity over time: the recorded points, and the present value as the last. */
export function EquityChart({ mode }: { mode: "paper" | "live" }) {
  const history = useQuery(equityQuery(mode));
  const present = useQuery(portfolioQuery(mode));
  const series = useMemo<Series[]>(() => {
    const points = (history.data?.items ?? []).map(({ at, equity }) => ({ at, equity }));
    if (present.data) points.push({ at: present.data.as_of, equity: present.data.equity });
    return [
      {
        name: "Equity",
        tone: "accent",
        points: points
          .map((point) => ({ t: Date.parse(point.at), value: Number(point.equity) }))
          .sort((one, other) => one.t - other.t),
      },
    ];
  }, [history.data, present.data]);
  return (
    <QueryView query={history} rows={5}>
      {(data) =>
        (series[0]?.points.length ?? 0) < 2 ? (
          <EmptyState icon="portfolio" title="The equity curve starts here.">
            A point is added every minute.
          </EmptyState>
        ) : (
          <LineChart title="Equity over time" series={series} unit={data.quote} />
        )
      }
    </QueryView>
  );
}
