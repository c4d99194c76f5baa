// Above the thread: whose conversation it is, who looks, and what can be done with it.
import { lazy, Suspense, useEffect, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, Summary } from "../../protocol";
import { IconButton } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { nameOf } from "../../ui/name";
import { dismissRefused, useRefused } from "./acts";
import { useKeptFocus } from "./kept-focus";
import { SessionActs } from "./session-acts";
import { SessionLine } from "./session-line";
import "./session.css";

const TransferDialog = lazy(() => import("./transfer-dialog").then((module) => ({ default: module.TransferDialog })));

type ThreadBarProps = { id: ConversationId; onBack?: (() => void) | undefined; onPanel: () => void };

export function ThreadBar({ id, onBack, onPanel }: ThreadBarProps) {
  const { session: t, common } = useMessages();
  const summary = useDeskState((state) => state.conversations.get(id));
  const [transferring, setTransferring] = useState<ConversationId | null>(null);
  return (
    <>
      <header className="bar thread-bar">
        {onBack && <IconButton className="narrow" icon="back" label={common.backToList} onClick={onBack} />}
        <div className="who2">{summary && <Who summary={summary} isAway={transferring !== null} />}</div>
        {summary && <SessionActs summary={summary} onTransfer={() => setTransferring(id)} />}
        <span className="sep" />
        <IconButton icon="panel" label={t.panel} onClick={onPanel} />
      </header>
      <Refusal id={id} />
      {transferring === id && (
        <Suspense fallback={null}>
          <TransferDialog id={id} onClose={() => setTransferring(null)} />
        </Suspense>
      )}
    </>
  );
}

function Who({ summary, isAway }: { summary: Summary; isAway: boolean }) {
  const heading = useKeptFocus(summary, isAway);
  const name = nameOf(summary);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        <span className="who2-name" lang={langOf(name)} title={name}>
          {name}
        </span>
        <Looking id={summary.id} />
      </h2>
      <SessionLine summary={summary} />
    </>
  );
}

function Looking({ id }: { id: ConversationId }) {
  const t = useMessages().session;
  const people = useDeskState((state) => state.looking.get(id));
  if (!people || people.length === 0) return null;
  const names = people.map((one) => one.name).join(", ");
  return (
    <span className="looking hide-sm" title={t.looking(names)}>
      <Icon name="eye" size={16} />
      <span className="looking-names">{names}</span>
    </span>
  );
}

function Refusal({ id }: { id: ConversationId }) {
  const { session: t, common } = useMessages();
  const refused = useRefused(id);
  // Whoever comes back later asks anew.
  useEffect(() => () => dismissRefused(id), [id]);
  if (!refused) return null;
  return (
    <div className="bar-fault">
      <FaultNote fault={refused.fault} lead={t.failed[refused.act]} />
      <IconButton icon="close" size={16} label={common.dismiss} onClick={() => dismissRefused(id)} />
    </div>
  );
}
