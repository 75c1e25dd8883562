import type { Order } from "@/shared/api/types";
import { Badge, type BadgeTone } from "@/shared/ui/badge";
import type { IconName } from "@/shared/ui/icon";

interface StateLook {
  word: string;
  tone: BadgeTone;
  icon: IconName;
  meaning: string;
}

export const ORDER_STATES: Record<Order["state"], StateLook> = {
  intent: { word: "Recorded", tone: "neutral", icon: "clock", meaning: "Written down, not sent yet." },
  claimed: { word: "Claimed", tone: "neutral", icon: "clock", meaning: "About to be sent." },
  sending: { word: "Sending", tone: "accent", icon: "clock", meaning: "On its way to the venue." },
  acked: { word: "Accepted", tone: "accent", icon: "check", meaning: "The venue has it." },
  open: { word: "Open", tone: "accent", icon: "clock", meaning: "Resting in the venue's book." },
  partial: {
    word: "Partly filled",
    tone: "accent",
    icon: "clock",
    meaning: "Part is filled, the rest is resting.",
  },
  unknown: {
    word: "Unknown",
    tone: "warn",
    icon: "alert",
    meaning:
      "The venue's answer was lost. It is never sent again: the venue's records are asked until they settle it. Until then its full size counts as used.",
  },
  filled: { word: "Filled", tone: "up", icon: "check", meaning: "Done." },
  canceled: {
    word: "Canceled",
    tone: "neutral",
    icon: "close",
    meaning: "Canceled; what had filled before stays filled.",
  },
  expired: { word: "Expired", tone: "neutral", icon: "clock", meaning: "The venue ended it." },
  refused: { word: "Refused", tone: "danger", icon: "close", meaning: "The venue did not take it." },
  not_placed: {
    word: "Not placed",
    tone: "neutral",
    icon: "close",
    meaning: "Proved never to have reached the venue.",
  },
};

/** An order's state as word, icon and colour, with its meaning on hover. */
export function OrderStateBadge({ state }: { state: Order["state"] }) {
  const look = ORDER_STATES[state];
  return (
    <Badge tone={look.tone} icon={look.icon} title={look.meaning}>
      {look.word}
    </Badge>
  );
}

/** Buy or sell, never by colour alone. */
export function SideWord({ side }: { side: "buy" | "sell" }) {
  return (
    <span className={side === "buy" ? "font-medium text-up" : "font-medium text-down"}>
      {side === "buy" ? "Buy" : "Sell"}
    </span>
  );
}
