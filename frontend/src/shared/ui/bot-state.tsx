import type { Bot } from "@/shared/api/types";
import { Badge, type BadgeTone } from "@/shared/ui/badge";
import type { IconName } from "@/shared/ui/icon";

const LOOKS: Record<Bot["state"], { word: string; tone: BadgeTone; icon: IconName }> = {
  created: { word: "Not started", tone: "neutral", icon: "clock" },
  running: { word: "Running", tone: "up", icon: "play" },
  paused: { word: "Paused", tone: "warn", icon: "pause" },
  draining: { word: "Draining", tone: "accent", icon: "drain" },
  exiting: { word: "Exiting", tone: "accent", icon: "exit" },
  stopped: { word: "Stopped", tone: "neutral", icon: "stop" },
  failed: { word: "Failed", tone: "danger", icon: "alert" },
};

/** A bot's state as word and icon. */
export function BotStateBadge({ state }: { state: Bot["state"] }) {
  const look = LOOKS[state];
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {look.word}
    </Badge>
  );
}
