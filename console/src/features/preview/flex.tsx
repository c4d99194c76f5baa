// A flex message drawn from its own words: what is where, not how it is coloured. Colours, sizes in pixels and pictures
// are deliberately absent: nothing is fetched, and every word stays readable in the light and in the dark.
import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import type { Payload } from "../thread/payload";
import { ActionLabel } from "./action-label";
import { Strip } from "./strip";

const PLACES = ["header", "hero", "body", "footer"] as const;
const LAYOUTS = ["horizontal", "vertical", "baseline"] as const;
const ALIGNS = ["start", "center", "end"] as const;
const SMALL = new Set(["xxs", "xs", "sm"]);
const LARGE = new Set(["lg", "xl", "xxl", "3xl", "4xl", "5xl"]);
/** LINE nests less; what is deeper is somebody's joke. */
const DEEPEST = 12;

/** `contents` of a flex message. */
export function Flex({ contents }: { contents: Payload }) {
  if (contents.text("type") !== "carousel") return <Bubble bubble={contents} />;
  return (
    <Strip>
      {contents.parts("contents").map((bubble, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one message never move
        <Bubble key={n} bubble={bubble} />
      ))}
    </Strip>
  );
}

function Bubble({ bubble }: { bubble: Payload }) {
  return (
    <div className="pv-card">
      {PLACES.filter((place) => bubble.part(place).text("type") !== null).map((place) => (
        <div key={place} className={`fx-${place}`}>
          <Piece piece={bubble.part(place)} depth={0} />
        </div>
      ))}
    </div>
  );
}

function Piece({ piece, depth }: { piece: Payload; depth: number }) {
  const t = useMessages().compose.preview;
  const kind = piece.text("type");
  switch (kind) {
    case null:
      return null;
    case "box":
      return depth < DEEPEST ? <Box box={piece} depth={depth} /> : null;
    case "text":
      return <Words text={piece} />;
    case "button":
      return (
        <span className={piece.text("style") === "primary" ? "pv-btn is-primary" : "pv-btn"}>
          <ActionLabel action={piece.part("action")} />
        </span>
      );
    case "image":
    case "video":
      return (
        <span className="pv-pic">
          <Icon name={kind} />
          <span className="sr">{t[kind]}</span>
        </span>
      );
    case "icon":
      return <span className="fx-icon" aria-hidden="true" />;
    case "separator":
      return <hr />;
    case "filler":
    case "spacer":
      return <span className="fx-filler" />;
    default:
      return <span className="fx-unknown">{t.unknown(kind)}</span>;
  }
}

function Box({ box, depth }: { box: Payload; depth: number }) {
  const layout = LAYOUTS.find((one) => one === box.text("layout")) ?? "vertical";
  return (
    <div className={`fx-box fx-${layout}`}>
      {box.parts("contents").map((piece, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one message never move
        <Piece key={n} piece={piece} depth={depth + 1} />
      ))}
    </div>
  );
}

function Words({ text }: { text: Payload }) {
  const spans = text.parts("contents").map((span) => span.text("text") ?? "");
  const words = spans.length > 0 ? spans.join("") : (text.text("text") ?? "");
  const size = text.text("size") ?? "md";
  const align = ALIGNS.find((one) => one === text.text("align"));
  const looks = [
    "fx-text",
    SMALL.has(size) && "is-small",
    LARGE.has(size) && "is-large",
    text.text("weight") === "bold" && "is-bold",
    !text.flag("wrap") && "is-cut",
    align && `is-${align}`,
    text.number("flex") === 0 && "is-tight",
  ];
  return (
    <span className={looks.filter(Boolean).join(" ")} lang={langOf(words)}>
      {words}
    </span>
  );
}
