// What a message is, shown for what it is. Nothing here asks anybody but the desk for anything.
import { useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { LinkedText } from "./linked-text";
import { Location } from "./location";
import { MediaBody } from "./media";
import { readPayload } from "./payload";

/** Kinds that are a box of their own, without a bubble around it. */
export function hasBubble({ message_type: type }: Message): boolean {
  return !["image", "video", "audio", "file", "location", "sticker"].includes(type);
}

export function Body({ message }: { message: Message }) {
  switch (message.message_type) {
    case "text":
    case "note":
      return <LinkedText text={message.content} />;
    case "image":
    case "video":
    case "audio":
    case "file":
      return <MediaBody message={message} kind={message.message_type} />;
    case "location":
      return <Location message={message} />;
    case "sticker":
      return <Sticker message={message} />;
    case "flex":
    case "template":
    case "imagemap":
      return <Card message={message} kind={message.message_type} />;
    default:
      return <Unknown message={message} />;
  }
}

function Thing({ icon, head, line }: { icon: IconName; head: string; line?: string | undefined }) {
  return (
    <span className="thing">
      <Icon name={icon} />
      <span>
        <b lang={langOf(head)}>{head}</b>
        {line && <small>{line}</small>}
      </span>
    </span>
  );
}

/** Its picture by way of the desk, where there is one, and its words. */
function Sticker({ message }: { message: Message }) {
  const t = useMessages().common;
  const { content } = message;
  const id = readPayload(message.payload).text("stickerId");
  const [isMissing, setMissing] = useState(false);
  return (
    <div className="stick">
      {id && !isMissing ? (
        <img src={`/media/stickers/${encodeURIComponent(id)}`} alt="" onError={() => setMissing(true)} />
      ) : (
        <span className="art">
          <Icon name="sticker" />
        </span>
      )}
      <span className="w" lang={langOf(content)}>
        {content ? t.kindWith(t.kind.sticker, content) : t.kind.sticker}
      </span>
    </div>
  );
}

function Card({ message, kind }: { message: Message; kind: "flex" | "template" | "imagemap" }) {
  const t = useMessages().common;
  const alt = message.content || readPayload(message.payload).text("altText");
  return (
    <Thing
      icon={kind === "imagemap" ? "image" : "panel"}
      head={alt ?? t.kind[kind]}
      line={alt ? t.kind[kind] : undefined}
    />
  );
}

function Unknown({ message }: { message: Message }) {
  const t = useMessages().thread;
  const payload = readPayload(message.payload);
  const kind = payload.text("line_type");
  const alt = message.content || payload.text("text") || payload.text("altText");
  const words = kind ? t.unknownKind(kind) : t.unknownKindPlain;
  return <Thing icon="help" head={alt ?? words} line={alt ? words : undefined} />;
}
