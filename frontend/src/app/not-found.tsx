import { ButtonLink } from "@/shared/ui/button";
import { Page } from "@/shared/ui/page";
import { EmptyState } from "@/shared/ui/states";

export function NotFound() {
  return (
    <Page title="Page not found">
      <EmptyState
        icon="alert"
        title="There is nothing at this address."
        action={
          <ButtonLink to="/" tone="primary">
            Go to the dashboard
          </ButtonLink>
        }
      />
    </Page>
  );
}
