import { useQuery } from "@tanstack/react-query";

import { statusQuery } from "@/shared/api/queries";
import type { components } from "@/shared/api/schema";
import { formatDuration } from "@/shared/lib/format";
import { Badge, type BadgeTone } from "@/shared/ui/badge";
import { Card } from "@/shared/ui/card";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { Age } from "@/shared/ui/figures";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

type Service = components["schemas"]["ServiceStatus"];
type Venue = components["schemas"]["VenueStatus"];

const TONE: Record<string, BadgeTone> = {
  up: "up",
  healthy: "up",
  ok: "up",
  closed: "up",
  not_ready: "warn",
  degraded: "warn",
  half_open: "warn",
  down: "danger",
  open: "danger",
};

function StateBadge({ state }: { state: string }) {
  const tone = TONE[state] ?? "neutral";
  return (
    <Badge tone={tone} icon={tone === "up" ? "check" : "alert"}>
      {state.replaceAll("_", " ")}
    </Badge>
  );
}

const SERVICES: Column<Service>[] = [
  { key: "name", header: "Service", cell: (service) => <span className="font-medium">{service.name}</span> },
  { key: "state", header: "State", cell: (service) => <StateBadge state={service.state} /> },
  {
    key: "reason",
    header: "Reason",
    wide: true,
    cell: (service) => service.reason ?? <span className="text-faint">none</span>,
  },
  { key: "checked", header: "Checked", align: "right", cell: (service) => <Age at={service.checked_at} /> },
];

const VENUES: Column<Venue>[] = [
  {
    key: "venue",
    header: "Venue",
    cell: (venue) => <span className="font-medium capitalize">{venue.venue}</span>,
  },
  { key: "market", header: "Market", cell: (venue) => venue.market },
  { key: "state", header: "State", cell: (venue) => <StateBadge state={venue.state} /> },
  { key: "circuit", header: "Circuit", cell: (venue) => <StateBadge state={venue.circuit} /> },
  { key: "route", header: "Route", cell: (venue) => venue.route },
  {
    key: "age",
    header: "Data age",
    align: "right",
    cell: (venue) => (venue.data_age_ms === null ? "no data" : formatDuration(venue.data_age_ms / 1000)),
  },
];

/** What is up, what is down, and how old the data is. */
export function StatusPage() {
  const status = useQuery(statusQuery);
  return (
    <Page
      title="Status"
      actions={status.data && <StateBadge state={status.data.state} />}
      lead={status.data && `Version ${status.data.version}, ${status.data.market} market.`}
    >
      <QueryView query={status} rows={8}>
        {(data) => (
          <>
            <Card flush title="Services">
              <DataTable
                caption="Services"
                columns={SERVICES}
                rows={data.services}
                rowKey={(service) => service.name}
                empty={<EmptyState title="No service is known." />}
              />
            </Card>
            <Card flush title="Venues">
              <DataTable
                caption="Venues"
                columns={VENUES}
                rows={data.venues}
                rowKey={(venue) => venue.venue}
                empty={<EmptyState icon="alert" title="The bridge does not answer, so no venue is known." />}
              />
            </Card>
          </>
        )}
      </QueryView>
    </Page>
  );
}
