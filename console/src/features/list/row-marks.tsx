// The marks at a row's right: who types, who looks, what is unread, whose it is.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Person } from "../../desk/types";
import type { Summary } from "../../protocol";
import { OperatorMark } from "../../ui/avatar";
import { Icon, type IconName } from "../../ui/icon";

export type Colleagues = readonly Person[] | undefined;

export const namesOf = (people: Colleagues): string => (people ?? []).map((one) => one.name).join(", ");

type MarksProps = { summary: Summary; typing: Colleagues; looking: Colleagues };

export function Marks({ summary, typing, looking }: MarksProps) {
  const { list: t, common } = useMessages();
  const myId = useDeskState((state) => (state.signIn.kind === "signed_in" ? state.signIn.user.id : null));
  const { session, unread_count: unread } = summary;
  return (
    <span className="marks">
      {typing && typing.length > 0 ? (
        <Mark icon="pencil" words={t.typing(namesOf(typing))} />
      ) : (
        looking && looking.length > 0 && <Mark icon="eye" words={t.looking(namesOf(looking))} />
      )}
      {summary.friend_status === "UNFOLLOWED" && <Mark icon="block" words={t.blocked} />}
      {unread > 0 && <span className="count">{unread > 999 ? "999+" : unread}</span>}
      {session?.operator_id != null && (
        <OperatorMark
          id={session.operator_id}
          name={session.operator_name ?? (session.operator_id === myId ? common.you : common.someone)}
        />
      )}
      {!session && <Mark icon="robot" words={t.botAnswers} />}
    </span>
  );
}

function Mark({ icon, words }: { icon: IconName; words: string }) {
  return (
    <span className="mark-of" title={words}>
      <Icon name={icon} size={16} />
    </span>
  );
}
