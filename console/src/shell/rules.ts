// What the worker does with a request and what it keeps: rules alone, without the browser.
import { readPlace } from "../app/places";

export type Asked = { method: string; url: string; isNavigation: boolean };

/**
 * `page`: the console's page at one of its places. `asset`: a file whose name changes with its content.
 * `through`: none of the worker's business, such as the API, the socket, media, the descriptions and the checks of health.
 */
export type Way = "page" | "asset" | "through";

/** As Vite names them. What the desk serves under `/assets/` without a hash may change. */
const HASHED = /^\/assets\/[^/]+-[\w-]{8}\.[a-z0-9]+$/;

export function wayOf({ method, url, isNavigation }: Asked, origin: string): Way {
  const { origin: of, pathname, search } = new URL(url);
  if (method !== "GET" || of !== origin) return "through";
  if (isNavigation) return readPlace(pathname, search).kind === "nowhere" ? "through" : "page";
  return HASHED.test(pathname) && search === "" ? "asset" : "through";
}

/** Something in front of the desk says that the desk is not there. */
export function isAway(status: number): boolean {
  return status >= 500;
}

type Answer = { status: number; type: string; redirected: boolean; kind: string | null };

/** The desk's own and whole answer; a login page of the network it is reached by has another kind or was led to. */
export function isKeepable({ status, type, redirected, kind }: Answer, way: Exclude<Way, "through">): boolean {
  const isHtml = kind?.startsWith("text/html") ?? false;
  return status === 200 && type === "basic" && !redirected && isHtml === (way === "page");
}

/** What this page of the console begins with; nothing for a page that is not the console's. */
export function filesOf(html: string): string[] {
  if (!html.includes('<div id="root">')) return [];
  const named = [...html.matchAll(/\s(?:src|href)="(\/assets\/[^"]+)"/g)].map((hit) => hit[1] ?? "");
  return [...new Set(named)].filter((path) => HASHED.test(path));
}

/** What a click on a notification opens. */
export function placeIn(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("place" in data) || typeof data.place !== "string") return null;
  return readPlace(data.place, "").kind === "conversation" ? data.place : null;
}

/** Of the open tabs the one to bring forward; the latest used comes first. */
export function tabFor<T extends { visibilityState: DocumentVisibilityState }>(tabs: readonly T[]): T | undefined {
  return tabs.find(({ visibilityState }) => visibilityState === "visible") ?? tabs[0];
}

const PREFIX = "linedesk-shell-";
/** With other tabs open, which may be of an older version and ask for its files. */
const VERSIONS_MOST = 3;
/** Of one version: many times what a build has, for what open tabs of other versions ask for. */
const FILES_MOST = 300;
/** Whoever reads Chinese and Japanese may ask for hundreds; without them the words are there, in the system's fonts. */
const FONTS_MOST = 150;

export function versionName(hash: string): string {
  return PREFIX + hash;
}

/** Of all caches, oldest first, those of the shell. */
export function versionsOf(caches: readonly string[]): string[] {
  return caches.filter((name) => name.startsWith(PREFIX));
}

/** Whether one more may be kept beside these, by their paths. */
export function hasRoom(kept: readonly string[], path: string): boolean {
  const isFont = (one: string) => one.endsWith(".woff2");
  return kept.length < FILES_MOST && (!isFont(path) || kept.filter(isFont).length < FONTS_MOST);
}

/** What goes once the newest version is whole. */
export function outdated(versions: readonly string[], isAlone: boolean): string[] {
  return versions.slice(0, isAlone ? -1 : -VERSIONS_MOST);
}
