import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { marketsQuery } from "@/shared/api/queries";
import { useChannel } from "@/shared/api/stream";
import type { Market, Ticker } from "@/shared/api/types";
import { formatCompact, formatStep } from "@/shared/lib/format";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { TextField } from "@/shared/ui/field";
import { OriginTag, SignedPercent } from "@/shared/ui/figures";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

const COLUMNS: Column<Market>[] = [
  {
    key: "symbol",
    header: "Market",
    cell: ({ instrument }) => (
      <Link to={`/markets/${instrument.symbol}`} className="font-medium hover:underline">
        {instrument.base}
        <span className="text-faint">/{instrument.quote}</span>
      </Link>
    ),
  },
  {
    key: "last",
    header: "Price",
    align: "right",
    cell: ({ instrument, ticker }) => formatStep(ticker?.last, instrument.tick_size),
  },
  {
    key: "change",
    header: "24 h",
    align: "right",
    cell: ({ ticker }) => <SignedPercent value={ticker?.change_24h} />,
  },
  {
    key: "high",
    header: "High",
    align: "right",
    hideOnPhone: true,
    cell: ({ instrument, ticker }) => formatStep(ticker?.high_24h, instrument.tick_size),
  },
  {
    key: "low",
    header: "Low",
    align: "right",
    hideOnPhone: true,
    cell: ({ instrument, ticker }) => formatStep(ticker?.low_24h, instrument.tick_size),
  },
  {
    key: "volume",
    header: "Volume 24 h",
    align: "right",
    wide: true,
    cell: ({ instrument, ticker }) => `${formatCompact(ticker?.quote_volume_24h)} ${instrument.quote}`,
  },
  {
    key: "origin",
    header: "Source and age",
    align: "right",
    wide: true,
    cell: ({ ticker }) => ticker && <OriginTag origin={ticker} />,
  },
];

function LiveTicker({ symbol }: { symbol: string }) {
  const client = useQueryClient();
  useChannel<Ticker>(`ticker:${symbol}`, (ticker) =>
    client.setQueryData(marketsQuery.queryKey, (markets) =>
      markets?.map((market) => (market.instrument.symbol === symbol ? { ...market, ticker } : market)),
    ),
  );
  return null;
}

/** All markets with live prices. */
export function MarketsPage() {
  const markets = useQuery(marketsQuery);
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toUpperCase();
  return (
    <Page title="Markets" lead="Prices as the venue sends them, each with its source and age.">
      {markets.data?.map(({ instrument }) => (
        <LiveTicker key={instrument.symbol} symbol={instrument.symbol} />
      ))}
      <form
        role="search"
        className="max-w-xs"
        onSubmit={(event) => {
          event.preventDefault();
          const found = markets.data?.find(({ instrument }) => instrument.symbol.includes(wanted));
          if (wanted && found) void navigate(`/markets/${found.instrument.symbol}`);
        }}
      >
        <TextField
          label="Search"
          type="search"
          placeholder="BTC"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </form>
      <Card flush>
        <QueryView query={markets} rows={6}>
          {(items) => (
            <DataTable
              caption="Markets"
              columns={COLUMNS}
              rows={items.filter(({ instrument }) => instrument.symbol.includes(wanted))}
              rowKey={({ instrument }) => instrument.symbol}
              empty={<EmptyState icon="markets" title="No market matches this search." />}
            />
          )}
        </QueryView>
      </Card>
    </Page>
  );
}
