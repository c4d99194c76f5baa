// A tag in its colour: a tone of ours by its name, or any colour as hex.
import type { Tag as TagOf } from "../protocol";
import { langOf } from "./language";

const TONES = new Set(["blue", "teal", "green", "amber", "rose", "plum"]);
const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

export function Tag({ tag: { name, color } }: { tag: TagOf }) {
  return (
    <span
      className={TONES.has(color) ? `tag t-${color}` : "tag"}
      style={HEX.test(color) ? { "--tc": color } : undefined}
      lang={langOf(name)}
    >
      <span className="word">{name}</span>
    </span>
  );
}
