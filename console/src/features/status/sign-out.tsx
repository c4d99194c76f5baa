// Leaving. What is unsent would be lost, so that is said first; with nothing unsent there is nothing to ask. Leaving
// everywhere is always asked: it also ends what goes on elsewhere.
import { useEffect, useEffectEvent, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import { operatorIn } from "../../desk/people";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";
import { countDrafts } from "../composer/drafts";

type SignOutProps = { onClose: () => void; everywhere?: boolean };

export function SignOutDialog({ onClose, everywhere = false }: SignOutProps) {
  const { common, status: t } = useMessages();
  const desk = useDesk();
  const unsent = useDeskState((state) => state.outbox.length);
  const me = useDeskState(operatorIn);
  // As it was asked: they are deleted while one leaves.
  const [drafts] = useState(() => (me === null ? 0 : countDrafts(me)));
  const isAsked = everywhere || unsent > 0 || drafts > 0;
  const [fault, setFault] = useState<Fault | null>(null);
  const [isGoing, setGoing] = useState(false);

  async function leave(): Promise<void> {
    setGoing(true);
    setFault(null);
    await desk.signOut(everywhere).catch((why: Fault) => {
      setFault(why);
      setGoing(false);
    });
  }

  // Nothing can be lost: the click was the decision.
  const leaveAtOnce = useEffectEvent(() => !isAsked && void leave());
  useEffect(() => {
    leaveAtOnce();
  }, []);

  if (!isAsked && !fault) return null;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={everywhere ? t.everywhereHead : t.signOutHead}
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="danger" disabled={isGoing} onClick={() => void leave()}>
            {everywhere ? t.everywhere : common.signOut}
          </Button>
        </>
      }
    >
      <div className="dlg-body">
        {everywhere && <p>{t.everywhereWords}</p>}
        {unsent > 0 && <p>{t.signOutUnsent(unsent)}</p>}
        {drafts > 0 && <p>{t.signOutDrafts(drafts)}</p>}
        {fault && <FaultNote fault={fault} lead={t.signOutFailed} />}
      </div>
    </Dialog>
  );
}
