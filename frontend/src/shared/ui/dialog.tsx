import { useEffect, useId, useRef, type ReactNode } from "react";

import { Icon } from "@/shared/ui/icon";

/** A modal dialog on the browser's own element: focus is trapped, Esc closes, focus returns. */
export function Dialog({
  open,
  title,
  onClose,
  children,
}: {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      className="m-auto w-[min(34rem,calc(100vw-2rem))] rounded-card border border-line bg-surface p-0 text-ink shadow-2xl backdrop:bg-black/60"
    >
      <header className="flex items-center justify-between gap-4 border-b border-line px-4 py-3">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        <button
          type="button"
          onClick={onClose}
          className="rounded-lg p-1.5 text-muted hover:bg-raised"
          aria-label="Close"
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="p-4">{open && children}</div>
    </dialog>
  );
}
