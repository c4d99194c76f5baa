// Handing a conversation to a colleague: find, arrow to, say why, Ctrl+Enter.
import { type KeyboardEvent, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { ConversationId, OperatorId } from "../../protocol";
import { isFault } from "../../realtime/faults";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import { nameOf } from "../../ui/name";
import { formatKeys } from "../keyboard/commands";
import { runTransfer } from "./acts";
import { Reason } from "./reason";
import { optionId, TeammateList } from "./teammate-list";
import { MAX_REASON, matching, reasonLength, teammates } from "./teammates";
import { useTeammates } from "./use-teammates";

type TransferDialogProps = { id: ConversationId; onClose: () => void };

export function TransferDialog({ id, onClose }: TransferDialogProps) {
  const { session: t, common } = useMessages();
  const desk = useDesk();
  const me = useMe();
  const { summary, operators } = useDeskState((state) => ({
    summary: state.conversations.get(id),
    operators: state.operators,
  }));
  const loading = useTeammates();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<OperatorId | null>(null);
  const [reason, setReason] = useState("");
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const findRef = useRef<HTMLInputElement>(null);
  const reasonRef = useRef<HTMLTextAreaElement>(null);

  const all = teammates(operators, me.id, summary?.session?.operator_id ?? null);
  const shown = matching(all, words);
  const current = shown.find((one) => one.id === chosen) ?? shown[0];
  const isTooLong = reasonLength(reason) > MAX_REASON;

  const transfer = async () => {
    if (!current || isTooLong || isRunning) return;
    setRunning(true);
    setFault(null);
    try {
      await runTransfer(desk, id, current.id, current.display_name, reason.trim());
      onClose();
    } catch (refused) {
      if (!isFault(refused)) throw refused;
      setFault(refused);
      setRunning(false);
    }
  };
  const move = (by: number) => {
    const at = current ? shown.indexOf(current) : -1;
    setChosen(shown[Math.min(shown.length - 1, Math.max(0, at + by))]?.id ?? null);
  };
  const onFindKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined && event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // Enter chooses and goes on to the reason; handing over is a key of its own.
    if (by === undefined) reasonRef.current?.focus();
    else move(by);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void transfer();
  };
  const footer = (
    <>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button
        kind="primary"
        shortcut={formatKeys("mod+Enter")}
        disabled={!current || isTooLong}
        aria-disabled={isRunning}
        aria-busy={isRunning}
        onClick={transfer}
      >
        {current ? t.transferTo(current.display_name) : t.act.transfer}
      </Button>
    </>
  );
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.transferTitle(summary ? nameOf(summary) : "")}
      footer={footer}
      className="xfer"
      initialFocus={findRef}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: catches the key that the button beside it names. */}
      <div className="xfer-body" onKeyDown={onKey}>
        <label className="find">
          <Icon name="search" size={16} />
          <input
            ref={findRef}
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls="xfer-list"
            aria-autocomplete="list"
            aria-activedescendant={current && optionId(current.id)}
            aria-label={t.find}
            placeholder={t.find}
            autoComplete="off"
            value={words}
            onChange={(event) => {
              setWords(event.target.value);
              setChosen(null);
            }}
            onKeyDown={onFindKey}
          />
        </label>
        <TeammateList id={id} shown={shown} currentId={current?.id ?? null} onChoose={setChosen} />
        {loading.kind === "loading" && all.length === 0 && <p className="xfer-none">{common.loading}</p>}
        {loading.kind === "ready" && all.length === 0 && <p className="xfer-none">{t.nobody}</p>}
        {all.length > 0 && shown.length === 0 && <p className="xfer-none">{t.noMatch(words.trim())}</p>}
        {loading.kind === "failed" && (
          <FaultNote
            fault={loading.fault}
            lead={t.notLoaded}
            action={<Button onClick={loading.again}>{common.tryAgain}</Button>}
          />
        )}
        <Reason ref={reasonRef} value={reason} onChange={setReason} />
        {fault && <FaultNote fault={fault} lead={t.failed.transfer} />}
      </div>
    </Dialog>
  );
}
