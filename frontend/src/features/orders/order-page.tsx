import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { orderQuery } from "@/shared/api/orders";
import { formatDateTime, formatQuantity } from "@/shared/lib/format";
import { ModeBadge } from "@/shared/ui/badge";
import { Card } from "@/shared/ui/card";
import { ORDER_STATES, OrderStateBadge, SideWord } from "@/shared/ui/order-state";
import { Page } from "@/shared/ui/page";
import { QueryView } from "@/shared/ui/states";

/** One order's whole life, arrow by arrow. */
export function OrderPage() {
  const { id = "" } = useParams();
  const order = useQuery(orderQuery(id));
  return (
    <Page title="Order">
      <QueryView query={order} rows={6}>
        {(data) => (
          <div className="grid gap-4 lg:grid-cols-2">
            <Card
              title={
                <>
                  <SideWord side={data.side} /> {data.symbol}
                </>
              }
              actions={
                <>
                  <ModeBadge mode={data.mode} />
                  <OrderStateBadge state={data.state} />
                </>
              }
            >
              <p className="mb-3 text-sm text-muted">{data.reason ?? ORDER_STATES[data.state].meaning}</p>
              <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm">
                {(
                  [
                    ["Type", data.time_in_force ? `${data.type}, ${data.time_in_force}` : data.type],
                    [
                      "Quantity",
                      data.quantity
                        ? formatQuantity(data.quantity)
                        : `for ${formatQuantity(data.quote_quantity)} quote`,
                    ],
                    ["Filled", formatQuantity(data.executed_quantity)],
                    ["Limit price", formatQuantity(data.price)],
                    ["Average price", formatQuantity(data.average_price)],
                    ["Venue", data.venue],
                    ["Venue order id", data.venue_order_id ?? "–"],
                    ["Client order id", data.client_order_id],
                    ["Order id", data.id],
                  ] as const
                ).map(([name, value]) => (
                  <div key={name} className="contents">
                    <dt className="text-faint">{name}</dt>
                    <dd className="tnum min-w-0 text-right break-all">{value}</dd>
                  </div>
                ))}
              </dl>
            </Card>
            <Card title="What happened">
              <ol className="flex flex-col gap-3 border-l border-line pl-4">
                {data.history.map((change, index) => (
                  <li key={`${change.state}-${index}`} className="text-sm">
                    <OrderStateBadge state={change.state} />{" "}
                    <span className="text-faint">{formatDateTime(change.at)}</span>
                    {change.reason && <p className="mt-0.5 text-muted">{change.reason}</p>}
                  </li>
                ))}
              </ol>
            </Card>
          </div>
        )}
      </QueryView>
    </Page>
  );
}
