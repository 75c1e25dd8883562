import { useQueryClient } from "@tanstack/react-query";

import { botsQuery } from "@/shared/api/queries";
import { useChannel } from "@/shared/api/stream";
import type { Bot, Fill, Job, Order } from "@/shared/api/types";
import { useToasts } from "@/shared/ui/toast";

const STATE_WORDS: Partial<Record<Order["state"], string>> = {
  filled: "filled",
  refused: "refused",
  expired: "expired",
  unknown: "unknown: asking the venue what became of it",
};

/** Fold the owner's events into the query cache, and announce those a person waits for. */
export function useOwnerEvents(): void {
  const client = useQueryClient();
  const toasts = useToasts();
  const refresh = (...keys: string[]) => {
    // Pages not in sight are read anew too: opening one must not show what was true before.
    for (const key of keys) void client.invalidateQueries({ queryKey: [key], refetchType: "all" });
  };
  useChannel<Order>("orders", (order) => {
    client.setQueryData(["orders", "one", order.id], order);
    refresh("orders", "accounts");
    const word = STATE_WORDS[order.state];
    if (word && !order.bot_id)
      toasts.success(`${order.side === "buy" ? "Buy" : "Sell"} ${order.symbol}: ${word}.`);
  });
  useChannel<Fill>("fills", () => refresh("fills", "portfolio", "accounts"));
  useChannel<Bot | { bot_id: string }>("bots", (change) => {
    if ("parameters_version" in change) {
      client.setQueryData(["bots", change.id], change);
      client.setQueryData(botsQuery.queryKey, (bots) =>
        bots?.map((bot) => (bot.id === change.id ? change : bot)),
      );
    } else {
      refresh("bot-events");
    }
  });
  useChannel<Job>("jobs", (job) => {
    if (job.state === "running" || job.state === "queued") {
      client.setQueryData<Job>(["jobs", job.id], (known) => ({ ...known, ...job }));
    } else {
      refresh("jobs", "recommendations", "models");
    }
  });
}
