// A template message drawn from its own words. Its pictures are not fetched.
import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import type { Payload } from "../thread/payload";
import { ActionLabel } from "./action-label";
import { Strip } from "./strip";

/** The kinds that are drawn; LINE has no others. */
export const TEMPLATES: readonly string[] = ["buttons", "confirm", "carousel", "image_carousel"];

/** `template` of a template message. */
export function Template({ template }: { template: Payload }) {
  const kind = template.text("type");
  if (kind !== "carousel" && kind !== "image_carousel") {
    return <Column column={template} isSideBySide={kind === "confirm"} hasPicture={false} />;
  }
  return (
    <Strip>
      {template.parts("columns").map((column, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one message never move
        <Column key={n} column={column} isSideBySide={false} hasPicture={kind === "image_carousel"} />
      ))}
    </Strip>
  );
}

type ColumnProps = { column: Payload; isSideBySide: boolean; hasPicture: boolean };

function Column({ column, isSideBySide, hasPicture }: ColumnProps) {
  const t = useMessages().compose.preview;
  const title = column.text("title");
  const text = column.text("text");
  const actions = hasPicture ? [column.part("action")] : column.parts("actions");
  return (
    <div className="pv-card">
      {(hasPicture || column.text("thumbnailImageUrl") !== null) && (
        <span className="pv-pic">
          <Icon name="image" />
          <span className="sr">{t.image}</span>
        </span>
      )}
      {(title !== null || text !== null) && (
        <div className="pv-words">
          {title !== null && <b lang={langOf(title)}>{title}</b>}
          {text !== null && <span lang={langOf(text)}>{text}</span>}
        </div>
      )}
      <div className={isSideBySide ? "pv-acts is-pair" : "pv-acts"}>
        {actions.map((action, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one message never move
          <span key={n} className="pv-btn">
            <ActionLabel action={action} />
          </span>
        ))}
      </div>
    </div>
  );
}
