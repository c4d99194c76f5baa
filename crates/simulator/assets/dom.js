// Building the page. Text is only ever set as text: what customers and the desk write cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element. `props` are attributes, except `class`, `text`, `on` (listeners) and booleans (present or absent). */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Sets text only when it differs, so that a reader and a selection are not disturbed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows a message in an element that hides while there is none. */
export function tell(element, text) {
  element.hidden = !text;
  setText(element, text ?? "");
}

const GROUNDS = 6;

/** A round picture of this simulator, or initials. */
export const avatar = (name, pictureUrl, small = false) => pictureOr(name, ownPath(pictureUrl), small);

/** A round picture, or initials: a name always gets the same ground. */
export function pictureOr(name, path, small = false) {
  const ground = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % GROUNDS;
  const view = el("span", { class: `av c${ground + 1}${small ? " s28" : ""}`, "aria-hidden": "true" });
  if (path) view.append(el("img", { src: path, alt: "", on: { error: () => view.replaceChildren(initials(name)) } }));
  else view.append(initials(name));
  return view;
}

/** The path of a picture of this simulator, under whichever name the page is open. Others are not loaded. */
function ownPath(url) {
  if (!url || !URL.canParse(url)) return null;
  const { pathname } = new URL(url);
  return pathname.startsWith("/sim/pictures/") ? pathname : null;
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  const first = (word) => [...word][0] ?? "";
  if (!/^[\p{Script=Latin}]/u.test(name)) return first(words[0]);
  return (words.length > 1 ? first(words[0]) + first(words[1]) : [...words[0]].slice(0, 2).join("")).toUpperCase();
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

export const timeOf = (ms) => clock.format(ms);
export const secondOf = (ms) => clockSeconds.format(ms);
export const dayOf = (ms) => dayName.format(ms);
