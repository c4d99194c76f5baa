// Who else is there: three marks at the foot of the rail, all of them behind a click.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState, useMe } from "../../desk/context";
import { OperatorMark } from "../../ui/avatar";
import { langOf } from "../../ui/language";
import { Popover } from "../../ui/popover";

const SHOWN = 3;

export function Team() {
  const { common, status: t } = useMessages();
  const me = useMe();
  const others = useDeskState(({ presence }) => presence.filter((one) => one.id !== me.id && one.status !== "offline"));
  if (others.length === 0) return null;
  const rest = others.length - SHOWN;
  return (
    <Popover
      side="right"
      align="end"
      className="pop team-pane"
      label={common.team}
      trigger={
        <button type="button" className="team" aria-label={t.team(others.length)} title={t.team(others.length)}>
          {others.slice(0, SHOWN).map((one) => (
            <OperatorMark key={one.id} id={one.id} name={one.name} size={28} status={one.status} />
          ))}
          {rest > 0 && <span className="more">+{rest}</span>}
        </button>
      }
    >
      <h4>{t.team(others.length)}</h4>
      <ul>
        {others.map((one) => (
          <li key={one.id}>
            <OperatorMark id={one.id} name={one.name} size={28} status={one.status} />
            <span className="n" lang={langOf(one.name)}>
              {one.name}
            </span>
            <small>
              {common.status[one.status]} · {common.chats(one.active_chats)}
            </small>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
