import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, unwrap } from "@/shared/api/client";
import { Button, ButtonLink } from "@/shared/ui/button";
import { Card } from "@/shared/ui/card";
import { Segmented } from "@/shared/ui/field";
import { FillsTable, OrdersTable } from "@/shared/ui/orders-table";
import { Page } from "@/shared/ui/page";
import { EmptyState, QueryView } from "@/shared/ui/states";

type View = "working" | "all" | "fills";

const PAGE_SIZE = 50;
const START = (
  <ButtonLink to="/markets" tone="primary">
    Go to markets
  </ButtonLink>
);

function Orders({ working }: { working: boolean }) {
  const orders = useInfiniteQuery({
    queryKey: ["orders", "pages", working],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/v1/orders", {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...(working ? { working } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
  return (
    <QueryView query={orders} rows={6}>
      {({ pages }) => (
        <>
          <OrdersTable
            orders={pages.flatMap((page) => page.items)}
            empty={
              <EmptyState
                icon="orders"
                title={working ? "No order is working now." : "You have not placed an order yet."}
                action={START}
              />
            }
          />
          <More query={orders} />
        </>
      )}
    </QueryView>
  );
}

function Fills() {
  const fills = useInfiniteQuery({
    queryKey: ["fills", "pages"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/v1/fills", {
          params: { query: { limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
  return (
    <QueryView query={fills} rows={6}>
      {({ pages }) => (
        <>
          <FillsTable
            fills={pages.flatMap((page) => page.items)}
            empty={<EmptyState icon="orders" title="Nothing has filled yet." action={START} />}
          />
          <More query={fills} />
        </>
      )}
    </QueryView>
  );
}

function More({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center p-3">
      <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Show older
      </Button>
    </div>
  );
}

/** Every order and every fill of the user. */
export function OrdersPage() {
  const [view, setView] = useState<View>("all");
  return (
    <Page title="Orders" lead="What was asked of the venue, and what the venue's records say became of it.">
      <Card
        flush
        actions={
          <Segmented
            label="Show"
            value={view}
            onChange={setView}
            options={[
              { value: "all", label: "All orders" },
              { value: "working", label: "Working" },
              { value: "fills", label: "Fills" },
            ]}
          />
        }
      >
        {view === "fills" ? <Fills /> : <Orders key={view} working={view === "working"} />}
      </Card>
    </Page>
  );
}
