// Sending a place: from a map link, or by hand.
import { type FormEvent, useId, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";
import { langOf } from "../../ui/language";
import type { Place } from "./drafts";
import { EMPTY_PLACE, flawsOf, MAX_WORDS, placeIn, placeMessage } from "./place";
import type { Writing } from "./use-writing";

const FIELDS = ["title", "address", "latitude", "longitude"] as const;

export function PlaceDialog({ writing, onClose }: { writing: Writing; onClose: () => void }) {
  const { compose, common } = useMessages();
  const t = compose.place;
  const form = useId();
  const first = useRef<HTMLInputElement>(null);
  const place = writing.draft.place ?? EMPTY_PLACE;
  const [pasted, setPasted] = useState("");
  /** Told once sending was tried: nobody is corrected while still typing. */
  const [isTold, setTold] = useState(false);
  const flaws = flawsOf(place);
  const put = (change: Partial<Place>) => writing.put({ place: { ...place, ...change } });
  const paste = (text: string) => {
    setPasted(text);
    const found = placeIn(text);
    if (found) put({ ...found, title: place.title || (found.title ?? "") });
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTold(true);
    const wrong = FIELDS.find((field) => flaws[field]);
    if (wrong) event.currentTarget.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
    else if (writing.sendMade({ text: place.title.trim(), message: placeMessage(place) }, "place") !== null) onClose();
  };
  const labels = { title: t.name, address: t.address, latitude: t.latitude, longitude: t.longitude };
  const footer = (
    <>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button kind="primary" type="submit" form={form}>
        {t.send}
      </Button>
    </>
  );
  return (
    <Dialog isOpen onClose={onClose} title={t.title} footer={footer} initialFocus={first}>
      <form id={form} className="dlg-body place-form" onSubmit={send} noValidate>
        <label className="field is-wide">
          <span>{t.paste}</span>
          <input
            ref={first}
            className="input"
            inputMode="url"
            autoComplete="off"
            value={pasted}
            onChange={(event) => paste(event.target.value)}
          />
          <small role="status">{pasted.trim() !== "" && !placeIn(pasted) ? t.notFound : t.pasteHint}</small>
        </label>
        {FIELDS.map((field) => {
          const flaw = isTold ? flaws[field] : undefined;
          const isNumber = field === "latitude" || field === "longitude";
          return (
            <label key={field} className={isNumber ? "field" : "field is-wide"}>
              <span>{labels[field]}</span>
              <input
                className="input"
                name={field}
                autoComplete="off"
                {...(isNumber ? { inputMode: "decimal" } : { lang: langOf(place[field]) })}
                aria-invalid={flaw !== undefined}
                value={place[field]}
                onChange={(event) => put({ [field]: event.target.value })}
              />
              {flaw && (
                <small className="is-wrong" role="alert">
                  {flaw === "tooLong" ? t.tooLong(MAX_WORDS) : t[flaw]}
                </small>
              )}
            </label>
          );
        })}
        {writing.fault && (
          <div className="is-wide">
            <FaultNote fault={writing.fault.fault} lead={writing.fault.lead} />
          </div>
        )}
      </form>
    </Dialog>
  );
}
