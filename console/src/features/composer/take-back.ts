// A message that was refused goes back to where it was made.
import type { OperatorId } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";
import { getDraft, setDraft } from "./drafts";
import { openMaking } from "./making";
import { placeOf } from "./place";
import { restoreDraft } from "./quote";
import { repliesIn } from "./said";

/** There is nothing to change about a sticker. */
export const canTakeBack = ({ line_message: said }: OutboxEntry): boolean => said?.type !== "sticker";

export function takeBack(me: OperatorId, { conversation_id: id, text, line_message: said }: OutboxEntry): void {
  const draft = getDraft(me, id);
  if (!said || said.type === "text" || said.type === "textV2") {
    const replies = said ? repliesIn(said) : [];
    if (replies.length > 0 && !draft.replies?.length) setDraft(me, id, { ...draft, replies });
    restoreDraft(id, text);
  } else if (said.type === "location") {
    setDraft(me, id, { ...draft, place: placeOf(said) });
    openMaking(id, "place");
  } else {
    setDraft(me, id, { ...draft, card: JSON.stringify(said, null, 2) });
    openMaking(id, "card");
  }
}
