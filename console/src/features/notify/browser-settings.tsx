// Browser notifications: whether they are allowed, what they show, and a try.
import { useId } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { Button } from "../../ui/button";
import { showNotification } from "./notification";
import type { PartProps } from "./notify-settings";
import { askPermission, usePermission } from "./permission";

export function BrowserSettings({ settings, onChange }: PartProps) {
  const t = useMessages().notify;
  const name = useId();
  const permission = usePermission();
  const words = { default: t.notAsked, granted: t.allowed, denied: t.denied, unsupported: t.unsupported };
  const test = { title: t.title, body: t.testText, tag: "linedesk.test", place: null };
  return (
    <fieldset>
      <legend>{t.browser}</legend>
      <p className={permission === "denied" ? "notify-warn" : "notify-quiet"} role="status">
        {words[permission]}
      </p>
      {permission === "default" && (
        <Button kind="line" icon="bell" onClick={() => void askPermission()}>
          {t.allow}
        </Button>
      )}
      {permission !== "unsupported" && (
        <div className="notify-choice" role="radiogroup" aria-label={t.shows}>
          <span>{t.shows}</span>
          {(["name", "text"] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={name}
                checked={settings.shows === one}
                onChange={() => onChange({ shows: one })}
              />
              {t.showsOptions[one]}
            </label>
          ))}
        </div>
      )}
      {permission === "granted" && (
        <Button kind="line" onClick={() => void showNotification(test, () => {})}>
          {t.testNote}
        </Button>
      )}
    </fieldset>
  );
}
