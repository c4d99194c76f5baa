// What can be done with one message; there only while the pointer or the focus is on it.
import { currentMessages, useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Menu } from "../../ui/menu";
import { showToast } from "../../ui/toasts";
import { canQuote } from "./marks";
import { useScene } from "./scene";

/** Fingers have no hover: they get one button with a menu. */
const hasHover = (): boolean => typeof matchMedia !== "function" || matchMedia("(hover: hover)").matches;

export function Tools({ message }: { message: Message }) {
  const t = useMessages().thread;
  const { mayWrite, quote } = useScene();
  const isQuotable = mayWrite && canQuote(message);
  const isCopyable = message.content !== "";
  if (!isQuotable && !isCopyable) return null;
  if (!hasHover()) {
    return (
      <span className="tools">
        <Menu
          trigger={<IconButton icon="more" label={t.actions} />}
          items={[
            ...(isQuotable
              ? [{ id: "quote", label: t.quote, icon: "quote" as const, onSelect: () => quote(message) }]
              : []),
            ...(isCopyable
              ? [{ id: "copy", label: t.copy, icon: "copy" as const, onSelect: () => copyText(message) }]
              : []),
          ]}
        />
      </span>
    );
  }
  return (
    <span className="tools">
      {isQuotable && <IconButton icon="quote" label={t.quote} shortcut="q" size={16} onClick={() => quote(message)} />}
      {isCopyable && <IconButton icon="copy" label={t.copy} shortcut="y" size={16} onClick={() => copyText(message)} />}
    </span>
  );
}

export function copyText(message: Message): void {
  const { common, thread: t } = currentMessages();
  // Absent where the page is not secure.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (!clipboard) {
    showToast({ text: t.copyFailed, kind: "danger" });
    return;
  }
  clipboard.writeText(message.content).then(
    () => showToast({ text: common.copied, kind: "ok", ms: 2000 }),
    () => showToast({ text: t.copyFailed, kind: "danger" }),
  );
}
