// A row as one sentence for a screen reader. Parts keep their language, which a label could not.
import type { ReactNode } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Summary } from "../../protocol";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { shortTime } from "../../ui/time";
import { type Colleagues, namesOf } from "./row-marks";
import type { Snippet } from "./snippet";
import { isWaiting } from "./wait";
import { WaitWords } from "./wait-marks";

type RowWordsProps = {
  summary: Summary;
  name: string;
  snippet: Snippet | null;
  typing: Colleagues;
  looking: Colleagues;
};

export function RowWords({ summary, name, snippet, typing, looking }: RowWordsProps) {
  const { list: t, common } = useMessages();
  const { session, unread_count: unread, tags, source_type: source } = summary;
  const myId = useDeskState((state) => (state.signIn.kind === "signed_in" ? state.signIn.user.id : null));
  const owner = session?.operator_id === myId ? common.you : session?.operator_name;
  return (
    <span className="sr">
      <span lang={langOf(name)}>{name}</span>
      {source !== "user" && <Part>{common.source[source]}</Part>}
      {session && isWaiting(summary) && (
        <Part>
          <WaitWords session={session} />
        </Part>
      )}
      {unread > 0 && <Part>{common.unread(unread)}</Part>}
      <Part>{snippet ? <Said snippet={snippet} /> : t.noMessages}</Part>
      {!isWaiting(summary) && summary.last_message && (
        <Part>
          <At time={summary.last_message.created_at} />
        </Part>
      )}
      {owner && <Part>{t.ownedBy(owner)}</Part>}
      {!session && <Part>{t.botAnswers}</Part>}
      {summary.friend_status === "UNFOLLOWED" && <Part>{t.blocked}</Part>}
      {typing && typing.length > 0 && <Part>{t.typing(namesOf(typing))}</Part>}
      {looking && looking.length > 0 && <Part>{t.looking(namesOf(looking))}</Part>}
      {tags.length > 0 && <Part>{t.tags(tags.map((tag) => tag.name).join(", "))}</Part>}
    </span>
  );
}

const Part = ({ children }: { children: ReactNode }) => <>, {children}</>;

function Said({ snippet }: { snippet: Snippet }) {
  const t = useMessages().list;
  return (
    <>
      {snippet.who && t.saidBy(snippet.who)}
      <span lang={langOf(snippet.text)}>{snippet.text}</span>
    </>
  );
}

function At({ time }: { time: string }) {
  const timezone = useDeskState((state) => state.timezone);
  return <>{shortTime(time, timezone, useLocale(), useNow(60_000))}</>;
}
