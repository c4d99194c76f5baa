// What goes to LINE besides text and files: stickers, and a menu for the rest.
import { lazy, Suspense, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { ConversationId } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Menu } from "../../ui/menu";
import { Popover } from "../../ui/popover";
import { useCommand } from "../keyboard/commands";
import { closeMaking, openMaking, useMaking } from "./making";
import { askFocus } from "./quote";
import { keepRecent, type Sticker, stickerMessage } from "./stickers";
import type { Writing } from "./use-writing";
import "./making.css";

const StickerTray = lazy(() => import("./sticker-tray").then((module) => ({ default: module.StickerTray })));
const CardDialog = lazy(() => import("./card-dialog").then((module) => ({ default: module.CardDialog })));
const PlaceDialog = lazy(() => import("./place-dialog").then((module) => ({ default: module.PlaceDialog })));

type PartProps = { id: ConversationId; writing: Writing };

export function Stickers({ id, writing }: PartProps) {
  const t = useMessages().compose;
  const [isOpen, setOpen] = useState(false);
  useCommand({ id: "composer.sticker", label: t.sticker, run: () => setOpen(true) });
  const pick = (sticker: Sticker) => {
    setOpen(false);
    if (writing.sendMade({ text: "", message: stickerMessage(sticker) }, "sticker") !== null) keepRecent(sticker);
    // The popover gives the focus back to its button first.
    setTimeout(() => askFocus(id));
  };
  return (
    <Popover
      trigger={<IconButton icon="sticker" label={t.sticker} />}
      isOpen={isOpen}
      onOpenChange={setOpen}
      side="top"
      className="pop sticker-pop"
      label={t.sticker}
    >
      <Suspense fallback={null}>
        <StickerTray onPick={pick} />
      </Suspense>
    </Popover>
  );
}

export function MoreTools({ id, writing }: PartProps) {
  const t = useMessages().compose;
  const isReplying = writing.draft.replies !== undefined;
  const toggleReplies = () => (isReplying ? writing.dropReplies() : writing.put({ replies: [] }));
  const place = () => openMaking(id, "place");
  const card = () => openMaking(id, "card");
  useCommand({ id: "composer.replies", label: t.replies.open, run: toggleReplies });
  useCommand({ id: "composer.place", label: t.place.title, run: place });
  useCommand({ id: "composer.card", label: t.card.title, run: card });
  return (
    <Menu
      trigger={<IconButton icon="plus" label={t.more} />}
      side="top"
      align="start"
      items={[
        {
          id: "replies",
          icon: "replies",
          label: t.replies.open,
          isChecked: isReplying,
          onSelect: toggleReplies,
        },
        { id: "place", icon: "pin", label: t.place.open, onSelect: place },
        { id: "card", icon: "panel", label: t.card.open, onSelect: card },
      ]}
    />
  );
}

/** The dialog in which something is being made, if any. */
export function MakingDialog({ id, writing }: PartProps) {
  const making = useMaking(id);
  const close = () => {
    closeMaking();
    setTimeout(() => askFocus(id));
  };
  if (making === null) return null;
  const Dialog = making === "place" ? PlaceDialog : CardDialog;
  return (
    <Suspense fallback={null}>
      <Dialog writing={writing} onClose={close} />
    </Suspense>
  );
}
