import { RiskCard } from "@/features/settings/risk-card";
import { PasswordCard, SecondFactorCard, SecurityLogCard, SessionsCard } from "@/features/settings/security";
import { Page } from "@/shared/ui/page";

/** Risk and security of the account. */
export function SettingsPage() {
  return (
    <Page title="Settings">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <RiskCard />
          <PasswordCard />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <SecondFactorCard />
          <SessionsCard />
          <SecurityLogCard />
        </div>
      </div>
    </Page>
  );
}
