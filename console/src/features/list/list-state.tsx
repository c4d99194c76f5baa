// What stands where rows are not: nothing found, still loading, or not loaded.
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { langOf } from "../../ui/language";

/** Loading that is over sooner is not worth a flicker. */
const SKELETON_AFTER_MS = 200;

export function ListFault({ fault, hasRows }: { fault: Fault; hasRows: boolean }) {
  const { common, list: t } = useMessages();
  const desk = useDesk();
  const again = () => {
    const { status, q, tag } = desk.store.getState().list;
    desk.showList({ status, q, tag });
  };
  return (
    <div className="list-fault">
      <FaultNote
        fault={fault}
        lead={hasRows ? `${t.failed} ${t.failedKeeps}` : t.failed}
        action={
          <Button kind="line" onClick={again}>
            {common.tryAgain}
          </Button>
        }
      />
    </div>
  );
}

export function NoRows() {
  const t = useMessages().list;
  const { status, q, tag } = useDeskState((state) => ({
    status: state.list.status,
    q: state.list.q,
    tag: state.list.tag,
  }));
  if (tag !== null) {
    return (
      <div className="empty" role="status">
        <p lang={langOf(tag)}>{t.noneTagged(tag)}</p>
      </div>
    );
  }
  if (q !== "") {
    return (
      <div className="empty" role="status">
        <p>{t.noneFound(q)}</p>
        <Link className="link" href={placeOf.search(q)}>
          {t.searchMessages}
        </Link>
      </div>
    );
  }
  return (
    <div className="empty" role="status">
      <p>{t.none[status]}</p>
      {status === "mine" && (
        <Link className="link" href={placeOf.list("waiting")}>
          {t.showQueue}
        </Link>
      )}
    </div>
  );
}

const PLACES = ["a", "b", "c", "d", "e", "f", "g", "h"];

export function Skeleton() {
  const t = useMessages().common;
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div className="rows" />;
  return (
    <div className="rows skeleton" role="status" aria-label={t.loading}>
      {PLACES.map((place) => (
        <div key={place} className="row" aria-hidden="true">
          <span className="av" />
          <span className="row-body">
            <span className="bone" />
            <span className="bone" />
          </span>
        </div>
      ))}
    </div>
  );
}
