// The sessions so far, newest first.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Session } from "../../protocol";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { clock, fullTime, shortTime } from "../../ui/time";

/** `count`: of all there were; null while that is not known. */
type Props = { sessions: readonly Session[]; count: number | null };

export function Sessions({ sessions, count }: Props) {
  const t = useMessages().customer;
  const older = (count ?? 0) - sessions.length;
  return (
    <section>
      <h3>{t.sessions(Math.max(count ?? 0, sessions.length))}</h3>
      {sessions.length === 0 && count !== null && <p className="panel-quiet">{t.noSessions}</p>}
      {sessions.length > 0 && (
        <ol className="sess">
          {sessions.map((session) => (
            <Line key={session.id} session={session} />
          ))}
        </ol>
      )}
      {older > 0 && <p className="panel-quiet">{t.olderSessions(older)}</p>}
    </section>
  );
}

function Line({ session }: { session: Session }) {
  const t = useMessages().customer;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  const { started_at, status, operator_name, closed_by, transfer_count } = session;
  const day = shortTime(started_at, timezone, locale, now);
  const time = clock(started_at, timezone, locale);
  const isOpen = status !== "CLOSED";
  return (
    <li className={isOpen ? "now" : undefined}>
      <time className="d" dateTime={started_at} title={fullTime(started_at, timezone, locale)}>
        {day === time ? time : `${day} ${time}`}
      </time>
      {operator_name && (
        <span className="m" lang={langOf(operator_name)}>
          {operator_name}
        </span>
      )}
      <p>
        {isOpen ? t.open : t.ended[closed_by ?? "SYSTEM"]}
        {transfer_count > 0 && ` · ${t.transferred(transfer_count)}`}
      </p>
    </li>
  );
}
