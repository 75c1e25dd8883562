import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";

import { api, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { riskQuery } from "@/shared/api/queries";
import type { components } from "@/shared/api/schema";
import { divide, isDecimal, multiply } from "@/shared/lib/decimal";
import { formatQuantity } from "@/shared/lib/format";
import { Badge } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { TextField } from "@/shared/ui/field";
import { Age } from "@/shared/ui/figures";
import { QueryView } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

type RiskState = components["schemas"]["RiskState"];

interface Values {
  max_order_notional: string;
  max_open_orders: string;
  max_orders_per_minute: string;
  price_collar: string;
}

function LimitsForm({ state }: { state: RiskState }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const { limits } = state;
  const form = useForm<Values>({
    values: {
      max_order_notional: limits.max_order_notional ?? "",
      max_open_orders: limits.max_open_orders?.toString() ?? "",
      max_orders_per_minute: limits.max_orders_per_minute?.toString() ?? "",
      price_collar: limits.price_collar ? formatQuantity(multiply(limits.price_collar, "100")) : "",
    },
    resetOptions: { keepDirtyValues: true },
  });
  const save = useMutation({
    mutationFn: (values: Values) =>
      unwrap(
        api.PUT("/api/v1/risk/limits", {
          body: {
            max_order_notional: values.max_order_notional || null,
            max_open_orders: values.max_open_orders ? Number(values.max_open_orders) : null,
            max_orders_per_minute: values.max_orders_per_minute ? Number(values.max_orders_per_minute) : null,
            price_collar:
              values.price_collar && isDecimal(values.price_collar)
                ? divide(values.price_collar, "100")
                : null,
            allowed_symbols: limits.allowed_symbols ?? null,
          },
        }),
      ),
    onSuccess: (saved) => {
      client.setQueryData(riskQuery.queryKey, saved);
      toasts.success("The limits hold from the next order on.");
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  const decimal = (text: string) => text === "" || isDecimal(text) || "Enter a number, such as 500.";
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => void form.handleSubmit((values) => save.mutate(values))(event)}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Largest order"
          suffix="quote"
          inputMode="decimal"
          help="Empty: only the operator's limit."
          error={form.formState.errors.max_order_notional?.message ?? problem?.field("max_order_notional")}
          {...form.register("max_order_notional", { validate: decimal })}
        />
        <TextField
          label="Open orders"
          suffix="orders"
          inputMode="numeric"
          error={problem?.field("max_open_orders")}
          {...form.register("max_open_orders")}
        />
        <TextField
          label="Orders per minute"
          suffix="orders"
          inputMode="numeric"
          error={problem?.field("max_orders_per_minute")}
          {...form.register("max_orders_per_minute")}
        />
        <TextField
          label="Price collar"
          suffix="%"
          inputMode="decimal"
          help="Furthest a limit price may be from the market."
          error={form.formState.errors.price_collar?.message ?? problem?.field("price_collar")}
          {...form.register("price_collar", { validate: decimal })}
        />
      </div>
      {problem && problem.errors.length === 0 && (
        <p role="alert" className="text-sm text-danger">
          {problem.detail}
        </p>
      )}
      <Button type="submit" busy={save.isPending} className="self-start">
        Save limits
      </Button>
    </form>
  );
}

/** Limits checked at the last hop before signing, and the halts in force. */
export function RiskCard() {
  const risk = useQuery(riskQuery);
  return (
    <Card
      title="Risk limits"
      actions={
        risk.data?.halted ? (
          <Badge tone="danger" icon="halt">
            Halted
          </Badge>
        ) : (
          <Badge tone="up" icon="check">
            Trading allowed
          </Badge>
        )
      }
    >
      <QueryView query={risk} rows={4}>
        {(state) => (
          <div className="flex flex-col gap-4">
            <p className="text-sm text-muted">
              Checked for every order, yours and your bots', right before it is signed.
            </p>
            {state.halts.length > 0 && (
              <ul className="flex flex-col gap-1 text-sm">
                {state.halts.map((halt) => (
                  <li key={`${halt.scope}-${halt.target}`} className="text-danger">
                    {halt.scope}: {halt.reason}, <Age at={halt.at} />
                  </li>
                ))}
              </ul>
            )}
            <LimitsForm state={state} />
          </div>
        )}
      </QueryView>
    </Card>
  );
}
