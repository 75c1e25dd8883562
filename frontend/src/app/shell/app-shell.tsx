import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { Navigate, Outlet, useLocation } from "react-router";

import { Banners } from "@/app/shell/banners";
import { Header } from "@/app/shell/header";
import { BottomNavigation, SideNavigation } from "@/app/shell/navigation";
import { useOwnerEvents } from "@/app/shell/use-owner-events";
import { sessionQuery } from "@/shared/api/queries";
import { liveStream } from "@/shared/api/stream";
import { ErrorState, Skeleton } from "@/shared/ui/states";

function SignedIn() {
  const client = useQueryClient();
  useEffect(() => {
    liveStream.onReset = () => void client.invalidateQueries();
    liveStream.onSignedOut = () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    liveStream.open();
    return () => liveStream.close();
  }, [client]);
  useOwnerEvents();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:px-4 focus:py-2"
      >
        Skip to content
      </a>
      <SideNavigation />
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="sticky top-0 z-30 bg-canvas">
          <Header />
          <Banners />
        </div>
        <main id="content" className="min-w-0 flex-1">
          <Suspense fallback={<Skeleton rows={6} className="p-6" />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <BottomNavigation />
    </div>
  );
}

/** The frame of every signed-in page; sends strangers to the sign-in page. */
export function AppShell() {
  const session = useQuery(sessionQuery);
  const location = useLocation();
  if (session.isPending) return <Skeleton rows={6} className="p-6" />;
  if (session.error && session.data === undefined) {
    return (
      <div className="mx-auto max-w-lg p-6 pt-24">
        <ErrorState error={session.error} retry={() => void session.refetch()} />
      </div>
    );
  }
  if (!session.data) {
    const next = `${location.pathname}${location.search}`;
    return (
      <Navigate
        to={{ pathname: "/sign-in", search: next === "/" ? "" : `?next=${encodeURIComponent(next)}` }}
        replace
      />
    );
  }
  return <SignedIn />;
}
