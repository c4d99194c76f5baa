// What the frame itself can do from the keyboard.
import { useLocation } from "wouter";
import { useMessages } from "../catalogue/catalogue";
import { useMe } from "../desk/context";
import { isAdmin } from "../features/composer/standing";
import { useCommand } from "../features/keyboard/commands";
import { placeOf } from "./places";
import type { Panel } from "./use-panel";

export function useShellCommands(panel: Panel, hasConversation: boolean): void {
  const { common, setup, status: t, usage } = useMessages();
  const me = useMe();
  const [, navigate] = useLocation();
  useCommand({ id: "go.settings", keys: ["g s"], label: common.settings, run: () => navigate(placeOf.settings) });
  useCommand({
    id: "go.usage",
    keys: ["g u"],
    label: usage.title,
    run: () => navigate(placeOf.usage),
    isEnabled: isAdmin(me),
  });
  useCommand({
    id: "go.setup",
    keys: ["g l"],
    label: setup.title,
    run: () => navigate(placeOf.setup),
    isEnabled: isAdmin(me),
  });
  useCommand({ id: "general.panel", label: t.togglePanel, run: panel.toggle, isEnabled: hasConversation });
}
