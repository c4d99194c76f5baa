// A conversation's tags: the first two, and how many more there are.
import type { Tag as TagOf } from "../../protocol";
import { Tag } from "../../ui/tag";

const SHOWN = 2;

export function Tags({ tags }: { tags: readonly TagOf[] }) {
  const rest = tags.slice(SHOWN);
  return (
    <span className="l3">
      {tags.slice(0, SHOWN).map((tag) => (
        <Tag key={tag.id} tag={tag} />
      ))}
      {rest.length > 0 && (
        <span className="tag more" title={rest.map((tag) => tag.name).join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
