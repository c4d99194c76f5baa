// Going to a message, loaded or not: by a quote, a hit, or the address (`?m=`).
import { useCallback, useEffect, useRef } from "react";
import { useSearch } from "wouter";
import { readPlace } from "../../app/places";
import { currentMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { ConversationId, MessageId } from "../../protocol";
import { faultDetails } from "../../ui/fault";
import { showToast } from "../../ui/toasts";
import type { Day } from "./rows";

export function useJump(
  id: ConversationId,
  isReady: boolean,
  days: readonly Day[],
  show: (message: MessageId) => boolean,
) {
  const desk = useDesk();
  const target = useRef<MessageId | null>(null);

  const jump = useCallback(
    (message: MessageId) => {
      target.current = null;
      if (show(message)) return;
      target.current = message;
      desk.jumpTo(id, message).then(
        // Where nothing had to be loaded, nothing is rendered anew.
        () => {
          if (target.current === message && show(message)) target.current = null;
        },
        (error: unknown) => {
          if (target.current === message) target.current = null;
          showToast({
            text: currentMessages().thread.jumpFailed,
            kind: "danger",
            details: faultDetails(faultOf(error)),
          });
        },
      );
    },
    [desk, id, show],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the target may be among the new rows
  useEffect(() => {
    if (target.current !== null && show(target.current)) target.current = null;
  }, [days, show]);

  const wanted = useWanted(id);
  const done = useRef<MessageId | null>(null);
  useEffect(() => {
    if (wanted === null) done.current = null;
    if (!isReady || wanted === null || wanted === done.current) return;
    done.current = wanted;
    jump(wanted);
  }, [wanted, isReady, jump]);

  return jump;
}

/** The message that the address names. */
function useWanted(id: ConversationId): MessageId | null {
  const place = readPlace(`/c/${id}`, useSearch());
  return place.kind === "conversation" ? place.message : null;
}
