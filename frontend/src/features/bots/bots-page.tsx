import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { botsQuery } from "@/shared/api/queries";
import type { Bot } from "@/shared/api/types";
import { formatMoney } from "@/shared/lib/format";
import { ModeBadge } from "@/shared/ui/badge";
import { BotStateBadge } from "@/shared/ui/bot-state";
import { ButtonLink } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { SignedMoney } from "@/shared/ui/figures";
import { Icon } from "@/shared/ui/icon";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

const quoteOf = (bot: Bot) => bot.symbol.split("-")[1] ?? "";

const COLUMNS: Column<Bot>[] = [
  {
    key: "label",
    header: "Bot",
    cell: (bot) => (
      <Link to={`/bots/${bot.id}`} className="font-medium hover:underline">
        {bot.label}
      </Link>
    ),
  },
  { key: "state", header: "State", cell: (bot) => <BotStateBadge state={bot.state} /> },
  { key: "mode", header: "Mode", cell: (bot) => <ModeBadge mode={bot.mode} /> },
  { key: "market", header: "Market", wide: true, cell: (bot) => `${bot.symbol} · ${bot.interval}` },
  {
    key: "strategy",
    header: "Strategy",
    hideOnPhone: true,
    cell: (bot) => bot.strategy.replaceAll("_", " "),
  },
  {
    key: "budget",
    header: "Budget",
    wide: true,
    align: "right",
    cell: (bot) => formatMoney(bot.budget, quoteOf(bot)),
  },
  {
    key: "realised",
    header: "Realised",
    wide: true,
    align: "right",
    cell: (bot) => <SignedMoney value={bot.position.realised} asset={quoteOf(bot)} />,
  },
  {
    key: "unrealised",
    header: "Unrealised",
    wide: true,
    align: "right",
    cell: (bot) => <SignedMoney value={bot.position.unrealised} asset={quoteOf(bot)} />,
  },
];

/** All bots with their state and profit. */
export function BotsPage() {
  const bots = useQuery(botsQuery);
  const create = (
    <ButtonLink to="/bots/new" tone="primary">
      <Icon name="plus" /> Create a bot
    </ButtonLink>
  );
  return (
    <Page
      title="Bots"
      lead="Each follows one strategy with one budget, and writes down why it does what it does."
      actions={create}
    >
      <Card flush>
        <QueryView query={bots} rows={5}>
          {(list) => (
            <DataTable
              caption="Bots"
              columns={COLUMNS}
              rows={list}
              rowKey={(bot) => bot.id}
              empty={
                <EmptyState icon="bots" title="No bot yet." action={create}>
                  The wizard shows a backtest before anything trades, and bots start on paper.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Card>
    </Page>
  );
}
