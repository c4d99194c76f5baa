// A menu behind a button.
import { lazy, type ReactElement, Suspense, useState } from "react";
import type { IconName } from "./icon";
import { Reach } from "./reach";

export type MenuItem = {
  id: string;
  label: string;
  icon?: IconName;
  shortcut?: string;
  isDanger?: boolean;
  isDisabled?: boolean;
  /** Defined: one of several that can be chosen. */
  isChecked?: boolean;
  /** A quiet word after the label. */
  hint?: string;
  /** Another language than the page's. */
  lang?: string;
  /** Begins a new group above it. */
  isGroupStart?: boolean;
  onSelect: () => void;
};

export type MenuProps = {
  trigger: ReactElement<Record<string, unknown>>;
  items: readonly MenuItem[];
  side?: "top" | "bottom" | "right" | "left";
  align?: "start" | "end";
};

const load = () => import("./menu-popup");
const MenuPopup = lazy(() => load().then(({ MenuPopup }) => ({ default: MenuPopup })));

export function Menu(props: MenuProps) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) return <Reach trigger={props.trigger} popup="menu" load={load} open={() => setAsked(true)} />;
  return (
    <Suspense fallback={props.trigger}>
      <MenuPopup {...props} />
    </Suspense>
  );
}
