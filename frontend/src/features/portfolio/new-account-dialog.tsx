import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { accountsQuery } from "@/shared/api/queries";
import { isDecimal, sign } from "@/shared/lib/decimal";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { TextField } from "@/shared/ui/field";
import { useToasts } from "@/shared/ui/toast";

interface Values {
  label: string;
  USDT: string;
  BTC: string;
}

function amount(required: boolean) {
  return (value: string) => {
    if (!value && !required) return true;
    return (isDecimal(value) && sign(value) > 0) || "Enter an amount above 0, such as 10000.";
  };
}

/** Opens a paper account with the balances one wants to practise with. */
export function NewAccountDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const [intention] = useState(newIdempotencyKey);
  const form = useForm<Values>({ defaultValues: { label: "Paper account", USDT: "10000", BTC: "" } });
  const create = useMutation({
    mutationFn: ({ label, USDT, BTC }: Values) =>
      unwrap(
        api.POST("/api/v1/accounts/paper", {
          body: { label, balances: { USDT, ...(BTC ? { BTC } : {}) } },
          params: { header: { "Idempotency-Key": intention } },
        }),
      ),
    onSuccess: (account) => {
      toasts.success(`${account.label} is ready.`);
      void client.invalidateQueries({ queryKey: accountsQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["portfolio"] });
      onClose();
    },
  });
  const problem = create.error ? asProblem(create.error) : null;
  const errors = form.formState.errors;
  return (
    <Dialog open={open} title="Open a paper account" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => void form.handleSubmit((values) => create.mutate(values))(event)}
      >
        <p className="text-sm text-muted">
          Play money on the simulated venue: the same order path, fees and rules as live, no risk.
        </p>
        <TextField
          label="Name"
          error={errors.label?.message ?? problem?.field("label")}
          {...form.register("label", { required: "Give the account a name." })}
        />
        <TextField
          label="Starting balance"
          suffix="USDT"
          inputMode="decimal"
          error={errors.USDT?.message ?? problem?.field("balances.USDT")}
          {...form.register("USDT", { validate: amount(true) })}
        />
        <TextField
          label="And, if you like"
          suffix="BTC"
          inputMode="decimal"
          error={errors.BTC?.message ?? problem?.field("balances.BTC")}
          {...form.register("BTC", { validate: amount(false) })}
        />
        {problem && problem.errors.length === 0 && (
          <p role="alert" className="text-sm text-danger">
            {problem.detail}
          </p>
        )}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={create.isPending}>
            Open account
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
