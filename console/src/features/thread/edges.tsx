// What stands above the first row and below the last: the beginning, a page on its way, or why none came.
import { useMessages } from "../../catalogue/catalogue";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";

type EdgeProps = {
  edge: "before" | "after";
  hasMore: boolean;
  isLoading: boolean;
  fault: Fault | null;
  onLoad: () => void;
};

export function Edge({ edge, hasMore, isLoading, fault, onLoad }: EdgeProps) {
  const { thread: t, common } = useMessages();
  if (fault) {
    return (
      <div className="edge">
        <FaultNote
          fault={fault}
          action={
            <Button kind="line" onClick={onLoad}>
              {common.tryAgain}
            </Button>
          }
        />
      </div>
    );
  }
  if (!hasMore) return edge === "before" ? <p className="edge">{t.begin}</p> : null;
  if (isLoading) return <p className="edge is-late">{edge === "before" ? t.loadingOlder : t.loadingNewer}</p>;
  return (
    <div className="edge">
      <Button onClick={onLoad}>{edge === "before" ? t.older : t.newer}</Button>
    </div>
  );
}
