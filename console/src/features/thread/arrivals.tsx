// Tells screen readers what arrives, and nothing of what was there before.
import { useEffect, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { Thread } from "../../desk/types";
import type { Message, MessageId } from "../../protocol";
import { langOf } from "../../ui/language";
import { gist } from "../../ui/name";
import { useScene } from "./scene";
import { whoSaid } from "./who";
import { findMessage, firstAfter, newestId } from "./window";

/** So that what was said is not there for ever; a customer may also withdraw it. */
const KEPT_MS = 8000;

export function Arrivals({ thread, me }: { thread: Thread; me: number }) {
  const { common, thread: t } = useMessages();
  const { name } = useScene();
  const news = useNews(thread, me);
  const last = news.at(-1);
  const text =
    news.length === 1 && last
      ? t.arrived(whoSaid(last, false, name, common), gist(last, common).text)
      : news.length > 1
        ? t.arrivedMany(news.length)
        : "";
  return (
    <div className="sr" aria-live="polite" lang={langOf(text)}>
      {text}
    </div>
  );
}

function useNews(thread: Thread, me: number): readonly Message[] {
  const { messages } = thread;
  const newest = useRef<MessageId>(newestId(messages));
  const [ids, setIds] = useState<readonly MessageId[]>([]);

  useEffect(() => {
    const before = newest.current;
    newest.current = newestId(messages);
    // Another window of the history, or the first one: nothing arrived.
    if (before === 0 || thread.hasAfter || !findMessage(messages, before)) return;
    const news = messages.slice(firstAfter(messages, before)).filter((one) => one.operator_id !== me);
    if (news.length > 0) setIds(news.map((one) => one.id));
  }, [messages, thread.hasAfter, me]);

  useEffect(() => {
    if (ids.length === 0) return;
    const timer = setTimeout(() => setIds([]), KEPT_MS);
    return () => clearTimeout(timer);
  }, [ids]);

  return ids.map((id) => findMessage(messages, id)).filter((message) => message !== undefined);
}
