// Flex messages, drawn near enough to judge them by (LINE Messaging API reference, "Flex Message"): boxes become flexible
// boxes of CSS, and what has an action gets a real button. What LINE does not have is left out.

import { actionView } from "./actions.js";
import { el } from "./dom.js";

// Sizes in px, by LINE's names for them.
const TEXTS = { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 };
const SPACES = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
const BORDERS = { none: 0, light: 0.5, normal: 1, medium: 2, "semi-bold": 3, bold: 4 };
const BUBBLES = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 386 };
const IMAGES = { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 };
/** Boxes in boxes; LINE's own limit is lower. */
const DEEPEST = 20;

const JUSTIFY = {
  center: "center",
  "flex-start": "flex-start",
  "flex-end": "flex-end",
  "space-between": "space-between",
  "space-around": "space-around",
  "space-evenly": "space-evenly",
};
const SIDES = { start: "flex-start", end: "flex-end", center: "center", top: "flex-start", bottom: "flex-end" };

/** The message's drawing; null where it holds nothing that can be drawn. `tools`: `{linked(at), press(action)}`. */
export function flexView(content, tools) {
  const { contents } = content;
  if (contents?.type === "bubble") return bubble(contents, "/contents", tools);
  if (contents?.type !== "carousel" || !Array.isArray(contents.contents)) return null;
  const bubbles = contents.contents.map((one, at) => bubble(one, `/contents/contents/${at}`, tools));
  return el("div", { class: "strip", role: "group", tabindex: "0", "aria-label": content.altText }, ...bubbles);
}

function bubble(given, at, tools) {
  const width = BUBBLES[given.size] ?? BUBBLES.mega;
  const view = el("div", { class: "fx", dir: given.direction === "rtl" ? "rtl" : "ltr" });
  set(view, "width", `${width}px`);
  view.classList.toggle("fx-small", width < BUBBLES.kilo);
  for (const name of ["header", "hero", "body", "footer"]) {
    const part = given[name];
    if (!part) continue;
    const block = el("div", { class: `fx-${name}` }, component(part, "vertical", `${at}/${name}`, tools, 0));
    const style = given.styles?.[name] ?? {};
    set(block, "background-color", colour(style.backgroundColor));
    if (style.separator) set(block, "border-top", `1px solid ${colour(style.separatorColor) ?? "var(--card-line)"}`);
    view.append(block);
  }
  return withAction(view, given.action, tools);
}

const drawers = { box, text, image, video, icon, button, separator, filler: () => el("span"), spacer: () => el("span") };

function component(given, layout, at, tools, depth) {
  if (!Object.hasOwn(drawers, given?.type) || depth > DEEPEST) return null;
  const view = drawers[given.type](given, layout, at, tools, depth);
  if (!view) return null;
  const isRow = layout !== "vertical";
  set(view, isRow ? "margin-left" : "margin-top", length(given.margin, SPACES));
  const share = given.flex ?? (isRow && !["icon", "separator"].includes(given.type) ? 1 : given.type === "filler" ? 1 : null);
  if (Number.isInteger(share) && share >= 0) set(view, "flex", share === 0 ? "0 0 auto" : `${share} ${share} ${isRow ? "0" : "auto"}`);
  if (given.position === "absolute") set(view, "position", "absolute");
  else if (given.position === "relative" || given.offsetTop || given.offsetStart) set(view, "position", "relative");
  for (const [name, property] of [["offsetTop", "top"], ["offsetBottom", "bottom"], ["offsetStart", "left"], ["offsetEnd", "right"]]) {
    set(view, property, length(given[name], SPACES));
  }
  if (isRow && layout !== "baseline" && given.type !== "separator") set(view, "align-self", SIDES[given.gravity]);
  return given.type === "button" ? view : withAction(view, given.action, tools);
}

function box(given, _layout, at, tools, depth) {
  const layout = ["horizontal", "baseline"].includes(given.layout) ? given.layout : "vertical";
  const view = el("div", { class: `fx-box fx-${layout}` });
  const spacing = length(given.spacing, SPACES);
  (Array.isArray(given.contents) ? given.contents : []).forEach((one, index) => {
    const child = component(one, layout, `${at}/contents/${index}`, tools, depth + 1);
    if (!child) return;
    if (view.children.length > 0 && one.margin === undefined && one.position !== "absolute") {
      set(child, layout === "vertical" ? "margin-top" : "margin-left", spacing);
    }
    view.append(child);
  });
  set(view, "background-color", colour(given.backgroundColor));
  const fade = given.background;
  if (fade?.type === "linearGradient" && /^\d+(\.\d+)?deg$/.test(fade.angle) && colour(fade.startColor) && colour(fade.endColor)) {
    set(view, "background-image", `linear-gradient(${fade.angle}, ${fade.startColor}, ${fade.endColor})`);
  }
  const border = length(given.borderWidth, BORDERS) ?? (given.borderColor ? "1px" : null);
  if (border) set(view, "border", `${border} solid ${colour(given.borderColor) ?? "var(--card-line)"}`);
  const radius = length(given.cornerRadius, SPACES);
  set(view, "border-radius", radius);
  if (radius) set(view, "overflow", "hidden");
  for (const [name, property] of [["width", "width"], ["height", "height"], ["maxWidth", "max-width"], ["maxHeight", "max-height"]]) {
    set(view, property, length(given[name], {}));
  }
  if (given.width && given.flex === undefined) set(view, "flex", "none");
  for (const [name, property] of [
    ["paddingAll", "padding"], ["paddingTop", "padding-top"], ["paddingBottom", "padding-bottom"],
    ["paddingStart", "padding-inline-start"], ["paddingEnd", "padding-inline-end"],
  ]) set(view, property, length(given[name], SPACES));
  set(view, "justify-content", JUSTIFY[given.justifyContent]);
  if (layout !== "baseline") set(view, "align-items", JUSTIFY[given.alignItems]);
  return view;
}

function text(given) {
  const view = el("p", { class: "fx-text" });
  if (Array.isArray(given.contents) && given.contents.length > 0) {
    for (const span of given.contents) if (span?.type === "span") view.append(styled(el("span", { text: span.text ?? "" }), span));
  } else {
    view.textContent = given.text ?? "";
  }
  styled(view, { size: "md", ...given });
  set(view, "text-align", { start: "start", end: "end", center: "center" }[given.align]);
  set(view, "line-height", length(given.lineSpacing, {}) && `calc(1.3em + ${length(given.lineSpacing, {})})`);
  view.classList.toggle("fx-wrap", given.wrap === true);
  if (given.wrap === true && Number.isInteger(given.maxLines) && given.maxLines > 0) {
    view.classList.add("fx-lines");
    set(view, "-webkit-line-clamp", String(given.maxLines));
  }
  return view;
}

function styled(view, given) {
  set(view, "font-size", length(given.size, TEXTS));
  set(view, "color", colour(given.color));
  set(view, "font-weight", given.weight === "bold" ? "700" : given.weight === "regular" ? "400" : null);
  set(view, "font-style", given.style === "italic" ? "italic" : null);
  set(view, "text-decoration", { underline: "underline", "line-through": "line-through" }[given.decoration]);
  return view;
}

function image(given, layout, at, tools) {
  const width = given.size === "full" ? "100%" : (length(given.size ?? "md", IMAGES) ?? "100%");
  const picture = el("img", { src: tools.linked(`${at}/url`), alt: "", loading: "lazy" });
  picture.addEventListener("error", () => view.classList.add("is-broken"));
  const view = el("span", { class: "fx-image" }, picture);
  set(view, "width", width);
  set(view, "aspect-ratio", ratio(given.aspectRatio) ?? "1");
  set(view, "background-color", colour(given.backgroundColor));
  set(picture, "object-fit", given.aspectMode === "cover" ? "cover" : "contain");
  if (layout === "vertical") set(view, "align-self", SIDES[given.align] ?? "center");
  return view;
}

function video(given, _layout, at, tools) {
  const view = el("video", { class: "fx-video", controls: true, preload: "none", playsinline: true,
    src: tools.linked(`${at}/url`), poster: tools.linked(`${at}/previewUrl`) });
  set(view, "aspect-ratio", ratio(given.aspectRatio) ?? "1");
  return view;
}

function icon(given, _layout, at, tools) {
  const view = el("img", { class: "fx-icon", src: tools.linked(`${at}/url`), alt: "" });
  set(view, "height", length(given.size ?? "md", TEXTS));
  set(view, "aspect-ratio", ratio(given.aspectRatio) ?? "1");
  return view;
}

function button(given, _layout, _at, tools) {
  const style = ["primary", "secondary"].includes(given.style) ? given.style : "link";
  const view = actionView(given.action ?? {}, tools.press, `fx-button fx-${style}${given.height === "sm" ? " fx-low" : ""}`);
  set(view, style === "link" ? "color" : "background-color", colour(given.color));
  return view;
}

function separator(given, layout) {
  const view = el("span", { class: layout === "vertical" ? "fx-line" : "fx-line fx-upright" });
  set(view, "background-color", colour(given.color));
  return view;
}

/** Lies over the whole, under the buttons inside of it. */
function withAction(view, action, tools) {
  if (!action?.type) return view;
  const cover = actionView(action, tools.press, "fx-cover");
  cover.setAttribute("aria-label", cover.textContent);
  cover.textContent = "";
  view.classList.add("fx-pressed");
  view.append(cover);
  return view;
}

function set(view, property, value) {
  if (value !== null && value !== undefined) view.style.setProperty(property, value);
}

function length(value, named) {
  if (Object.hasOwn(named, value)) return `${named[value]}px`;
  return typeof value === "string" && /^-?\d+(\.\d+)?(px|%)$/.test(value) ? value : null;
}

const colour = (value) => (typeof value === "string" && /^#([0-9a-f]{6}|[0-9a-f]{8})$/i.test(value) ? value : null);

function ratio(value) {
  const [, width, height] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(value ?? "") ?? [];
  return Number(width) > 0 && Number(height) > 0 ? `${width} / ${height}` : null;
}
