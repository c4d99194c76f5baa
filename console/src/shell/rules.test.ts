// @vitest-environment node
import { describe, expect, test } from "vitest";
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

const ORIGIN = "https://desk.example.com";

const way = (path: string, over: { method?: string; isNavigation?: boolean } = {}) =>
  wayOf({ method: "GET", url: new URL(path, ORIGIN).href, isNavigation: false, ...over }, ORIGIN);

describe("a request", () => {
  test.each(["/", "/all", "/queue", "/c/17", "/c/17?m=4", "/search?q=x", "/settings"])("for the place %s", (path) => {
    expect(way(path, { isNavigation: true })).toBe("page");
    expect(way(path)).toBe("through");
    expect(way(path, { isNavigation: true, method: "POST" })).toBe("through");
  });

  test.each([
    "/api/v1/auth/refresh",
    "/api/v1/ws/live-chat",
    "/media/1",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/sw.js",
    "/assets/docs.css",
    "/assets/docs.js",
    "/nowhere",
    "/index.html",
    "https://elsewhere.example.com/",
    "https://elsewhere.example.com/assets/index-CsKrNf_3.js",
  ])("for %s is not the worker's", (path) => {
    expect(way(path, { isNavigation: true })).toBe("through");
    expect(way(path)).toBe("through");
  });

  test.each([
    "index-CsKrNf_3.js",
    "settings-BFH-GLvK.js",
    "catalogue-DBP-IYK1.js",
    "inter-latin-wght-normal-Dx4kXJAl.woff2",
  ])("for the file %s, which never changes", (name) => {
    expect(way(`/assets/${name}`)).toBe("asset");
    expect(way(`/assets/${name}`, { method: "HEAD" })).toBe("through");
    expect(way(`/assets/${name}?x`)).toBe("through");
    expect(way(`/assets/x/${name}`)).toBe("through");
  });
});

test("a refusal is shown, an answer for the desk by something before it is not", () => {
  expect([200, 304, 401, 403, 404, 429, 500, 502, 503, 504].filter(isAway)).toEqual([500, 502, 503, 504]);
});

test("only the desk's own whole answers are kept", () => {
  const page = { status: 200, type: "basic", redirected: false, kind: "text/html; charset=utf-8" };
  const file = { ...page, kind: "text/javascript; charset=utf-8" };
  expect([isKeepable(page, "page"), isKeepable(file, "asset")]).toEqual([true, true]);
  expect([isKeepable(file, "page"), isKeepable(page, "asset")]).toEqual([false, false]);
  for (const bad of [{ status: 206 }, { status: 404 }, { type: "opaqueredirect" }, { redirected: true }]) {
    expect(isKeepable({ ...page, ...bad }, "page")).toBe(false);
    expect(isKeepable({ ...file, ...bad }, "asset")).toBe(false);
  }
});

test("the page names what it begins with", () => {
  const page = `<link rel="icon" href="/assets/icon-DlT2aGEZ.svg" type="image/svg+xml">
    <script type="module" crossorigin src="/assets/index-CsKrNf_3.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/index-CsKrNf_3.js">
    <link rel="stylesheet" crossorigin href="/assets/index-c2rbCzUt.css"><link rel="stylesheet" href="/assets/docs.css">
    <div id="root"></div>`;
  expect(filesOf(page)).toEqual([
    "/assets/icon-DlT2aGEZ.svg",
    "/assets/index-CsKrNf_3.js",
    "/assets/index-c2rbCzUt.css",
  ]);
  expect(filesOf('<link rel="stylesheet" href="/assets/index-c2rbCzUt.css"><p>Built without its console.</p>')).toEqual(
    [],
  );
});

test("there is an end to what is kept, and fonts leave room for what the console is made of", () => {
  const files = (n: number, ending: string) => Array.from({ length: n }, (_, at) => `/assets/x-${at}.${ending}`);
  const fonts = files(150, "woff2");
  expect([hasRoom(fonts.slice(1), "/assets/y.woff2"), hasRoom(fonts, "/assets/y.woff2")]).toEqual([true, false]);
  expect(hasRoom(fonts, "/assets/y.js")).toBe(true);
  expect(hasRoom([...fonts, ...files(150, "js")], "/assets/y.js")).toBe(false);
});

test("a click on a notification opens a conversation, in the tab that is looked at if there is one", () => {
  expect(placeIn({ place: "/c/7" })).toBe("/c/7");
  for (const other of [null, undefined, "x", {}, { place: 7 }, { place: null }, { place: "//elsewhere.example/c/7" }]) {
    expect(placeIn(other)).toBeNull();
  }
  const [last, seen] = [{ visibilityState: "hidden" as const }, { visibilityState: "visible" as const }];
  expect(tabFor([last, seen])).toBe(seen);
  expect(tabFor([last])).toBe(last);
  expect(tabFor([])).toBeUndefined();
});

describe("older versions", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map(versionName);
  const all = [a, b, c, d].filter((name) => name !== undefined);

  test("go at once where no other tab is open", () => {
    expect(outdated(all, true)).toEqual([a, b, c]);
    expect(outdated(all.slice(0, 1), true)).toEqual([]);
    expect(outdated([], true)).toEqual([]);
  });

  test("stay for open tabs that may load more of them, but never more than two", () => {
    expect(outdated(all, false)).toEqual([a]);
    expect(outdated(all.slice(0, 3), false)).toEqual([]);
  });

  test("are told from what is not the shell's", () => {
    expect(versionsOf(["other", ...all, "linedesk"])).toEqual(all);
  });
});
