// One conversation's messages: history both ways, who said what, how far it came.
import { useCallback, useMemo, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { ConversationId, Message } from "../../protocol";
import { nameOf } from "../../ui/name";
import { pictureOf } from "../../ui/picture";
import { askFocus, setQuote } from "../composer/quote";
import { mayAct, standing } from "../composer/standing";
import { Arrivals } from "./arrivals";
import { useThreadCommands } from "./commands";
import { Days, lineWords } from "./days";
import { Edge } from "./edges";
import { FindBar } from "./find-bar";
import { moveFocus } from "./keys";
import { Pill } from "./pill";
import { buildDays, type Day } from "./rows";
import { type Scene, SceneProvider } from "./scene";
import { Empty, LoadFailed, Skeleton } from "./states";
import { TypingLine } from "./typing-line";
import { useJump } from "./use-jump";
import { useMore } from "./use-more";
import { useNewCount, useUnreadLine } from "./use-new";
import { useOwnSent } from "./use-own-sent";
import { useScroll } from "./use-scroll";
import { useReadMark, useSeen } from "./use-seen";
import { findMessage } from "./window";
import "./thread.css";

export function ThreadView({ id }: { id: ConversationId }) {
  return <OneThread key={id} id={id} />;
}

function OneThread({ id }: { id: ConversationId }) {
  const t = useMessages().thread;
  const desk = useDesk();
  const me = useMe();
  const scroller = useRef<HTMLDivElement>(null);
  const [isFinding, setFinding] = useState(false);
  const beforeFind = useRef<Element | null>(null);
  const thread = useDeskState((state) => state.threads.get(id));
  const summary = useDeskState((state) => state.conversations.get(id));
  const timezone = useDeskState((state) => state.timezone);
  const entries = useDeskState((state) => state.outbox.filter((entry) => entry.conversation_id === id));

  const line = useUnreadLine(thread);
  const unread = line?.at ?? null;
  const messages = thread?.messages ?? NO_MESSAGES;
  const hasAfter = thread?.hasAfter ?? false;
  const isSeeking = thread?.isSeeking ?? false;
  const days = useMemo(
    () =>
      isSeeking
        ? NO_DAYS
        : buildDays({ messages, entries: hasAfter ? [] : entries, timezone, me: me.id, firstUnread: unread }),
    [isSeeking, messages, entries, hasAfter, timezone, me.id, unread],
  );

  const more = useMore(id, thread);
  const scroll = useScroll({ scroller, thread, days, onNearEdge: more.load });
  const jump = useJump(id, thread?.load.kind === "ready", days, scroll.show);
  const seen = useSeen(scroller, days);
  useReadMark(id, seen);
  const newCount = useNewCount(thread, scroll.isAtEnd, seen, unread, me.id);

  const toEnd = useCallback(() => {
    if (hasAfter) void desk.jumpToEnd(id).then(scroll.toEnd, () => undefined);
    else scroll.toEnd();
  }, [desk, id, hasAfter, scroll.toEnd]);
  useOwnSent(entries, toEnd);

  const quote = useCallback((message: Message) => setQuote(id, message.id), [id]);
  const name = summary ? nameOf(summary) : "";
  const pictureUrl = summary ? pictureOf(summary) : null;
  const mine = summary ? mayAct(summary, me) : false;
  const mayWrite = summary ? standing(summary, me).kind === "open" : false;
  const scene: Scene = useMemo(
    () => ({ id, name, pictureUrl, timezone, mayAct: mine, mayWrite, jump, quote }),
    [id, name, pictureUrl, timezone, mine, mayWrite, jump, quote],
  );
  const openFind = () => {
    if (!isFinding) beforeFind.current = document.activeElement;
    setFinding(true);
  };
  const closeFind = () => {
    setFinding(false);
    const before = beforeFind.current;
    const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
    (isThere ? before : scroller.current)?.focus({ preventScroll: true });
  };
  useThreadCommands({
    find: openFind,
    toEnd,
    toUnread: scroll.toUnread,
    hasUnreadLine: unread !== null,
    mayWrite,
    messageOf: (message) => findMessage(messages, message),
    quote,
  });

  const isEmpty = days.length === 0;
  const load = thread?.load ?? LOADING;
  return (
    <SceneProvider value={scene}>
      {isFinding && (
        <FindBar messages={messages} isWhole={!thread?.hasBefore && !hasAfter} onShow={jump} onClose={closeFind} />
      )}
      <div className="thread-body">
        <div
          ref={scroller}
          className="scroll thread-log"
          role="log"
          aria-label={t.messages(name)}
          // The history is not news; `Arrivals` tells what is.
          aria-live="off"
          aria-busy={load.kind === "loading"}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
          tabIndex={0}
          onKeyDown={(event) => moveFocus(event, () => askFocus(id))}
        >
          <div className="thread-rows">
            {load.kind === "failed" && <LoadFailed id={id} fault={load.fault} />}
            {(load.kind === "loading" || isSeeking) && isEmpty && <Skeleton />}
            {load.kind === "ready" && !isSeeking && isEmpty && <Empty />}
            {thread && !isEmpty && load.kind !== "failed" && <Edge {...more.before} />}
            <Days days={days} unread={line && lineWords(line, t)} />
            {thread && !isEmpty && load.kind !== "failed" && <Edge {...more.after} />}
          </div>
        </div>
        <Pill count={newCount} isShown={!scroll.isAtEnd && (newCount > 0 || hasAfter)} onPress={toEnd} />
      </div>
      {thread && load.kind === "ready" && <Arrivals thread={thread} me={me.id} />}
      <TypingLine id={id} />
    </SceneProvider>
  );
}

const NO_MESSAGES: readonly Message[] = [];
const NO_DAYS: readonly Day[] = [];
const LOADING = { kind: "loading" } as const;
