// How much of the window's foot the composer takes, as `--foot`, and its middle, as `--foot-middle`: toasts stand above it.
const FOOT = "--foot";
const MIDDLE = "--foot-middle";

/** A ref. */
export function measureFoot(box: HTMLElement | null): (() => void) | undefined {
  if (!box || typeof ResizeObserver === "undefined") return undefined;
  const root = document.documentElement;
  const measure = () => {
    const { top, left, width } = box.getBoundingClientRect();
    // Not laid out, beside the customer on a phone.
    if (width === 0) return forget();
    root.style.setProperty(FOOT, `${Math.round(innerHeight - top)}px`);
    root.style.setProperty(MIDDLE, `${Math.round(left + width / 2)}px`);
  };
  const forget = () => {
    root.style.removeProperty(FOOT);
    root.style.removeProperty(MIDDLE);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(box);
  addEventListener("resize", measure);
  return () => {
    observer.disconnect();
    removeEventListener("resize", measure);
    forget();
  };
}
