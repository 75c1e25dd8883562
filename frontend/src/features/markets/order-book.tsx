import { useQuery } from "@tanstack/react-query";

import { bookQuery, tradesQuery } from "@/features/markets/queries";
import type { components } from "@/shared/api/schema";
import { add, compare, divide, subtract } from "@/shared/lib/decimal";
import { formatPercent, formatQuantity, formatStep, formatTime } from "@/shared/lib/format";
import { classNames } from "@/shared/lib/class-names";
import { OriginTag } from "@/shared/ui/figures";
import { QueryView } from "@/shared/ui/states";

type Instrument = components["schemas"]["InstrumentView"];
type Level = [string, string];

const ROWS = 9;

interface DepthRow {
  price: string;
  quantity: string;
  total: string;
  share: number;
}

function withTotals(levels: Level[]): DepthRow[] {
  let total = "0";
  const rows = levels.slice(0, ROWS).map(([price, quantity]) => {
    total = add(total, quantity);
    return { price, quantity, total };
  });
  return rows.map((row) => ({ ...row, share: total === "0" ? 0 : Number(divide(row.total, total)) }));
}

function depthBar(side: "bid" | "ask", share: number): string {
  const colour = `color-mix(in srgb, var(--${side === "bid" ? "up" : "down"}) 13%, transparent)`;
  return `linear-gradient(to left, ${colour} ${share * 100}%, transparent ${share * 100}%)`;
}

function Levels({
  rows,
  side,
  instrument,
}: {
  rows: DepthRow[];
  side: "bid" | "ask";
  instrument: Instrument;
}) {
  return rows.map((row) => (
    <tr key={row.price} style={{ backgroundImage: depthBar(side, row.share) }}>
      <td className={classNames("tnum py-0.5 pl-4", side === "bid" ? "text-up" : "text-down")}>
        {formatStep(row.price, instrument.tick_size)}
      </td>
      <td className="tnum py-0.5 text-right text-muted">{formatQuantity(row.quantity, 5)}</td>
      <td className="tnum py-0.5 pr-4 text-right text-faint">{formatQuantity(row.total, 4)}</td>
    </tr>
  ));
}

/** Depth around the spread, best prices in the middle. */
export function OrderBook({ symbol, instrument }: { symbol: string; instrument: Instrument }) {
  const book = useQuery(bookQuery(symbol));
  return (
    <QueryView query={book} rows={10}>
      {(data) => {
        const bids = withTotals(data.bids as Level[]);
        const asks = withTotals(data.asks as Level[]);
        const bid = bids[0]?.price;
        const ask = asks[0]?.price;
        const spread = bid && ask && compare(ask, bid) >= 0 ? subtract(ask, bid) : null;
        return (
          <>
            <table className={classNames("w-full font-mono text-xs", data.stale && "opacity-50")}>
              <caption className="sr-only">Order book of {symbol}</caption>
              <thead>
                <tr className="text-faint">
                  <th scope="col" className="pb-1 pl-4 text-left font-medium">
                    Price
                  </th>
                  <th scope="col" className="pb-1 text-right font-medium">
                    {instrument.base}
                  </th>
                  <th scope="col" className="pr-4 pb-1 text-right font-medium">
                    Total
                  </th>
                </tr>
              </thead>
              <tbody>
                <Levels rows={asks.toReversed()} side="ask" instrument={instrument} />
                <tr>
                  <td colSpan={3} className="tnum px-4 py-1.5 text-center text-muted">
                    Spread {spread ? formatStep(spread, instrument.tick_size) : "–"}
                    {spread && ask && (
                      <span className="text-faint">
                        {" "}
                        · {formatPercent(divide(spread, ask), { places: 3 })}
                      </span>
                    )}
                  </td>
                </tr>
                <Levels rows={bids} side="bid" instrument={instrument} />
              </tbody>
            </table>
            <div className="px-4 pt-2 pb-3">
              <OriginTag origin={data} />
            </div>
          </>
        );
      }}
    </QueryView>
  );
}

/** The latest public trades. */
export function RecentTrades({ symbol, instrument }: { symbol: string; instrument: Instrument }) {
  const trades = useQuery(tradesQuery(symbol));
  return (
    <QueryView query={trades} rows={10}>
      {(data) => (
        <table className="w-full font-mono text-xs">
          <caption className="sr-only">Latest trades of {symbol}</caption>
          <thead>
            <tr className="text-faint">
              <th scope="col" className="pb-1 pl-4 text-left font-medium">
                Price
              </th>
              <th scope="col" className="pb-1 text-right font-medium">
                {instrument.base}
              </th>
              <th scope="col" className="pr-4 pb-1 text-right font-medium">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.slice(0, 20).map((trade) => (
              <tr key={trade.id}>
                <td
                  className={classNames(
                    "tnum py-0.5 pl-4",
                    trade.taker_side === "buy" ? "text-up" : "text-down",
                  )}
                >
                  {formatStep(trade.price, instrument.tick_size)}
                </td>
                <td className="tnum py-0.5 text-right text-muted">{formatQuantity(trade.quantity, 5)}</td>
                <td className="tnum py-0.5 pr-4 text-right text-faint">{formatTime(trade.at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </QueryView>
  );
}
