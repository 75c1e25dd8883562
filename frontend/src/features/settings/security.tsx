import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { securityLogQuery, sessionsQuery } from "@/features/settings/queries";
import { api, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { sessionQuery } from "@/shared/api/queries";
import { formatShortDateTime } from "@/shared/lib/format";
import { Badge } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { TextField } from "@/shared/ui/field";
import { Age } from "@/shared/ui/figures";
import { EmptyState, QueryView } from "@/shared/ui/states";
import { useToasts } from "@/shared/ui/toast";

/** Where the user is signed in; each can be ended. */
export function SessionsCard() {
  const client = useQueryClient();
  const toasts = useToasts();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string) =>
      unwrap(api.DELETE("/api/v1/auth/sessions/{id}", { params: { path: { id } } })),
    onError: toasts.failure,
    onSettled: () => void client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <Card title="Where you are signed in">
      <QueryView query={sessions}>
        {(items) => (
          <ul className="flex flex-col gap-3">
            {items.map((one) => (
              <li key={one.id} className="flex items-center justify-between gap-4 text-sm">
                <span className="min-w-0">
                  <span className="block truncate" title={one.user_agent}>
                    {one.user_agent || "Unknown device"}
                  </span>
                  <span className="text-faint">
                    seen <Age at={one.last_seen_at} />
                  </span>
                </span>
                {one.current ? (
                  <Badge tone="up">This device</Badge>
                ) : (
                  <Button
                    size="small"
                    busy={end.isPending && end.variables === one.id}
                    onClick={() => end.mutate(one.id)}
                  >
                    End
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Card>
  );
}

/** A new password; other sessions end. */
export function PasswordCard() {
  const client = useQueryClient();
  const toasts = useToasts();
  const form = useForm({ defaultValues: { current_password: "", new_password: "" } });
  const change = useMutation({
    mutationFn: (body: { current_password: string; new_password: string }) =>
      unwrap(api.POST("/api/v1/auth/password", { body })),
    onSuccess: () => {
      form.reset();
      toasts.success("The password is changed. Every other session was ended.");
      void client.invalidateQueries();
    },
  });
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <Card title="Password">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => void form.handleSubmit((values) => change.mutate(values))(event)}
      >
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          error={problem?.field("current_password")}
          {...form.register("current_password", { required: true })}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          help="At least 12 characters."
          error={form.formState.errors.new_password && "Use at least 12 characters."}
          {...form.register("new_password", { required: true, minLength: 12 })}
        />
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {[problem.detail, ...problem.errors.map((error) => `${error.message} ${error.remedy}`)].join(" ")}
          </p>
        )}
        <Button type="submit" busy={change.isPending} className="self-start">
          Change password
        </Button>
      </form>
    </Card>
  );
}

/** The second factor: enrol, confirm, keep the recovery codes, switch off. */
export function SecondFactorCard() {
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const [code, setCode] = useState("");
  const enabled = session.data?.user.totp_enabled ?? false;
  const refresh = () => {
    setCode("");
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const enrol = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/auth/totp/enrol")) });
  const confirm = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/auth/totp/confirm", { body: { code } })),
    onSuccess: refresh,
  });
  const disable = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/auth/totp/disable", { body: { code } })),
    onSuccess: refresh,
  });
  const failure = enrol.error ?? confirm.error ?? disable.error;
  return (
    <Card
      title="Second factor"
      actions={
        <Badge tone={enabled ? "up" : "warn"} icon={enabled ? "check" : "alert"}>
          {enabled ? "On" : "Off"}
        </Badge>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {confirm.data ? (
          <>
            <p>
              Keep these recovery codes somewhere safe. Each opens the account once, and they are shown only
              now.
            </p>
            <ul className="grid grid-cols-2 gap-1 rounded-lg bg-canvas p-3 font-mono">
              {confirm.data.codes.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </>
        ) : enrol.data && !enabled ? (
          <>
            <p>Enter this secret in your authenticator app, then the six digits it shows.</p>
            <p className="rounded-lg bg-canvas p-3 font-mono break-all select-all">{enrol.data.secret}</p>
            <TextField
              label="Six-digit code"
              inputMode="numeric"
              maxLength={6}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
            <Button
              tone="primary"
              className="self-start"
              disabled={code.length !== 6}
              busy={confirm.isPending}
              onClick={() => confirm.mutate()}
            >
              Confirm
            </Button>
          </>
        ) : enabled ? (
          <>
            <p className="text-muted">Signing in asks for a code. To switch it off, enter one now.</p>
            <TextField
              label="Six-digit code"
              inputMode="numeric"
              maxLength={6}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
            <Button
              className="self-start"
              disabled={code.length !== 6}
              busy={disable.isPending}
              onClick={() => disable.mutate()}
            >
              Switch off
            </Button>
          </>
        ) : (
          <>
            <p className="text-muted">
              A code from an authenticator app at every sign-in. A stolen password alone then opens nothing.
            </p>
            <Button
              tone="primary"
              className="self-start"
              busy={enrol.isPending}
              onClick={() => enrol.mutate()}
            >
              Set up
            </Button>
          </>
        )}
        {failure && (
          <p role="alert" className="text-danger">
            {asProblem(failure).detail}
          </p>
        )}
      </div>
    </Card>
  );
}

/** What happened to the account. */
export function SecurityLogCard() {
  const log = useQuery(securityLogQuery);
  return (
    <Card title="Security log">
      <QueryView query={log}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState title="Nothing yet." />
          ) : (
            <ol className="flex max-h-72 flex-col gap-2 overflow-auto text-sm">
              {items.map((entry, index) => (
                <li key={`${entry.at}-${index}`} className="flex justify-between gap-4">
                  <span>
                    {entry.event.replaceAll("_", " ")} <span className="text-muted">{entry.detail}</span>
                  </span>
                  <span className="whitespace-nowrap text-faint">{formatShortDateTime(entry.at)}</span>
                </li>
              ))}
            </ol>
          )
        }
      </QueryView>
    </Card>
  );
}
