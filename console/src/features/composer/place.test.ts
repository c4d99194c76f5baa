import { describe, expect, it } from "vitest";
import { flawsOf, placeIn, placeMessage, placeOf } from "./place";

describe("a place is read out of what is pasted", () => {
  it.each([
    ["13.7563, 100.5018", "13.7563", "100.5018"],
    ["  (13.7563 100.5018) ", "13.7563", "100.5018"],
    ["13.7563° N, 100.5018° E", "13.7563", "100.5018"],
    ["33.8688 S, 70.6693 W", "-33.8688", "-70.6693"],
    ["１３.７５, １００.５", "13.75", "100.5"],
    ["geo:13.7563,100.5018?z=17", "13.7563", "100.5018"],
    ["https://www.google.com/maps/@13.7563,100.5018,15z", "13.7563", "100.5018"],
    ["https://maps.google.com/?q=13.7563,100.5018", "13.7563", "100.5018"],
    ["https://www.google.com/maps/search/?api=1&query=13.7563%2C100.5018", "13.7563", "100.5018"],
    ["https://www.google.com/maps/search/13.7563,+100.5018", "13.7563", "100.5018"],
    ["https://maps.apple.com/?ll=13.7563,100.5018&t=m", "13.7563", "100.5018"],
    ["https://www.openstreetmap.org/?mlat=13.7563&mlon=100.5018#map=15/13.7/100.6", "13.7563", "100.5018"],
    ["https://www.openstreetmap.org/#map=15/13.7563/100.5018", "13.7563", "100.5018"],
  ])("%s", (pasted, latitude, longitude) => {
    expect(placeIn(pasted)).toEqual({ latitude, longitude });
  });

  it("with the name that the link has, and the pin rather than the middle of the map", () => {
    const link =
      "https://www.google.com/maps/place/Grand+Palace,+%E0%B8%81%E0%B8%97%E0%B8%A1/@13.70,100.40,17z/data=!3m1!3d13.75!4d100.4913";
    expect(placeIn(link)).toEqual({ latitude: "13.75", longitude: "100.4913", title: "Grand Palace, กทม" });
  });

  it.each(["", "hello", "https://maps.app.goo.gl/abcdef", "95, 200", "13.7563", "https://x.test/?q=cats", "%E0%A4%A"])(
    "none is found in %o",
    (pasted) => expect(placeIn(pasted)).toBeNull(),
  );
});

const good = { title: "Shop", address: "1 Silom Rd", latitude: "13.7563", longitude: "100.5018" };

describe("what LINE would refuse is said of each field", () => {
  it.each([
    [{}, {}],
    [{ title: " " }, { title: "missing" }],
    [{ address: "x".repeat(101) }, { address: "tooLong" }],
    [{ latitude: "90.1" }, { latitude: "badLatitude" }],
    [{ longitude: "-180.5" }, { longitude: "badLongitude" }],
    [
      { latitude: "", longitude: "east" },
      { latitude: "badLatitude", longitude: "badLongitude" },
    ],
    [{ latitude: "1e1" }, { latitude: "badLatitude" }],
  ])("%o", (over, flaws) => expect(flawsOf({ ...good, ...over })).toEqual(flaws));
});

it("a place is a location message, and comes back out of it", () => {
  const message = placeMessage({ ...good, title: " Shop " });
  expect(message).toEqual({
    type: "location",
    title: "Shop",
    address: "1 Silom Rd",
    latitude: 13.7563,
    longitude: 100.5018,
  });
  expect(placeOf(message)).toEqual(good);
});
