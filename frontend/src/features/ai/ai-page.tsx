import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { EvidenceView } from "@/features/ai/evidence-view";
import { analysisQuery, recommendationsQuery } from "@/features/ai/queries";
import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { hasEnded, jobsQuery } from "@/shared/api/jobs";
import { marketsQuery } from "@/shared/api/queries";
import type { components } from "@/shared/api/schema";
import { formatCompact, formatNumber, formatPercent, formatShortDateTime } from "@/shared/lib/format";
import { INTERVALS, type Interval } from "@/shared/lib/intervals";
import { Badge } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { SelectField, Segmented } from "@/shared/ui/field";
import { Age, OriginTag, Stat } from "@/shared/ui/figures";
import { JobView } from "@/shared/ui/job-progress";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

type Recommendation = components["schemas"]["Recommendation"];
type Observation = components["schemas"]["Observation"];

const TRAINING_CANDLES = 20_000;
const ACTION = {
  buy: { word: "Buy", tone: "up" },
  sell: { word: "Sell", tone: "down" },
  none: { word: "No recommendation", tone: "neutral" },
} as const;

function observationText(one: Observation, quote: string): string {
  if (one.unit === "text" || one.value === null) return one.text ?? "–";
  if (one.unit === "fraction") return formatPercent(one.value);
  if (one.unit === "bps") return `${formatNumber(one.value, 2)} bps`;
  if (one.unit === "quote") return `${formatCompact(one.value.toFixed(2))} ${quote}`;
  return formatNumber(one.value, 3);
}

function AnalysisCard({ symbol, interval }: { symbol: string; interval: Interval }) {
  const analysis = useQuery(analysisQuery(symbol, interval));
  return (
    <Card title="The market now" actions={analysis.data && <OriginTag origin={analysis.data} />}>
      <QueryView query={analysis} rows={4}>
        {(data) => (
          <dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-3 xl:grid-cols-4">
            {data.observations.map((one) => (
              <div key={one.name} className="min-w-0">
                <dt className="text-xs text-faint">{one.label}</dt>
                <dd className="tnum font-semibold">{observationText(one, symbol.split("-")[1] ?? "")}</dd>
                <dd className="text-xs text-muted">{one.explanation}</dd>
              </div>
            ))}
          </dl>
        )}
      </QueryView>
    </Card>
  );
}

function RecommendationCard({ advice }: { advice: Recommendation }) {
  const action = ACTION[advice.action];
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          <span className={advice.action === "buy" ? "text-up" : advice.action === "sell" ? "text-down" : ""}>
            {action.word}
          </span>
          <Badge tone={advice.evidence.edge ? "up" : "warn"} icon={advice.evidence.edge ? "check" : "alert"}>
            {advice.evidence.edge ? "Edge shown out of sample" : "No edge shown"}
          </Badge>
        </span>
      }
      actions={
        <span className="text-xs text-faint">
          {advice.symbol} {advice.interval} · data {advice.stale ? "stale, " : ""}
          <Age at={advice.data_as_of} /> · until {formatShortDateTime(advice.expires_at)}
        </span>
      }
    >
      {advice.reason !== advice.evidence.reason && <p className="mb-4">{advice.reason}</p>}
      {advice.action !== "none" && (
        <dl className="mb-4 grid grid-cols-2 gap-4 md:grid-cols-6">
          <Stat label="Size" value={formatPercent(advice.size, { places: 0 })} detail="of the budget" />
          <Stat label="Horizon" value={`${advice.horizon ?? "–"} candles`} />
          <Stat label="Probability" value={formatPercent(advice.probability, { places: 1 })} />
          <Stat
            label="Expected"
            value={formatPercent(advice.expected_return, { signed: true })}
            detail="after costs"
          />
          <Stat label="Stop" value={formatNumber(advice.stop, 4)} />
          <Stat label="Target" value={formatNumber(advice.target, 4)} />
        </dl>
      )}
      <EvidenceView evidence={advice.evidence} />
      <p className="mt-3 font-mono text-xs text-faint">model {advice.model_id}</p>
    </Card>
  );
}

/** Analysis, training and advice, each number with its evidence. */
export function AiPage() {
  const client = useQueryClient();
  const toasts = useToasts();
  const markets = useQuery(marketsQuery);
  const [symbol, setSymbol] = useState("BTC-USDT");
  const [interval, setInterval] = useState<Interval>("5m");
  const advice = useQuery(recommendationsQuery(symbol));
  const jobs = useQuery(jobsQuery("training"));
  const running = jobs.data?.find((job) => !hasEnded(job));
  const train = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/trainings", {
          body: {
            symbol,
            interval,
            candles: TRAINING_CANDLES,
            model: "logistic",
            horizon: 12,
            folds: 5,
            seed: 7,
          },
          params: { header: { "Idempotency-Key": newIdempotencyKey() } },
        }),
      ),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["jobs"] }),
    onError: toasts.failure,
  });
  return (
    <Page
      title="AI advice"
      lead="Advice only where a model held up on data it had not seen. Otherwise the page says so."
    >
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-44">
          <SelectField label="Market" value={symbol} onChange={(event) => setSymbol(event.target.value)}>
            {markets.data?.map(({ instrument }) => (
              <option key={instrument.symbol} value={instrument.symbol}>
                {instrument.symbol}
              </option>
            ))}
          </SelectField>
        </div>
        <Segmented
          label="Interval"
          value={interval}
          onChange={setInterval}
          options={INTERVALS.map((value) => ({ value, label: value }))}
        />
        <Button
          tone="primary"
          busy={train.isPending}
          disabled={running !== undefined}
          onClick={() => train.mutate()}
        >
          Train a model on {symbol}
        </Button>
      </div>
      {running && (
        <Card title="Training">
          <JobView key={running.id} id={running.id}>
            {() => null}
          </JobView>
        </Card>
      )}
      <AnalysisCard symbol={symbol} interval={interval} />
      <QueryView query={advice} rows={6}>
        {(items) =>
          items.length === 0 ? (
            <Card>
              <EmptyState icon="spark" title={`No model has been trained on ${symbol} yet.`}>
                Training walks forward through history: fitted on the past, judged on what came after, costs
                included.
              </EmptyState>
            </Card>
          ) : (
            items.slice(0, 3).map((one) => <RecommendationCard key={one.id} advice={one} />)
          )
        }
      </QueryView>
    </Page>
  );
}
