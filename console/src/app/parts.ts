// Screens and popups that are not needed to begin with. They load when they are first wanted, or before that, once the
// desk is live and the browser idle: whoever goes offline must still be able to open them.
import { lazy } from "react";

const load = {
  conversation: () => import("./conversation"),
  customer: () => import("../features/customer/panel"),
  search: () => import("../features/search/search"),
  settings: () => import("../features/settings/settings"),
  setup: () => import("../features/setup/setup"),
  usage: () => import("../features/usage/usage"),
};

export const Conversation = lazy(() => load.conversation().then((part) => ({ default: part.Conversation })));
export const CustomerPanel = lazy(() => load.customer().then((part) => ({ default: part.CustomerPanel })));
export const Search = lazy(() => load.search().then((part) => ({ default: part.Search })));
export const Usage = lazy(() => load.usage().then((part) => ({ default: part.Usage })));
export const Settings = lazy(() => load.settings().then((part) => ({ default: part.Settings })));

export const Setup = lazy(() => load.setup().then((part) => ({ default: part.Setup })));

const LATER = [
  load.conversation,
  load.customer,
  () => import("../ui/menu-popup"),
  () => import("../ui/popover-popup"),
  () => import("../features/session/transfer-dialog"),
  () => import("../features/keyboard/palette"),
  () => import("../features/keyboard/help"),
  () => import("../features/composer/emoji-grid"),
  () => import("../features/composer/sticker-tray"),
  () => import("../features/composer/place-dialog"),
  () => import("../features/composer/card-dialog"),
  () => import("../features/status/sign-out"),
  () => import("../features/list/new-conversation"),
  load.search,
  load.settings,
  load.usage,
  load.setup,
];

/** One after the other, so that nothing waits behind them. What fails is loaded when it is wanted. */
export async function loadParts(): Promise<void> {
  for (const part of LATER) {
    await idle();
    await part().catch(() => {});
  }
}

/** Safari has no `requestIdleCallback`. */
const idle = (): Promise<void> =>
  new Promise((done) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => done(), { timeout: 2_000 });
    else setTimeout(done, 200);
  });
