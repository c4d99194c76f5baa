// Has the browser keep the page and its files (`sw.ts`), once it has nothing better to do.
import worker from "./sw?worker&url";

export async function keepShell(): Promise<void> {
  // Plain http on a local network has none; and while the console is worked on, files change under their names.
  if (!import.meta.env.PROD || !isSecureContext || !("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(worker);
  const { active } = await navigator.serviceWorker.ready;
  // The first time the worker comes after all this was loaded.
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  active?.postMessage(loaded.filter((path) => path.startsWith("/assets/")));
}
