import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { botQuery } from "@/features/bots/queries";
import { api, unwrap } from "@/shared/api/client";
import { botsQuery } from "@/shared/api/queries";
import type { Bot } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Icon, type IconName } from "@/shared/ui/icon";
import { useToasts } from "@/shared/ui/toast";

type Verb = "start" | "pause" | "drain" | "stop" | "force-exit";

interface VerbLook {
  verb: Verb;
  word: string;
  icon: IconName;
  meaning: string;
  from: readonly Bot["state"][];
  confirm?: string;
}

const VERBS: readonly VerbLook[] = [
  {
    verb: "start",
    word: "Start",
    icon: "play",
    meaning: "Trade from the next closed candle on.",
    from: ["created", "paused", "stopped", "failed"],
  },
  {
    verb: "pause",
    word: "Pause",
    icon: "pause",
    meaning: "No new entries. What is held may still be sold.",
    from: ["running"],
  },
  {
    verb: "drain",
    word: "Drain",
    icon: "drain",
    meaning: "No new entries; stop once the strategy has sold what it holds.",
    from: ["running", "paused"],
  },
  {
    verb: "stop",
    word: "Stop",
    icon: "stop",
    meaning: "Cancel open orders and stop. What is held stays held.",
    from: ["running", "paused", "draining"],
    confirm: "Open orders are canceled and the bot stops. What it holds stays in the account, unmanaged.",
  },
  {
    verb: "force-exit",
    word: "Exit now",
    icon: "exit",
    meaning: "Cancel open orders, sell what the bot holds at market, and stop.",
    from: ["running", "paused", "draining"],
    confirm: "Open orders are canceled, all that the bot holds is sold at market at once, and the bot stops.",
  },
];

function send(id: string, verb: Verb): Promise<Bot> {
  const params = { path: { id } };
  switch (verb) {
    case "start":
      return unwrap(api.POST("/api/v1/bots/{id}/start", { params }));
    case "pause":
      return unwrap(api.POST("/api/v1/bots/{id}/pause", { params }));
    case "drain":
      return unwrap(api.POST("/api/v1/bots/{id}/drain", { params }));
    case "stop":
      return unwrap(api.POST("/api/v1/bots/{id}/stop", { params }));
    case "force-exit":
      return unwrap(api.POST("/api/v1/bots/{id}/force-exit", { params }));
  }
}

/** The verbs that make sense in the bot's state; each says what happens to what it holds. */
export function BotControls({ bot }: { bot: Bot }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<VerbLook | null>(null);
  const command = useMutation({
    mutationFn: (verb: Verb) => send(bot.id, verb),
    onSuccess: (changed) => {
      client.setQueryData(botQuery(bot.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["bots"] });
      void client.invalidateQueries({ queryKey: ["bot-events", bot.id] });
      setAsking(null);
    },
    onError: toasts.failure,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/bots/{id}", { params: { path: { id: bot.id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: botsQuery.queryKey });
      void navigate("/bots");
    },
    onError: toasts.failure,
  });
  return (
    <>
      {VERBS.filter((look) => look.from.includes(bot.state)).map((look) => (
        <Button
          key={look.verb}
          tone={look.verb === "start" ? "primary" : look.verb === "force-exit" ? "danger" : "secondary"}
          title={look.meaning}
          busy={command.isPending && command.variables === look.verb}
          onClick={() => (look.confirm ? setAsking(look) : command.mutate(look.verb))}
        >
          <Icon name={look.icon} className="size-4" /> {look.word}
        </Button>
      ))}
      {(bot.state === "created" || bot.state === "stopped" || bot.state === "failed") && (
        <Button tone="ghost" busy={remove.isPending} onClick={() => remove.mutate()}>
          <Icon name="trash" className="size-4" /> Delete
        </Button>
      )}
      <Dialog
        open={asking !== null}
        title={`${asking?.word ?? ""} ${bot.label}?`}
        onClose={() => setAsking(null)}
      >
        <p className="text-muted">{asking?.confirm}</p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setAsking(null)}>Keep it going</Button>
          <Button
            tone="danger"
            busy={command.isPending}
            onClick={() => asking && command.mutate(asking.verb)}
          >
            {asking?.word}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
