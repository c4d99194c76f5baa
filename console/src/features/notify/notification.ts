// One browser notification: by the page, or by the service worker where only that may show one (Android).
import { langOf } from "../../ui/language";
import { markUnsupported } from "./permission";

/** `place`: what a click opens. */
type Note = { title: string; body: string; tag: string; place: string | null };

/** Gives the way to take it down. `open` is told of a click on one that the page itself shows. */
export async function showNotification(
  { title, body, tag, place }: Note,
  open: (place: string) => void,
): Promise<() => void> {
  // Silent: the sound is ours.
  const options = { body, tag, silent: true, lang: langOf(body) ?? document.documentElement.lang, data: { place } };
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      if (place !== null) open(place);
      notification.close();
    };
    return () => notification.close();
  } catch {
    return showByWorker(title, options);
  }
}

/** Clicks on those that the worker has shown. Returns the way to stop. */
export function hearClicks(open: (place: string) => void): () => void {
  if (!("serviceWorker" in navigator)) return () => {};
  const { serviceWorker } = navigator;
  const heard = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "object" && data && "clicked" in data && typeof data.clicked === "string") open(data.clicked);
  };
  serviceWorker.addEventListener("message", heard);
  return () => serviceWorker.removeEventListener("message", heard);
}

async function showByWorker(title: string, options: NotificationOptions & { tag: string }): Promise<() => void> {
  try {
    // Where none is registered, `ready` would never come.
    if (!(await navigator.serviceWorker.getRegistration())) throw new Error("no worker");
    const worker = await navigator.serviceWorker.ready;
    await worker.showNotification(title, options);
    return () => {
      void worker.getNotifications({ tag: options.tag }).then((shown) => {
        for (const one of shown) one.close();
      });
    };
  } catch {
    markUnsupported();
    return () => {};
  }
}
