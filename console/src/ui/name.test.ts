import { expect, test } from "vitest";
import { currentMessages } from "../catalogue/catalogue";
import { answer, message } from "../testing/fake-desk";
import { gist } from "./name";

test("in one line those who are mentioned are @name, as far as the text tells; of customers' texts nothing is changed", () => {
  const t = currentMessages().common;
  const of = (content: string) => gist(answer({ content }), t).text;
  expect(of("Hi {at_Malee} and {at_2}, {{ok}}")).toBe("Hi @Malee and @…, {ok}");
  expect(of("{{as}} typed {x}")).toBe("{{as}} typed {x}");
  expect(gist(message({ content: "{at_Malee}" }), t).text).toBe("{at_Malee}");
});
