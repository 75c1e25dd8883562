import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, setCsrfToken, unwrap } from "@/shared/api/client";
import { accountsQuery, riskQuery, sessionQuery, statusQuery } from "@/shared/api/queries";
import { liveStream, useStreamState } from "@/shared/api/stream";
import { setTheme, useTheme } from "@/shared/charts/use-theme";
import { formatDuration } from "@/shared/lib/format";
import { ModeBadge } from "@/shared/ui/badge";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { useToasts } from "@/shared/ui/toast";

const DOT = { live: "bg-up", connecting: "bg-warn", lost: "bg-danger", closed: "bg-faint" } as const;
const WORD = { live: "Live", connecting: "Connecting", lost: "Connection lost", closed: "Offline" } as const;

function ConnectionPill() {
  const stream = useStreamState();
  const status = useQuery(statusQuery);
  const venue = status.data?.venues[0];
  const age = venue?.data_age_ms;
  return (
    <span
      className="hidden items-center gap-2 rounded-full border border-line px-2.5 py-1 text-xs text-muted sm:inline-flex"
      title={venue?.reason ?? undefined}
    >
      <span className={`size-2 rounded-full ${DOT[stream]}`} aria-hidden />
      {WORD[stream]}
      {venue && (
        <span className="text-faint">
          · <span className="capitalize">{venue.venue}</span> {venue.state}
          {typeof age === "number" && age > 5000 && `, data ${formatDuration(age / 1000)} old`}
        </span>
      )}
    </span>
  );
}

function HaltControl() {
  const client = useQueryClient();
  const toasts = useToasts();
  const risk = useQuery(riskQuery);
  const [asking, setAsking] = useState(false);
  const refresh = () => void client.invalidateQueries();
  const halt = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/risk/halt", {
          body: { scope: "user", reason: "halted by the user", cancel_open_orders: true },
        }),
      ),
    onSuccess: (state) => {
      toasts.success(`Trading is halted. ${state.canceled_orders} open orders were canceled.`);
      setAsking(false);
      refresh();
    },
    onError: toasts.failure,
  });
  const resume = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/risk/resume", { body: { scope: "user" } })),
    onSuccess: () => {
      toasts.success("Trading may go on. Bots stay as they are.");
      refresh();
    },
    onError: toasts.failure,
  });
  const mine = risk.data?.halts.some((one) => one.scope === "user");
  if (mine) {
    return (
      <Button size="small" tone="primary" busy={resume.isPending} onClick={() => resume.mutate()}>
        Resume
      </Button>
    );
  }
  return (
    <>
      <Button size="small" tone="danger" onClick={() => setAsking(true)} aria-label="Halt all trading">
        <Icon name="halt" className="size-4" /> Halt
      </Button>
      <Dialog open={asking} title="Halt all your trading?" onClose={() => setAsking(false)}>
        <p className="text-muted">
          No new order leaves, from you or from your bots. Open orders are canceled first. Positions stay as
          they are. You can resume at any time.
        </p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep trading</Button>
          <Button tone="danger" busy={halt.isPending} onClick={() => halt.mutate()}>
            Halt and cancel open orders
          </Button>
        </div>
      </Dialog>
    </>
  );
}

/** The bar on top: mode, connection, halt, theme, account. */
export function Header() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const theme = useTheme();
  const toasts = useToasts();
  const session = useQuery(sessionQuery);
  const accounts = useQuery(accountsQuery);
  const live = accounts.data?.some((account) => account.mode === "live") ?? false;
  const leave = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/auth/logout")),
    onSuccess: () => {
      liveStream.close();
      setCsrfToken(null);
      client.clear();
      client.setQueryData(sessionQuery.queryKey, null);
      void navigate("/sign-in", { replace: true });
    },
    onError: toasts.failure,
  });
  return (
    <header className="flex h-14 items-center justify-between gap-3 border-b border-line bg-surface px-4">
      <div className="flex items-center gap-3">
        <img src="/favicon.svg" alt="CryptoTrade" className="size-8 md:hidden" />
        <ModeBadge mode={live ? "live" : "paper"} />
        <ConnectionPill />
      </div>
      <div className="flex items-center gap-1.5">
        <HaltControl />
        <Button
          size="small"
          tone="ghost"
          className="w-9 px-0"
          aria-label={theme === "dark" ? "Use the light theme" : "Use the dark theme"}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </Button>
        <span
          className="hidden max-w-48 truncate text-sm text-muted lg:inline"
          title={session.data?.user.email}
        >
          {session.data?.user.email}
        </span>
        <Button
          size="small"
          tone="ghost"
          busy={leave.isPending}
          onClick={() => leave.mutate()}
          aria-label="Sign out"
        >
          <Icon name="logout" /> <span className="hidden md:inline">Sign out</span>
        </Button>
      </div>
    </header>
  );
}
