import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";

import { NotFound } from "@/app/not-found";
import { AppShell } from "@/app/shell/app-shell";
import { RouteError } from "@/app/route-error";
import { AuthPage } from "@/features/auth/auth-page";

/** A page in a chunk of its own, fetched when first opened. */
function page(path: string, load: () => Promise<ComponentType>): RouteObject {
  return { path, errorElement: <RouteError />, lazy: async () => ({ Component: await load() }) };
}

export const router = createBrowserRouter([
  { path: "/sign-in", element: <AuthPage key="sign-in" kind="sign-in" /> },
  { path: "/register", element: <AuthPage key="register" kind="register" /> },
  {
    path: "/",
    element: <AppShell />,
    HydrateFallback: () => null,
    errorElement: <RouteError />,
    children: [
      page("/", async () => (await import("@/features/dashboard/dashboard-page")).DashboardPage),
      page("markets", async () => (await import("@/features/markets/markets-page")).MarketsPage),
      page("markets/:symbol", async () => (await import("@/features/markets/trade-page")).TradePage),
      page("orders", async () => (await import("@/features/orders/orders-page")).OrdersPage),
      page("orders/:id", async () => (await import("@/features/orders/order-page")).OrderPage),
      page("portfolio", async () => (await import("@/features/portfolio/portfolio-page")).PortfolioPage),
      page("bots", async () => (await import("@/features/bots/bots-page")).BotsPage),
      page("bots/new", async () => (await import("@/features/bots/wizard-page")).WizardPage),
      page("bots/:id", async () => (await import("@/features/bots/bot-page")).BotPage),
      page("backtests", async () => (await import("@/features/backtests/backtests-page")).BacktestsPage),
      page("backtests/:id", async () => (await import("@/features/backtests/backtests-page")).BacktestsPage),
      page("ai", async () => (await import("@/features/ai/ai-page")).AiPage),
      page("keys", async () => (await import("@/features/keys/keys-page")).KeysPage),
      page("settings", async () => (await import("@/features/settings/settings-page")).SettingsPage),
      page("status", async () => (await import("@/features/status/status-page")).StatusPage),
      { path: "*", element: <NotFound /> },
    ],
  },
]);
