// One conversation in the list. Memoised, and it takes its own part of the state: an event renders the row it is about.
// What is seen is hidden from screen readers; one sentence says the same in order, each name and text in its language.
import { memo } from "react";
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, Summary } from "../../protocol";
import { Avatar } from "../../ui/avatar";
import { langOf } from "../../ui/language";
import { nameOf } from "../../ui/name";
import { useNow } from "../../ui/now";
import { pictureOf } from "../../ui/picture";
import { fullTime, shortTime } from "../../ui/time";
import { Marks } from "./row-marks";
import { RowWords } from "./row-words";
import { authorOf, snippetOf, troubleOf } from "./snippet";
import { SnippetLine } from "./snippet-line";
import { Tags } from "./tags";
import { isWaiting } from "./wait";
import { WaitBar, WaitClock } from "./wait-marks";

type RowProps = {
  id: ConversationId;
  isCurrent: boolean;
  /** Tab comes here; the arrows go on from here. */
  isStop: boolean;
};

export const Row = memo(function Row({ id, isCurrent, isStop }: RowProps) {
  const t = useMessages();
  const { summary, author, trouble, typing, looking, hasTarget } = useDeskState((state) => {
    const summary = state.conversations.get(id);
    return {
      summary,
      author: summary ? authorOf(state, summary, t.common.you) : null,
      trouble: troubleOf(state, id, summary?.last_message ?? null),
      typing: state.typing.get(id),
      looking: state.looking.get(id),
      hasTarget: state.targetSeconds !== null,
    };
  });
  if (!summary) return null;

  const name = nameOf(summary);
  const last = summary.last_message;
  const snippet = last ? snippetOf(last, author, trouble, t) : null;
  return (
    <Link
      href={placeOf.conversation(id)}
      className={classOf(summary, isCurrent)}
      tabIndex={isStop ? 0 : -1}
      aria-current={isCurrent ? "true" : undefined}
      data-id={id}
    >
      <RowWords summary={summary} name={name} snippet={snippet} typing={typing} looking={looking} />
      <Avatar name={name} pictureUrl={pictureOf(summary)} isGroup={summary.source_type !== "user"} seed={id} />
      <span className="row-body" aria-hidden="true">
        <span className="l1">
          <span className="name" lang={langOf(name)}>
            {name}
          </span>
          <When summary={summary} />
        </span>
        <span className="l2">
          <SnippetLine snippet={snippet} />
          <Marks summary={summary} typing={typing} looking={looking} />
        </span>
        {summary.tags.length > 0 && <Tags tags={summary.tags} />}
        {summary.session && hasBar(summary, hasTarget) && <WaitBar session={summary.session} />}
      </span>
    </Link>
  );
});

function When({ summary }: { summary: Summary }) {
  if (summary.session && isWaiting(summary)) return <WaitClock session={summary.session} />;
  return summary.last_message && <LastTime at={summary.last_message.created_at} />;
}

function LastTime({ at }: { at: string }) {
  const timezone = useDeskState((state) => state.timezone);
  const locale = useLocale();
  const now = useNow(60_000);
  return (
    <time className="when" dateTime={at} title={fullTime(at, timezone, locale)}>
      {shortTime(at, timezone, locale, now)}
    </time>
  );
}

function classOf(summary: Summary, isCurrent: boolean): string {
  const waiting = isWaiting(summary) ? " is-waiting" : "";
  return `row${isCurrent ? " is-current" : ""}${summary.unread_count > 0 ? " is-unread" : ""}${waiting}`;
}

/** What began outside business hours has no target yet. */
const hasBar = (summary: Summary, hasTarget: boolean): boolean =>
  hasTarget && isWaiting(summary) && summary.session?.after_hours === false;

/** How high a row will be, before it was drawn; see list.css. */
export function rowHeight(summary: Summary | undefined, isPhone: boolean, hasTarget: boolean): number {
  if (!summary) return 0;
  return (isPhone ? 64 : 60) + (summary.tags.length > 0 ? 24 : 0) + (hasBar(summary, hasTarget) ? 10 : 0);
}
