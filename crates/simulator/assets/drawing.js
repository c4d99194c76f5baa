// What a message looks like, by its kind. Files come from the simulator alone: customers' as they sent them, the
// account's fetched from where its message says.

import { actionView } from "./actions.js";
import { el, icon } from "./dom.js";
import { flexView } from "./flex.js";
import { fileOf, linkedOf, nameOfMember, sendEvent } from "./platform.js";
import { imagemapView, templateView } from "./templates.js";
import { words } from "./words.js";

/** LINE's placeholders in `textV2`: `{name}`, and doubled braces for themselves. */
const PLACEHOLDER = /\{\{|\}\}|\{([^{}]+)\}/g;
const ADDRESS = /https?:\/\/[^\s<>"]+/g;

/** What a message says in words, for quotes, labels and readers. */
export function plainText(message) {
  const kind = words.kinds[message.kind] ?? words.unknownKind(message.kind);
  if (message.kind === "sticker") return stickerWords(message.content ?? {});
  if (!message.text) return kind;
  if (message.kind !== "textV2") return message.text;
  return message.text.replace(PLACEHOLDER, (whole, name) => {
    if (name === undefined) return whole[0];
    const given = message.content?.substitution?.[name];
    return given?.type === "mention" ? mentionText(given) : given?.type === "emoji" ? "☺" : whole;
  });
}

/** `{parts, bare}`: what goes into the bubble; `bare` where the content is its own bubble. */
export function draw(message, chatId, press) {
  const tools = { message, chatId, press, content: message.content ?? {}, linked: (at) => linkedOf(chatId, message.id, at) };
  const drawer = Object.hasOwn(drawers, message.kind) ? drawers[message.kind] : null;
  let drawn = null;
  try {
    drawn = drawer?.(tools) ?? null;
  } catch {
    // The account can send what LINE would refuse; then its words are shown.
  }
  if (drawn) return drawn;
  const kind = el("small", { text: words.kinds[message.kind] ?? words.unknownKind(message.kind) });
  return { parts: [kind, ...(message.text ? [el("p", { text: message.text })] : [])], bare: false };
}

/** The quick replies of a message, as buttons. */
export function quickReplies(message, chatId, press) {
  const items = message?.content?.quickReply?.items;
  return (Array.isArray(items) ? items : []).map((item, at) => {
    const view = actionView(item.action ?? {}, press, "quick-reply");
    if (item.imageUrl) view.prepend(el("img", { src: linkedOf(chatId, message.id, `/quickReply/items/${at}/imageUrl`), alt: "" }));
    return view;
  });
}

const drawers = {
  text: ({ message, content }) => said(withEmojis(message.text ?? "", content.emojis)),
  textV2: ({ message, content }) => said(substituted(message.text ?? "", content.substitution ?? {})),
  image: ({ message, chatId }) => bare(picture(message, chatId)),
  video: ({ message, chatId, content }) => bare(video(message, chatId, content)),
  audio: ({ message, chatId }) => bare(audio(message, chatId)),
  file: ({ message, chatId, content }) => ({ parts: [file(message, chatId, content)], bare: false }),
  sticker: ({ content }) => bare(sticker(content)),
  location: ({ content }) => ({ parts: [place(content)], bare: false }),
  template: (tools) => bare(templateView(tools.content, tools)),
  imagemap: (tools) => bare(imagemapView(tools.content, tools)),
  flex: (tools) => bare(flexView(tools.content, tools)),
};

const said = (nodes) => ({ parts: [el("p", {}, ...nodes)], bare: false });
const bare = (view) => view && { parts: [view], bare: true };

/** Text with its addresses as links. */
function linked(text) {
  const nodes = [];
  let at = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    nodes.push(text.slice(at, index), el("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: address }));
    at = index + address.length;
  }
  return [...nodes, text.slice(at)];
}

const emoji = () => el("span", { class: "emoji", role: "img", "aria-label": words.emoji, text: "☺" });

/** Each emoji stands in the place of one character (UTF-16 index). */
function withEmojis(text, emojis) {
  const nodes = [];
  let from = 0;
  const sorted = (Array.isArray(emojis) ? [...emojis] : []).sort((one, other) => one.index - other.index);
  for (const { index } of sorted) {
    if (!Number.isInteger(index) || index < from || index >= text.length) continue;
    nodes.push(...linked(text.slice(from, index)), emoji());
    from = index + 1;
  }
  return [...nodes, ...linked(text.slice(from))];
}

function substituted(text, substitution) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    nodes.push(...linked(text.slice(from, match.index)));
    from = match.index + match[0].length;
    const given = match[1] === undefined ? null : substitution[match[1]];
    if (match[1] === undefined) nodes.push(match[0][0]);
    else if (given?.type === "mention") nodes.push(el("b", { class: "mention", text: mentionText(given) }));
    else if (given?.type === "emoji") nodes.push(emoji());
    else nodes.push(match[0]);
  }
  return [...nodes, ...linked(text.slice(from))];
}

const mentionText = ({ mentionee }) => `@${mentionee?.type === "all" ? words.everyone : nameOfMember(mentionee?.userId ?? "")}`;

/** Says that a file did not come, in its place. */
function unlessBroken(view, kind) {
  view.addEventListener("error", () => view.replaceWith(el("span", { class: "broken", text: words.noFile(kind) })), { once: true });
  return view;
}

function picture(message, chatId) {
  const kind = words.kinds.image;
  const view = unlessBroken(el("img", { src: fileOf(chatId, message.id, "preview"), alt: kind }), kind);
  return el("a", { class: "picture", href: fileOf(chatId, message.id, "original"), target: "_blank", rel: "noopener" }, view);
}

function video(message, chatId, content) {
  const view = el("video", { class: "film", controls: true, preload: "metadata", playsinline: true, "aria-label": words.kinds.video,
    src: fileOf(chatId, message.id, "original"), poster: fileOf(chatId, message.id, "preview") });
  // LINE tells when a video that has a name was watched (LINE OpenAPI, `VideoPlayCompleteEvent`).
  if (message.author === "account" && content.trackingId) {
    const part = ["videoPlayComplete", { trackingId: content.trackingId }];
    view.addEventListener("ended", () => sendEvent(chatId, { type: "videoPlayComplete", part, is_replyable: true }).catch(() => {}));
  }
  return unlessBroken(view, words.kinds.video);
}

function audio(message, chatId) {
  const view = el("audio", { controls: true, preload: "metadata", "aria-label": words.kinds.audio, src: fileOf(chatId, message.id, "original") });
  return el("div", { class: "sound" }, unlessBroken(view, words.kinds.audio));
}

function file(message, chatId, content) {
  const name = content.fileName ?? words.kinds.file;
  const size = Number.isFinite(content.fileSize) ? el("small", { text: words.bytes(content.fileSize) }) : null;
  return el("a", { class: "file", href: fileOf(chatId, message.id, "original"), download: name }, icon("file"), el("span", {}, el("b", { text: name }), size));
}

const stickerWords = ({ keywords, text }) =>
  [words.kinds.sticker, [text, ...(keywords ?? [])].filter(Boolean).slice(0, 3).join(", ")].filter(Boolean).join(": ");

function sticker(content) {
  const label = stickerWords(content);
  if (!/^\d{1,15}$/.test(content.stickerId ?? "")) return el("span", { class: "broken", text: label });
  const view = el("img", { class: "sticker", alt: label, src: `/stickershop/v1/sticker/${content.stickerId}/android/sticker.png` });
  view.addEventListener("error", () => view.replaceWith(el("span", { class: "broken", text: label })), { once: true });
  return view;
}

function place(content) {
  const at = [content.latitude, content.longitude].filter(Number.isFinite);
  return el("div", { class: "place" }, el("span", { class: "ground" }, icon("pin")),
    el("b", { text: content.title || words.kinds.location }),
    content.address ? el("p", { text: content.address }) : null,
    at.length === 2 ? el("small", { text: at.join(", ") }) : null);
}
