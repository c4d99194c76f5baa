// Elements, lists of elements, times and names. Text only ever becomes text nodes.
import { lang, t } from "./catalogue.js";

export const $ = (id) => document.getElementById(id);

export function h(tag, props, ...kids) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...kids.flat().filter((kid) => kid !== undefined && kid !== null && kid !== false && kid !== ""));
  return el;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${size}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Makes `parent` show `wanted` (`{key, sig, tag, fill(el)}`) and touches only what changed: focus, selection and hover stay.
 */
export function sync(parent, wanted) {
  const old = parent.shown ?? new Map();
  const now = new Map();
  for (const item of wanted) {
    const kept = old.get(item.key);
    const row = kept ?? { el: document.createElement(item.tag ?? "div"), sig: null };
    if (row.sig !== item.sig) {
      row.sig = item.sig;
      item.fill(row.el);
    }
    now.set(item.key, row);
  }
  for (const [key, row] of old) if (!now.has(key)) row.el.remove();
  let at = parent.firstElementChild;
  for (const { el } of now.values()) {
    if (el === at) at = at.nextElementSibling;
    else parent.insertBefore(el, at);
  }
  parent.shown = now;
}

/** With the next frame; a hidden page gets none, so there it is a timer. */
export const soon = (work) => (document.hidden ? setTimeout(work, 200) : requestAnimationFrame(work));

const formats = new Map();
function format(name, options) {
  const key = lang() + name;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(lang(), options));
  return formats.get(key);
}

export const clock = (at) => format("t", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
export const dayKey = (at) => new Date(at).toDateString();

export function dayName(at) {
  const date = new Date(at), now = new Date();
  if (dayKey(at) === dayKey(now)) return t("today");
  if (dayKey(at) === dayKey(now.getTime() - 86_400_000)) return t("yesterday");
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return format(`d${year}`, { weekday: "long", day: "numeric", month: "long", year }).format(date);
}

/** For a list: the time today, else the day. */
export function shortTime(at) {
  if (dayKey(at) === dayKey(Date.now())) return clock(at);
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? undefined : "2-digit";
  return format(`s${year}`, { day: "numeric", month: "short", year }).format(new Date(at));
}

export const fullTime = (at) => format("f", { dateStyle: "long", timeStyle: "medium" }).format(new Date(at));

export function waited(since) {
  const s = Math.max(0, Math.floor((Date.now() - new Date(since)) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  if (s >= 86_400) return t("days", { n: Math.floor(s / 86_400) });
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

/** So that each script gets its own glyphs and line height, whatever the page's language is. */
export function langOf(text) {
  if (/[\u0E00-\u0E7F]/.test(text)) return "th";
  if (/[\u3040-\u30FF]/.test(text)) return "ja";
  if (/[\u4E00-\u9FFF]/.test(text)) return lang() === "ja" ? "ja" : "zh-Hant";
  return undefined;
}

export const nameOf = (summary) => summary.display_name || t(`unnamed.${summary.source_type}`, { id: summary.line_user_id.slice(-4) });

export function initials(name) {
  const words = name.trim().split(/\s+/);
  if (!/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(name)) {
    // A Thai name may begin with a vowel that is written before its consonant.
    return (name.match(/[^\u0E40-\u0E44\s]/u) ?? name.match(/\S/u) ?? ["?"])[0];
  }
  return (words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2)).toUpperCase();
}

export const avatar = (id, name, size = "") => h("span", { class: `av c${(id % 6) + 1} ${size}`, "aria-hidden": "true" }, initials(name));
export const opMark = (id, name, words = name, size = "") => h("span", { class: `op c${(id % 6) + 1} ${size}`, title: words, "aria-label": words, role: "img" }, initials(name));

/** What happened and what to do; the code and the request id under "details". */
export function faultWords(action, fault) {
  const code = fault?.code ?? "internal_error";
  const reason = fault?.details?.reason;
  const why =
    code === "session_not_found" && reason === "already_claimed"
      ? t("why.already_claimed", { name: fault.details.operator_name ?? t("someone") })
      : t(`why.${code}`, { n: Math.ceil((fault?.retry_after_ms ?? 1000) / 1000) });
  return `${t(`fail.${action}`)} ${why}`;
}

export function faultDetails(fault) {
  const lines = [...new Set([fault.code, fault.detail ?? fault.message, fault.request_id ?? fault.reply_to].filter(Boolean))];
  return h("details", { class: "fault" }, h("summary", {}, t("details")), h("code", {}, lines.join(" · ")));
}
