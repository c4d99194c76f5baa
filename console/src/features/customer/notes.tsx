// The team's notes; each leads to its place in the conversation.
import { useState } from "react";
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, Message } from "../../protocol";
import { Button } from "../../ui/button";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { fullTime, shortTime } from "../../ui/time";

const FIRST = 5;

/** `count`: of all there were; null while that is not known. */
type Props = { id: ConversationId; notes: readonly Message[]; count: number | null };

export function Notes({ id, notes, count }: Props) {
  const t = useMessages().customer;
  const [isWhole, setWhole] = useState(false);
  const older = (count ?? 0) - notes.length;
  const shown = isWhole ? notes : notes.slice(0, FIRST);
  return (
    <section>
      <h3>{t.notes}</h3>
      {notes.length === 0 && count !== null && <p className="panel-quiet">{t.noNotes}</p>}
      {shown.length > 0 && (
        <ul className="pnotes">
          {shown.map((note) => (
            <Note key={note.id} conversation={id} note={note} />
          ))}
        </ul>
      )}
      {shown.length < notes.length && <Button onClick={() => setWhole(true)}>{t.allNotes(notes.length)}</Button>}
      {isWhole && older > 0 && <p className="panel-quiet">{t.olderNotes(older)}</p>}
    </section>
  );
}

function Note({ conversation, note }: { conversation: ConversationId; note: Message }) {
  const t = useMessages().customer;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  return (
    <li className="pnote">
      <p lang={langOf(note.content)}>{note.content}</p>
      <span className="by">
        {note.operator_name ?? t.someone} ·{" "}
        <time dateTime={note.created_at} title={fullTime(note.created_at, timezone, locale)}>
          {shortTime(note.created_at, timezone, locale, now)}
        </time>
      </span>
      <Link className="link" href={placeOf.conversation(conversation, note.id)}>
        {t.showInThread}
      </Link>
    </li>
  );
}
