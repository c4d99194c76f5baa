// The sessions so far, as far as the messages here tell: the desk has no list of them yet.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { clock, fullTime, shortTime } from "../../ui/time";
import type { SeenSession } from "./known";

type Props = { sessions: readonly SeenSession[]; isPart: boolean };

export function Sessions({ sessions, isPart }: Props) {
  const t = useMessages().customer;
  return (
    <section>
      <h3>{t.sessions}</h3>
      {sessions.length === 0 && <p className="panel-quiet">{t.noSessions}</p>}
      {sessions.length > 0 && (
        <ol className="sess">
          {sessions.map((session) => (
            <Line key={session.id} session={session} />
          ))}
        </ol>
      )}
      {sessions.length > 0 && isPart && <p className="panel-quiet">{t.sessionsPart}</p>}
    </section>
  );
}

function Line({ session }: { session: SeenSession }) {
  const t = useMessages().customer;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  const { from, names } = session;
  const day = shortTime(from, timezone, locale, now);
  const time = clock(from, timezone, locale);
  return (
    <li className={session.isOpen ? "now" : undefined}>
      <time className="d" dateTime={from} title={fullTime(from, timezone, locale)}>
        {day === time ? time : `${day} ${time}`}
      </time>
      <span className="m" lang={langOf(names.join(""))}>
        {names.join(", ")}
      </span>
      <p>
        {session.isOpen ? t.open : t.ended}
        {session.messages > 0 && ` · ${t.messages(session.messages)}`}
      </p>
    </li>
  );
}
