import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { accountQuery, accountsQuery } from "@/shared/api/queries";
import { asProblem } from "@/shared/api/problem";
import type { components } from "@/shared/api/schema";
import type { Ticker } from "@/shared/api/types";
import { decimalPlaces, floorToStep, isDecimal, multiply, divide, sign } from "@/shared/lib/decimal";
import { formatMoney, formatPercent, formatQuantity, formatStep } from "@/shared/lib/format";
import { useDebounced } from "@/shared/lib/use-debounced";
import { ModeBadge } from "@/shared/ui/badge";
import { Button, ButtonLink } from "@/shared/ui/button";
import { SelectField, Segmented, TextField } from "@/shared/ui/field";
import { Icon } from "@/shared/ui/icon";
import { EmptyState } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

type Instrument = components["schemas"]["InstrumentView"];
type OrderRequest = components["schemas"]["OrderRequest"];
type Preview = components["schemas"]["OrderPreview"];
type Side = "buy" | "sell";
type OrderType = "market" | "limit";

interface TicketProps {
  symbol: string;
  instrument: Instrument;
  ticker: Ticker | null;
}

function PreviewLines({ preview, instrument }: { preview: Preview; instrument: Instrument }) {
  const failed = preview.checks.filter((check) => !check.passed);
  return (
    <div className="flex flex-col gap-2 rounded-lg bg-canvas p-3 text-sm">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-1">
        <dt className="text-faint">Expected price</dt>
        <dd className="tnum text-right">{formatStep(preview.price, instrument.tick_size)}</dd>
        <dt className="text-faint">Value</dt>
        <dd className="tnum text-right">{formatMoney(preview.notional, instrument.quote)}</dd>
        <dt className="text-faint">Fee</dt>
        <dd className="tnum text-right">
          {formatQuantity(preview.fee)} {preview.fee_asset}
        </dd>
        <dt className="text-faint">Price impact</dt>
        <dd className="tnum text-right">{formatPercent(preview.price_impact, { places: 3 })}</dd>
        <dt className="text-faint">{preview.side === "buy" ? "At most spent" : "At least received"}</dt>
        <dd className="tnum text-right">{formatMoney(preview.worst_case_quote, instrument.quote)}</dd>
        <dt className="text-faint">Venue minimum</dt>
        <dd className="tnum text-right">{formatMoney(preview.min_notional, instrument.quote)}</dd>
      </dl>
      {failed.map((check) => (
        <p key={check.code} className="flex items-start gap-2 text-danger">
          <Icon name="alert" className="mt-0.5 size-4" /> {check.message}
        </p>
      ))}
    </div>
  );
}

/** The order ticket: what the order would do is asked of the order path, never guessed here. */
export function OrderTicket({ symbol, instrument, ticker }: TicketProps) {
  const client = useQueryClient();
  const toasts = useToasts();
  const accounts = useQuery(accountsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const [side, setSide] = useState<Side>("buy");
  const [type, setType] = useState<OrderType>("market");
  const [quantity, setQuantity] = useState("");
  const [price, setPrice] = useState("");
  const [intention, setIntention] = useState(newIdempotencyKey);
  const accountId = chosen ?? accounts.data?.[0]?.id ?? null;
  const account = useQuery({ ...accountQuery(accountId ?? ""), enabled: accountId !== null });
  const free = (asset: string) =>
    account.data?.balances.find((balance) => balance.asset === asset)?.free ?? "0";
  const available = side === "buy" ? free(instrument.quote) : free(instrument.base);
  const availableAsset = side === "buy" ? instrument.quote : instrument.base;

  const request = useMemo<OrderRequest | null>(() => {
    if (!accountId || !isDecimal(quantity) || sign(quantity) <= 0) return null;
    if (type === "limit" && (!isDecimal(price) || sign(price) <= 0)) return null;
    return {
      account_id: accountId,
      symbol,
      side,
      type,
      quantity,
      ...(type === "limit" ? { price, time_in_force: "GTC" as const } : {}),
    };
  }, [accountId, symbol, side, type, quantity, price]);

  const asked = useDebounced(request, 250);
  const preview = useQuery({
    queryKey: ["preview", asked],
    enabled: asked !== null,
    refetchInterval: 3_000,
    queryFn: () => unwrap(api.POST("/api/v1/orders/preview", { body: asked ?? ({} as OrderRequest) })),
  });
  const submit = useMutation({
    mutationFn: (body: OrderRequest) =>
      unwrap(api.POST("/api/v1/orders", { body, params: { header: { "Idempotency-Key": intention } } })),
    onSuccess: (order) => {
      // A new key only now: pressing again after a lost answer must not make a second order.
      setIntention(newIdempotencyKey());
      setQuantity("");
      client.setQueryData(["orders", "one", order.id], order);
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["accounts"] });
      if (order.state === "refused")
        toasts.failure(new Error(order.reason ?? "The venue refused the order."));
      else toasts.success(`Order ${order.state}: ${order.side} ${order.symbol}.`);
    },
    onError: toasts.failure,
  });

  if (accounts.data?.length === 0) {
    return (
      <EmptyState
        icon="flask"
        title="You need an account to trade."
        action={
          <ButtonLink to="/portfolio?new-account" tone="primary">
            Open a paper account
          </ButtonLink>
        }
      >
        A paper account trades with play money at real prices and fees.
      </EmptyState>
    );
  }
  const problem = submit.error ? asProblem(submit.error) : preview.error ? asProblem(preview.error) : null;
  const reference = type === "limit" && isDecimal(price) ? price : side === "buy" ? ticker?.ask : ticker?.bid;
  const fillShare = (share: string) => {
    const base =
      side === "sell"
        ? available
        : reference && sign(reference) > 0
          ? (divide(available, reference) ?? "0")
          : "0";
    setQuantity(floorToStep(multiply(base, share), instrument.step_size));
  };
  return (
    <form
      className="flex flex-col gap-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (request) submit.mutate(request);
      }}
    >
      <div className="flex items-center justify-between">
        <Segmented
          label="Order type"
          value={type}
          onChange={setType}
          options={[
            { value: "market", label: "Market" },
            { value: "limit", label: "Limit" },
          ]}
        />
        {account.data && <ModeBadge mode={account.data.mode} />}
      </div>
      <Segmented
        label="Side"
        value={side}
        onChange={setSide}
        className="flex"
        options={[
          { value: "buy", label: <span className={side === "buy" ? "text-up" : ""}>Buy</span> },
          { value: "sell", label: <span className={side === "sell" ? "text-down" : ""}>Sell</span> },
        ]}
      />
      {(accounts.data?.length ?? 0) > 1 && (
        <SelectField
          label="Account"
          value={accountId ?? ""}
          onChange={(event) => setChosen(event.target.value)}
        >
          {accounts.data?.map((one) => (
            <option key={one.id} value={one.id}>{`${one.label} (${one.mode})`}</option>
          ))}
        </SelectField>
      )}
      {type === "limit" && (
        <TextField
          label="Limit price"
          inputMode="decimal"
          autoComplete="off"
          suffix={instrument.quote}
          value={price}
          placeholder={ticker ? formatStep(ticker.last, instrument.tick_size) : ""}
          onChange={(event) => setPrice(event.target.value.replace(",", "."))}
          error={problem?.field("price")}
        />
      )}
      <TextField
        label="Quantity"
        inputMode="decimal"
        autoComplete="off"
        suffix={instrument.base}
        value={quantity}
        placeholder={(0).toFixed(decimalPlaces(instrument.step_size))}
        onChange={(event) => setQuantity(event.target.value.replace(",", "."))}
        error={problem?.field("quantity")}
        help={`Available: ${formatQuantity(available)} ${availableAsset}`}
      />
      <div className="grid grid-cols-4 gap-1.5">
        {[
          ["0.25", "25 %"],
          ["0.5", "50 %"],
          ["0.75", "75 %"],
          ["0.99", "Most"],
        ].map(([share = "0", label]) => (
          <Button
            key={share}
            size="small"
            tone="ghost"
            className="border border-line"
            onClick={() => fillShare(share)}
          >
            {label}
          </Button>
        ))}
      </div>
      {preview.data && request && <PreviewLines preview={preview.data} instrument={instrument} />}
      {problem && problem.errors.length === 0 && (
        <p role="alert" className="text-sm text-danger">
          {problem.detail}
        </p>
      )}
      <Button
        type="submit"
        tone={side}
        busy={submit.isPending}
        disabled={!request || preview.data?.acceptable === false}
      >
        {side === "buy" ? "Buy" : "Sell"} {instrument.base}
        {account.data?.mode === "paper" && " on paper"}
      </Button>
    </form>
  );
}
