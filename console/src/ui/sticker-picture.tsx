// A sticker's picture, by way of the desk; something else where there is none.
import { type ReactNode, useState } from "react";

export function StickerPicture({ id, children }: { id: string | null; children: ReactNode }) {
  const [missing, setMissing] = useState<string | null>(null);
  if (id === null || missing === id) return children;
  const src = `/media/stickers/${encodeURIComponent(id)}`;
  return <img className="sticker-pic" src={src} alt="" loading="lazy" onError={() => setMissing(id)} />;
}
