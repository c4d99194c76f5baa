// What LINE's cards and menus look like, drawn from their own words: text only, nothing fetched, nothing to press.
import { useMessages } from "../../catalogue/catalogue";
import type { Payload } from "../thread/payload";
import { ActionLabel } from "./action-label";
import { Flex } from "./flex";
import { TEMPLATES, Template } from "./template";
import "./preview.css";

/** Whether there is enough of the message to draw. */
export function isDrawn(message: Payload): boolean {
  const contents = message.part("contents").text("type");
  if (contents !== null) return contents === "bubble" || contents === "carousel";
  return TEMPLATES.includes(message.part("template").text("type") ?? "");
}

/** A flex or template message that `isDrawn`. */
export function Preview({ message }: { message: Payload }) {
  return message.part("template").text("type") === null ? (
    <Flex contents={message.part("contents")} />
  ) : (
    <Template template={message.part("template")} />
  );
}

/** The buttons that go with a message, if there are any. */
export function QuickReplies({ message }: { message: Payload }) {
  const t = useMessages().compose.replies;
  const items = message.part("quickReply").parts("items");
  if (items.length === 0) return null;
  return (
    <ul className="pv-replies" aria-label={t.ofMessage}>
      {items.map((item, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one message never move
        <li key={n}>
          <ActionLabel action={item.part("action")} />
        </li>
      ))}
    </ul>
  );
}
