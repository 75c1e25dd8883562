import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useParams } from "react-router";

import { BotControls } from "@/features/bots/bot-controls";
import {
  botEquityQuery,
  botOrdersQuery,
  botQuery,
  decisionsQuery,
  eventsQuery,
} from "@/features/bots/queries";
import type { components } from "@/shared/api/schema";
import type { Bot } from "@/shared/api/types";
import { LineChart, type Series } from "@/shared/charts/line-chart";
import { formatDateTime, formatMoney, formatQuantity, formatShortDateTime } from "@/shared/lib/format";
import { Badge, ModeBadge } from "@/shared/ui/badge";
import { BotStateBadge } from "@/shared/ui/bot-state";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { Segmented } from "@/shared/ui/field";
import { SignedMoney, Stat } from "@/shared/ui/figures";
import { SideWord } from "@/shared/ui/order-state";
import { OrdersTable } from "@/shared/ui/orders-table";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

type BotEvent = components["schemas"]["BotEvent"];
type Decision = components["schemas"]["Decision"];
type View = "events" | "decisions" | "orders";

const LEVEL_TONE = { info: "neutral", warning: "warn", error: "danger" } as const;

function EventLog({ id }: { id: string }) {
  const events = useQuery(eventsQuery(id));
  return (
    <QueryView query={events} rows={6}>
      {(items) =>
        items.length === 0 ? (
          <EmptyState icon="clock" title="Nothing has happened yet.">
            Start the bot: every step and its reason is written here.
          </EmptyState>
        ) : (
          <ol aria-label="Event log">
            {items.map((event: BotEvent) => (
              <li
                key={event.id}
                className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-b border-line/60 px-4 py-2 text-sm last:border-0"
              >
                <time
                  dateTime={event.at}
                  title={formatDateTime(event.at)}
                  className="tnum text-xs whitespace-nowrap text-faint"
                >
                  {formatShortDateTime(event.at)}
                </time>
                <Badge tone={LEVEL_TONE[event.level]}>{event.code}</Badge>
                <span className="min-w-0 flex-1 basis-60">{event.message}</span>
              </li>
            ))}
          </ol>
        )
      }
    </QueryView>
  );
}

const DECISION_COLUMNS: Column<Decision>[] = [
  { key: "at", header: "Candle", cell: (decision) => formatShortDateTime(decision.candle ?? decision.at) },
  { key: "trigger", header: "After", cell: (decision) => decision.trigger },
  {
    key: "targets",
    header: "Wanted",
    wide: true,
    cell: (decision) =>
      decision.targets.length === 0 ? (
        <span className="text-faint">nothing</span>
      ) : (
        <ul>
          {decision.targets.map((target, index) => (
            <li key={index}>
              {target.action} {target.side && <SideWord side={target.side} />}{" "}
              {target.quantity && formatQuantity(target.quantity)}
              {target.price && ` at ${formatQuantity(target.price)}`}{" "}
              <span className="text-faint">{target.reason.replaceAll("_", " ")}</span>
            </li>
          ))}
        </ul>
      ),
  },
  {
    key: "version",
    header: "Parameters",
    align: "right",
    cell: (decision) => `v${decision.parameters_version}`,
  },
];

function Activity({ id }: { id: string }) {
  const [view, setView] = useState<View>("events");
  const decisions = useQuery({ ...decisionsQuery(id), enabled: view === "decisions" });
  const orders = useQuery({ ...botOrdersQuery(id), enabled: view === "orders" });
  return (
    <Card
      flush
      actions={
        <Segmented
          label="Show"
          value={view}
          onChange={setView}
          options={[
            { value: "events", label: "Event log" },
            { value: "decisions", label: "Decisions" },
            { value: "orders", label: "Orders" },
          ]}
        />
      }
    >
      {view === "events" && <EventLog id={id} />}
      {view === "decisions" && (
        <QueryView query={decisions} rows={5}>
          {(items) => (
            <DataTable
              caption="Decisions"
              columns={DECISION_COLUMNS}
              rows={items}
              rowKey={(decision) => decision.id}
              empty={<EmptyState icon="clock" title="No decision yet." />}
            />
          )}
        </QueryView>
      )}
      {view === "orders" && (
        <QueryView query={orders} rows={5}>
          {(items) => (
            <OrdersTable
              orders={items}
              empty={<EmptyState icon="orders" title="This bot has not ordered anything yet." />}
            />
          )}
        </QueryView>
      )}
    </Card>
  );
}

function Equity({ bot, quote }: { bot: Bot; quote: string }) {
  const equity = useQuery(botEquityQuery(bot.id));
  const series = useMemo<Series[]>(
    () => [
      {
        name: "Budget value",
        tone: "accent",
        points: (equity.data ?? []).map((point) => ({
          t: Date.parse(point.at),
          value: Number(point.equity),
        })),
      },
    ],
    [equity.data],
  );
  return (
    <Card title="Value of the budget">
      <QueryView query={equity} rows={4}>
        {(points) =>
          points.length < 2 ? (
            <EmptyState icon="portfolio" title="The curve starts with the first closed candles." />
          ) : (
            <LineChart
              title={`Value of ${bot.label}'s budget`}
              series={series}
              unit={quote}
              className="h-52"
            />
          )
        }
      </QueryView>
    </Card>
  );
}

/** One bot: what it does now, why, and what it earned. */
export function BotPage() {
  const { id = "" } = useParams();
  const bot = useQuery(botQuery(id));
  const data = bot.data;
  const [base = "", quote = ""] = data?.symbol.split("-") ?? [];
  return (
    <Page
      title={data?.label ?? "Bot"}
      lead={data && `${data.strategy.replaceAll("_", " ")} on ${data.symbol}, ${data.interval} candles`}
      actions={data && <BotControls bot={data} />}
    >
      <QueryView query={bot} rows={8}>
        {(one) => (
          <>
            <Card>
              <div className="mb-4 flex flex-wrap items-center gap-2">
                <BotStateBadge state={one.state} />
                <ModeBadge mode={one.mode} />
                {one.state_reason && <span className="text-sm text-muted">{one.state_reason}</span>}
              </div>
              <dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-3 xl:grid-cols-6">
                <Stat label="Budget" value={formatMoney(one.budget, quote)} />
                <Stat
                  label="Holds"
                  value={`${formatQuantity(one.position.base)} ${base}`}
                  detail={
                    one.position.average_price
                      ? `at ${formatQuantity(one.position.average_price, 4)} on average`
                      : "nothing"
                  }
                />
                <Stat
                  label="Realised"
                  value={<SignedMoney value={one.position.realised} asset={quote} />}
                  detail={`fees ${formatMoney(one.position.fees, quote)}`}
                />
                <Stat
                  label="Unrealised"
                  value={<SignedMoney value={one.position.unrealised} asset={quote} />}
                />
                <Stat label="Open orders" value={one.open_orders} />
                <Stat
                  label="Last candle decided"
                  value={one.last_candle ? formatShortDateTime(one.last_candle) : "–"}
                />
              </dl>
              <p className="mt-4 border-t border-line pt-3 text-xs text-faint">
                If this server stops now, resting orders stay at the venue and fill there; the bot reads them
                again when it is back and goes on. It never sends an order twice.
              </p>
            </Card>
            <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
              <Equity bot={one} quote={quote} />
              <Card title={`Parameters, version ${one.parameters_version}`}>
                <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5 text-sm">
                  {Object.entries(one.parameters).map(([name, value]) => (
                    <div key={name} className="contents">
                      <dt className="text-faint">{name.replaceAll("_", " ")}</dt>
                      <dd className="tnum text-right">{String(value)}</dd>
                    </div>
                  ))}
                </dl>
              </Card>
            </div>
            <Activity id={one.id} />
          </>
        )}
      </QueryView>
    </Page>
  );
}
