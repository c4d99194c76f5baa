// The menu itself, and the button once it has one. Loaded when the button is first reached for; see menu.tsx.
import { Menu as Base } from "@base-ui/react/menu";
import { Icon } from "./icon";
import type { MenuItem, MenuProps } from "./menu";

export function MenuPopup({ trigger, items, side = "bottom", align = "end" }: MenuProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="float" side={side} align={align} sideOffset={6} collisionPadding={8}>
          <Base.Popup className="menu">
            {items.map((item) => (
              <Entry key={item.id} item={item} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ item }: { item: MenuItem }) {
  const inside = (
    <>
      {item.icon && <Icon name={item.icon} />}
      <span className="menu-label" lang={item.lang}>
        {item.label}
      </span>
      {item.hint && <small>{item.hint}</small>}
      {item.shortcut && (
        <span aria-hidden="true">
          <kbd>{item.shortcut}</kbd>
        </span>
      )}
    </>
  );
  const common = {
    className: item.isDanger ? "menu-item is-danger" : "menu-item",
    disabled: item.isDisabled ?? false,
    onClick: item.onSelect,
    label: item.label,
  };
  return (
    <>
      {item.isGroupStart && <Base.Separator className="menu-line" />}
      {item.isChecked === undefined ? (
        <Base.Item {...common}>{inside}</Base.Item>
      ) : (
        <Base.CheckboxItem {...common} checked={item.isChecked} closeOnClick>
          {inside}
          <span className="menu-check">{item.isChecked && <Icon name="tick" size={16} />}</span>
        </Base.CheckboxItem>
      )}
    </>
  );
}
