// What was found: conversations by name, and messages with the hit marked. Each is a link to its place.
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Message, SearchHit, Summary } from "../../protocol";
import { Avatar } from "../../ui/avatar";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { gist, nameOf } from "../../ui/name";
import { useNow } from "../../ui/now";
import { pictureOf } from "../../ui/picture";
import { fullTime, shortTime } from "../../ui/time";
import { excerpt, Highlight } from "./highlight";

export function NameHit({ summary, q }: { summary: Summary; q: string }) {
  const t = useMessages().common;
  const name = nameOf(summary);
  return (
    <li>
      <Link href={placeOf.conversation(summary.id)} className="hit" data-hit>
        <Face summary={summary} name={name} />
        <span className="hit-body">
          <span className="l1">
            <span className="name">
              <Highlight text={name} q={q} />
            </span>
            {summary.last_message && <HitTime at={summary.last_message.created_at} />}
          </span>
          {summary.last_message && <span className="hit-text">{gist(summary.last_message, t).text}</span>}
        </span>
      </Link>
    </li>
  );
}

export function MessageHit({ hit, q }: { hit: SearchHit; q: string }) {
  const { message, conversation } = hit;
  const t = useMessages();
  const name = nameOf(conversation);
  const who = useDeskState((state) =>
    authorOf(message, state.signIn.kind === "signed_in" ? state.signIn.user.id : null, t.common),
  );
  const { icon } = gist(message, t.common);
  return (
    <li>
      <Link href={placeOf.conversation(conversation.id, message.id)} className="hit" data-hit>
        <Face summary={conversation} name={name} />
        <span className="hit-body">
          <span className="l1">
            <span className="name" lang={langOf(name)}>
              {name}
            </span>
            <HitTime at={message.created_at} />
          </span>
          <span className="hit-text">
            {icon && <Icon name={icon} size={16} />}
            {who && <span className="who">{t.list.saidBy(who)}</span>}
            <Highlight text={excerpt(message.content, q)} q={q} />
          </span>
        </span>
      </Link>
    </li>
  );
}

function Face({ summary, name }: { summary: Summary; name: string }) {
  const isGroup = summary.source_type !== "user";
  return <Avatar name={name} pictureUrl={pictureOf(summary)} isGroup={isGroup} seed={summary.id} />;
}

function HitTime({ at }: { at: string }) {
  const timezone = useDeskState((state) => state.timezone);
  const locale = useLocale();
  const now = useNow(60_000);
  return (
    <time className="when" dateTime={at} title={fullTime(at, timezone, locale)}>
      {shortTime(at, timezone, locale, now)}
    </time>
  );
}

type CommonWords = ReturnType<typeof useMessages>["common"];

/** Null for the customer: their name stands above. */
function authorOf(message: Message, myId: number | null, t: CommonWords): string | null {
  if (message.sender_role === "BOT") return t.bot;
  if (message.sender_role !== "ADMIN") return null;
  return message.operator_id === myId ? t.you : (message.operator_name ?? t.someone);
}
