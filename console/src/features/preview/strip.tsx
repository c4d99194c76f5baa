// Cards side by side, in a box of their own that the keys can scroll.
import type { ReactNode } from "react";
import { useMessages } from "../../catalogue/catalogue";

export function Strip({ children }: { children: ReactNode }) {
  const t = useMessages().compose.card.begins;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keys.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div className="pv-strip" role="group" tabIndex={0} aria-label={t.carousel}>
      {children}
    </div>
  );
}
