// Tells colleagues that one writes, and that one stopped. How often it is told, and that whoever rests has stopped, is the
// realtime layer's matter.
import { useEffect, useMemo } from "react";
import { useDesk } from "../../desk/context";
import type { ConversationId } from "../../protocol";

export type Typing = { wrote(text: string): void; stop(): void };

export function useTyping(id: ConversationId): Typing {
  const desk = useDesk();
  const typing = useMemo(
    () => ({
      wrote: (text: string) => desk.setTyping(id, text !== ""),
      stop: () => desk.setTyping(id, false),
    }),
    [desk, id],
  );
  // Whoever leaves the conversation does not write in it any more.
  useEffect(() => typing.stop, [typing]);
  return typing;
}
