import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";

import { asProblem } from "@/shared/api/problem";
import { classNames } from "@/shared/lib/class-names";
import { Icon } from "@/shared/ui/icon";

interface Toast {
  id: number;
  tone: "success" | "error";
  text: string;
}

interface Toasts {
  success: (text: string) => void;
  failure: (error: unknown) => void;
}

const Context = createContext<Toasts | null>(null);
const SHOWN_MS = 6000;

/** Short-lived news at the screen's edge, announced politely. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const show = useCallback((tone: Toast["tone"], text: string) => {
    const id = Date.now() + Math.random();
    setToasts((shown) => [...shown.slice(-3), { id, tone, text }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  const value = useMemo<Toasts>(
    () => ({
      success: (text) => show("success", text),
      failure: (error) => {
        const problem = asProblem(error);
        const fields = problem.errors.map((field) => `${field.message} ${field.remedy}`).join(" ");
        show("error", [problem.detail, fields].filter(Boolean).join(" "));
      },
    }),
    [show],
  );
  return (
    <Context value={value}>
      {children}
      <div
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-20 z-50 flex flex-col items-end gap-2 md:bottom-6"
      >
        {toasts.map((toast) => (
          <p
            key={toast.id}
            className={classNames(
              "pointer-events-auto flex max-w-md items-start gap-2 rounded-lg border bg-raised px-4 py-3 text-sm shadow-xl",
              toast.tone === "success" ? "border-up/50" : "border-danger/60",
            )}
          >
            <Icon
              name={toast.tone === "success" ? "check" : "alert"}
              className={toast.tone === "success" ? "size-5 text-up" : "size-5 text-danger"}
            />
            {toast.text}
          </p>
        ))}
      </div>
    </Context>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(Context);
  if (!toasts) throw new Error("useToasts needs a ToastProvider above it");
  return toasts;
}
