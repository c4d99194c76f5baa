// Buttons. Both pass every button property through, `ref` included, so that menus and popovers can use them as triggers.
import type { ComponentPropsWithRef, ReactNode } from "react";
import { Icon, type IconName } from "./icon";

const KINDS = { plain: "btn", line: "btn line", primary: "btn main", danger: "btn danger" };

type ButtonProps = ComponentPropsWithRef<"button"> & {
  kind?: keyof typeof KINDS;
  icon?: IconName;
  /** The key that does the same, shown as a cap. */
  shortcut?: string;
  children?: ReactNode;
};

export function Button({ kind = "plain", icon, shortcut, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={joined(KINDS[kind], className)} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
      {shortcut && (
        <span className="btn-key hide-md" aria-hidden="true">
          <kbd>{shortcut}</kbd>
        </span>
      )}
    </button>
  );
}

type IconButtonProps = Omit<ComponentPropsWithRef<"button">, "aria-label" | "title"> & {
  icon: IconName;
  /** Its name for those who cannot see it, and its tooltip. */
  label: string;
  shortcut?: string;
  size?: 20 | 16;
  isPressed?: boolean;
};

export function IconButton({ icon, label, shortcut, size = 20, isPressed, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={joined("ib", isPressed ? "on" : undefined, className)}
      aria-label={label}
      title={shortcut ? `${label}  ${shortcut}` : label}
      aria-pressed={isPressed}
      {...rest}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}

function joined(...classes: (string | undefined)[]): string {
  return classes.filter(Boolean).join(" ");
}
