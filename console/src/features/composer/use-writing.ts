// One conversation's writing: its draft, whether it can go, and what became of it.
import { useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { Message, MessageId, Summary } from "../../protocol";
import type { Fault, Said } from "../../realtime/types";
import { type Draft, getDraft, handOver, setDraft, useDraft, without } from "./drafts";
import { type Answered, newestKnown, unseenAnswer } from "./guard";
import { tellElsewhere, writeNote } from "./notes";
import { setQuote, useQuote } from "./quote";
import { saidOf } from "./said";
import { noteSent } from "./sent-here";
import { standing } from "./standing";
import { useTyping } from "./typing";

export type Writing = {
  draft: Draft;
  /** Null for the message where the window is elsewhere. */
  quote: { id: MessageId; message: Message | null } | null;
  /** UTF-16 units that are left, as LINE counts them. */
  left: number;
  /** There is something to send, and not too much. */
  isReady: boolean;
  isSaving: boolean;
  fault: { lead: string; fault: Fault } | null;
  /** A colleague's answer that came since the writing began: sending asks first. */
  answered: Answered | null;
  change(text: string): void;
  /** What goes with the text, or is made beside it. */
  put(more: Pick<Draft, "replies" | "mentions" | "card" | "place">): void;
  /** Without quick replies again. */
  dropReplies(): void;
  setNote(isNote: boolean): void;
  /** It was seen, or does not matter. */
  acknowledge(): void;
  /** The id of the message when it was handed over. */
  send(): string | null;
  /** Anything but the text; `made`: the part of the draft that it was made of. The text stays. */
  sendMade(said: Said, made: "card" | "place" | "sticker"): string | null;
  writeNote(): Promise<void>;
  stopTyping(): void;
};

export function useWriting(summary: Summary): Writing {
  const { id } = summary;
  const { composer: t, compose } = useMessages();
  const desk = useDesk();
  const me = useMe();
  const typing = useTyping(id);
  const draft = useDraft(me.id, id);
  const quoteId = useQuote(id);
  const { limit, messages, hasAfter } = useDeskState((state) => ({
    limit: state.limits.text_units,
    messages: state.threads.get(id)?.messages ?? NONE,
    hasAfter: state.threads.get(id)?.hasAfter ?? false,
  }));
  const [fault, setFault] = useState<Writing["fault"]>(null);
  const [isSaving, setSaving] = useState(false);

  const quoted = messages.find((one) => one.id === quoteId) ?? null;
  // A withdrawn one is neither shown nor quoted.
  const quote = quoteId === null || quoted?.unsent_at ? null : { id: quoteId, message: quoted };
  const left = limit - draft.text.length;
  const isReady = draft.text.trim() !== "" && left >= 0 && !isSaving;
  const last = hasAfter ? summary.last_message : null;
  const answered = draft.isNote ? null : unseenAnswer(messages, last, draft.since, me.id);
  const put = (change: Partial<Draft>) => setDraft(me.id, id, { ...getDraft(me.id, id), ...change });
  const hand = (said: Said, quoted: MessageId | null, lead: string, leave: (draft: Draft) => Draft) => {
    if (standing(summary, me).kind !== "open") return null;
    const sent = desk.send(id, said, quoted);
    if (!sent.ok) {
      setFault({ lead, fault: sent.fault });
      return null;
    }
    setFault(null);
    if (quoted !== null) setQuote(id, null);
    noteSent(sent.temp_id);
    handOver(me.id, id, sent.kept, leave);
    return sent.temp_id;
  };

  return {
    draft,
    quote,
    left,
    isReady,
    isSaving,
    fault,
    answered,
    change(text) {
      setFault(null);
      put({ text, since: text === "" ? null : (draft.since ?? newestKnown(messages, summary)) });
      typing.wrote(text);
    },
    put,
    dropReplies() {
      const { replies: _, ...rest } = getDraft(me.id, id);
      setDraft(me.id, id, rest);
    },
    setNote(isNote) {
      setFault(null);
      put({ isNote });
    },
    acknowledge: () => put({ since: newestKnown(messages, summary) }),
    send() {
      if (!isReady || draft.isNote) return null;
      const tempId = hand(saidOf(draft), quote?.id ?? null, t.notSent, without.text);
      if (tempId !== null) typing.stop();
      return tempId;
    },
    sendMade(said, made) {
      // Only texts and stickers can quote.
      const quoted = made === "sticker" ? (quote?.id ?? null) : null;
      return hand(said, quoted, compose.notSent, made === "sticker" ? (draft) => draft : without[made]);
    },
    async writeNote() {
      if (!isReady) return;
      const { text } = draft;
      typing.stop();
      setSaving(true);
      setFault(null);
      const refused = await writeNote(desk, id, text).finally(() => setSaving(false));
      if (refused) {
        setFault({ lead: t.noteNotStored, fault: refused });
        tellElsewhere(desk, id, refused);
      } else if (getDraft(me.id, id).text === text) {
        // It leaves the field once it is stored.
        put({ text: "", since: null, isNote: false });
      }
    },
    stopTyping: typing.stop,
  };
}

const NONE: readonly Message[] = [];
