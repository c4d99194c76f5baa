// The ways a file gets to the composer: button, drop, paste.
import { type ClipboardEvent, useEffect, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId } from "../../protocol";
import { IconButton } from "../../ui/button";
import { showToast } from "../../ui/toasts";
import { addFiles, MAX_FILES } from "./files";

export type Attaching = {
  /** The desk takes files, and what is written is not a note. */
  isOn: boolean;
  /** A file is over the page. */
  isDragging: boolean;
  take: (files: readonly File[]) => void;
  /** For the field: pasted files are attached, pasted text is the field's. */
  onPaste: (event: ClipboardEvent) => void;
};

export function useAttaching(id: ConversationId, isNote: boolean): Attaching {
  const t = useMessages().composer.files;
  const { media, media_bytes } = useDeskState((state) => state.limits);
  const isOn = media && !isNote;
  const take = (files: readonly File[]) => {
    if (files.length > 0 && !addFiles(id, files, media_bytes))
      showToast({ text: t.tooMany(MAX_FILES), kind: "danger" });
  };
  const isDragging = useDrop(isOn ? take : null);
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (!isOn || files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  };
  return { isOn, isDragging, take, onPaste };
}

/** Over the whole page. A file that nobody takes would be opened by the browser in the console's place. */
function useDrop(take: ((files: readonly File[]) => void) | null): boolean {
  const [isDragging, setDragging] = useState(false);
  const taker = useRef(take);
  useEffect(() => {
    taker.current = take;
  });
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = taker.current ? "copy" : "none";
      setDragging(taker.current !== null);
    };
    document.addEventListener("dragover", over, { signal });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && setDragging(false), { signal });
    document.addEventListener(
      "drop",
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setDragging(false);
        taker.current?.([...(event.dataTransfer?.files ?? [])]);
      },
      { signal },
    );
    return () => stop.abort();
  }, []);
  return isDragging;
}

export function AttachButton({ take }: { take: Attaching["take"] }) {
  const t = useMessages().composer;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label={t.attach} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          take([...(target.files ?? [])]);
          // The same file again is a choice too.
          target.value = "";
        }}
      />
    </>
  );
}
