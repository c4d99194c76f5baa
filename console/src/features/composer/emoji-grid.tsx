// A small set of emoji, one stop of the Tab key: the arrows walk in it.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { stepInGrid } from "../../ui/grid";

const COLUMNS = 10;

// Chosen for those who answer customers; each is one that LINE shows on every phone.
const EMOJI = (
  "😊 😀 😄 😁 😅 😂 🙂 😉 😌 😍 " +
  "🥰 😘 🤗 🤔 😮 😯 😢 😭 😞 😔 " +
  "😣 😴 🤒 😷 🥳 😎 🙄 😬 😇 🤝 " +
  "👍 👎 👌 👏 🙌 🙏 💪 👋 ✋ 👉 " +
  "👆 👇 🤞 ✌️ 🙇 🙇‍♀️ 🙋 💁 🤷 ❤️ " +
  "💛 💚 💙 💜 💕 ✨ ⭐ 🌟 🎉 🎁 " +
  "🌸 🌹 ☀️ ☔ 🔥 💯 ✅ ❌ ⚠️ ❗ " +
  "❓ 📌 📎 📷 📦 🚚 🏠 🏥 📞 ⏰"
).split(" ");

export function EmojiGrid({ onPick }: { onPick: (emoji: string) => void }) {
  const t = useMessages().composer;
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDivElement>(null);
  // It comes later than the popover around it, which has taken the focus by then.
  useEffect(() => ref.current?.querySelector("button")?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepInGrid(event.key, at, EMOJI.length, COLUMNS);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    ref.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div ref={ref} className="emoji-grid" role="group" aria-label={t.emoji} onKeyDown={onKeyDown}>
      {EMOJI.map((emoji, index) => (
        <button
          key={emoji}
          type="button"
          tabIndex={index === at ? 0 : -1}
          onFocus={() => setAt(index)}
          onClick={() => onPick(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
}
