// Loading at both edges. What failed waits for the operator: an edge in sight would ask without end.
import { useCallback, useRef, useState } from "react";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Thread } from "../../desk/types";
import type { ConversationId } from "../../protocol";
import type { Fault } from "../../realtime/types";

type EdgeName = "before" | "after";

export function useMore(id: ConversationId, thread: Thread | undefined) {
  const desk = useDesk();
  const [faults, setFaults] = useState<Record<EdgeName, Fault | null>>({ before: null, after: null });
  const asked = useRef<Record<EdgeName, boolean>>({ before: false, after: false });

  const again = useCallback(
    (edge: EdgeName) => {
      asked.current[edge] = true;
      setFaults((all) => (all[edge] ? { ...all, [edge]: null } : all));
      const loading = edge === "before" ? desk.loadBefore(id) : desk.loadAfter(id);
      loading
        .catch((error: unknown) => setFaults((all) => ({ ...all, [edge]: faultOf(error) })))
        .finally(() => {
          asked.current[edge] = false;
        });
    },
    [desk, id],
  );
  const isReady = thread?.load.kind === "ready";
  const mayLoad = { before: isReady && !faults.before, after: isReady && !faults.after };
  const load = useCallback(
    (edge: EdgeName) => {
      if ((edge === "before" ? mayLoad.before : mayLoad.after) && !asked.current[edge]) again(edge);
    },
    [again, mayLoad.before, mayLoad.after],
  );

  const edge = (name: EdgeName, hasMore: boolean, isLoading: boolean) => ({
    edge: name,
    hasMore,
    isLoading,
    fault: faults[name],
    onLoad: () => again(name),
  });
  return {
    load,
    before: edge("before", thread?.hasBefore ?? false, thread?.isLoadingBefore ?? false),
    after: edge("after", thread?.hasAfter ?? false, thread?.isLoadingAfter ?? false),
  };
}
