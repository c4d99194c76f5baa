// The keyboard of the whole app, mounted once: the listener, the palette, the help, and Esc.
import { lazy, Suspense, useEffect, useEffectEvent, useState } from "react";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { useToastAct } from "../../ui/toasts";
import { useCommand } from "./commands";
import { isField, listenForKeys } from "./dispatch";

const loadPalette = () => import("./palette");
const Palette = lazy(() => loadPalette().then(({ Palette }) => ({ default: Palette })));
const Help = lazy(() => import("./help").then(({ Help }) => ({ default: Help })));

/** Not needed for the first picture, but there before anybody presses its key. */
const PALETTE_AFTER_MS = 2_000;

/** Below it the list and the thread take turns. */
const NARROW = "(max-width: 767px)";

export function KeyboardRoot() {
  const { common, keyboard: t } = useMessages();
  const [opened, setOpened] = useState<"palette" | "help" | null>(null);
  const goBack = useGoBack();
  const undo = useToastAct();

  const isOpening = useEffectEvent(() => opened !== null);
  useEffect(() => listenForKeys(() => isOpening()), []);
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette().catch(() => {}), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useCommand({ id: "general.palette", keys: ["mod+k"], label: t.openPalette, run: () => setOpened("palette") });
  useCommand({ id: "general.help", keys: ["?"], label: t.openHelp, run: () => setOpened("help") });
  // Toasts stand at the page's end: nobody tabs there before they go.
  useCommand({ id: "general.undo", keys: ["z"], label: common.undo, run: () => undo?.(), isEnabled: undo !== null });
  useCommand({ id: "go.back", keys: ["Escape"], label: t.back, run: goBack, inFields: true });

  const close = () => setOpened(null);
  return (
    <Suspense fallback={null}>
      {opened === "palette" && <Palette isOpen onClose={close} />}
      {opened === "help" && <Help isOpen onClose={close} />}
    </Suspense>
  );
}

/** One step: out of the field, then to the list, unless it is there beside the conversation. Popups close by themselves. */
function useGoBack(): () => void {
  const { store } = useDesk();
  const [place, navigate] = useLocation();
  return () => {
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && isField(focused)) return focused.blur();
    const isBeside = place.startsWith("/c/") && !matchMedia(NARROW).matches;
    const isAway = place.startsWith("/c/") || place === placeOf.settings || place.startsWith("/search");
    if (isAway && !isBeside) navigate(placeOf.list(store.getState().list.status));
    else if (focused instanceof HTMLElement) focused.blur();
  };
}
