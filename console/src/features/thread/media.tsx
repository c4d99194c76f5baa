// The file behind a message: a picture, a video, a sound, or a file to take. Boxes have their size before anything is in
// them, so nothing moves when it comes.
import { useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Media, Message } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { FaultNote } from "../../ui/fault";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { fileSize } from "../../ui/size";
import { duration, fullTime } from "../../ui/time";
import { Lightbox } from "./lightbox";
import { fileLink, previewLink, shownName } from "./media-links";
import { readPayload } from "./payload";
import { useScene } from "./scene";

export type MediaKind = "image" | "video" | "audio" | "file";

export function MediaBody({ message, kind }: { message: Message; kind: MediaKind }) {
  const { media } = message;
  if (!media) return <Away message={message} kind={kind} />;
  if (media.state !== "ready") return <NotHere message={message} media={media} kind={kind} />;
  if (kind === "image" && media.has_preview) return <Picture message={message} media={media} />;
  if (kind === "video" && media.content_type?.startsWith("video/")) return <Video media={media} />;
  if (kind === "audio" && media.content_type?.startsWith("audio/")) return <Sound media={media} />;
  return <FileThing message={message} media={media} kind={kind} />;
}

/** What of it is known before it is here, in one line. */
function useFacts(message: Message): string[] {
  const locale = useLocale();
  const { media } = message;
  const payload = readPayload(message.payload);
  const length = media?.duration_ms ?? payload.number("duration");
  const size = media?.size_bytes ?? payload.number("fileSize") ?? payload.number("file_size");
  return [length !== null ? duration(length) : null, size !== null ? fileSize(size, locale) : null].filter(
    (fact) => fact !== null,
  );
}

function Picture({ message, media }: { message: Message; media: Media }) {
  const { common, media: t } = useMessages();
  const [isOpen, setOpen] = useState(false);
  const words = message.content || common.kind.image;
  return (
    <>
      <button type="button" className="shot pic" aria-label={t.show(words)} onClick={() => setOpen(true)}>
        <img src={previewLink(media)} alt={words} loading="lazy" decoding="async" />
      </button>
      {isOpen && <Lightbox first={message.id} onClose={() => setOpen(false)} />}
    </>
  );
}

function Video({ media }: { media: Media }) {
  const { common, media: t } = useMessages();
  return (
    <div className="reel">
      <video
        controls
        preload="none"
        playsInline
        aria-label={common.kind.video}
        src={fileLink(media)}
        {...(media.has_preview ? { poster: previewLink(media) } : {})}
      />
      <a className="take" href={fileLink(media, true)} download>
        <Icon name="download" size={14} />
        {t.download}
      </a>
    </div>
  );
}

function Sound({ media }: { media: Media }) {
  const { common, media: t } = useMessages();
  return (
    <div className="sound">
      {/* biome-ignore lint/a11y/useMediaCaption: a customer's voice has none */}
      <audio controls preload="none" aria-label={common.kind.audio} src={fileLink(media)} />
      <small>
        {media.duration_ms !== null && `${duration(media.duration_ms)} · `}
        <a href={fileLink(media, true)} download>
          {t.download}
        </a>
      </small>
    </div>
  );
}

function FileThing({ message, media, kind }: { message: Message; media: Media; kind: MediaKind }) {
  const { common, media: t } = useMessages();
  const locale = useLocale();
  const scene = useScene();
  const name = shownName(media.file_name ?? message.content) || common.kind[kind];
  const facts = useFacts(message);
  if (kind !== "file") facts.push(t.notShown[kind]);
  return (
    <div className="filebox">
      <Icon name={kind === "file" ? "file" : kind} />
      <span>
        <a href={fileLink(media, true)} download lang={langOf(name)}>
          {name}
        </a>
        <small>{facts.join(" · ")}</small>
        {media.link_expires_at !== undefined && message.message_type === "file" && (
          <small>{t.linkUntil(fullTime(media.link_expires_at, scene.timezone, locale))}</small>
        )}
      </span>
    </div>
  );
}

/** The desk has no file for it: it lies elsewhere, or the message is from before the desk kept files. */
function Away({ message, kind }: { message: Message; kind: MediaKind }) {
  const { common, media: t } = useMessages();
  const name = shownName(readPayload(message.payload).text("file_name") ?? message.content);
  return <Waiting kind={kind} head={name || common.kind[kind]} line={[...useFacts(message), t.notKept].join(" · ")} />;
}

function NotHere({ message, media, kind }: { message: Message; media: Media; kind: MediaKind }) {
  const { common, media: t } = useMessages();
  const desk = useDesk();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const name = shownName(media.file_name ?? "");
  const mayRetry = media.state === "failed" || (media.state === "fetching" && media.code !== undefined);
  const again = async () => {
    setBusy(true);
    setFault(null);
    await desk.fetchAgain(message.id).catch((error: unknown) => setFault(faultOf(error)));
    setBusy(false);
  };
  return (
    <Waiting
      kind={kind}
      head={name || common.kind[kind]}
      line={[...useFacts(message), wordsOf(media, t)].join(" · ")}
      isComing={media.state === "fetching"}
    >
      {mayRetry && (
        <button type="button" className="link" disabled={isBusy} onClick={() => void again()}>
          {common.tryAgain}
        </button>
      )}
      {fault && <FaultNote lead={t.retryFailed} fault={fault} />}
    </Waiting>
  );
}

function wordsOf(media: Media, t: ReturnType<typeof useMessages>["media"]): string {
  switch (media.state) {
    case "fetching":
      if (media.code === undefined) return t.coming;
      return media.code === "unavailable" ? t.deskWaits : t.lineWaits;
    case "gone":
      return t.gone;
    case "failed":
      return media.code === "payload_too_large" ? t.tooLarge : t.failed;
    case "ready":
      return "";
  }
}

type WaitingProps = {
  kind: MediaKind;
  head: string;
  line: string;
  isComing?: boolean;
  children?: React.ReactNode;
};

/** Pictures and videos keep the box that they will be shown in. */
function Waiting({ kind, head, line, isComing = false, children }: WaitingProps) {
  const icon: IconName = kind;
  if (kind === "image" || kind === "video") {
    return (
      <div className={isComing ? "shot coming" : "shot"} aria-busy={isComing}>
        <Icon name={icon} />
        <span className="cap">
          {head}
          <small>{line}</small>
          {children}
        </span>
      </div>
    );
  }
  return (
    <div className="filebox" aria-busy={isComing}>
      <Icon name={icon} />
      <span>
        <b lang={langOf(head)}>{head}</b>
        <small>{line}</small>
        {children}
      </span>
    </div>
  );
}
