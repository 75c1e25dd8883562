import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { jobsQuery } from "@/shared/api/jobs";
import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { marketsQuery, strategiesQuery } from "@/shared/api/queries";
import type { Job } from "@/shared/api/types";
import { formatNumber } from "@/shared/lib/format";
import { INTERVALS, type Interval } from "@/shared/lib/intervals";
import { BacktestView } from "@/shared/ui/backtest-result";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { SelectField, TextField } from "@/shared/ui/field";
import { Age } from "@/shared/ui/figures";
import { JobStateBadge } from "@/shared/ui/job-state";
import { JobView } from "@/shared/ui/job-progress";
import { Page } from "@/shared/ui/page";
import { SchemaForm, schemaDefaults, schemaValues, type ParameterValues } from "@/shared/ui/schema-form";
import { EmptyState, ErrorState, QueryView } from "@/shared/ui/states";

interface Asked {
  strategy: string;
  symbol: string;
  interval: Interval;
  candles: string;
  budget: string;
  values: ParameterValues;
}

function NewBacktest({ onQueued }: { onQueued: (jobId: string) => void }) {
  const client = useQueryClient();
  const strategies = useQuery(strategiesQuery);
  const markets = useQuery(marketsQuery);
  const [asked, setAsked] = useState<Asked>({
    strategy: "",
    symbol: "BTC-USDT",
    interval: "1m",
    candles: "20000",
    budget: "1000",
    values: {},
  });
  const change = (part: Partial<Asked>) => setAsked((known) => ({ ...known, ...part }));
  const strategy = strategies.data?.find((one) => one.id === asked.strategy) ?? strategies.data?.[0];
  const values = asked.strategy ? asked.values : strategy ? schemaDefaults(strategy.parameters) : {};
  const run = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/backtests", {
          body: {
            strategy: strategy?.id ?? "",
            symbol: asked.symbol,
            interval: asked.interval,
            candles: Number(asked.candles),
            budget: asked.budget,
            parameters: strategy ? schemaValues(strategy.parameters, values) : {},
          },
          params: { header: { "Idempotency-Key": newIdempotencyKey() } },
        }),
      ),
    onSuccess: ({ job_id }) => {
      void client.invalidateQueries({ queryKey: ["jobs", "list"] });
      onQueued(job_id);
    },
  });
  const problem = run.error ? asProblem(run.error) : null;
  return (
    <Card title="New backtest">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Strategy"
            value={strategy?.id ?? ""}
            onChange={(event) => {
              const chosen = strategies.data?.find((one) => one.id === event.target.value);
              change({
                strategy: event.target.value,
                values: chosen ? schemaDefaults(chosen.parameters) : {},
              });
            }}
          >
            {strategies.data?.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Market"
            value={asked.symbol}
            onChange={(event) => change({ symbol: event.target.value })}
          >
            {markets.data?.map(({ instrument }) => (
              <option key={instrument.symbol} value={instrument.symbol}>
                {instrument.symbol}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Interval"
            value={asked.interval}
            onChange={(event) => change({ interval: event.target.value as Interval })}
          >
            {INTERVALS.map((interval) => (
              <option key={interval} value={interval}>
                {interval}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Candles"
            inputMode="numeric"
            help="The newest closed ones."
            value={asked.candles}
            onChange={(event) => change({ candles: event.target.value })}
            error={problem?.field("candles")}
          />
          <TextField
            label="Budget"
            suffix="quote"
            inputMode="decimal"
            value={asked.budget}
            onChange={(event) => change({ budget: event.target.value.replace(",", ".") })}
            error={problem?.field("budget")}
          />
        </div>
        {strategy && (
          <>
            <p className="text-sm text-muted">{strategy.summary}</p>
            <SchemaForm
              schema={strategy.parameters}
              values={values}
              onChange={(next) => change({ strategy: strategy.id, values: next })}
              fieldError={(name) => problem?.field(`parameters.${name}`)}
            />
          </>
        )}
        {problem && problem.errors.every((error) => !error.field.startsWith("body.parameters.")) && (
          <ErrorState error={problem} />
        )}
        <Button type="submit" tone="primary" busy={run.isPending} disabled={!strategy} className="self-start">
          Run backtest
        </Button>
      </form>
    </Card>
  );
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The lab: run a strategy over history, watch the bar, read the result. */
export function BacktestsPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const jobs = useQuery(jobsQuery("backtest"));
  const open = (jobId: string) => void navigate(`/backtests/${jobId}`);
  const columns: Column<Job>[] = [
    {
      key: "what",
      header: "Backtest",
      cell: (job) => (
        <button type="button" className="text-left font-medium hover:underline" onClick={() => open(job.id)}>
          {text(job.request.strategy).replaceAll("_", " ")} on {text(job.request.symbol)}{" "}
          <span className="text-faint">{text(job.request.interval)}</span>
        </button>
      ),
    },
    { key: "state", header: "State", cell: (job) => <JobStateBadge state={job.state} /> },
    {
      key: "candles",
      header: "Candles",
      align: "right",
      cell: (job) => formatNumber(Number(text(job.request.candles)), 0),
    },
    { key: "at", header: "Asked", align: "right", cell: (job) => <Age at={job.created_at} /> },
  ];
  return (
    <Page
      title="Backtests"
      lead="How a strategy would have done on past candles, costs included. In-sample: no promise for tomorrow."
    >
      <div className="grid items-start gap-4 xl:grid-cols-[26rem_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <NewBacktest onQueued={open} />
          <Card flush title="History">
            <QueryView query={jobs}>
              {(list) => (
                <DataTable
                  caption="Backtests"
                  columns={columns}
                  rows={list}
                  rowKey={(job) => job.id}
                  empty={<EmptyState icon="lab" title="No backtest yet." />}
                />
              )}
            </QueryView>
          </Card>
        </div>
        <Card title="Result" className="xl:sticky xl:top-28">
          {id ? (
            <JobView key={id} id={id}>
              {(job) => (job.result?.kind === "backtest" ? <BacktestView result={job.result} /> : null)}
            </JobView>
          ) : (
            <EmptyState icon="lab" title="Run a backtest, or open one from the history." />
          )}
        </Card>
      </div>
    </Page>
  );
}
