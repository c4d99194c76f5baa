// The worker that keeps the console's page and files, so that it opens while the desk is away. Served as /sw.js. It also
// answers clicks on the notifications that a page could show only through it.
// One cache for each version of the page, the newest last; the page goes in when all that it begins with is there.
// INVARIANT: nothing but the page and hashed files is ever kept or answered; nothing of a customer is among them.
// Holds no state of its own: the browser ends and starts it as it likes.
import {
  filesOf,
  hasRoom,
  isAway,
  isKeepable,
  outdated,
  placeIn,
  tabFor,
  versionName,
  versionsOf,
  wayOf,
} from "./rules";

declare const self: ServiceWorkerGlobalScope;

const PAGE = "/";
const SELF = "/sw.js";
const PAGE_WITHIN_MS = 3000;

self.addEventListener("install", (event) => {
  // Files are known by their content, so tabs of any version are served well by the newest worker.
  event.waitUntil(Promise.all([self.skipWaiting(), begin()]));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  const way = wayOf({ method, url, isNavigation: mode === "navigate" }, self.location.origin);
  if (way === "page") event.respondWith(page(event));
  else if (way === "asset") event.respondWith(asset(event));
});

// What the page had loaded before this worker was there.
self.addEventListener("message", (event) => {
  const paths: unknown = event.data;
  if (!Array.isArray(paths)) return;
  const client = event.source instanceof Client ? event.source.id : null;
  const kept = keepAll(paths.filter((path) => typeof path === "string"));
  // While a page loads, the one before it in its tab may still be there: by now it is gone.
  event.waitUntil(kept.then(() => dropOutdated(client)));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(placeIn(event.notification.data)));
});

async function open(place: string | null): Promise<void> {
  const tab = tabFor(await self.clients.matchAll({ type: "window", includeUncontrolled: true }));
  if (!tab) {
    await self.clients.openWindow(place ?? PAGE);
    return;
  }
  if (place !== null) tab.postMessage({ clicked: place });
  await tab.focus();
}

async function begin(): Promise<void> {
  const response = await fetch(PAGE, { cache: "no-cache" }).catch(() => null);
  if (response) await (await took(response))?.(null);
}

/** The desk's answer; the kept page when none comes in time. */
async function page(event: FetchEvent): Promise<Response> {
  let isOver = () => {};
  const timeout = new Promise<null>((done) => {
    const timer = setTimeout(() => done(null), PAGE_WITHIN_MS);
    isOver = () => clearTimeout(timer);
  });
  const answer = fromDesk(event).finally(isOver);
  // Also one that comes too late brings what is new.
  event.waitUntil(answer.then(ignore, ignore));
  try {
    const response = await Promise.race([answer, timeout]);
    if (response && !isAway(response.status)) return response;
    return (await keptPage()) ?? response ?? (await answer);
  } catch (error) {
    const kept = await keptPage();
    if (kept) return kept;
    throw error;
  }
}

async function fromDesk(event: FetchEvent): Promise<Response> {
  const response = await fetch(event.request);
  // The files that this page will ask for go where it goes.
  const keep = await took(response.clone()).catch(() => null);
  if (keep) event.waitUntil(keep(event.resultingClientId).catch(ignore));
  return response;
}

/** Makes room for the page's version; gives the way to fill it. Null where the answer says nothing of the console. */
async function took(response: Response): Promise<((client: string | null) => Promise<void>) | null> {
  if (!isKeepable(described(response), "page")) return null;
  const html = await response.clone().text();
  const files = filesOf(html);
  if (files.length === 0) return async () => void (await leftIfUnknown());
  const name = versionName(await hashOf(html));
  const versions = versionsOf(await caches.keys());
  // An older version is back: as the newest it has to be the last.
  if (versions.slice(0, -1).includes(name)) await caches.delete(name);
  const cache = await caches.open(name);
  return async (client) => {
    if (!(await cache.match(PAGE))) {
      if (await leftIfUnknown()) return;
      await Promise.all(files.map((path) => fill(cache, path)));
      await cache.put(PAGE, response);
    }
    await dropOutdated(client);
  };
}

/** A desk without this worker's file, older or without its console, is rid of the worker. Whether it is. */
async function leftIfUnknown(): Promise<boolean> {
  const { status } = await fetch(SELF, { cache: "no-store" });
  if (status !== 404) return false;
  await self.registration.unregister();
  await Promise.all(versionsOf(await caches.keys()).map((name) => caches.delete(name)));
  return true;
}

async function dropOutdated(client: string | null): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const isAlone = client !== null && windows.every(({ id }) => id === client);
  const versions = versionsOf(await caches.keys());
  const newest = versions.at(-1);
  // One that has only begun may never be whole.
  if (newest === undefined || !(await (await caches.open(newest)).match(PAGE))) return;
  const gone = outdated(versions, isAlone);
  await Promise.all(gone.map((name) => caches.delete(name)));
}

async function keptPage(): Promise<Response | undefined> {
  for (const name of versionsOf(await caches.keys()).reverse()) {
    const kept = await (await caches.open(name)).match(PAGE);
    if (kept) return kept;
  }
  return undefined;
}

async function asset(event: FetchEvent): Promise<Response> {
  const { pathname } = new URL(event.request.url);
  const newest = await newestVersion();
  const kept = await newest?.match(pathname, { ignoreVary: true });
  if (kept) return kept;
  const older = await caches.match(pathname, { ignoreVary: true });
  const response = older ?? (await fetch(event.request));
  if (newest) event.waitUntil(keep(newest, pathname, response.clone()).catch(ignore));
  return response;
}

async function keepAll(paths: string[]): Promise<void> {
  const newest = await newestVersion();
  if (!newest) return;
  for (const path of paths) {
    const url = new URL(path, self.location.origin).href;
    if (wayOf({ method: "GET", url, isNavigation: false }, self.location.origin) !== "asset") continue;
    await fill(newest, path).catch(ignore);
  }
}

async function newestVersion(): Promise<Cache | null> {
  const name = versionsOf(await caches.keys()).at(-1);
  return name === undefined ? null : caches.open(name);
}

/** Rejects when the file cannot be had. */
async function fill(cache: Cache, path: string): Promise<void> {
  if (await cache.match(path, { ignoreVary: true })) return;
  const response = (await caches.match(path, { ignoreVary: true })) ?? (await fetch(path));
  if (!(await keep(cache, path, response))) throw new Error(`${path} cannot be kept`);
}

async function keep(cache: Cache, path: string, response: Response): Promise<boolean> {
  if (!isKeepable(described(response), "asset")) return false;
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  if (hasRoom(kept, path)) await cache.put(path, response);
  return true;
}

function described({ status, type, redirected, headers }: Response) {
  return { status, type, redirected, kind: headers.get("content-type") };
}

async function hashOf(html: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(html));
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ignore(): void {}
