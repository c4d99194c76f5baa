// What every row needs to know of its conversation.
import { createContext, use } from "react";
import type { ConversationId, Message, MessageId } from "../../protocol";

export type Scene = {
  id: ConversationId;
  name: string;
  pictureUrl: string | null;
  timezone: string;
  /** Whether I may retry and take back (SE3). */
  mayAct: boolean;
  /** Whether the field is mine to write in. */
  mayWrite: boolean;
  jump: (message: MessageId) => void;
  quote: (message: Message) => void;
};

const SceneContext = createContext<Scene | null>(null);

export const SceneProvider = SceneContext.Provider;

export function useScene(): Scene {
  const scene = use(SceneContext);
  if (!scene) throw new Error("a row needs a thread around it");
  return scene;
}
