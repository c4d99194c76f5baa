// A modal dialog: focus goes in, stays in, and comes back; Esc and a click beside it close it.
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode, RefObject } from "react";
import { useMessages } from "../catalogue/catalogue";
import { IconButton } from "./button";

type DialogProps = {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  footer?: ReactNode;
  /** Besides `dlg`: a width of one's own. */
  className?: string;
  /** What gets the focus first; else the first control. */
  initialFocus?: RefObject<HTMLElement | null>;
  children?: ReactNode;
};

export function Dialog({ isOpen, onClose, title, footer, className, initialFocus, children }: DialogProps) {
  const t = useMessages().common;
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="dlg-scrim" />
        <Base.Popup className={className ? `dlg ${className}` : "dlg"} {...(initialFocus ? { initialFocus } : {})}>
          <header>
            <Base.Title className="dlg-title">{title}</Base.Title>
            <Base.Close render={<IconButton icon="close" label={t.close} />} />
          </header>
          {children}
          {footer && <footer>{footer}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
