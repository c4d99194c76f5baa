// What the frame itself can do from the keyboard.
import { useLocation } from "wouter";
import { useMessages } from "../catalogue/catalogue";
import { useCommand } from "../features/keyboard/commands";
import { placeOf } from "./places";
import type { Panel } from "./use-panel";

export function useShellCommands(panel: Panel, hasConversation: boolean): void {
  const { common, status: t } = useMessages();
  const [, navigate] = useLocation();
  useCommand({ id: "go.settings", keys: ["g s"], label: common.settings, run: () => navigate(placeOf.settings) });
  useCommand({ id: "general.panel", label: t.togglePanel, run: panel.toggle, isEnabled: hasConversation });
}
