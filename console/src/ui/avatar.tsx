// Pictures and initials of people. Customers are round, operators are square: the two never look alike.
import { useState } from "react";
import { useMessages } from "../catalogue/catalogue";
import type { OperatorStatus } from "../protocol";
import { Icon } from "./icon";
import { initials, langOf } from "./language";

const tone = (seed: number) => `c${(seed % 6) + 1}`;

type AvatarProps = {
  name: string;
  pictureUrl: string | null;
  size?: 28 | 36 | 56;
  isGroup?: boolean;
  /** Decides the colour; an id, so that it never changes. */
  seed: number;
};

/** A customer; decoration beside their name. */
export function Avatar({ name, pictureUrl, size = 36, isGroup = false, seed }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const isShown = pictureUrl !== null && pictureUrl !== broken;
  return (
    <span className={`av ${tone(seed)}${size === 36 ? "" : ` s${size}`}`} aria-hidden="true">
      {isShown ? (
        <img
          className="pic"
          src={pictureUrl}
          alt=""
          width={size}
          height={size}
          loading="lazy"
          decoding="async"
          onError={() => setBroken(pictureUrl)}
        />
      ) : (
        <span lang={langOf(name)}>{initials(name)}</span>
      )}
      {isGroup && (
        <span className="badge">
          <Icon name="group" size={14} />
        </span>
      )}
    </span>
  );
}

const PRESENCE: Record<OperatorStatus, string> = { online: "pr", away: "pr away", busy: "pr busy", offline: "pr off" };

type OperatorMarkProps = { id: number; name: string; size?: 20 | 28 | 32; status?: OperatorStatus };

/** A colleague, named for screen readers and on hover. */
export function OperatorMark({ id, name, size = 20, status }: OperatorMarkProps) {
  const t = useMessages().common;
  const words = status ? `${name}: ${t.status[status]}` : name;
  return (
    <span className={`op ${tone(id)}${size === 20 ? "" : ` s${size}`}`} role="img" aria-label={words} title={words}>
      <span lang={langOf(name)} aria-hidden="true">
        {initials(name)}
      </span>
      {status && <i className={PRESENCE[status]} />}
    </span>
  );
}
