// Sending everything but text: files from this machine, samples, stickers and places, from the tray behind the plus.

import { writer } from "./actions.js";
import { byId, el, icon } from "./dom.js";
import { sendMessage, state } from "./platform.js";
import { words } from "./words.js";

/** What the simulator takes at once. */
const FILE_BYTES = 6_000_000;
/** LINE makes JPEGs of what customers send, and not larger ones than a phone shows. */
const PHOTO_PX = 2048;
const PHOTO_QUALITY = 0.85;
const AT_ONCE = 10;
/** Length of the samples, in ms. */
const SAMPLES = {
  photo: ["image", {}],
  video: ["video", { duration: 3000 }],
  sound: ["audio", { duration: 2000 }],
  document: ["file", { fileName: "document.pdf" }],
};
const PICKED = [
  ["image", "image", "image/*"],
  ["video", "video", "video/*"],
  ["audio", "mic", "audio/*"],
  ["file", "file", ""],
];
/** LINE's ids; the simulator has these four pictures. */
const STICKERS = ["1988", "1989", "1990", "1991"];
const PACKAGE = "446";

/** Gives `{photo(), place(), close()}`. */
export function startSending({ attempt, notify }) {
  const tray = byId("tray");
  const plus = byId("plus");
  const input = byId("file");
  let kind = "image";

  function open(...views) {
    tray.replaceChildren(...views);
    tray.hidden = false;
    plus.setAttribute("aria-expanded", "true");
    tray.querySelector("button, input")?.focus();
  }
  function close(giveBack = false) {
    if (tray.hidden) return;
    tray.hidden = true;
    plus.setAttribute("aria-expanded", "false");
    if (giveBack) plus.focus();
  }
  plus.addEventListener("click", () => (tray.hidden ? openKinds() : close()));
  tray.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close(true);
  });

  function openKinds() {
    const button = (name, text, act) => el("button", { type: "button", class: "kind", on: { click: act } }, icon(name), text);
    const kinds = PICKED.map(([of, name, accept]) => button(name, words.sendKinds[of], () => pick(of, accept)));
    kinds.push(button("sticker", words.sendKinds.sticker, openStickers), button("pin", words.sendKinds.location, openPlace));
    const samples = Object.keys(SAMPLES).map((name) =>
      el("button", { type: "button", class: "btn sm edge", text: words.samples[name], on: { click: () => sendSample(name) } }));
    const label = el("small", { id: "samples-label", text: words.sendSample });
    open(el("div", { class: "kinds" }, ...kinds), label, el("div", { class: "samples", role: "group", "aria-labelledby": "samples-label" }, ...samples));
  }

  // One after another, so that they arrive in this order.
  let sending = Promise.resolve();
  function send(message) {
    const [chatId, as] = [state.selected, writer()];
    if (!chatId) return;
    close(true);
    sending = sending.then(() => attempt(async () => sendMessage(chatId, { ...(await message()), ...as })));
  }

  function sendSample(name) {
    const [type, fields] = SAMPLES[name];
    send(() => ({ type, fields, file: { sample: name } }));
  }

  // Files.

  function pick(of, accept) {
    kind = of;
    input.accept = accept;
    input.multiple = of === "image" || of === "file";
    input.value = "";
    input.click();
  }
  input.addEventListener("change", () => {
    const files = [...input.files].slice(0, AT_ONCE);
    const set = kind === "image" && files.length > 1 ? crypto.randomUUID?.() ?? String(Math.random()) : null;
    const of = kind;
    files.forEach((file, at) => send(async () => {
      const fields = set ? { imageSet: { id: set, index: at + 1, total: files.length } } : {};
      return { ...(await message(of, file)), ...(set ? { fields } : {}) };
    }));
  });

  async function message(type, file) {
    const sent = type === "image" ? await toJpeg(file) : file;
    if (sent.size > FILE_BYTES) throw new Error(words.tooLarge(file.name));
    if (sent.size === 0) throw new Error(words.emptyFile(file.name));
    const fields = type === "file" ? { fileName: file.name } : type === "image" ? {} : await duration(sent);
    const content_type = type === "file" || !sent.type ? "application/octet-stream" : sent.type;
    return { type, fields, file: { base64: await base64(sent), content_type } };
  }

  // Stickers and places.

  function openStickers() {
    const choices = STICKERS.map((id) => {
      const keywords = words.stickers[id];
      const fields = { packageId: PACKAGE, stickerId: id, stickerResourceType: "STATIC", keywords };
      const picture = el("img", { src: `/stickershop/v1/sticker/${id}/android/sticker.png`, alt: "" });
      return el("button", { type: "button", class: "sticker-choice", "aria-label": words.sticker(keywords),
        on: { click: () => send(() => ({ type: "sticker", fields })) } }, picture);
    });
    open(el("div", { class: "stickers" }, ...choices));
  }

  function openPlace() {
    const { title, address, latitude, longitude } = words.samplePlace;
    const field = (name, value, more = {}) => el("label", {}, el("span", { text: words.place[name] }), el("input", { name, value, autocomplete: "off", ...more }));
    const degrees = (most) => ({ type: "number", step: "any", min: -most, max: most, required: true });
    const form = el("form", { class: "new place-form" },
      field("title", title, { maxlength: 100 }), field("address", address, { maxlength: 100 }),
      el("div", { class: "pair" }, field("latitude", latitude, degrees(90)), field("longitude", longitude, degrees(180))),
      el("div", { class: "ends" }, el("button", { type: "button", class: "btn", text: words.cancel, on: { click: () => close(true) } }),
        el("button", { class: "btn main", text: words.sendPlace })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(form));
      const fields = { title: given.title, address: given.address, latitude: Number(given.latitude), longitude: Number(given.longitude) };
      send(() => ({ type: "location", fields }));
    });
    open(form);
  }

  return { photo: () => pick("image", "image/*"), place: openPlace, close };

  async function toJpeg(file) {
    const bitmap = await createImageBitmap(file).catch(() => notPhoto(file));
    const scale = Math.min(1, PHOTO_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = el("canvas", { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
    const pen = canvas.getContext("2d");
    // JPEGs cannot be seen through.
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", PHOTO_QUALITY))) ?? notPhoto(file);
  }
}

function notPhoto(file) {
  throw new Error(words.notAPhoto(file.name));
}

/** `{duration}` in ms, as a movie's header has it (ISO 14496-12, "mvhd"); nothing of other files. */
async function duration(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const at = bytes.findIndex((byte, from) => byte === 0x6d && bytes[from + 1] === 0x76 && bytes[from + 2] === 0x68 && bytes[from + 3] === 0x64);
  if (at < 0 || at + 36 > bytes.length) return {};
  const view = new DataView(bytes.buffer, at + 4);
  const isLong = view.getUint8(0) === 1;
  const scale = view.getUint32(isLong ? 20 : 12);
  const units = isLong ? Number(view.getBigUint64(24)) : view.getUint32(16);
  return scale > 0 ? { duration: Math.round((units / scale) * 1000) } : {};
}

function base64(file) {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error(words.cannotRead));
    reader.readAsDataURL(file);
  });
}
