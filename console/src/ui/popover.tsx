// A small pane that belongs to a button: modal, so that Tab stays in it; closed by Esc and by a click elsewhere.
import { lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";
import { Reach } from "./reach";

export type PopoverProps = {
  trigger: ReactElement<Record<string, unknown>>;
  /** With `onOpenChange`: the caller decides; else it opens by its trigger. */
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  side?: "top" | "bottom" | "right" | "left";
  align?: "start" | "end" | "center";
  className?: string;
  /** Its name for screen readers, when there is no heading in it. */
  label?: string;
  children?: ReactNode;
};

const load = () => import("./popover-popup");
const PopoverPopup = lazy(() => load().then(({ PopoverPopup }) => ({ default: PopoverPopup })));

export function Popover(props: PopoverProps) {
  const [isAsked, setAsked] = useState(false);
  const open = () => {
    setAsked(true);
    props.onOpenChange?.(true);
  };
  if (!isAsked && props.isOpen !== true)
    return <Reach trigger={props.trigger} popup="dialog" load={load} open={open} />;
  return (
    <Suspense fallback={props.trigger}>
      <PopoverPopup {...props} />
    </Suspense>
  );
}
