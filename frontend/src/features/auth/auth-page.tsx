import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useForm } from "react-hook-form";
import { Link, useNavigate, useSearchParams } from "react-router";

import { api, setCsrfToken, unwrap } from "@/shared/api/client";
import { asProblem } from "@/shared/api/problem";
import { sessionQuery } from "@/shared/api/queries";
import { Button } from "@/shared/ui/button";
import { TextField } from "@/shared/ui/field";
import { Icon } from "@/shared/ui/icon";

interface Credentials {
  email: string;
  password: string;
  totp: string;
}

const PROMISES = [
  ["flask", "Paper first", "You trade with play money. No order reaches a real venue."],
  [
    "shield",
    "Keys stay sealed",
    "Exchange secrets are encrypted in a vault that signs and never shows them again.",
  ],
  ["clock", "Every figure has an age", "Prices say which venue spoke and when. Stale data stops decisions."],
] as const;

/** Only a path of this site may be returned to after signing in. */
function safeReturn(target: string | null): string {
  return target?.startsWith("/") && !target.startsWith("//") ? target : "/";
}

/** Sign in, or make an account. */
export function AuthPage({ kind }: { kind: "sign-in" | "register" }) {
  const registering = kind === "register";
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const form = useForm<Credentials>({ defaultValues: { email: "", password: "", totp: "" } });

  useEffect(() => {
    document.title = `${registering ? "Create account" : "Sign in"} · CryptoTrade`;
  }, [registering]);

  const enter = useMutation({
    mutationFn: ({ email, password, totp }: Credentials) =>
      registering
        ? unwrap(api.POST("/api/v1/auth/register", { body: { email, password } }))
        : unwrap(api.POST("/api/v1/auth/login", { body: { email, password, ...(totp ? { totp } : {}) } })),
    onSuccess: (session) => {
      client.clear();
      setCsrfToken(session.csrf_token);
      client.setQueryData(sessionQuery.queryKey, session);
      void navigate(safeReturn(search.get("next")), { replace: true });
    },
  });
  const problem = enter.error ? asProblem(enter.error) : null;
  const needsCode = problem?.code === "totp_required" || problem?.code === "totp_invalid";

  return (
    <div className="grid min-h-dvh lg:grid-cols-[1.1fr_1fr]">
      <aside className="relative hidden flex-col justify-between overflow-hidden border-r border-line bg-surface p-12 lg:flex">
        <p className="flex items-center gap-3 text-lg font-semibold">
          <img src="/favicon.svg" alt="" className="size-9" /> CryptoTrade
        </p>
        <div className="max-w-md">
          <p className="text-4xl leading-tight font-semibold tracking-tight">
            Trade by hand and with bots, on your own machine.
          </p>
          <ul className="mt-10 flex flex-col gap-6">
            {PROMISES.map(([icon, title, text]) => (
              <li key={title} className="flex gap-4">
                <span className="mt-0.5 h-fit rounded-lg bg-raised p-2 text-accent">
                  <Icon name={icon} />
                </span>
                <div>
                  <p className="font-medium">{title}</p>
                  <p className="text-sm text-muted">{text}</p>
                </div>
              </li>
            ))}
          </ul>
        </div>
        <p className="text-sm text-faint">Self-hosted. Your data stays in your database.</p>
      </aside>
      <main className="flex items-center justify-center p-6">
        <form
          className="flex w-full max-w-sm flex-col gap-4"
          noValidate
          onSubmit={(event) => void form.handleSubmit((values) => enter.mutate(values))(event)}
        >
          <p className="flex items-center gap-2 text-lg font-semibold lg:hidden">
            <img src="/favicon.svg" alt="" className="size-8" /> CryptoTrade
          </p>
          <h1 className="text-2xl font-semibold tracking-tight">
            {registering ? "Create your account" : "Sign in"}
          </h1>
          <TextField
            label="E-mail"
            type="email"
            autoComplete="username"
            error={form.formState.errors.email?.message ?? problem?.field("email")}
            {...form.register("email", { required: "Enter your e-mail address." })}
          />
          <TextField
            label="Password"
            type="password"
            autoComplete={registering ? "new-password" : "current-password"}
            help={registering ? "At least 12 characters. A few random words work well." : undefined}
            error={form.formState.errors.password?.message ?? problem?.field("password")}
            {...form.register("password", {
              required: "Enter your password.",
              ...(registering ? { minLength: { value: 12, message: "Use at least 12 characters." } } : {}),
            })}
          />
          {needsCode && (
            <TextField
              label="Six-digit code"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={6}
              help="From your authenticator app."
              {...form.register("totp")}
            />
          )}
          {problem && problem.errors.length === 0 && (
            <p
              role="alert"
              className="rounded-lg border border-danger/40 bg-danger/5 px-3 py-2 text-sm text-danger"
            >
              {problem.detail}
            </p>
          )}
          <Button type="submit" tone="primary" busy={enter.isPending}>
            {registering ? "Create account" : "Sign in"}
          </Button>
          <p className="text-sm text-muted">
            {registering ? "Already have an account? " : "New here? "}
            <Link
              className="font-medium text-accent hover:underline"
              to={{ pathname: registering ? "/sign-in" : "/register", search: search.toString() }}
            >
              {registering ? "Sign in" : "Create an account"}
            </Link>
          </p>
        </form>
      </main>
    </div>
  );
}
