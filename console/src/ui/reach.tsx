// A button whose popup is not loaded yet: pointing at it or focusing it loads, pressing it opens.
import { cloneElement, type KeyboardEvent, type ReactElement } from "react";

type ReachProps = {
  trigger: ReactElement<Record<string, unknown>>;
  popup: "menu" | "dialog";
  load: () => Promise<unknown>;
  open: () => void;
};

export function Reach({ trigger, popup, load, open }: ReachProps) {
  const prepare = () => void load().catch(() => {});
  return cloneElement(trigger, {
    "aria-haspopup": popup,
    "aria-expanded": false,
    onPointerEnter: prepare,
    onFocus: prepare,
    onClick: open,
    onKeyDown: (event: KeyboardEvent) => {
      if (popup !== "menu" || event.key !== "ArrowDown") return;
      event.preventDefault();
      open();
    },
  });
}
