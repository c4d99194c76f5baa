// The files that are about to go: looked over first, then sent with one key.
import { useEffect, useRef } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { ConversationId } from "../../protocol";
import { Button, IconButton } from "../../ui/button";
import { faultWords } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { fileSize } from "../../ui/size";
import { type Chosen, removeFile, sendFiles, useFiles } from "./files";

export function FilesBar({ id, onDone }: { id: ConversationId; onDone: () => void }) {
  const t = useMessages().composer;
  const desk = useDesk();
  const files = useFiles(id);
  const send = useRef<HTMLButtonElement>(null);
  const sendable = files.filter((one) => one.flaw === null).length;
  const isSending = files.some((one) => one.state === "sending");

  // Enter sends what was just chosen.
  useEffect(() => {
    if (files.length > 0) send.current?.focus();
  }, [files.length]);

  if (files.length === 0) return null;
  return (
    <div className="cfiles">
      <ul>
        {files.map((one) => (
          <Line
            key={one.tempId}
            chosen={one}
            onRemove={() => {
              removeFile(id, one.tempId);
              if (files.length === 1) onDone();
            }}
          />
        ))}
      </ul>
      <Button ref={send} kind="primary" disabled={isSending || sendable === 0} onClick={() => void go()}>
        {isSending ? t.files.sending : t.files.send(sendable)}
      </Button>
    </div>
  );

  async function go(): Promise<void> {
    await sendFiles(desk, id);
    onDone();
  }
}

function Line({ chosen, onRemove }: { chosen: Chosen; onRemove: () => void }) {
  const { composer: t, faults } = useMessages();
  const locale = useLocale();
  const mostBytes = useDeskState((state) => state.limits.media_bytes);
  const { file, flaw, fault, state } = chosen;
  const reason =
    flaw === "empty"
      ? t.files.empty
      : flaw === "too_large"
        ? t.files.tooLarge(fileSize(mostBytes, locale))
        : fault && `${t.files.notSent} ${faultWords(faults, fault)}`;
  return (
    <li>
      <Icon name={state === "sending" ? "ring" : "file"} size={16} />
      <span className="cfile-name" lang={langOf(file.name)}>
        {file.name}
      </span>
      <span className="cfile-size">{fileSize(file.size, locale)}</span>
      <IconButton
        icon="close"
        size={16}
        label={t.files.remove(file.name)}
        disabled={state === "sending"}
        onClick={onRemove}
      />
      {reason && (
        <p className="cfile-why" role="alert">
          {reason}
        </p>
      )}
    </li>
  );
}
