// Before one writes for nothing: LINE may take the message and not deliver it. It may be sent all the same.
import { useMessages } from "../../catalogue/catalogue";
import type { Summary } from "../../protocol";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { outOfReach } from "./reach";

export function ReachBar({ summary }: { summary: Summary }) {
  const t = useMessages().composer.reach;
  const why = outOfReach(summary, useNow());
  return (
    why && (
      <div className="warnask" role="status">
        <Icon name="alert" size={16} />
        <span>{t[why]}</span>
      </div>
    )
  );
}
