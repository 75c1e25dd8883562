import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { riskQuery, statusQuery } from "@/shared/api/queries";
import { useStreamState } from "@/shared/api/stream";
import { Icon } from "@/shared/ui/icon";

const MARKET_TEXT = {
  simulated: ["Simulated market", "Prices and fills are made up; no real money moves."],
  replay: ["Replayed market", "Prices are history; no real money moves."],
  live: null,
} as const;

function Banner({ tone, children }: { tone: "warn" | "danger" | "paper"; children: React.ReactNode }) {
  const tones = {
    warn: "border-warn/40 bg-warn/10 text-warn",
    danger: "border-danger/40 bg-danger/10 text-danger",
    paper: "border-paper/30 bg-paper/10 text-paper",
  };
  return (
    <p
      className={`flex items-center justify-center gap-2 border-b px-4 py-1.5 text-center text-xs font-medium ${tones[tone]}`}
    >
      {children}
    </p>
  );
}

/** What holds for the whole page: connection, halt, failures, and whether the market is real. */
export function Banners() {
  const stream = useStreamState();
  const status = useQuery(statusQuery);
  const risk = useQuery(riskQuery);
  const down = status.data?.services.filter((service) => service.state !== "up") ?? [];
  const market = status.data ? MARKET_TEXT[status.data.market] : null;
  return (
    <div role="status">
      {stream === "lost" && (
        <Banner tone="danger">
          <Icon name="alert" className="size-4" /> Connection lost: figures below may be old. Trying again.
        </Banner>
      )}
      {risk.data?.halted && (
        <Banner tone="danger">
          <Icon name="halt" className="size-4" /> Trading is halted: {risk.data.halts[0]?.reason}.{" "}
          <Link to="/settings" className="underline">
            Review
          </Link>
        </Banner>
      )}
      {down.length > 0 && (
        <Banner tone="warn">
          <Icon name="alert" className="size-4" /> {down.map((service) => service.name).join(", ")}{" "}
          {down.length === 1 ? "is" : "are"} not available.{" "}
          <Link to="/status" className="underline">
            Status
          </Link>
        </Banner>
      )}
      {market && (
        <Banner tone="paper">
          <Icon name="flask" className="size-4" /> {market[0]}{" "}
          <span className="hidden font-normal sm:inline">{market[1]}</span>
        </Banner>
      )}
    </div>
  );
}
