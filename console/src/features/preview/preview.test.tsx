import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import "../../testing/fake-desk";
import { readPayload } from "../thread/payload";
import { isDrawn, Preview, QuickReplies } from "./preview";

const draw = (message: object) => render(<Preview message={readPayload(message)} />).container;

const flex = (contents: object) => ({ type: "flex", altText: "a", contents });
const text = (words: string, more = {}) => ({ type: "text", text: words, ...more });
const box = (...contents: object[]) => ({ type: "box", layout: "vertical", contents });

describe("a flex message", () => {
  it("is drawn from header to footer, whatever their order in it", () => {
    const bubble = {
      type: "bubble",
      footer: box({ type: "button", style: "primary", action: { type: "uri", label: "Track", uri: "https://x.test" } }),
      body: box(text("Your parcel", { weight: "bold" }), { type: "separator" }, text("left on Friday", { wrap: true })),
      hero: { type: "image", url: "https://x.test/a.png" },
      header: box({
        type: "text",
        contents: [
          { type: "span", text: "Green " },
          { type: "span", text: "Shop" },
        ],
      }),
    };
    const drawn = draw(flex(bubble));
    expect(drawn.textContent).toBe("Green ShopPictureYour parcelleft on FridayTrackopens a link");
    expect(drawn.querySelector(".is-bold")?.textContent).toBe("Your parcel");
    expect(drawn.querySelectorAll("hr")).toHaveLength(1);
    expect(drawn.querySelector(".is-primary")).not.toBeNull();
  });

  it("may be several", () => {
    const bubbles = ["One", "Two", "Three"].map((words) => ({ type: "bubble", body: box(text(words)) }));
    const drawn = draw(flex({ type: "carousel", contents: bubbles }));
    expect([...drawn.querySelectorAll(".pv-card")].map((one) => one.textContent)).toEqual(["One", "Two", "Three"]);
  });

  it("is text and nothing that runs, loads or can be pressed", () => {
    const evil = '<img src=x onerror="alert(1)">';
    const drawn = draw(
      flex({ type: "bubble", hero: { type: "image", url: "https://x.test/a" }, body: box(text(evil)) }),
    );
    expect(drawn.textContent).toContain(evil);
    expect(drawn.querySelectorAll("img, a, button, iframe, video, script, [style], [src]")).toHaveLength(0);
  });

  it("says what it does not draw, and survives what makes no sense", () => {
    let deep: object = text("too deep");
    for (let n = 0; n < 500; n++) deep = box(deep);
    expect(draw(flex({ type: "bubble", body: deep })).textContent).toBe("");
    const odd = box(
      { type: "hologram" },
      { type: "text", text: 7 },
      { type: "box", contents: "no" },
      { type: "button" },
    );
    expect(draw(flex({ type: "bubble", body: odd, header: [], footer: 3 })).textContent).toBe(
      "Not drawn here: hologram…",
    );
  });
});

describe("a template message", () => {
  const template = (template: object) => ({ type: "template", altText: "a", template });
  const act = (label: string) => ({ type: "message", label, text: label });

  it.each([
    [{ type: "buttons", title: "Menu", text: "Choose", actions: [act("Hours"), act("Map")] }, "MenuChooseHoursMap"],
    [{ type: "confirm", text: "Sure?", actions: [act("Yes"), act("No")] }, "Sure?YesNo"],
    [
      {
        type: "carousel",
        columns: [
          { title: "A", text: "a", thumbnailImageUrl: "https://x.test/a", actions: [act("Buy")] },
          { text: "b", actions: [act("Sell")] },
        ],
      },
      "PictureAaBuybSell",
    ],
    [{ type: "image_carousel", columns: [{ imageUrl: "https://x.test/a", action: act("See") }] }, "PictureSee"],
  ])("of each kind is drawn: %o", (inside, words) => {
    expect(isDrawn(readPayload(template(inside)))).toBe(true);
    expect(draw(template(inside)).textContent).toBe(words);
  });

  it("of an unknown kind is not", () => {
    expect(isDrawn(readPayload(template({ type: "hologram" })))).toBe(false);
    expect(isDrawn(readPayload({ type: "flex", contents: { type: "box" } }))).toBe(false);
    expect(isDrawn(readPayload(null))).toBe(false);
  });
});

it("quick replies are listed with the message", () => {
  const items = ["Yes", "No"].map((label) => ({ type: "action", action: { type: "message", label, text: label } }));
  const message = readPayload({ type: "text", text: "Sure?", quickReply: { items } });
  const { container } = render(<QuickReplies message={message} />);
  expect([...container.querySelectorAll("li")].map((one) => one.textContent)).toEqual(["Yes", "No"]);
  expect(render(<QuickReplies message={readPayload({})} />).container.textContent).toBe("");
});
