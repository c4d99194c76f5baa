// The tab's own sign: "(3) linedesk" and a dot on its icon.

const NAME = "linedesk";
/** Often enough for an eye that is elsewhere, seldom enough for a busy desk. */
const EVERY_MS = 250;

export type Badge = { show(count: number): void; stop(): void };

export function makeBadge(page: Document): Badge {
  const link = page.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  const plain = link?.href;
  let shown = 0;
  const show = (count: number) => {
    page.title = count > 0 ? `(${count}) ${NAME}` : NAME;
    if (link && plain && count > 0 !== shown > 0) link.href = count > 0 ? dotted(page) : plain;
    shown = count;
  };
  return { show, stop: () => show(0) };
}

/** The desk with a dot, in the tokens' colours: an icon is a page of its own and knows none of them. */
function dotted(page: Document): string {
  const style = getComputedStyle(page.documentElement);
  const of = (token: string, otherwise: string) => style.getPropertyValue(token).trim() || otherwise;
  const mark = of("--muted", "gray");
  const dot = of("--danger", "red");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="${mark}" stroke="${mark}" stroke-width="1.9" stroke-linecap="round">` +
    `<path d="M4 8.5A3.5 3.5 0 0 1 7.5 5h9A3.5 3.5 0 0 1 20 8.5V13H4Z" stroke="none"/><path d="M2.75 16.25h18.5M6.5 16.25v3.5M17.5 16.25v3.5"/></g>` +
    `<circle cx="18" cy="6" r="6" fill="${dot}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Runs once for all calls of a short time. */
export function seldom(run: () => void): { call: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    call: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        run();
      }, EVERY_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
