import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { OrderBook, RecentTrades } from "@/features/markets/order-book";
import { OrderTicket } from "@/features/markets/order-ticket";
import { candlesQuery, marketQuery } from "@/features/markets/queries";
import { useLiveMarket } from "@/features/markets/use-live-market";
import { fillsQuery, ordersQuery } from "@/shared/api/orders";
import { marketsQuery } from "@/shared/api/queries";
import { CandleChart } from "@/shared/charts/candle-chart";
import { formatCompact, formatStep } from "@/shared/lib/format";
import { INTERVAL_MS, INTERVALS, type Interval } from "@/shared/lib/intervals";
import { Card } from "@/shared/ui/card";
import { SelectField, Segmented } from "@/shared/ui/field";
import { OriginTag, SignedPercent, Stat } from "@/shared/ui/figures";
import { OrdersTable } from "@/shared/ui/orders-table";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

function Chart({ symbol, interval, tickSize }: { symbol: string; interval: Interval; tickSize: string }) {
  const candles = useQuery(candlesQuery(symbol, interval));
  const fills = useQuery(fillsQuery());
  const working = useQuery(ordersQuery({ working: true }));
  const marks = useMemo(
    () =>
      (fills.data?.items ?? [])
        .filter((fill) => fill.symbol === symbol)
        .map((fill) => ({ t: Date.parse(fill.at), price: fill.price, side: fill.side })),
    [fills.data, symbol],
  );
  const lines = useMemo(
    () =>
      (working.data?.items ?? []).flatMap((order) =>
        order.symbol === symbol && order.price
          ? [
              {
                price: order.price,
                side: order.side,
                label: `${order.side} ${formatStep(order.price, tickSize)}`,
              },
            ]
          : [],
      ),
    [working.data, symbol, tickSize],
  );
  return (
    <QueryView query={candles} rows={8}>
      {(data) => (
        <>
          <CandleChart
            symbol={symbol}
            candles={data.items}
            intervalMs={INTERVAL_MS[interval]}
            tickSize={tickSize}
            marks={marks}
            lines={lines}
            className="h-[19rem] md:h-[26rem]"
          />
          <div className="px-4 pb-3">
            <OriginTag origin={data} />
          </div>
        </>
      )}
    </QueryView>
  );
}

/** One market: chart, book, trades, ticket and the orders working in it. */
export function TradePage() {
  const { symbol = "" } = useParams();
  const navigate = useNavigate();
  const [interval, setInterval] = useState<Interval>("1m");
  const [side, setSide] = useState<"book" | "trades">("book");
  useLiveMarket(symbol, interval);
  const market = useQuery(marketQuery(symbol));
  const markets = useQuery(marketsQuery);
  const working = useQuery(ordersQuery({ working: true }));
  return (
    <Page
      title={symbol.replace("-", " / ")}
      actions={
        <SelectField
          label={<span className="sr-only">Market</span>}
          value={symbol}
          onChange={(event) => void navigate(`/markets/${event.target.value}`)}
        >
          {(markets.data ?? []).map(({ instrument }) => (
            <option key={instrument.symbol} value={instrument.symbol}>
              {instrument.symbol}
            </option>
          ))}
        </SelectField>
      }
    >
      <QueryView query={market} rows={10}>
        {({ instrument, ticker }) => (
          <>
            <dl className="grid grid-cols-2 items-start gap-x-6 gap-y-2 sm:flex sm:flex-wrap sm:gap-x-10">
              <Stat
                label="Last price"
                value={formatStep(ticker?.last, instrument.tick_size)}
                detail={instrument.quote}
              />
              <Stat label="24 h change" value={<SignedPercent value={ticker?.change_24h} />} />
              <Stat label="24 h high" value={formatStep(ticker?.high_24h, instrument.tick_size)} />
              <Stat label="24 h low" value={formatStep(ticker?.low_24h, instrument.tick_size)} />
              <Stat
                label="24 h volume"
                value={`${formatCompact(ticker?.quote_volume_24h)} ${instrument.quote}`}
              />
              <div className="col-span-2 self-center">{ticker && <OriginTag origin={ticker} />}</div>
            </dl>
            <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_17rem] xl:grid-cols-[minmax(0,1fr)_17rem_20rem]">
              <Card
                flush
                title="Candles"
                actions={
                  <Segmented
                    label="Interval"
                    value={interval}
                    onChange={setInterval}
                    options={INTERVALS.map((value) => ({ value, label: value }))}
                    className="max-w-full overflow-x-auto"
                  />
                }
              >
                <Chart symbol={symbol} interval={interval} tickSize={instrument.tick_size} />
              </Card>
              <Card
                flush
                className="order-3 lg:order-none"
                actions={
                  <Segmented
                    label="Depth or trades"
                    value={side}
                    onChange={setSide}
                    options={[
                      { value: "book", label: "Order book" },
                      { value: "trades", label: "Trades" },
                    ]}
                  />
                }
              >
                {side === "book" ? (
                  <OrderBook symbol={symbol} instrument={instrument} />
                ) : (
                  <RecentTrades symbol={symbol} instrument={instrument} />
                )}
              </Card>
              <Card flush className="lg:col-span-2 xl:col-span-1" title="New order">
                <OrderTicket key={symbol} symbol={symbol} instrument={instrument} ticker={ticker} />
              </Card>
            </div>
          </>
        )}
      </QueryView>
      <Card flush title="Working orders">
        <QueryView query={working}>
          {(page) => (
            <OrdersTable
              orders={page.items.filter((order) => order.symbol === symbol)}
              empty={<EmptyState icon="orders" title="No order is working in this market." />}
            />
          )}
        </QueryView>
      </Card>
    </Page>
  );
}
