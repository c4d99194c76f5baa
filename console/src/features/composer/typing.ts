// Tells colleagues that one writes, and that one stopped. How often it is told is the desk's matter.
import { useEffect, useMemo } from "react";
import { useDesk } from "../../desk/context";
import type { Desk } from "../../desk/types";
import type { ConversationId } from "../../protocol";

const IDLE_MS = 5000;

export type Typing = { wrote(text: string): void; stop(): void };

export function useTyping(id: ConversationId): Typing {
  const desk = useDesk();
  const typing = useMemo(() => typingOf(desk, id), [desk, id]);
  // Whoever leaves the conversation does not write in it any more.
  useEffect(() => typing.stop, [typing]);
  return typing;
}

function typingOf(desk: Desk, id: ConversationId): Typing {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isTold = false;
  const stop = (): void => {
    clearTimeout(timer);
    if (!isTold) return;
    isTold = false;
    desk.setTyping(id, false);
  };
  const wrote = (text: string): void => {
    if (text === "") {
      stop();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(stop, IDLE_MS);
    isTold = true;
    desk.setTyping(id, true);
  };
  return { wrote, stop };
}
