import type { ReactNode } from "react";

import { classNames } from "@/shared/lib/class-names";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: "left" | "right";
  /** On a phone the row becomes a card: its first column is the card's title. */
  hideOnPhone?: boolean;
  /** Takes the whole width of the phone's card. */
  wide?: boolean;
}

interface DataTableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
}

/** A table on a desk, a list of cards on a phone; numbers right-aligned with tabular digits. */
export function DataTable<Row>({ caption, columns, rows, rowKey, empty }: DataTableProps<Row>) {
  if (rows.length === 0) return <>{empty}</>;
  const [first, ...others] = columns;
  return (
    <>
      <div className="hidden overflow-x-auto md:block">
        <table className="w-full text-sm">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr className="border-b border-line text-left text-xs text-faint">
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  className={classNames(
                    "px-4 py-2 font-medium whitespace-nowrap",
                    column.align === "right" && "text-right",
                  )}
                >
                  {column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={rowKey(row)} className="border-b border-line/60 last:border-0 hover:bg-raised/50">
                {columns.map((column) => (
                  <td
                    key={column.key}
                    className={classNames(
                      "px-4 py-2.5",
                      column.align === "right" && "tnum text-right whitespace-nowrap",
                    )}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="flex flex-col md:hidden" aria-label={caption}>
        {rows.map((row) => (
          <li key={rowKey(row)} className="border-b border-line/60 px-4 py-3 last:border-0">
            {first && <div className="mb-1 font-medium">{first.cell(row)}</div>}
            <dl className="grid grid-cols-2 gap-x-4 gap-y-1 text-sm">
              {others
                .filter((column) => !column.hideOnPhone)
                .map((column) => (
                  <div
                    key={column.key}
                    className={classNames(
                      "flex min-w-0 items-baseline justify-between gap-2",
                      column.wide && "col-span-2",
                    )}
                  >
                    <dt className="text-xs whitespace-nowrap text-faint">{column.header}</dt>
                    <dd className={classNames("min-w-0 text-right", column.align === "right" && "tnum")}>
                      {column.cell(row)}
                    </dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}
