// A message that was refused goes back to where it was made.
import type { OperatorId } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";
import { type Draft, getDraft, type Mention, setDraft } from "./drafts";
import { openMaking } from "./making";
import { placeOf } from "./place";
import { restoreDraft } from "./quote";
import { mentionsIn, repliesIn } from "./said";

/** There is nothing to change about a sticker. */
export const canTakeBack = ({ line_message: said }: OutboxEntry): boolean => said?.type !== "sticker";

export function takeBack(me: OperatorId, { conversation_id: id, text, line_message: said }: OutboxEntry): void {
  const draft = getDraft(me, id);
  if (!said || said.type === "text" || said.type === "textV2") {
    if (said) setDraft(me, id, withMore(draft, repliesIn(said), mentionsIn(text, said)));
    restoreDraft(id, text);
  } else if (said.type === "location") {
    setDraft(me, id, { ...draft, place: placeOf(said) });
    openMaking(id, "place");
  } else {
    setDraft(me, id, { ...draft, card: JSON.stringify(said, null, 2) });
    openMaking(id, "card");
  }
}

/** What went with the text goes with it again; what is being written has the first word. */
function withMore(draft: Draft, replies: readonly string[], mentions: readonly Mention[]): Draft {
  const known = draft.mentions ?? [];
  const more = mentions.filter(({ name }) => !known.some((one) => one.name === name));
  return {
    ...draft,
    ...(replies.length > 0 && !draft.replies?.length ? { replies } : {}),
    ...(more.length > 0 ? { mentions: [...known, ...more] } : {}),
  };
}
