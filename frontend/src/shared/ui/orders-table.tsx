import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { api, unwrap } from "@/shared/api/client";
import type { Fill, Order } from "@/shared/api/types";
import { formatQuantity, formatShortDateTime } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { OrderStateBadge, SideWord } from "@/shared/ui/order-state";
import { useToasts } from "@/shared/ui/toast";

const ENDED = new Set<Order["state"]>(["filled", "canceled", "expired", "refused", "not_placed"]);

function CancelButton({ order }: { order: Order }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const cancel = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/orders/{id}", { params: { path: { id: order.id } } })),
    onError: toasts.failure,
    onSettled: () => void client.invalidateQueries({ queryKey: ["orders"] }),
  });
  if (ENDED.has(order.state)) return null;
  return (
    <Button
      size="small"
      tone="ghost"
      busy={cancel.isPending}
      onClick={() => cancel.mutate()}
      aria-label={`Cancel ${order.side} ${order.symbol}`}
    >
      Cancel
    </Button>
  );
}

const ORDER_COLUMNS: Column<Order>[] = [
  {
    key: "what",
    header: "Order",
    cell: (order) => (
      <Link to={`/orders/${order.id}`} className="hover:underline">
        <SideWord side={order.side} /> {order.symbol} <span className="text-faint">{order.type}</span>
      </Link>
    ),
  },
  { key: "state", header: "State", cell: (order) => <OrderStateBadge state={order.state} /> },
  {
    key: "quantity",
    header: "Filled / quantity",
    align: "right",
    wide: true,
    cell: (order) =>
      `${formatQuantity(order.executed_quantity)} / ${order.quantity ? formatQuantity(order.quantity) : "–"}`,
  },
  {
    key: "price",
    header: "Price",
    align: "right",
    cell: (order) => formatQuantity(order.average_price ?? order.price, 6),
  },
  {
    key: "by",
    header: "By",
    cell: (order) =>
      order.bot_id ? (
        <Link to={`/bots/${order.bot_id}`} className="text-accent hover:underline">
          Bot
        </Link>
      ) : (
        "You"
      ),
  },
  { key: "at", header: "Time", align: "right", cell: (order) => formatShortDateTime(order.created_at) },
  { key: "cancel", header: "", align: "right", cell: (order) => <CancelButton order={order} /> },
];

/** Orders, newest first; those still working can be canceled. */
export function OrdersTable({ orders, empty }: { orders: Order[]; empty: ReactNode }) {
  return (
    <DataTable
      caption="Orders"
      columns={ORDER_COLUMNS}
      rows={orders}
      rowKey={(order) => order.id}
      empty={empty}
    />
  );
}

const FILL_COLUMNS: Column<Fill>[] = [
  {
    key: "what",
    header: "Fill",
    cell: (fill) => (
      <>
        <SideWord side={fill.side} /> {fill.symbol}
      </>
    ),
  },
  { key: "quantity", header: "Quantity", align: "right", cell: (fill) => formatQuantity(fill.quantity) },
  { key: "price", header: "Price", align: "right", cell: (fill) => formatQuantity(fill.price, 6) },
  {
    key: "fee",
    header: "Fee",
    align: "right",
    cell: (fill) => `${formatQuantity(fill.commission)} ${fill.commission_asset}`,
  },
  { key: "role", header: "Role", hideOnPhone: true, cell: (fill) => (fill.maker ? "Maker" : "Taker") },
  {
    key: "trade",
    header: "Venue trade",
    hideOnPhone: true,
    cell: (fill) => <span className="font-mono text-xs text-faint">{fill.venue_trade_id}</span>,
  },
  { key: "at", header: "Time", align: "right", cell: (fill) => formatShortDateTime(fill.at) },
];

/** The ledger's fills, newest first. */
export function FillsTable({ fills, empty }: { fills: Fill[]; empty: ReactNode }) {
  return (
    <DataTable caption="Fills" columns={FILL_COLUMNS} rows={fills} rowKey={(fill) => fill.id} empty={empty} />
  );
}
