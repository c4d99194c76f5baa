// The colleagues one can choose from: presence by shape and word, load by bar and number.
import { useEffect, useRef } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, OperatorEntry, OperatorId } from "../../protocol";
import { OperatorMark } from "../../ui/avatar";
import { langOf } from "../../ui/language";
import { withPresence } from "./teammates";

export const optionId = (id: OperatorId): string => `xfer-${id}`;

type TeammateListProps = {
  id: ConversationId;
  shown: readonly OperatorEntry[];
  currentId: OperatorId | null;
  onChoose: (id: OperatorId) => void;
};

export function TeammateList({ id, shown, currentId, onChoose }: TeammateListProps) {
  const t = useMessages().session;
  const { presence, looking } = useDeskState((state) => ({
    presence: state.presence,
    looking: state.looking.get(id),
  }));
  const now = shown.map((one) => withPresence(one, presence));
  const most = Math.max(1, ...now.map((one) => one.active_chats));
  return (
    // The focus stays in the field above, which names the current option.
    <div className="ops" id="xfer-list" role="listbox" aria-label={t.colleagues} tabIndex={-1}>
      {now.map((one) => (
        <Teammate
          key={one.id}
          operator={one}
          isCurrent={one.id === currentId}
          isLooking={looking?.some((person) => person.id === one.id) ?? false}
          load={one.active_chats / most}
          onChoose={() => onChoose(one.id)}
        />
      ))}
    </div>
  );
}

type TeammateProps = {
  operator: OperatorEntry;
  isCurrent: boolean;
  isLooking: boolean;
  load: number;
  onChoose: () => void;
};

function Teammate({ operator, isCurrent, isLooking, load, onChoose }: TeammateProps) {
  const { session: t, common } = useMessages();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isCurrent) ref.current?.scrollIntoView?.({ block: "nearest" });
  }, [isCurrent]);
  const { id, display_name: name, status, role } = operator;
  const words = status === "offline" ? t.offlineNote : common.status[status];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, which keeps the focus.
    <div
      ref={ref}
      id={optionId(id)}
      className={`teammate${isCurrent ? " on" : ""}${status === "offline" ? " na" : ""}`}
      role="option"
      aria-selected={isCurrent}
      tabIndex={-1}
      onClick={onChoose}
      onMouseDown={(event) => event.preventDefault()}
    >
      <OperatorMark id={id} name={name} size={32} status={status} />
      <span className="who">
        <span className="n" lang={langOf(name)}>
          {name} {role !== "AGENT" && <small>{common.role[role]}</small>}
        </span>
        <span className="st">{isLooking ? `${words} · ${t.lookingNow}` : words}</span>
      </span>
      <span className="load">
        {t.active(operator.active_chats)}
        <svg className="load-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect width={Math.round(load * 100)} height="4" />
        </svg>
      </span>
      <span className="radio" aria-hidden="true" />
    </div>
  );
}
