import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { api, newIdempotencyKey, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import type { components } from "@/shared/api/schema";
import { formatDateTime } from "@/shared/lib/format";
import { Badge, type BadgeTone } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { Dialog } from "@/shared/ui/dialog";
import { TextField } from "@/shared/ui/field";
import { Age } from "@/shared/ui/figures";
import { Icon } from "@/shared/ui/icon";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

type Key = components["schemas"]["Key"];

const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async () => (await unwrap(api.GET("/api/v1/keys"))).items,
});

const auditQuery = (id: string) =>
  queryOptions({
    queryKey: ["keys", id, "audit"],
    queryFn: async () =>
      (await unwrap(api.GET("/api/v1/keys/{id}/audit", { params: { path: { id } } }))).items,
  });

const STATE_TONE: Record<Key["state"], BadgeTone> = {
  pending: "neutral",
  unverified: "warn",
  verified: "up",
  refused: "danger",
};

function Permissions({ permissions }: { permissions: NonNullable<Key["permissions"]> }) {
  return (
    <div className="flex flex-wrap gap-1.5">
      <Badge tone={permissions.can_read ? "up" : "neutral"}>
        {permissions.can_read ? "May read" : "May not read"}
      </Badge>
      <Badge tone={permissions.can_trade ? "up" : "neutral"}>
        {permissions.can_trade ? "May trade" : "May not trade"}
      </Badge>
      <Badge
        tone={permissions.can_withdraw ? "danger" : "up"}
        icon={permissions.can_withdraw ? "alert" : "check"}
      >
        {permissions.can_withdraw ? "May withdraw" : "May not withdraw"}
      </Badge>
      <Badge tone={permissions.ip_restricted ? "up" : "warn"}>
        {permissions.ip_restricted ? "Bound to addresses" : "Any address may use it"}
      </Badge>
    </div>
  );
}

interface KeyForm {
  label: string;
  api_key: string;
  api_secret: string;
}

function AddKeyDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const form = useForm<KeyForm>({ defaultValues: { label: "", api_key: "", api_secret: "" } });
  const add = useMutation({
    mutationFn: (values: KeyForm) =>
      unwrap(
        api.POST("/api/v1/keys", {
          body: { venue: "binance", ...values },
          params: { header: { "Idempotency-Key": newIdempotencyKey() } },
        }),
      ),
    onSuccess: (key) => {
      toasts.success(`${key.label} is sealed. Its secret can never be read back.`);
      form.reset();
      onClose();
    },
    onSettled: () => void client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const problem = add.error ? asProblem(add.error) : null;
  const errors = form.formState.errors;
  return (
    <Dialog open={open} title="Add an exchange key" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        autoComplete="off"
        onSubmit={(event) => void form.handleSubmit((values) => add.mutate(values))(event)}
      >
        <p className="text-sm text-muted">
          Make the key at the exchange with trading allowed and <strong>withdrawals off</strong>. A key that
          may withdraw is refused.
        </p>
        <TextField
          label="Name"
          error={errors.label?.message ?? problem?.field("label")}
          {...form.register("label", { required: "Give the key a name." })}
        />
        <TextField
          label="API key"
          autoComplete="off"
          spellCheck={false}
          error={errors.api_key?.message ?? problem?.field("api_key")}
          {...form.register("api_key", { required: "Paste the API key." })}
        />
        <TextField
          label="API secret"
          type="password"
          autoComplete="off"
          help="Encrypted in the vault at once. No page and no answer ever shows it again."
          error={errors.api_secret?.message ?? problem?.field("api_secret")}
          {...form.register("api_secret", { required: "Paste the API secret." })}
        />
        {problem && problem.errors.length === 0 && (
          <p role="alert" className="text-sm text-danger">
            {problem.detail}
          </p>
        )}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={add.isPending}>
            Seal the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Audit({ id }: { id: string }) {
  const audit = useQuery(auditQuery(id));
  return (
    <QueryView query={audit}>
      {(items) => (
        <ol className="flex max-h-80 flex-col gap-2 overflow-auto text-sm">
          {items.map((entry) => (
            <li key={entry.hash}>
              <span className="font-medium">{entry.event.replaceAll("_", " ")}</span>{" "}
              <span className="text-faint">
                by {entry.caller}, {formatDateTime(entry.at)}
              </span>
              <p className="text-muted">{entry.detail}</p>
            </li>
          ))}
        </ol>
      )}
    </QueryView>
  );
}

function KeyCard({ entry }: { entry: Key }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const [dialog, setDialog] = useState<"audit" | "delete" | null>(null);
  const refresh = () => void client.invalidateQueries({ queryKey: keysQuery.queryKey });
  const verify = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/keys/{id}/verify", { params: { path: { id: entry.id } } })),
    onSuccess: (key) =>
      key.state === "verified"
        ? toasts.success(`${key.label} works.`)
        : toasts.failure(new Error(key.state_reason ?? "The venue did not accept the key.")),
    onError: toasts.failure,
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/keys/{id}", { params: { path: { id: entry.id } } })),
    onSuccess: () => {
      toasts.success(`${entry.label} is deleted. Delete it at the exchange too.`);
      setDialog(null);
      refresh();
    },
    onError: toasts.failure,
  });
  return (
    <Card title={entry.label} actions={<Badge tone={STATE_TONE[entry.state]}>{entry.state}</Badge>}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm">
        <dt className="text-faint">Venue</dt>
        <dd className="text-right capitalize">{entry.venue}</dd>
        <dt className="text-faint">API key</dt>
        <dd className="text-right font-mono">••••{entry.api_key_hint}</dd>
        <dt className="text-faint">Added</dt>
        <dd className="text-right">
          <Age at={entry.created_at} />
        </dd>
        <dt className="text-faint">Verified</dt>
        <dd className="text-right">{entry.verified_at ? <Age at={entry.verified_at} /> : "never"}</dd>
        <dt className="text-faint">Last used</dt>
        <dd className="text-right">{entry.last_used_at ? <Age at={entry.last_used_at} /> : "never"}</dd>
      </dl>
      {entry.state_reason && <p className="mt-3 text-sm text-warn">{entry.state_reason}</p>}
      {entry.permissions && (
        <div className="mt-3">
          <Permissions permissions={entry.permissions} />
        </div>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button size="small" busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify with the venue
        </Button>
        <Button size="small" tone="ghost" onClick={() => setDialog("audit")}>
          Audit trail
        </Button>
        <Button size="small" tone="danger" onClick={() => setDialog("delete")}>
          Delete
        </Button>
      </div>
      <Dialog
        open={dialog === "audit"}
        title={`Audit trail of ${entry.label}`}
        onClose={() => setDialog(null)}
      >
        <Audit id={entry.id} />
      </Dialog>
      <Dialog open={dialog === "delete"} title={`Delete ${entry.label}?`} onClose={() => setDialog(null)}>
        <p className="text-muted">The sealed secret is destroyed. What used this key can no longer trade.</p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setDialog(null)}>Keep it</Button>
          <Button tone="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete the key
          </Button>
        </div>
      </Dialog>
    </Card>
  );
}

/** Exchange keys: sealed on arrival, verified with the venue, never shown again. */
export function KeysPage() {
  const keys = useQuery(keysQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button tone="primary" onClick={() => setAdding(true)}>
      <Icon name="plus" /> Add a key
    </Button>
  );
  return (
    <Page title="API keys" lead="Sealed on arrival, used only to sign, never shown again." actions={add}>
      <AddKeyDialog open={adding} onClose={() => setAdding(false)} />
      <QueryView query={keys}>
        {(list) =>
          list.length === 0 ? (
            <Card>
              <EmptyState icon="key" title="No exchange key yet." action={add}>
                Paper trading needs none. A key added here is sealed and checked with the venue; live trading
                is not part of this version yet.
              </EmptyState>
            </Card>
          ) : (
            <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
              {list.map((key) => (
                <KeyCard key={key.id} entry={key} />
              ))}
            </div>
          )
        }
      </QueryView>
    </Page>
  );
}
