// What a button says; one that leads out of the chat has a mark.
import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import type { Payload } from "../thread/payload";

export function ActionLabel({ action }: { action: Payload }) {
  const t = useMessages().compose.preview;
  const label = action.text("label") ?? action.text("text") ?? action.text("displayText") ?? "…";
  return (
    <>
      <span lang={langOf(label)}>{label}</span>
      {action.text("type") === "uri" && (
        <>
          <Icon name="out" size={14} />
          <span className="sr">{t.link}</span>
        </>
      )}
    </>
  );
}
