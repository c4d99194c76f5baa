import { expect, test } from "vitest";
import { pictureOf } from "./picture";

test("a picture is the desk's own, and a new one has a new address", () => {
  const first = pictureOf({ id: 7, picture_url: "https://line.example/a" });
  expect(first).toMatch(/^\/media\/pictures\/7\?v=[0-9a-z]+$/);
  expect(pictureOf({ id: 7, picture_url: "https://line.example/a" })).toBe(first);
  expect(pictureOf({ id: 7, picture_url: "https://line.example/b" })).not.toBe(first);
  expect(pictureOf({ id: 7, picture_url: null })).toBeNull();
});
