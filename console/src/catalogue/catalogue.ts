// The words on the screen, in the operator's language. English is there from the start; the others load on demand.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { keep, kept } from "../kept";
import { messages as english } from "./en/all";
import { LOCALES, type Locale, type Messages } from "./messages";

const KEY = "linedesk.locale";

const LOADERS: Record<Locale, () => Promise<{ messages: Messages }>> = {
  en: async () => ({ messages: english }),
  th: () => import("./th/all"),
  ja: () => import("./ja/all"),
  "zh-TW": () => import("./zh-TW/all"),
};

const store = createStore<{ locale: Locale; messages: Messages }>(() => ({ locale: "en", messages: english }));

/** The words; `const t = useMessages().list`. */
export const useMessages = (): Messages => useStore(store, (state) => state.messages);
export const useLocale = (): Locale => useStore(store, (state) => state.locale);
/** For code outside of components. */
export const currentMessages = (): Messages => store.getState().messages;

export async function setLocale(locale: Locale): Promise<void> {
  const { messages } = await LOADERS[locale]();
  store.setState({ locale, messages });
  document.documentElement.lang = locale === "zh-TW" ? "zh-Hant" : locale;
  keep(KEY, locale);
}

/** What was chosen before, else what the browser prefers. */
export function preferredLocale(): Locale {
  const wanted = [kept(KEY), ...navigator.languages];
  for (const tag of wanted) {
    const found = LOCALES.find((one) => one === tag) ?? matchLanguage(tag);
    if (found) return found;
  }
  return "en";
}

function matchLanguage(tag: string | null): Locale | undefined {
  const language = tag?.toLowerCase().split("-")[0];
  if (language === "zh") return "zh-TW";
  return LOCALES.find((one) => one === language);
}
