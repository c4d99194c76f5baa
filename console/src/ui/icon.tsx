// The icons: one stroke family on a 20 px grid. At 16 and 14 px the line thickens in proportion.

const SHAPES = {
  alert: (
    <>
      <circle cx="10" cy="10" r="7.5" fill="currentColor" stroke="none" />
      <path d="M10 6.25v4.5M10 13.6v.01" stroke="var(--on-status)" strokeWidth="1.9" />
    </>
  ),
  "arrow-down": (
    <>
      <path d="M10 4.25V15.5M5 10.75l5 5 5-5" />
    </>
  ),
  attach: (
    <>
      <path d="m16.25 9.25-6.4 6.4a3.7 3.7 0 0 1-5.2-5.2l6.6-6.6a2.5 2.5 0 0 1 3.5 3.5l-6.5 6.5a1.25 1.25 0 0 1-1.8-1.8l5.9-5.8" />
    </>
  ),
  audio: (
    <>
      <rect x="7.5" y="3" width="5" height="8.5" rx="2.5" />
      <path d="M4.75 9.75a5.25 5.25 0 0 0 10.5 0M10 15v2" />
    </>
  ),
  back: (
    <>
      <path d="M16 10H4.5M9.25 5 4.25 10l5 5" />
    </>
  ),
  bell: (
    <>
      <path d="M5.5 8.75a4.5 4.5 0 0 1 9 0c0 3.75 1.5 4.75 1.5 4.75H4s1.5-1 1.5-4.75ZM8.5 16a1.75 1.75 0 0 0 3 0" />
    </>
  ),
  block: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="m5.3 5.3 9.4 9.4" />
    </>
  ),
  "chevron-down": (
    <>
      <path d="m5.5 8 4.5 4.5L14.5 8" />
    </>
  ),
  chart: (
    <>
      <path d="M3.75 16.25h12.5M6 13.5v-4M10 13.5v-9M14 13.5V7" />
    </>
  ),
  clock: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M10 6.25V10l2.5 1.75" />
    </>
  ),
  close: (
    <>
      <path d="m5 5 10 10M15 5 5 15" />
    </>
  ),
  "cloud-off": (
    <>
      <path d="M8.2 5.1A4.9 4.9 0 0 1 14.4 9a3.3 3.3 0 0 1 2.3 4.6M13 15.5H6.5A3.7 3.7 0 0 1 5.9 8.2M3.75 3.75l12.5 12.5" />
    </>
  ),
  coin: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <circle cx="10" cy="10" r="3.25" />
    </>
  ),
  compose: (
    <>
      <path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5V10" />
      <path d="m8.25 11.75.5-2.5 6.1-6.1 2 2-6.1 6.1Z" />
    </>
  ),
  copy: (
    <>
      <rect x="7" y="7" width="9.5" height="9.5" rx="2" />
      <path d="M13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2" />
    </>
  ),
  done: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="m7 10.25 2.1 2.1L13.2 8" />
    </>
  ),
  download: (
    <>
      <path d="M10 3.75v9M5.75 8.75 10 13l4.25-4.25M4 16.25h12" />
    </>
  ),
  eye: (
    <>
      <path d="M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5Z" />
      <circle cx="10" cy="10" r="2.25" />
    </>
  ),
  file: (
    <>
      <path d="M11.5 3H6.25A1.75 1.75 0 0 0 4.5 4.75v10.5C4.5 16.2 5.3 17 6.25 17h7.5c.95 0 1.75-.8 1.75-1.75V7Z" />
      <path d="M11.25 3.25V7h4" />
    </>
  ),
  forward: (
    <>
      <path d="M4 10h11.5M10.75 5l5 5-5 5" />
    </>
  ),
  group: (
    <>
      <circle cx="7.5" cy="7" r="2.5" />
      <path d="M2.75 15.5c.3-2.6 2.2-4.25 4.75-4.25s4.45 1.65 4.75 4.25M12.5 4.75a2.5 2.5 0 0 1 0 4.5M14.25 11.6c1.6.55 2.7 1.95 3 3.9" />
    </>
  ),
  help: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M8.1 8.1a1.95 1.95 0 1 1 2.9 1.75c-.65.4-1 .75-1 1.5M10 13.6v.01" />
    </>
  ),
  image: (
    <>
      <rect x="3.25" y="4" width="13.5" height="12" rx="2" />
      <circle cx="7.25" cy="8" r="1.25" />
      <path d="m3.5 14 3.75-3.5 2.5 2.25L13 9.25l3.5 3.5" />
    </>
  ),
  inbox: (
    <>
      <path d="M3 11.5 5.2 4.9A1.5 1.5 0 0 1 6.6 4h6.8a1.5 1.5 0 0 1 1.4.9L17 11.5v3a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5Z" />
      <path d="M3 11.5h3.5l1 2h5l1-2H17" />
    </>
  ),
  lock: (
    <>
      <rect x="4.75" y="9" width="10.5" height="7.5" rx="1.75" />
      <path d="M7 9V6.75a3 3 0 0 1 6 0V9" />
    </>
  ),
  moon: (
    <>
      <path d="M15.75 11.6A6.25 6.25 0 0 1 8.4 4.25a6.25 6.25 0 1 0 7.35 7.35Z" />
    </>
  ),
  more: (
    <>
      <path d="M5 10v.01M10 10v.01M15 10v.01" strokeWidth="2" />
    </>
  ),
  out: (
    <>
      <path d="M8.5 5H5.5A1.5 1.5 0 0 0 4 6.5v8A1.5 1.5 0 0 0 5.5 16h8a1.5 1.5 0 0 0 1.5-1.5v-3M11.5 3.75h4.75V8.5M16 4l-6.5 6.5" />
    </>
  ),
  panel: (
    <>
      <rect x="3.25" y="4" width="13.5" height="12" rx="2" />
      <path d="M12 4v12" />
    </>
  ),
  pencil: (
    <>
      <path d="m3.75 16.25.75-3.5 8.3-8.3a1.4 1.4 0 0 1 2 0l.75.75a1.4 1.4 0 0 1 0 2l-8.3 8.3Z" />
      <path d="m11.5 5.75 2.75 2.75" />
    </>
  ),
  pin: (
    <>
      <path d="M10 17s5.25-4.6 5.25-8.75a5.25 5.25 0 1 0-10.5 0C4.75 12.4 10 17 10 17Z" />
      <circle cx="10" cy="8.25" r="1.75" />
    </>
  ),
  plus: (
    <>
      <path d="M10 4.5v11M4.5 10h11" />
    </>
  ),
  quote: (
    <>
      <path d="M8 5.5 4 9.5l4 4" />
      <path d="M4 9.5h7.5a4.5 4.5 0 0 1 4.5 4.5v.5" />
    </>
  ),
  replies: (
    <>
      <rect x="3" y="4" width="14" height="6" rx="2" />
      <rect x="3" y="12.5" width="6" height="4" rx="2" />
      <rect x="11" y="12.5" width="6" height="4" rx="2" />
    </>
  ),
  requeue: (
    <>
      <path d="M10 3.5v7M7.25 7.75 10 10.5l2.75-2.75" />
      <path d="M3.5 11.5v3A1.5 1.5 0 0 0 5 16h10a1.5 1.5 0 0 0 1.5-1.5v-3" />
    </>
  ),
  retry: (
    <>
      <path d="M15.75 6.5A6.5 6.5 0 1 0 16.5 10" />
      <path d="M16.25 3.25V6.75h-3.5" />
    </>
  ),
  ring: (
    <>
      <circle cx="10" cy="10" r="6.5" opacity=".4" />
      <path d="M10 3.5a6.5 6.5 0 0 1 6.5 6.5" />
    </>
  ),
  robot: (
    <>
      <rect x="4" y="7" width="12" height="9" rx="2.25" />
      <path d="M10 7V3.75M7.75 11v1M12.25 11v1M2 10.5v2M18 10.5v2" />
    </>
  ),
  search: (
    <>
      <circle cx="9" cy="9" r="5.25" />
      <path d="m13 13 3.75 3.75" />
    </>
  ),
  send: (
    <>
      <path d="M10 15.75V4.5M5 9.25l5-5 5 5" />
    </>
  ),
  settings: (
    <>
      <path d="M3.5 6.5h7M15 6.5h1.5M3.5 13.5H5M9.5 13.5h7" />
      <circle cx="12.75" cy="6.5" r="2.1" />
      <circle cx="7.25" cy="13.5" r="2.1" />
    </>
  ),
  "sign-out": (
    <>
      <path d="M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M8.5 10h8M13.25 6.75 16.5 10l-3.25 3.25" />
    </>
  ),
  smile: (
    <>
      <circle cx="10" cy="10" r="6.75" />
      <path d="M7.25 11.75a3.25 3.25 0 0 0 5.5 0M7.75 8v.01M12.25 8v.01" />
    </>
  ),
  sort: (
    <>
      <path d="M4 6h12M4 10h8M4 14h4" />
    </>
  ),
  sticker: (
    <>
      <path d="M16.5 10.5V6A2.5 2.5 0 0 0 14 3.5H6A2.5 2.5 0 0 0 3.5 6v8A2.5 2.5 0 0 0 6 16.5h4.5Z" />
      <path d="M16.5 10.5H13a2.5 2.5 0 0 0-2.5 2.5v3.5M7.25 7.75v.01M12 7.75v.01" />
    </>
  ),
  tick: (
    <>
      <path d="m4.25 10.75 3.75 3.75 7.75-9" />
    </>
  ),
  transfer: (
    <>
      <path d="M4 7h11.5M12.75 4.25 15.5 7l-2.75 2.75M16 13H4.5M7.25 10.25 4.5 13l2.75 2.75" />
    </>
  ),
  undo: (
    <>
      <path d="M7.25 4.75 3.75 8.25l3.5 3.5" />
      <path d="M3.75 8.25h8a4.1 4.1 0 0 1 0 8.25H8" />
    </>
  ),
  user: (
    <>
      <circle cx="10" cy="7" r="3" />
      <path d="M4 16.5c.4-3.1 2.8-5 6-5s5.6 1.9 6 5" />
    </>
  ),
  video: (
    <>
      <rect x="2.75" y="5" width="10.5" height="10" rx="2" />
      <path d="m13.25 9 4-2.25v6.5l-4-2.25" />
    </>
  ),
};

export type IconName = keyof typeof SHAPES;

const CLASSES = { 20: "i", 16: "i i-16", 14: "i i-14" };

/** Never the only sign of something: words stand beside it or in its control's label. */
export function Icon({ name, size = 20 }: { name: IconName; size?: 20 | 16 | 14 }) {
  return (
    <svg className={CLASSES[size]} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}

/** The sign of linedesk: a desk. */
export function BrandMark() {
  return (
    <svg className="i brand-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M4 8.5A3.5 3.5 0 0 1 7.5 5h9A3.5 3.5 0 0 1 20 8.5V13H4Z" fill="currentColor" stroke="none" />
      <path d="M2.75 16.25h18.5M6.5 16.25v3.5M17.5 16.25v3.5" strokeWidth="1.9" />
    </svg>
  );
}
