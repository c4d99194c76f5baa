// What is new below the fold, and what came while nobody was there.
import { useState } from "react";
import type { Thread } from "../../desk/types";
import type { MessageId, OperatorId } from "../../protocol";
import { useIsShown } from "./attention";
import { countNew, newestId, type UnreadLine, unreadLine } from "./window";

/** How many messages came below what is in sight. */
export function useNewCount(
  thread: Thread | undefined,
  isAtEnd: boolean,
  seen: MessageId,
  unread: MessageId | null,
  me: OperatorId,
) {
  const [known, setKnown] = useState<MessageId | null>(null);
  const messages = thread?.messages ?? [];
  const newest = newestId(messages);
  // Opened with unread ones: those count until they are seen. Opened without: only what comes from now on.
  const start = unread === null ? newest : unread - 1;
  // While the first unread is looked for, nobody is at the end.
  const isSettled = !thread?.isSeeking;
  if (known === null && newest > 0 && isSettled) setKnown(start);
  const isSeen = isAtEnd && isSettled && !thread?.hasAfter && unread === null;
  if (known !== null && newest > known && isSeen) setKnown(newest);
  return isAtEnd ? 0 : countNew(messages, Math.max(known ?? start, seen), me);
}

/** The unread line: as it was at the opening, or above what came since the page was left. */
export function useUnreadLine(thread: Thread | undefined): UnreadLine | null {
  const isShown = useIsShown();
  const [left, setLeft] = useState<MessageId | null>(null);
  const [wasShown, setWasShown] = useState(isShown);
  const [away, setAway] = useState<MessageId | null>(null);
  const newest = newestId(thread?.messages ?? []);
  if (isShown !== wasShown) {
    setWasShown(isShown);
    if (!isShown) setLeft(newest);
    else if (left !== null && newest > left) setAway(left);
  }
  return thread ? unreadLine(thread, away) : null;
}
