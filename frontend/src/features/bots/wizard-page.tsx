import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";

import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { accountQuery, accountsQuery, botsQuery, marketsQuery, strategiesQuery } from "@/shared/api/queries";
import type { components } from "@/shared/api/schema";
import { classNames } from "@/shared/lib/class-names";
import { compare, isDecimal, sign } from "@/shared/lib/decimal";
import { formatMoney } from "@/shared/lib/format";
import type { Interval } from "@/shared/lib/intervals";
import { BacktestView } from "@/shared/ui/backtest-result";
import { ModeBadge } from "@/shared/ui/badge";
import { Button, ButtonLink } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { SelectField, TextField } from "@/shared/ui/field";
import { Icon } from "@/shared/ui/icon";
import { JobView } from "@/shared/ui/job-progress";
import { Page } from "@/shared/ui/page";
import { SchemaForm, schemaDefaults, schemaValues, type ParameterValues } from "@/shared/ui/schema-form";
import { EmptyState, ErrorState, QueryView } from "@/shared/ui/states";

type Strategy = components["schemas"]["StrategyInfo"];

const STEPS = ["Account", "Strategy", "Parameters", "Backtest", "Review"] as const;
const BACKTEST_CANDLES = 20_000;

interface Draft {
  label: string;
  accountId: string;
  symbol: string;
  interval: Interval;
  budget: string;
  strategy: string;
  values: ParameterValues;
}

function Steps({ step }: { step: number }) {
  return (
    <ol className="flex flex-wrap gap-x-5 gap-y-2 text-sm" aria-label="Steps">
      {STEPS.map((name, index) => (
        <li
          key={name}
          aria-current={index === step ? "step" : undefined}
          className={classNames(
            "flex items-center gap-2",
            index === step ? "font-medium text-ink" : index < step ? "text-muted" : "text-faint",
          )}
        >
          <span
            className={classNames(
              "flex size-6 items-center justify-center rounded-full border text-xs",
              index === step
                ? "border-accent bg-accent text-accent-ink"
                : index < step
                  ? "border-up text-up"
                  : "border-line-strong",
            )}
          >
            {index < step ? <Icon name="check" className="size-3.5" /> : index + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}

function StrategyChoice({
  strategies,
  chosen,
  onChoose,
}: {
  strategies: Strategy[];
  chosen: string;
  onChoose: (strategy: Strategy) => void;
}) {
  return (
    <div role="radiogroup" aria-label="Strategy" className="grid gap-3 md:grid-cols-3">
      {strategies.map((strategy) => (
        <button
          key={strategy.id}
          type="button"
          role="radio"
          aria-checked={strategy.id === chosen}
          onClick={() => onChoose(strategy)}
          className={classNames(
            "rounded-card border p-4 text-left hover:bg-raised",
            strategy.id === chosen ? "border-accent bg-raised" : "border-line",
          )}
        >
          <span className="font-medium">{strategy.name}</span>
          <span className="mt-1 block text-sm text-muted">{strategy.summary}</span>
        </button>
      ))}
    </div>
  );
}

/** From account to a started bot in five steps; the backtest is part of the way. */
export function WizardPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const accounts = useQuery(accountsQuery);
  const markets = useQuery(marketsQuery);
  const strategies = useQuery(strategiesQuery);
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<Draft>({
    label: "",
    accountId: "",
    symbol: "BTC-USDT",
    interval: "1m",
    budget: "1000",
    strategy: "",
    values: {},
  });
  const [jobId, setJobId] = useState<string | null>(null);
  const [intention] = useState(newIdempotencyKey);
  const change = (part: Partial<Draft>) => setDraft((known) => ({ ...known, ...part }));

  const accountId = draft.accountId || accounts.data?.[0]?.id || "";
  const account = useQuery({ ...accountQuery(accountId), enabled: accountId !== "" });
  const strategy = strategies.data?.find((one) => one.id === draft.strategy);
  const quote = draft.symbol.split("-")[1] ?? "";
  const free = account.data?.balances.find((balance) => balance.asset === quote)?.free ?? "0";
  const parameters = strategy ? schemaValues(strategy.parameters, draft.values) : {};
  const budgetValid = isDecimal(draft.budget) && sign(draft.budget) > 0;

  const backtest = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/backtests", {
          body: {
            symbol: draft.symbol,
            interval: draft.interval,
            candles: BACKTEST_CANDLES,
            strategy: draft.strategy,
            parameters,
            budget: draft.budget,
          },
          params: { header: { "Idempotency-Key": newIdempotencyKey() } },
        }),
      ),
    onSuccess: ({ job_id }) => {
      setJobId(job_id);
      setStep(3);
    },
  });
  const create = useMutation({
    mutationFn: async (start: boolean) => {
      const bot = await unwrap(
        api.POST("/api/v1/bots", {
          body: {
            label: draft.label || `${strategy?.name ?? "Bot"} ${draft.symbol}`,
            strategy: draft.strategy,
            account_id: accountId,
            symbol: draft.symbol,
            interval: draft.interval,
            budget: draft.budget,
            parameters,
          },
          params: { header: { "Idempotency-Key": intention } },
        }),
      );
      if (start) await unwrap(api.POST("/api/v1/bots/{id}/start", { params: { path: { id: bot.id } } }));
      return bot;
    },
    onSuccess: (bot) => {
      void client.invalidateQueries({ queryKey: botsQuery.queryKey });
      void navigate(`/bots/${bot.id}`);
    },
  });
  const refusal = backtest.error ?? create.error;
  const problem = refusal ? asProblem(refusal) : null;
  const fieldError = (name: string) => problem?.field(`parameters.${name}`);
  const unplaced = problem && problem.errors.every((error) => !error.field.startsWith("body.parameters."));

  const panels: ReactNode[] = [
    <div key="account" className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Account"
        value={accountId}
        onChange={(event) => change({ accountId: event.target.value })}
      >
        {accounts.data?.map((one) => (
          <option key={one.id} value={one.id}>{`${one.label} (${one.mode})`}</option>
        ))}
      </SelectField>
      <SelectField
        label="Market"
        value={draft.symbol}
        onChange={(event) => change({ symbol: event.target.value })}
      >
        {markets.data?.map(({ instrument }) => (
          <option key={instrument.symbol} value={instrument.symbol}>
            {instrument.symbol}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Candles"
        help="The bot decides once per closed candle."
        value={draft.interval}
        onChange={(event) => change({ interval: event.target.value as Interval })}
      >
        {(strategy?.intervals ?? ["1m", "5m", "15m", "1h", "4h", "1d"]).map((interval) => (
          <option key={interval} value={interval}>
            {interval}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Budget"
        suffix={quote}
        inputMode="decimal"
        value={draft.budget}
        onChange={(event) => change({ budget: event.target.value.replace(",", ".") })}
        help={`The most the bot may hold in positions and orders. Free in this account: ${formatMoney(free, quote)}`}
        error={
          budgetValid
            ? compare(draft.budget, free) > 0
              ? "This is more than the account has free."
              : undefined
            : "Enter an amount above 0."
        }
      />
    </div>,
    <QueryView key="strategy" query={strategies}>
      {(list) => (
        <StrategyChoice
          strategies={list}
          chosen={draft.strategy}
          onChoose={(chosen) => change({ strategy: chosen.id, values: schemaDefaults(chosen.parameters) })}
        />
      )}
    </QueryView>,
    strategy && (
      <SchemaForm
        key="parameters"
        schema={strategy.parameters}
        values={draft.values}
        onChange={(values) => change({ values })}
        fieldError={fieldError}
      />
    ),
    jobId && (
      <JobView key={jobId} id={jobId}>
        {(job) => (job.result?.kind === "backtest" ? <BacktestView result={job.result} compact /> : null)}
      </JobView>
    ),
    <div key="review" className="flex flex-col gap-4">
      <TextField
        label="Name"
        value={draft.label}
        placeholder={`${strategy?.name ?? ""} ${draft.symbol}`}
        onChange={(event) => change({ label: event.target.value })}
        error={problem?.field("label")}
      />
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm">
        {(
          [
            ["Account", account.data && <ModeBadge key="mode" mode={account.data.mode} />],
            ["Market", `${draft.symbol}, ${draft.interval} candles`],
            ["Strategy", strategy?.name],
            ["Budget", formatMoney(budgetValid ? draft.budget : null, quote)],
            [
              "Most it can lose",
              `${formatMoney(budgetValid ? draft.budget : null, quote)}, its whole budget`,
            ],
          ] as const
        ).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
        {Object.entries(parameters).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name.replaceAll("_", " ")}</dt>
            <dd className="tnum text-right">{String(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="text-sm text-muted">
        A backtest shows how the rules would have done on this data. It is no promise: watch the bot on paper
        first.
      </p>
    </div>,
  ];

  if (accounts.data?.length === 0) {
    return (
      <Page title="Create a bot">
        <Card>
          <EmptyState
            icon="flask"
            title="A bot needs an account to trade in."
            action={
              <ButtonLink to="/portfolio?new-account" tone="primary">
                Open a paper account
              </ButtonLink>
            }
          />
        </Card>
      </Page>
    );
  }
  const ready = [accountId !== "" && budgetValid, strategy !== undefined, true, jobId !== null, true][step];
  return (
    <Page title="Create a bot">
      <Steps step={step} />
      <Card title={STEPS[step]}>
        {panels[step]}
        {problem && unplaced && (
          <div className="mt-4">
            <ErrorState error={problem} />
          </div>
        )}
        <div className="mt-6 flex flex-wrap justify-between gap-2 border-t border-line pt-4">
          <Button disabled={step === 0} onClick={() => setStep(step - 1)}>
            Back
          </Button>
          <div className="flex flex-wrap gap-2">
            {step === 2 && (
              <Button tone="primary" busy={backtest.isPending} onClick={() => backtest.mutate()}>
                Run the backtest
              </Button>
            )}
            {step !== 2 && step < 4 && (
              <Button tone="primary" disabled={!ready} onClick={() => setStep(step + 1)}>
                Continue
              </Button>
            )}
            {step === 4 && (
              <>
                <Button busy={create.isPending && !create.variables} onClick={() => create.mutate(false)}>
                  Create only
                </Button>
                <Button
                  tone="primary"
                  busy={create.isPending && create.variables}
                  onClick={() => create.mutate(true)}
                >
                  Create and start
                </Button>
              </>
            )}
          </div>
        </div>
      </Card>
    </Page>
  );
}
