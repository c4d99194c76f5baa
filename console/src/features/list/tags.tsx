// A conversation's tags: the first two, and how many more there are.
import type { Tag } from "../../protocol";
import { langOf } from "../../ui/language";

const SHOWN = 2;
const TONES = new Set(["blue", "teal", "green", "amber", "rose", "plum"]);
const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

export function Tags({ tags }: { tags: readonly Tag[] }) {
  const rest = tags.slice(SHOWN);
  return (
    <span className="l3">
      {tags.slice(0, SHOWN).map((tag) => (
        <span
          key={tag.id}
          className={TONES.has(tag.color) ? `tag t-${tag.color}` : "tag"}
          style={HEX.test(tag.color) ? { "--tc": tag.color } : undefined}
          lang={langOf(tag.name)}
        >
          <span className="word">{tag.name}</span>
        </span>
      ))}
      {rest.length > 0 && (
        <span className="tag more" title={rest.map((tag) => tag.name).join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
