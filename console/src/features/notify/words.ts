// What a notification says.
import type { Messages } from "../../catalogue/messages";
import type { Happening } from "../../desk/types";
import { gist, nameOf } from "../../ui/name";
import type { NotifySettings } from "./settings";

export type Words = { title: string; body: string };

export function wordsOf(happening: Happening, t: Messages, shows: NotifySettings["shows"]): Words {
  const said = shows === "text" ? textOf(happening, t) : "";
  const what = whatOf(happening, t.notify);
  // A customer's own words need no "wrote to you" before them.
  const body = said === "" ? what : happening.kind === "customer_wrote" ? said : `${what}: ${said}`;
  return { title: nameOf(happening.conversation), body };
}

/** Without anyone's text: for the screen reader's ear and for notifications that others may see. */
export function whatOf(happening: Happening, t: Messages["notify"]): string {
  switch (happening.kind) {
    case "customer_waits":
      return t.waits;
    case "customer_wrote":
      return t.wrote;
    case "transferred_to_me":
      return t.transferred(happening.from ?? t.someone);
    case "mentioned":
      return t.mentioned(happening.message.operator_name ?? t.someone);
  }
}

function textOf(happening: Happening, t: Messages): string {
  switch (happening.kind) {
    case "customer_waits":
    case "customer_wrote": {
      const message = (happening.kind === "customer_wrote" && happening.message) || happening.conversation.last_message;
      return message ? gist(message, t.common).text : "";
    }
    case "transferred_to_me":
      return happening.reason ?? "";
    case "mentioned":
      return happening.message.content;
  }
}
