// Light or dark: a choice kept on this device, else what the system says. Put on the root before anything is drawn.
import { useSyncExternalStore } from "react";
import { keep, kept } from "../kept";

const KEY = "linedesk.theme";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
let chosen: Theme = "system";

const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const isDark = chosen === "dark" || (chosen === "system" && prefersDark().matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

/** Once, before the first render. */
export function startTheme(): void {
  chosen = themeOf(kept(KEY));
  apply();
  prefersDark().addEventListener("change", apply);
  // Another tab may have chosen.
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY) return;
    chosen = themeOf(newValue);
    changed();
  });
}

const themeOf = (text: string | null): Theme => THEMES.find((one) => one === text) ?? "system";

export function setTheme(theme: Theme): void {
  chosen = theme;
  keep(KEY, theme);
  changed();
}

function changed(): void {
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => chosen);
