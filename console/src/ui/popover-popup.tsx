// The pane itself, and the button once it has one. Loaded when the button is first reached for; see popover.tsx.
import { Popover as Base } from "@base-ui/react/popover";
import type { PopoverProps } from "./popover";

export function PopoverPopup(props: PopoverProps) {
  const { trigger, isOpen, onOpenChange, side = "bottom", align = "start", className = "pop", label, children } = props;
  return (
    <Base.Root
      modal
      {...(isOpen === undefined ? { defaultOpen: true } : { open: isOpen })}
      {...(onOpenChange ? { onOpenChange: (open: boolean) => onOpenChange(open) } : {})}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="float" side={side} align={align} sideOffset={6} collisionPadding={8}>
          <Base.Popup className={className} aria-label={label}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
