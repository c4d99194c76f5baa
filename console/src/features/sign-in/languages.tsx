// The language of the page, for one who cannot read it yet.
import { setLocale, useLocale, useMessages } from "../../catalogue/catalogue";
import { LOCALE_NAMES, LOCALES } from "../../catalogue/messages";

export function Languages() {
  const t = useMessages().common;
  const locale = useLocale();
  return (
    <fieldset className="tongues">
      <legend className="sr">{t.language}</legend>
      {LOCALES.map((one) => (
        <button
          key={one}
          type="button"
          lang={one === "zh-TW" ? "zh-Hant" : one}
          aria-pressed={one === locale}
          onClick={() => void setLocale(one)}
        >
          {LOCALE_NAMES[one]}
        </button>
      ))}
    </fieldset>
  );
}
