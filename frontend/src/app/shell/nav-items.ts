import type { IconName } from "@/shared/ui/icon";

interface NavItem {
  to: string;
  label: string;
  icon: IconName;
  /** Shown in the phone's bottom bar; the rest sits behind More. */
  primary: boolean;
}

export const NAV_ITEMS: readonly NavItem[] = [
  { to: "/", label: "Dashboard", icon: "dashboard", primary: true },
  { to: "/markets", label: "Markets", icon: "markets", primary: true },
  { to: "/bots", label: "Bots", icon: "bots", primary: true },
  { to: "/orders", label: "Orders", icon: "orders", primary: true },
  { to: "/portfolio", label: "Portfolio", icon: "portfolio", primary: false },
  { to: "/backtests", label: "Backtests", icon: "lab", primary: false },
  { to: "/ai", label: "AI advice", icon: "spark", primary: false },
  { to: "/keys", label: "API keys", icon: "key", primary: false },
  { to: "/settings", label: "Settings", icon: "shield", primary: false },
  { to: "/status", label: "Status", icon: "status", primary: false },
];
