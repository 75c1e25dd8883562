import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

function read(): Theme {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

/** The theme in force; charts redraw when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, read);
}

/** Choose a theme and remember it on this device. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}
