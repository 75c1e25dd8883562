import { useRouteError } from "react-router";

import { Page } from "@/shared/ui/page";
import { ErrorState } from "@/shared/ui/states";

/** A page that broke says so and offers to load anew; the rest of the app stays. */
export function RouteError() {
  const error = useRouteError();
  return (
    <Page title="This page failed">
      <ErrorState error={error} retry={() => location.reload()} />
    </Page>
  );
}
