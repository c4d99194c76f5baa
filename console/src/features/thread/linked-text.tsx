// Text as it was typed, with its links.
import { useMemo } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { splitLinks } from "./links";

export function LinkedText({ text }: { text: string }) {
  const t = useMessages().thread;
  const parts = useMemo(() => splitLinks(text), [text]);
  return parts.map((part, n) => {
    if (part.kind === "text") return part.text;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
      <a key={n} href={part.href} title={`${part.host} · ${t.opensOutside}`} target="_blank" rel="noopener noreferrer">
        {part.text}
      </a>
    );
  });
}
