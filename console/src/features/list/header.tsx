// The list's head: its name, how long the longest waits, the way to search and to a new conversation.
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { DeskState } from "../../desk/types";
import type { Session } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { duration } from "../../ui/time";
import { formatKeys, useCommand } from "../keyboard/commands";
import { longestWaiting, useWait } from "./wait";

const SEARCH_KEY = "mod+/";

const NewConversation = lazy(() => import("./new-conversation").then((part) => ({ default: part.NewConversation })));

export function ListHeader() {
  const { common, list: t } = useMessages();
  const desk = useDesk();
  const [, navigate] = useLocation();
  const [isStarting, setStarting] = useState(false);
  const search = () => navigate(placeOf.search(desk.store.getState().list.q));
  useCommand({ id: "search.all", keys: [SEARCH_KEY], label: t.command.search, run: search });
  useCommand({ id: "list.start", label: t.command.start, run: () => setStarting(true) });
  return (
    <header className="bar">
      <h1>{common.conversations}</h1>
      <Longest />
      <IconButton
        className="narrow"
        icon="search"
        label={common.search}
        shortcut={formatKeys(SEARCH_KEY)}
        onClick={search}
      />
      <IconButton icon="compose" label={t.start.title} onClick={() => setStarting(true)} />
      {isStarting && (
        <Suspense fallback={null}>
          <NewConversation onClose={() => setStarting(false)} />
        </Suspense>
      )}
    </header>
  );
}

function Longest() {
  const select = useMemo(selectLongest, []);
  const session = useDeskState(select);
  return session && <LongestWait session={session} />;
}

function LongestWait({ session }: { session: Session }) {
  const t = useMessages().list;
  const { ms, phase } = useWait(session);
  const time = duration(ms);
  return (
    <Link
      href={placeOf.list("waiting")}
      className={`longest${phase === "calm" ? "" : ` is-${phase}`}`}
      aria-label={t.longest(time)}
      title={t.longest(time)}
    >
      <Icon name="clock" size={14} />
      {phase === "over" ? t.over(time) : time}
    </Link>
  );
}

/** Looks through all conversations, so only when one of them changed. */
function selectLongest(): (state: DeskState) => Session | null {
  let seen: DeskState["conversations"] | null = null;
  let seenCount = 0;
  let found: Session | null = null;
  return ({ conversations, counts }) => {
    if (seen !== conversations || seenCount !== counts.waiting) {
      seen = conversations;
      seenCount = counts.waiting;
      found = counts.waiting > 0 ? longestWaiting(conversations, counts.waiting) : null;
    }
    return found;
  };
}
