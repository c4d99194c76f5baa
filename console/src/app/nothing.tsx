// What stands where no conversation is.
import { useMessages } from "../catalogue/catalogue";
import { Icon } from "../ui/icon";

export function Nothing() {
  const t = useMessages().status;
  return (
    <div className="empty nothing hide-sm">
      <Icon name="inbox" />
      <b>{t.chooseHead}</b>
      <p>{t.choose}</p>
    </div>
  );
}

export function Nowhere() {
  const t = useMessages().status;
  return (
    <div className="empty nothing">
      <Icon name="help" />
      <b>{t.nowhereHead}</b>
      <p>{t.nowhere}</p>
    </div>
  );
}
