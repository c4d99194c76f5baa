// What a message is, shown for what it is. Nothing here asks anybody but the desk for anything.
import { useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { StickerPicture } from "../../ui/sticker-picture";
import { isDrawn, Preview, QuickReplies } from "../preview/preview";
import { LinkedText } from "./linked-text";
import { Location } from "./location";
import { MediaBody } from "./media";
import { MentionText } from "./mention-text";
import { readPayload } from "./payload";

/** Kinds that are a box of their own, without a bubble around it. */
export function hasBubble({ message_type: type, payload }: Message): boolean {
  if (type === "flex" || type === "template") return !isDrawn(readPayload(payload));
  return !["image", "video", "audio", "file", "location", "sticker"].includes(type);
}

/** With the quick replies that go with it. */
export function Body({ message }: { message: Message }) {
  return (
    <>
      <Content message={message} />
      {message.direction === "OUTGOING" && <QuickReplies message={readPayload(message.payload)} />}
    </>
  );
}

function Content({ message }: { message: Message }) {
  switch (message.message_type) {
    case "text":
      return <Words message={message} />;
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

function Words({ message }: { message: Message }) {
  const payload = readPayload(message.payload);
  if (message.direction === "OUTGOING" && payload.text("type") === "textV2")
    return <MentionText id={message.conversation_id} message={payload} />;
  return <LinkedText text={message.content} />;
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
  // What the desk sends has no words: LINE's list tells the picture by its number.
  const words = content || (message.direction === "OUTGOING" && id ? `#${id}` : "");
  return (
    <div className="stick">
      <StickerPicture id={id}>
        <span className="art">
          <Icon name="sticker" />
        </span>
      </StickerPicture>
      <span className="w" lang={langOf(content)}>
        {words ? t.kindWith(t.kind.sticker, words) : t.kind.sticker}
      </span>
    </div>
  );
}

function Card({ message, kind }: { message: Message; kind: "flex" | "template" | "imagemap" }) {
  const t = useMessages().common;
  const payload = readPayload(message.payload);
  if (isDrawn(payload)) return <Preview message={payload} />;
  const alt = message.content || payload.text("altText");
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
