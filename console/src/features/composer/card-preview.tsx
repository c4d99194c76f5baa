// The message that is being made, as the thread will show it.
import { useMessages } from "../../catalogue/catalogue";
import type { LineMessage } from "../../realtime/types";
import { langOf } from "../../ui/language";
import { Body, hasBubble } from "../thread/body";
import { messageOf } from "../thread/entry-message";
import { wordsOf } from "./card";

export function CardPreview({ message }: { message: LineMessage | null }) {
  const t = useMessages().compose.card;
  return (
    <section className="card-preview" aria-label={t.preview}>
      {message ? <Drawn message={message} /> : <p className="card-none">{t.nothing}</p>}
    </section>
  );
}

function Drawn({ message }: { message: LineMessage }) {
  const t = useMessages().compose.card;
  const words = wordsOf(message);
  const said = messageOf({
    temp_id: "",
    conversation_id: 0,
    text: words,
    line_message: message,
    quote_message_id: null,
    at: 0,
    state: "waiting",
    fault: null,
    isTried: false,
  });
  return (
    <>
      <div className={hasBubble(said) ? "bub" : "bare"}>
        <Body message={said} />
      </div>
      {words !== "" && (
        <p className="card-alt" lang={langOf(words)}>
          {t.altText(words)}
        </p>
      )}
    </>
  );
}
