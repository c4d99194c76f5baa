// Over the rows while they are held: how many would have moved, and the way to let them.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import { Icon } from "../../ui/icon";

export function ChangedPill({ show }: { show: () => void }) {
  const t = useMessages().list;
  const pending = useDeskState((state) => (state.list.isHeld ? state.list.pending : 0));
  return (
    <div className="changed" role="status">
      {pending > 0 && (
        <button type="button" className="pill" onClick={show}>
          <Icon name="sort" size={16} />
          {t.changed(pending)}
        </button>
      )}
    </div>
  );
}
