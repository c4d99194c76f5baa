// What a message is, shown for what it is. Nothing here asks the network for anything: pictures and files are named.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { fileSize } from "../../ui/size";
import { duration } from "../../ui/time";
import { LinkedText } from "./linked-text";
import { Location } from "./location";
import { readPayload } from "./payload";

/** Kinds that are a box of their own, without a bubble around it. */
export function hasBubble({ message_type: type }: Message): boolean {
  return type !== "image" && type !== "video" && type !== "location" && type !== "sticker";
}

export function Body({ message }: { message: Message }) {
  switch (message.message_type) {
    case "text":
    case "note":
      return <LinkedText text={message.content} />;
    case "image":
    case "video":
      return <Shot message={message} kind={message.message_type} />;
    case "audio":
    case "file":
      return <Media message={message} kind={message.message_type} />;
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

/** The facts that LINE gave: duration, size, place in a set. */
function useFacts(message: Message): string[] {
  const t = useMessages().thread;
  const locale = useLocale();
  const payload = readPayload(message.payload);
  const length = payload.number("duration");
  const size = payload.number("fileSize") ?? payload.number("file_size");
  const set = payload.part("imageSet");
  const [index, total] = [set.number("index"), set.number("total")];
  return [
    length !== null ? duration(length) : null,
    size !== null ? fileSize(size, locale) : null,
    index !== null && total !== null ? t.oneOf(index, total) : null,
  ].filter((fact) => fact !== null);
}

/** A fixed box: what comes into it later moves nothing. */
function Shot({ message, kind }: { message: Message; kind: "image" | "video" }) {
  const { common, thread: t } = useMessages();
  const name = message.content || readPayload(message.payload).text("file_name");
  const words = [name ?? common.kind[kind], ...useFacts(message)].join(" · ");
  return (
    <div className="shot">
      <Icon name={kind} />
      <span className="cap">
        {words}
        <small>{t.mediaAway}</small>
      </span>
    </div>
  );
}

function Media({ message, kind }: { message: Message; kind: "audio" | "file" }) {
  const { common, thread: t } = useMessages();
  const name = readPayload(message.payload).text("file_name") ?? message.content;
  const facts = [...(name ? [common.kind[kind]] : []), ...useFacts(message), t.mediaAway].join(" · ");
  return <Thing icon={kind} head={name || common.kind[kind]} line={facts} />;
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

/** Its words, not its picture: LINE's shop is another origin. */
function Sticker({ message }: { message: Message }) {
  const t = useMessages().common;
  const { content } = message;
  return (
    <div className="stick">
      <span className="art">
        <Icon name="sticker" />
      </span>
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
