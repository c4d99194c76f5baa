// The foot of the thread: the field, or why one may not write and what helps.
import { useEffect, useRef } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { ConversationId, Summary } from "../../protocol";
import { useCommand } from "../keyboard/commands";
import { runAct } from "../session/acts";
import { type Draft, getDraft, setDraft } from "./drafts";
import { Field } from "./field";
import { measureFoot } from "./foot";
import { askFocus, takeRestored, useHasRestored } from "./quote";
import { sendAndClose } from "./send-and-close";
import { standing } from "./standing";
import { Stop } from "./stop";
import { useWriting } from "./use-writing";
import "./composer.css";

export function Composer({ id }: { id: ConversationId }) {
  const t = useMessages();
  const summary = useDeskState((state) => state.conversations.get(id));
  const isLoading = useDeskState((state) => state.threads.get(id)?.load.kind !== "failed");
  useRestored(id);
  return (
    <section ref={measureFoot} className="compose" aria-label={t.composer.region}>
      {summary && <Writable key={id} summary={summary} />}
      {!summary && isLoading && (
        <div className="cstop" aria-busy="true">
          <p>{t.common.loading}</p>
        </div>
      )}
    </section>
  );
}

function Writable({ summary }: { summary: Summary }) {
  const { id } = summary;
  const t = useMessages().composer;
  const desk = useDesk();
  const writing = useWriting(summary);
  const found = standing(summary, useMe());
  const box = useRef<HTMLDivElement>(null);
  const { isNote } = writing.draft;
  const isOpen = found.kind === "open";
  const focusNote = (next: boolean) => {
    writing.setNote(next);
    askFocus(id);
  };
  // Where one may not write, the keys lead to the act that helps.
  const write = () => {
    if (isOpen) focusNote(false);
    else if (isNote) askFocus(id);
    else box.current?.querySelector<HTMLElement>(".btn:last-of-type")?.focus();
  };
  const guard = () => box.current?.querySelector<HTMLElement>(".warnask .btn.line")?.focus();
  /** Enter, or the button. */
  const submit = () => {
    if (isNote) void writing.writeNote();
    else if (writing.answered) guard();
    else writing.send();
  };
  const finish = () => {
    if (writing.answered) return guard();
    const tempId = writing.send();
    if (tempId) void sendAndClose(desk, summary, tempId, () => runAct(desk, id, "close"));
  };
  useCommand({ id: "composer.write", keys: ["r"], label: t.command.write, run: write });
  useCommand({ id: "composer.note", keys: ["n"], label: t.command.note, run: () => focusNote(!isNote) });
  useCommand({
    id: "composer.sendAndClose",
    keys: ["mod+Enter"],
    label: t.command.sendAndClose,
    run: finish,
    isEnabled: isOpen && !isNote && writing.isReady,
  });
  return (
    <div ref={box}>
      {isOpen || isNote ? (
        <Field summary={summary} writing={writing} onSubmit={submit} onNote={focusNote} />
      ) : (
        <Stop summary={summary} standing={found} isKept={writing.draft.text !== ""} onNote={() => focusNote(true)} />
      )}
    </div>
  );
}

/** Text that comes back from a message that was not sent goes before what is being written. */
function useRestored(id: ConversationId): void {
  const { id: me } = useMe();
  const hasRestored = useHasRestored(id);
  useEffect(() => {
    const text = hasRestored ? takeRestored(id) : null;
    if (text !== null) setDraft(me, id, before(text, getDraft(me, id)));
  }, [hasRestored, id, me]);
}

function before(text: string, draft: Draft): Draft {
  // It was seen in the thread where it failed: what came after it there was, too.
  return { ...draft, text: draft.text === "" ? text : `${text}\n${draft.text}`, isNote: false };
}
