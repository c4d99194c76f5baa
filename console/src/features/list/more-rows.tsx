// Rows beyond those that are loaded: fetched as the eye comes near the end.
import { useEffect, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";

export type More = { fault: Fault | null; load: () => void };

/** `isNear`: the end is in sight, or soon will be. */
export function useMoreRows(isNear: boolean): More {
  const desk = useDesk();
  const { hasMore, isReady, loaded, isLive } = useDeskState((state) => ({
    hasMore: state.list.hasMore,
    isReady: state.list.load.kind === "ready",
    loaded: state.list.ids.length,
    isLive: state.connection.kind === "live",
  }));
  const [fault, setFault] = useState<Fault | null>(null);

  // Asks once for each length of the list, and again when the connection is back; a refusal waits for the operator.
  useEffect(() => {
    if (!isNear || !hasMore || !isReady || loaded === 0) return;
    let isOver = false;
    desk.loadMoreRows().then(
      () => !isOver && setFault(null),
      (fault: Fault) => !isOver && isLive && setFault(fault),
    );
    return () => {
      isOver = true;
    };
  }, [desk, isNear, hasMore, isReady, loaded, isLive]);

  const load = () => {
    setFault(null);
    desk.loadMoreRows().catch((fault: Fault) => setFault(fault));
  };
  return { fault: hasMore ? fault : null, load };
}

export function MoreRows({ more }: { more: More }) {
  const { common, list: t } = useMessages();
  if (!more.fault) return null;
  return (
    <FaultNote
      fault={more.fault}
      lead={t.moreFailed}
      action={
        <Button kind="line" onClick={more.load}>
          {common.tryAgain}
        </Button>
      }
    />
  );
}
