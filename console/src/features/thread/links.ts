// Finds links in text that anyone may have written. A link is made only where its address says where it leads.

export type TextPart = { kind: "text"; text: string } | { kind: "link"; text: string; href: string; host: string };

// Only what RFC 3986 allows: Thai and Japanese text may follow an address without a space.
const ADDRESS = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/gi;

export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const written = trimmed(match[0]);
    const link = linkOf(written);
    if (!link) continue;
    if (match.index > done) parts.push({ kind: "text", text: text.slice(done, match.index) });
    parts.push({ kind: "link", text: written, ...link });
    done = match.index + written.length;
  }
  if (done < text.length) parts.push({ kind: "text", text: text.slice(done) });
  return parts;
}

/** Without what ends the sentence, and without a bracket that was opened before it. */
function trimmed(address: string): string {
  let end = address.replace(/[.,;:!?'*]+$/, "");
  while (/[)\]]$/.test(end) && count(end, /[)\]]/g) > count(end, /[([]/g))
    end = end.slice(0, -1).replace(/[.,;:!?'*]+$/, "");
  return end;
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

function linkOf(written: string): { href: string; host: string } | null {
  if (!URL.canParse(written)) return null;
  const url = new URL(written);
  // "https://bank.example@evil.example" leads elsewhere than it seems.
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username || url.password) return null;
  return { href: url.href, host: url.host };
}
