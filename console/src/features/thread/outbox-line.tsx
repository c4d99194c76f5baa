// Below a message that the desk does not have yet. Only the operator decides what becomes of a refused one.
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { OutboxEntry } from "../../realtime/types";
import { faultDetails, faultWords } from "../../ui/fault";
import { canTakeBack, takeBack } from "../composer/take-back";
import { MarkLine } from "./delivery-line";
import { discard } from "./discard";
import { type Mark, outboxMark } from "./marks";

export function OutboxLine({ entry, at }: { entry: OutboxEntry; at: string }) {
  const { thread: t, common, faults } = useMessages();
  const desk = useDesk();
  const me = useMe();
  const isLive = useDeskState(({ connection: { kind } }) => kind !== "offline" && kind !== "refused");
  const { state, fault, temp_id } = entry;
  const mark = outboxMark(state, isLive, t.marks);
  const why = fault ? faultWords(faults, fault) : "";
  const edit = () => {
    if (desk.discard(temp_id)) takeBack(me.id, entry);
  };
  return (
    <MarkLine mark={withWhy(mark, state, why)} at={at}>
      {state === "refused" && (
        <>
          <button type="button" className="link" onClick={() => desk.sendAgain(temp_id)}>
            {common.tryAgain}
          </button>
          {canTakeBack(entry) && (
            <button type="button" className="link" onClick={edit}>
              {common.edit}
            </button>
          )}
        </>
      )}
      {state !== "sending" && (
        <button
          type="button"
          className={state === "waiting" && isLive ? "link danger lingers" : "link danger"}
          onClick={() => discard(desk, entry)}
        >
          {t.discard}
        </button>
      )}
      {fault && state === "refused" && (
        <details className="why">
          <summary>{common.details}</summary>
          <code>{faultDetails(fault)}</code>
        </details>
      )}
    </MarkLine>
  );
}

/** What waits has a fault when the browser could not keep it: a reload would lose it. */
function withWhy(mark: Mark, state: OutboxEntry["state"], why: string): Mark {
  if (why === "" || state === "sending") return mark;
  if (state === "refused") return { ...mark, words: `${mark.words} ${why}` };
  return { ...mark, words: `${mark.words} · ${why}`, tone: "ask" };
}
