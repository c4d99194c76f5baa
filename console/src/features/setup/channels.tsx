// The LINE accounts: which there are, where LINE is to call for each, and whether it is on.
import { useCallback, useEffect, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { ChannelState } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { Button, IconButton } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { ChannelForm } from "./channel-form";

export function Channels() {
  const { setup: t, common } = useMessages();
  const { channels, fault, load, keep } = useChannels();
  const [isAdding, setAdding] = useState(false);
  return (
    <section aria-labelledby="setup-channels">
      <header className="setup-head">
        <h2 id="setup-channels">{t.accounts}</h2>
        <Button kind="line" onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      </header>
      {fault && (
        <FaultNote
          fault={fault}
          lead={t.notLoaded}
          action={
            <Button kind="line" onClick={load}>
              {common.tryAgain}
            </Button>
          }
        />
      )}
      {channels?.length === 0 && <p className="empty">{t.none}</p>}
      <ul className="setup-list">
        {channels?.map((channel) => (
          <Channel key={channel.id} channel={channel} onChanged={keep} />
        ))}
      </ul>
      {isAdding && <ChannelForm channel={null} onDone={keep} onClose={() => setAdding(false)} />}
    </section>
  );
}

type ChannelProps = { channel: ChannelState; onChanged: (channel: ChannelState) => void };

function Channel({ channel, onChanged }: ChannelProps) {
  const t = useMessages().setup;
  const desk = useDesk();
  const [isChanging, setChanging] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [isBusy, setBusy] = useState(false);

  const turn = async () => {
    setBusy(true);
    setFault(null);
    await desk.setChannel(channel.id, { is_active: !channel.is_active }).then(onChanged, (error: unknown) => {
      setFault(faultOf(error));
    });
    setBusy(false);
  };
  return (
    <li className="setup-channel" aria-label={channel.name}>
      <div className="setup-name">
        <h3>{channel.name}</h3>
        <span className={channel.is_active ? "setup-state on" : "setup-state"}>
          {channel.is_active ? t.isOn : t.isOff}
        </span>
        <span className="gap" />
        <Button onClick={() => setChanging(true)}>{t.change}</Button>
        <Button onClick={turn} aria-disabled={isBusy}>
          {channel.is_active ? t.turnOff : t.turnOn}
        </Button>
      </div>
      <dl className="kv">
        <dt>{t.webhook}</dt>
        <dd className="setup-url">
          <code>{channel.webhook_url}</code>
          <IconButton icon="copy" size={16} label={t.copy} onClick={() => copy(channel.webhook_url)} />
        </dd>
        <dt>{t.token}</dt>
        <dd>{t.tokenKinds[channel.token_kind]}</dd>
        {channel.account && (
          <>
            <dt>{t.account}</dt>
            <dd>
              {channel.account.display_name} ({channel.account.basic_id})
            </dd>
          </>
        )}
      </dl>
      {channel.webhook_url.startsWith("/") && <p className="setup-hint">{t.noAddress}</p>}
      {channel.is_configured && <p className="setup-hint">{t.configured}</p>}
      {!channel.is_active && <p className="setup-hint">{t.offWords}</p>}
      {channel.warning && (
        <div className="ban bad" role="alert">
          <p>
            {t.warning} <span>{channel.warning}</span>
          </p>
        </div>
      )}
      {channel.misdirected && (
        <div className="ban bad" role="alert">
          <p>{t.misdirected(channel.misdirected.destination)}</p>
        </div>
      )}
      {fault && <FaultNote fault={fault} lead={t.notChanged} />}
      {isChanging && <ChannelForm channel={channel} onDone={onChanged} onClose={() => setChanging(false)} />}
    </li>
  );
}

function copy(text: string): void {
  void navigator.clipboard?.writeText(text).catch(() => {});
}

function useChannels() {
  const desk = useDesk();
  const [channels, setChannels] = useState<ChannelState[] | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const load = useCallback(() => {
    setFault(null);
    desk.channels().then(setChannels, (error: unknown) => setFault(faultOf(error)));
  }, [desk]);
  useEffect(load, [load]);
  const keep = (changed: ChannelState) =>
    setChannels((before) => {
      const known = before ?? [];
      return known.some(({ id }) => id === changed.id)
        ? known.map((channel) => (channel.id === changed.id ? changed : channel))
        : [...known, changed];
    });
  return { channels, fault, load, keep };
}
