// The settings of being told: what, how, and whether the browser lets it.
import { useId } from "react";
import { useStore } from "zustand";
import { useMessages } from "../../catalogue/catalogue";
import { useMe } from "../../desk/context";
import { Button } from "../../ui/button";
import { BrowserSettings } from "./browser-settings";
import {
  changeSettings,
  type NotifySettings as Settings,
  TONES,
  TOPICS,
  type Topic,
  useNotifySettings,
} from "./settings";
import { play, soundStore } from "./sound";
import "./notify.css";

export function NotifySettings() {
  const t = useMessages().notify;
  const { id } = useMe();
  const settings = useNotifySettings(id);
  const head = useId();
  const change = (what: Partial<Settings>) => changeSettings(id, what);
  return (
    <section className="notify" aria-labelledby={head}>
      <h2 id={head}>{t.title}</h2>
      <p className="notify-quiet">{t.intro}</p>
      <Topics settings={settings} onChange={change} />
      <SoundSettings settings={settings} onChange={change} />
      <BrowserSettings settings={settings} onChange={change} />
    </section>
  );
}

export type PartProps = { settings: Settings; onChange: (change: Partial<Settings>) => void };

function Topics({ settings, onChange }: PartProps) {
  const t = useMessages().notify;
  const { sounds, notifications } = settings;
  const box = (label: string, isOn: boolean, onTurn: (isOn: boolean) => void) => (
    <input type="checkbox" aria-label={label} checked={isOn} onChange={(event) => onTurn(event.target.checked)} />
  );
  const line = (topic: Topic) => (
    <tr key={topic}>
      <th scope="row">{t.topic[topic]}</th>
      <td>
        {box(t.soundOf(t.topic[topic]), sounds[topic], (isOn) => onChange({ sounds: { ...sounds, [topic]: isOn } }))}
      </td>
      <td>
        {box(t.browserOf(t.topic[topic]), notifications[topic], (isOn) =>
          onChange({ notifications: { ...notifications, [topic]: isOn } }),
        )}
      </td>
    </tr>
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t.what}</th>
          <th scope="col">{t.sound}</th>
          <th scope="col">{t.browser}</th>
        </tr>
      </thead>
      <tbody>{TOPICS.map(line)}</tbody>
    </table>
  );
}

function SoundSettings({ settings, onChange }: PartProps) {
  const t = useMessages().notify;
  const name = useId();
  const state = useStore(soundStore, (one) => one.state);
  const { tone, volume, hasTick } = settings;
  if (state === "none") return <p className="notify-quiet">{t.noSound}</p>;
  return (
    <>
      <fieldset>
        <legend>{t.whichSound}</legend>
        <div className="notify-choice">
          {TONES.map((one) => (
            <label key={one}>
              <input type="radio" name={name} checked={one === tone} onChange={() => onChange({ tone: one })} />
              {t.tone[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="notify-volume">
        <label>
          {t.volume}
          <input
            type="range"
            min={0}
            max={100}
            step={5}
            value={Math.round(volume * 100)}
            onChange={(event) => onChange({ volume: event.target.valueAsNumber / 100 })}
          />
        </label>
        <Button kind="line" icon="bell" onClick={() => void play(tone, volume)}>
          {t.test}
        </Button>
      </div>
      {state === "blocked" && (
        <p className="notify-warn" role="status">
          {t.blocked}
        </p>
      )}
      <label className="notify-line">
        <input type="checkbox" checked={hasTick} onChange={(event) => onChange({ hasTick: event.target.checked })} />
        {t.tick}
      </label>
      <p className="notify-quiet">{t.quiet}</p>
    </>
  );
}
