// What LINE says of a message that is being made; an answer about other words than those that stand there is dropped.
import { useRef, useState } from "react";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { MessageCheck } from "../../protocol";
import type { Fault, LineMessage } from "../../realtime/types";

export type Check =
  | { kind: "none" }
  | { kind: "asking" }
  | { kind: "done"; check: MessageCheck }
  | { kind: "failed"; fault: Fault };

export function useCheck(text: string): { check: Check; ask: (message: LineMessage) => Promise<void> } {
  const desk = useDesk();
  const [about, setAbout] = useState<{ text: string; check: Check }>({ text, check: { kind: "none" } });
  const newest = useRef(0);
  const ask = async (message: LineMessage) => {
    const turn = ++newest.current;
    setAbout({ text, check: { kind: "asking" } });
    const check = await desk.checkMessage(message).then(
      (answer): Check => ({ kind: "done", check: answer }),
      (error: unknown): Check => ({ kind: "failed", fault: faultOf(error) }),
    );
    if (turn === newest.current) setAbout({ text, check });
  };
  return { check: about.text === text ? about.check : { kind: "none" }, ask };
}
