import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";

type PillProps = { count: number; isShown: boolean; onPress: () => void };

/** Instead of yanking the view: what came below, and the way there. */
export function Pill({ count, isShown, onPress }: PillProps) {
  const t = useMessages().thread;
  if (!isShown) return null;
  return (
    <button type="button" className="topill" onClick={onPress}>
      <Icon name="arrow-down" size={16} />
      {count > 0 ? t.pill(count) : t.toNewest}
    </button>
  );
}
