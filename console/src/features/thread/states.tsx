// In place of the rows: while they load, when they could not be loaded, and when there are none.
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { ConversationId } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";

const SHAPES = ["in w60", "in w40", "out w50", "in w70", "out w40", "out w60"];

/** Shown late (by its style): what is there within 200 ms needs no stand-in. */
export function Skeleton() {
  const t = useMessages();
  const isAway = useDeskState(({ connection: { kind } }) => kind === "offline" || kind === "refused");
  if (isAway) return <p className="thread-state is-late">{t.thread.offline}</p>;
  return (
    <div className="skeleton is-late" role="status" aria-label={t.common.loading}>
      {SHAPES.map((shape) => (
        <i key={shape} className={shape} />
      ))}
    </div>
  );
}

export function LoadFailed({ id, fault }: { id: ConversationId; fault: Fault }) {
  const t = useMessages().common;
  const desk = useDesk();
  return (
    <div className="thread-state">
      <FaultNote
        fault={fault}
        action={
          <Button kind="line" onClick={() => desk.open(id)}>
            {t.tryAgain}
          </Button>
        }
      />
    </div>
  );
}

export function Empty() {
  const t = useMessages().thread;
  return <p className="thread-state">{t.empty}</p>;
}
