import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { ordersQuery } from "@/shared/api/orders";
import { portfolioQuery } from "@/shared/api/portfolio";
import { accountsQuery, botsQuery, marketsQuery, riskQuery, statusQuery } from "@/shared/api/queries";
import { formatStep } from "@/shared/lib/format";
import { BotStateBadge } from "@/shared/ui/bot-state";
import { ButtonLink } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { OriginTag, SignedMoney, SignedPercent } from "@/shared/ui/figures";
import { Icon, type IconName } from "@/shared/ui/icon";
import { OrdersTable } from "@/shared/ui/orders-table";
import { Page } from "@/shared/ui/page";
import { EquityChart, PortfolioTotals } from "@/shared/ui/portfolio-totals";
import { EmptyState, QueryView } from "@/shared/ui/states";

interface Attention {
  key: string;
  icon: IconName;
  text: string;
  to: string;
}

function useAttention(): Attention[] {
  const status = useQuery(statusQuery);
  const bots = useQuery(botsQuery);
  const risk = useQuery(riskQuery);
  const orders = useQuery(ordersQuery({ working: true }));
  const found: Attention[] = [];
  for (const halt of risk.data?.halts ?? []) {
    found.push({
      key: `halt-${halt.scope}-${halt.target}`,
      icon: "halt",
      text: `Trading is halted (${halt.scope}): ${halt.reason}`,
      to: "/settings",
    });
  }
  for (const order of orders.data?.items ?? []) {
    if (order.state === "unknown") {
      found.push({
        key: order.id,
        icon: "alert",
        text: `${order.symbol} ${order.side} order is unknown: the venue's records are being asked.`,
        to: `/orders/${order.id}`,
      });
    }
  }
  for (const bot of bots.data ?? []) {
    if (bot.state === "failed")
      found.push({
        key: bot.id,
        icon: "bots",
        text: `${bot.label} failed: ${bot.state_reason ?? "see its log"}`,
        to: `/bots/${bot.id}`,
      });
  }
  for (const venue of status.data?.venues ?? []) {
    if (venue.state !== "healthy")
      found.push({
        key: venue.venue,
        icon: "status",
        text: `${venue.venue} is ${venue.state}: ${venue.reason ?? "no reason given"}`,
        to: "/status",
      });
  }
  return found;
}

function NeedsAttention() {
  const items = useAttention();
  return (
    <Card title="Needs attention">
      {items.length === 0 ? (
        <p className="flex items-center gap-2 text-sm text-muted">
          <Icon name="check" className="size-5 text-up" /> Nothing waits for you.
        </p>
      ) : (
        <ul className="flex flex-col gap-1">
          {items.map((item) => (
            <li key={item.key}>
              <Link
                to={item.to}
                className="flex min-h-11 items-center gap-3 rounded-lg px-2 text-sm hover:bg-raised"
              >
                <Icon name={item.icon} className="size-5 text-warn" /> {item.text}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function BotsCard() {
  const bots = useQuery(botsQuery);
  return (
    <Card
      flush
      title="Bots"
      actions={
        <ButtonLink to="/bots" size="small" tone="ghost">
          All bots
        </ButtonLink>
      }
    >
      <QueryView query={bots}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState
              icon="bots"
              title="No bot yet."
              action={
                <ButtonLink to="/bots/new" tone="primary">
                  Create a bot
                </ButtonLink>
              }
            >
              See its backtest before it trades a single coin of play money.
            </EmptyState>
          ) : (
            <ul>
              {list.slice(0, 6).map((bot) => (
                <li key={bot.id} className="border-b border-line/60 last:border-0">
                  <Link
                    to={`/bots/${bot.id}`}
                    className="flex items-center justify-between gap-3 px-4 py-2.5 hover:bg-raised/50"
                  >
                    <span className="min-w-0">
                      <span className="block truncate font-medium">{bot.label}</span>
                      <span className="text-xs text-faint">
                        {bot.symbol} · {bot.interval}
                      </span>
                    </span>
                    <span className="flex flex-col items-end gap-1 text-sm">
                      <BotStateBadge state={bot.state} />
                      <SignedMoney value={bot.position.realised} asset={bot.symbol.split("-")[1] ?? ""} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

function MarketsCard() {
  const markets = useQuery(marketsQuery);
  return (
    <Card
      flush
      title="Markets"
      actions={
        <ButtonLink to="/markets" size="small" tone="ghost">
          All markets
        </ButtonLink>
      }
    >
      <QueryView query={markets} rows={6}>
        {(list) => (
          <>
            <ul>
              {list.slice(0, 6).map(({ instrument, ticker }) => (
                <li key={instrument.symbol}>
                  <Link
                    to={`/markets/${instrument.symbol}`}
                    className="grid grid-cols-[1fr_auto_5.5rem] items-center gap-3 px-4 py-2 text-sm hover:bg-raised/50"
                  >
                    <span className="font-medium">
                      {instrument.base}
                      <span className="text-faint">/{instrument.quote}</span>
                    </span>
                    <span className="tnum">{formatStep(ticker?.last, instrument.tick_size)}</span>
                    <span className="text-right">
                      <SignedPercent value={ticker?.change_24h} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
            <div className="px-4 py-3">{list[0]?.ticker && <OriginTag origin={list[0].ticker} />}</div>
          </>
        )}
      </QueryView>
    </Card>
  );
}

/** Totals first, then what needs a person, then the rest. */
export function DashboardPage() {
  const accounts = useQuery(accountsQuery);
  const portfolio = useQuery(portfolioQuery("paper"));
  const orders = useQuery(ordersQuery());
  const empty = accounts.data?.length === 0;
  return (
    <Page title="Dashboard">
      {empty ? (
        <Card>
          <EmptyState
            icon="flask"
            title="Welcome. Start with play money."
            action={
              <ButtonLink to="/portfolio?new-account" tone="primary">
                Open a paper account
              </ButtonLink>
            }
          >
            Then trade by hand under Markets, or let a bot do it under Bots. Nothing here touches real money.
          </EmptyState>
        </Card>
      ) : (
        <Card>
          <QueryView query={portfolio}>{(data) => <PortfolioTotals portfolio={data} />}</QueryView>
        </Card>
      )}
      <div className="grid gap-4 xl:grid-cols-[2fr_1fr]">
        <div className="flex min-w-0 flex-col gap-4">
          {!empty && (
            <Card title="Equity">
              <EquityChart mode="paper" />
            </Card>
          )}
          <Card
            flush
            title="Latest orders"
            actions={
              <ButtonLink to="/orders" size="small" tone="ghost">
                All orders
              </ButtonLink>
            }
          >
            <QueryView query={orders}>
              {(page) => (
                <OrdersTable
                  orders={page.items.slice(0, 8)}
                  empty={
                    <EmptyState
                      icon="orders"
                      title="No order yet."
                      action={<ButtonLink to="/markets">Go to markets</ButtonLink>}
                    />
                  }
                />
              )}
            </QueryView>
          </Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <NeedsAttention />
          <BotsCard />
          <MarketsCard />
        </div>
      </div>
    </Page>
  );
}
