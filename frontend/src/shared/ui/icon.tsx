const PATHS = {
  dashboard: "M4 13h6V4H4v9Zm0 7h6v-5H4v5Zm10 0h6v-9h-6v9Zm0-16v5h6V4h-6Z",
  markets:
    "M5 19V9m0 0V5m0 4h0M12 19v-4m0-4V5M19 19v-8m0-3V5M3.5 9h3v6h-3zM10.500 11h3v4h-3zM17.500 8h3v6h-3z",
  orders: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  portfolio: "M12 3v9l6.400 6.400M21 12a9 9 0 1 1-9-9 9 9 0 0 1 9 9Z",
  bots: "M12 3v4M6 7h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2Zm3 5v2m6-2v2M2 12v3m20-3v3",
  lab: "M9 3h6M10 3v6L4.500 18.500A1.700 1.700 0 0 0 6 21h12a1.700 1.700 0 0 0 1.500-2.500L14 9V3M7.500 15h9",
  spark:
    "M12 3l1.900 5.100L19 10l-5.100 1.900L12 17l-1.900-5.100L5 10l5.100-1.900L12 3Zm7 12 .9 2.100L22 18l-2.100.9L19 21l-.9-2.100L16 18l2.100-.9L19 15Z",
  key: "M14.500 9.500a4.500 4.500 0 1 0-4 4.470L12 12.500h2v2h2v2h3v-3l-4.800-3.500Zm-6-1.500h.01",
  shield: "M12 3l7 3v5c0 4.500-3 8.300-7 10-4-1.700-7-5.500-7-10V6l7-3Zm-3 9 2.200 2.200L15.500 10",
  status: "M3 12h4l2.500-7 5 14L17 12h4",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 4V2m0 20v-2m8-8h2M2 12h2m13.700-5.700 1.400-1.400M4.900 19.100l1.400-1.400m0-11.400L4.900 4.900m14.200 14.200-1.400-1.400M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z",
  logout: "M15 17l5-5-5-5M20 12H9M12 20H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h7",
  alert:
    "M12 9v4m0 4h.01M10.300 4 2.500 17.500A2 2 0 0 0 4.200 20.500h15.600a2 2 0 0 0 1.700-3L13.700 4a2 2 0 0 0-3.400 0Z",
  check: "M5 12.500l4.500 4.500L19 7.500",
  up: "M6 14l6-6 6 6",
  down: "M6 10l6 6 6-6",
  clock: "M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  play: "M7 5l12 7-12 7V5Z",
  pause: "M8 5v14M16 5v14",
  stop: "M6 6h12v12H6z",
  drain: "M12 3v12m0 0 5-5m-5 5-5-5M4 20h16",
  exit: "M10 4H5a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h5M15 8l4 4-4 4M19 12H9",
  trash: "M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13",
  plus: "M12 5v14M5 12h14",
  flask: "M9 3h6M10 3v6L4.500 18.500A1.700 1.700 0 0 0 6 21h12a1.700 1.700 0 0 0 1.500-2.500L14 9V3",
  halt: "M12 3l6.400 2.600L21 12l-2.600 6.400L12 21l-6.400-2.600L3 12l2.600-6.400L12 3Zm-4 9h8",
  table: "M4 5h16v14H4zM4 10h16M10 5v14",
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon that follows the text's size and colour; decorative unless `label` is given. */
export function Icon({
  name,
  label,
  className = "size-5",
}: {
  name: IconName;
  label?: string;
  className?: string;
}) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`${className} shrink-0`}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
