// Writing: drafts, what they quote, and sending them one after another.

import { writer } from "./actions.js";
import { byId, setText, tell } from "./dom.js";
import { sendMessage, state } from "./platform.js";
import { words } from "./words.js";

/** UTF-16 code units, as LINE counts and as a string's length is. */
const TEXT_UNITS = 5000;
const UNITS_SHOWN_FROM = 4500;

/** Gives `{show(chatId), quote(message, name, text), fill(text)}`. */
export function startCompose({ notify, sent }) {
  const field = byId("text");
  /** What was typed but not sent, and what it quotes, by chat. */
  const drafts = new Map();
  let shown = null;

  const draftOf = (chatId) => drafts.get(chatId) ?? { text: "", quoted: null };
  function keepDraft() {
    if (shown) drafts.set(shown, { ...draftOf(shown), text: field.value });
  }
  function restoreDraft() {
    field.value = draftOf(shown).text;
    renderQuote();
    tell(byId("send-wrong"), "");
    fit();
  }

  function show(chatId) {
    keepDraft();
    shown = chatId;
    restoreDraft();
  }

  function quote(message, name, text) {
    drafts.set(shown, { text: field.value, quoted: { id: message.id, name, text } });
    renderQuote();
    field.focus();
  }
  function dropQuote() {
    drafts.set(shown, { text: field.value, quoted: null });
    renderQuote();
    field.focus();
  }
  function renderQuote() {
    const { quoted } = draftOf(shown);
    byId("quoting").hidden = !quoted;
    if (!quoted) return;
    setText(byId("quoting-who"), quoted.name);
    setText(byId("quoting-text"), quoted.text);
  }
  byId("quoting-cancel").addEventListener("click", dropQuote);

  function fill(text) {
    if (text) field.value = text;
    fit();
    field.focus();
  }

  /** Up to five lines, then it scrolls. */
  function fit() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const units = field.value.length;
    tell(byId("units"), units >= UNITS_SHOWN_FROM ? words.units(units, TEXT_UNITS) : "");
    byId("units").classList.toggle("over", units > TEXT_UNITS);
    byId("send").disabled = field.value.trim() === "";
  }
  field.addEventListener("input", () => {
    tell(byId("send-wrong"), "");
    fit();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a word. (229: what Safari says after the composition's end.)
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && draftOf(shown).quoted) {
      event.preventDefault();
      dropQuote();
    }
  });
  byId("compose").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
    field.focus();
  });

  // One after another: messages arrive in the order in which Enter was pressed.
  let sending = Promise.resolve();
  function send() {
    const [chatId, text, as] = [shown, field.value, writer()];
    const { quoted } = draftOf(chatId);
    if (!chatId || chatId !== state.selected || text.trim() === "") return;
    if (text.length > TEXT_UNITS) return tell(byId("send-wrong"), words.tooLong);
    drafts.delete(chatId);
    restoreDraft();
    sent();
    const message = { type: "text", fields: { text }, ...as, ...(quoted ? { quoted_message_id: quoted.id } : {}) };
    sending = sending.then(() => sendMessage(chatId, message)).catch((error) => {
      // What was written must not be lost, and nor must what was written since.
      keepDraft();
      const since = draftOf(chatId);
      drafts.set(chatId, { text: since.text ? `${text}\n${since.text}` : text, quoted: since.quoted ?? quoted });
      if (shown !== chatId) return notify(error.message);
      restoreDraft();
      tell(byId("send-wrong"), error.message);
    });
  }

  fit();
  return { show, quote, fill };
}
