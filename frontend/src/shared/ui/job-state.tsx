import type { Job } from "@/shared/api/types";
import { Badge, type BadgeTone } from "@/shared/ui/badge";
import type { IconName } from "@/shared/ui/icon";

const LOOKS: Record<Job["state"], { word: string; tone: BadgeTone; icon: IconName }> = {
  queued: { word: "Queued", tone: "neutral", icon: "clock" },
  running: { word: "Running", tone: "accent", icon: "play" },
  succeeded: { word: "Done", tone: "up", icon: "check" },
  failed: { word: "Failed", tone: "danger", icon: "alert" },
  cancelled: { word: "Canceled", tone: "neutral", icon: "close" },
};

export function JobStateBadge({ state }: { state: Job["state"] }) {
  const look = LOOKS[state];
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {look.word}
    </Badge>
  );
}
