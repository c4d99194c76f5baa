// What the desk knows of the customer besides the summary: asked for when the panel opens, and again when it changed.
import { useEffect, useState } from "react";
import { useDesk, useDeskState } from "../../desk/context";
import type { ContactCard, Summary } from "../../protocol";
import type { Fault } from "../../realtime/types";

export type Contact = { card: ContactCard | null; fault: Fault | null; load: () => void };

export function useContact(summary: Summary): Contact {
  const { id, session, display_name, picture_url } = summary;
  const desk = useDesk();
  const isLive = useDeskState((state) => state.connection.kind === "live");
  const [card, setCard] = useState<ContactCard | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [asked, setAsked] = useState(0);

  // What is shown stays until the next answer is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these say that there is something new, or that it can be had
  useEffect(() => {
    let isOver = false;
    desk.contact(id).then(
      (answer) => {
        if (isOver) return;
        setCard(answer);
        setFault(null);
      },
      (refused: Fault) => !isOver && setFault(refused),
    );
    return () => {
      isOver = true;
    };
  }, [desk, id, session?.id, session?.status, display_name, picture_url, isLive, asked]);

  return { card, fault: card ? null : fault, load: () => setAsked((times) => times + 1) };
}
