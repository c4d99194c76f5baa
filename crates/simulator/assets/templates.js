// Templates and imagemaps (LINE Messaging API reference, "Template messages" and "Imagemap message").

import { actionView } from "./actions.js";
import { el } from "./dom.js";

/** The template's drawing; null where its type is unknown. `tools`: `{linked(at), press(action)}`. */
export function templateView(content, tools) {
  const { template } = content;
  const shapes = template ?? {};
  switch (template?.type) {
    case "buttons":
      return card(template, shapes, "/template", tools, template.thumbnailImageUrl && "thumbnailImageUrl");
    case "confirm":
      return card(template, shapes, "/template", tools);
    case "carousel":
      return strip(content, (column, at) => card(column, shapes, at, tools, column.thumbnailImageUrl && "thumbnailImageUrl"));
    case "image_carousel":
      return strip(content, (column, at) => pictureCard(column, at, tools));
    default:
      return null;
  }
}

function strip(content, draw) {
  const columns = Array.isArray(content.template.columns) ? content.template.columns : [];
  const cards = columns.map((column, at) => draw(column, `/template/columns/${at}`));
  return el("div", { class: "strip", role: "group", tabindex: "0", "aria-label": content.altText }, ...cards);
}

function card(given, shapes, at, tools, pictured) {
  const view = el("div", { class: `card ${given.type === "confirm" ? "confirm" : ""}` });
  if (pictured) {
    const picture = el("img", { src: tools.linked(`${at}/${pictured}`), alt: "", loading: "lazy" });
    picture.classList.toggle("whole", shapes.imageSize === "contain");
    const frame = el("span", { class: `thumb${shapes.imageAspectRatio === "square" ? " square" : ""}` }, picture);
    const ground = given.imageBackgroundColor ?? shapes.imageBackgroundColor;
    if (/^#[0-9a-f]{6}$/i.test(ground ?? "")) frame.style.setProperty("background-color", ground);
    view.append(frame);
  }
  const said = el("div", { class: "card-text" }, given.title ? el("b", { text: given.title }) : null, el("p", { text: given.text ?? "" }));
  if (given.defaultAction) {
    const cover = actionView(given.defaultAction, tools.press, "fx-cover");
    cover.setAttribute("aria-label", cover.textContent);
    cover.textContent = "";
    view.append(cover);
  }
  const actions = (given.actions ?? []).map((action) => actionView(action, tools.press, "card-action"));
  view.append(said, el("div", { class: "card-actions" }, ...actions));
  return view;
}

function pictureCard(column, at, tools) {
  const picture = el("img", { src: tools.linked(`${at}/imageUrl`), alt: "", loading: "lazy" });
  return el("div", { class: "card picture-card" }, el("span", { class: "thumb square" }, picture),
    actionView(column.action ?? {}, tools.press, "card-label"));
}

export function imagemapView(content, tools) {
  const { width = 1040, height = 1040 } = content.baseSize ?? {};
  const picture = el("img", { src: tools.linked("/baseUrl"), alt: content.altText ?? "", loading: "lazy" });
  const view = el("div", { class: "map" }, picture);
  if (width > 0 && height > 0) view.style.setProperty("aspect-ratio", `${width} / ${height}`);
  picture.addEventListener("error", () => picture.replaceWith(el("p", { text: content.altText ?? "" })));
  const place = (element, area) => {
    for (const [property, share] of [["left", area.x / width], ["top", area.y / height], ["width", area.width / width], ["height", area.height / height]]) {
      if (Number.isFinite(share)) element.style.setProperty(property, `${share * 100}%`);
    }
    view.append(element);
  };
  if (content.video?.originalContentUrl) {
    place(el("video", { class: "area", controls: true, preload: "none", playsinline: true,
      src: tools.linked("/video/originalContentUrl"), poster: tools.linked("/video/previewImageUrl") }), content.video.area ?? {});
  }
  for (const action of content.actions ?? []) {
    const area = actionView({ ...action, uri: action.uri ?? action.linkUri }, tools.press, "area");
    area.setAttribute("aria-label", area.textContent);
    area.title = area.textContent;
    area.textContent = "";
    place(area, action.area ?? {});
  }
  return view;
}
