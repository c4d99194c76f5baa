// The row's second line: the kind's icon, who said it, and the words.
import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import type { Snippet } from "./snippet";

export function SnippetLine({ snippet }: { snippet: Snippet | null }) {
  const t = useMessages().list;
  if (!snippet) return <span className="snip">{t.noMessages}</span>;
  const { icon, who, text, isBad } = snippet;
  return (
    <span className={isBad ? "snip bad" : "snip"}>
      {icon && <Icon name={icon} size={16} />}
      <span className="t" lang={langOf(text)}>
        {who && (
          <span className="who" lang={langOf(who)}>
            {t.saidBy(who)}
          </span>
        )}
        {text}
      </span>
    </span>
  );
}
