// The palette's own keys, for the eye: its roles tell the others.
import { useMessages } from "../../catalogue/catalogue";
import { Keys } from "./keys";

export function PaletteHint() {
  const t = useMessages().keyboard;
  return (
    <div className="hint" aria-hidden="true">
      <span>
        <Keys keys="ArrowUp ArrowDown" /> {t.choose}
      </span>
      <span>
        <Keys keys="Enter" /> {t.runIt}
      </span>
      <span>
        <Keys keys="Escape" /> {t.dismiss}
      </span>
    </div>
  );
}
