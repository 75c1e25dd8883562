import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { NewAccountDialog } from "@/features/portfolio/new-account-dialog";
import { portfolioQuery } from "@/shared/api/portfolio";
import { accountQuery, accountsQuery } from "@/shared/api/queries";
import type { components } from "@/shared/api/schema";
import type { AccountSummary } from "@/shared/api/types";
import { formatMoney, formatPercent, formatQuantity } from "@/shared/lib/format";
import { ModeBadge } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { Age } from "@/shared/ui/figures";
import { Icon } from "@/shared/ui/icon";
import { Page } from "@/shared/ui/page";
import { EquityChart, PortfolioTotals } from "@/shared/ui/portfolio-totals";
import { EmptyState, QueryView } from "@/shared/ui/states";

type Holding = components["schemas"]["Holding"];
type Balance = components["schemas"]["Balance"];

function holdingColumns(quote: string): Column<Holding>[] {
  return [
    {
      key: "asset",
      header: "Asset",
      cell: (holding) => <span className="font-medium">{holding.asset}</span>,
    },
    {
      key: "quantity",
      header: "Quantity",
      align: "right",
      cell: (holding) => formatQuantity(holding.quantity),
    },
    { key: "price", header: "Price", align: "right", cell: (holding) => formatQuantity(holding.price, 6) },
    { key: "value", header: "Value", align: "right", cell: (holding) => formatMoney(holding.value, quote) },
    {
      key: "share",
      header: "Share",
      align: "right",
      cell: (holding) => formatPercent(holding.share, { places: 1 }),
    },
  ];
}

function balanceColumns(quote: string): Column<Balance>[] {
  return [
    {
      key: "asset",
      header: "Asset",
      cell: (balance) => <span className="font-medium">{balance.asset}</span>,
    },
    { key: "free", header: "Free", align: "right", cell: (balance) => formatQuantity(balance.free) },
    { key: "locked", header: "In orders", align: "right", cell: (balance) => formatQuantity(balance.locked) },
    { key: "value", header: "Value", align: "right", cell: (balance) => formatMoney(balance.value, quote) },
  ];
}

function AccountCard({ account }: { account: AccountSummary }) {
  const detail = useQuery(accountQuery(account.id));
  return (
    <Card flush title={account.label} actions={<ModeBadge mode={account.mode} />}>
      <QueryView query={detail}>
        {(data) => (
          <>
            <p className="px-4 pb-2 text-sm text-muted">
              <span className="capitalize">{data.venue}</span>, {data.market} market · worth{" "}
              {formatMoney(data.equity, data.quote)} · {data.stale ? "stale, " : ""}read{" "}
              <Age at={data.as_of} />
            </p>
            <DataTable
              caption={`Balances of ${account.label}`}
              columns={balanceColumns(data.quote)}
              rows={data.balances}
              rowKey={(balance) => balance.asset}
              empty={<EmptyState title="This account is empty." />}
            />
          </>
        )}
      </QueryView>
    </Card>
  );
}

/** All accounts, what they hold and how they did. */
export function PortfolioPage() {
  const [search, setSearch] = useSearchParams();
  const [adding, setAdding] = useState(search.has("new-account"));
  const accounts = useQuery(accountsQuery);
  const portfolio = useQuery(portfolioQuery("paper"));
  const year = new Date().getFullYear();
  const close = () => {
    setAdding(false);
    setSearch({}, { replace: true });
  };
  const open = (
    <Button tone="primary" onClick={() => setAdding(true)}>
      <Icon name="plus" /> Open a paper account
    </Button>
  );
  return (
    <Page
      title="Portfolio"
      lead="Computed from the ledger of fills and deposits, never from what the page remembers."
      actions={
        <>
          <a
            className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong bg-surface px-4 font-medium hover:bg-raised"
            href={`/api/v1/portfolio/report.csv?year=${year}`}
            download
          >
            Report {year} (CSV)
          </a>
          {open}
        </>
      }
    >
      <NewAccountDialog open={adding} onClose={close} />
      <QueryView query={accounts}>
        {(list) =>
          list.length === 0 ? (
            <Card>
              <EmptyState icon="flask" title="Start with play money." action={open}>
                A paper account trades on the simulated venue with real fees and rules.
              </EmptyState>
            </Card>
          ) : (
            <>
              <Card>
                <QueryView query={portfolio}>{(data) => <PortfolioTotals portfolio={data} />}</QueryView>
              </Card>
              <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
                <Card title="Equity">
                  <EquityChart mode="paper" />
                </Card>
                <Card flush title="Allocation">
                  <QueryView query={portfolio}>
                    {(data) => (
                      <DataTable
                        caption="Holdings"
                        columns={holdingColumns(data.quote)}
                        rows={data.holdings}
                        rowKey={(holding) => holding.asset}
                        empty={<EmptyState title="Nothing held." />}
                      />
                    )}
                  </QueryView>
                </Card>
              </div>
              <div className="grid gap-4 lg:grid-cols-2">
                {list.map((account) => (
                  <AccountCard key={account.id} account={account} />
                ))}
              </div>
            </>
          )
        }
      </QueryView>
    </Page>
  );
}
