import { useState } from "react";
import { NavLink } from "react-router";

import { NAV_ITEMS } from "@/app/shell/nav-items";
import { classNames } from "@/shared/lib/class-names";
import { Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";

/** The desk's side navigation. */
export function SideNavigation() {
  return (
    <nav aria-label="Main" className="hidden w-56 shrink-0 border-r border-line bg-surface md:block">
      <div className="sticky top-0 flex max-h-dvh flex-col overflow-y-auto">
        <p className="flex h-14 items-center gap-2.5 px-4 font-semibold tracking-tight">
          <img src="/favicon.svg" alt="" className="size-8" /> CryptoTrade
        </p>
        <ul className="flex flex-col gap-0.5 p-2">
          {NAV_ITEMS.map((item) => (
            <li key={item.to}>
              <NavLink
                to={item.to}
                end={item.to === "/"}
                className={({ isActive }) =>
                  classNames(
                    "flex min-h-10 items-center gap-3 rounded-lg px-3 text-sm font-medium",
                    isActive ? "bg-raised text-ink" : "text-muted hover:bg-raised/60 hover:text-ink",
                  )
                }
              >
                <Icon name={item.icon} /> {item.label}
              </NavLink>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}

/** The phone's bottom bar: four pages and the rest behind More. */
export function BottomNavigation() {
  const [open, setOpen] = useState(false);
  const look =
    "flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-medium";
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-40 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {NAV_ITEMS.filter((item) => item.primary).map((item) => (
        <NavLink
          key={item.to}
          to={item.to}
          end={item.to === "/"}
          className={({ isActive }) => classNames(look, isActive ? "text-accent" : "text-muted")}
        >
          <Icon name={item.icon} /> {item.label}
        </NavLink>
      ))}
      <button
        type="button"
        className={classNames(look, "text-muted")}
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
      >
        <Icon name="menu" /> More
      </button>
      <Dialog open={open} title="More" onClose={() => setOpen(false)}>
        <ul className="grid grid-cols-2 gap-2">
          {NAV_ITEMS.filter((item) => !item.primary).map((item) => (
            <li key={item.to}>
              <NavLink
                to={item.to}
                onClick={() => setOpen(false)}
                className="flex min-h-12 items-center gap-3 rounded-lg border border-line px-3 font-medium hover:bg-raised"
              >
                <Icon name={item.icon} /> {item.label}
              </NavLink>
            </li>
          ))}
        </ul>
      </Dialog>
    </nav>
  );
}
