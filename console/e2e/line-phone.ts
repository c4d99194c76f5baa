// The simulated LINE's page as a person uses it: by what the screen and a screen reader say.
import { expect, type FileChooser, type Locator, type Page } from "@playwright/test";

export class LinePhone {
  readonly page: Page;
  readonly talk: Locator;
  readonly field: Locator;
  readonly quick: Locator;

  constructor(page: Page) {
    this.page = page;
    this.talk = page.getByRole("region", { name: "Phone" }).getByRole("list");
    this.field = page.getByRole("textbox", { name: "Message", exact: true });
    this.quick = page.getByRole("group", { name: "Quick replies" });
  }

  /** The phone of a customer, a group or a room. */
  async show(name: string): Promise<void> {
    await this.page.getByRole("region", { name: "Customers" }).getByRole("button", { name }).first().click();
    await expect(this.field).toBeVisible();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** The newest message. */
  get last(): Locator {
    return this.talk.locator("li.msg:not(.writing)").last();
  }

  message(text: string): Locator {
    return this.talk.getByRole("listitem").filter({ hasText: text });
  }

  async says(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Something from the tray behind the plus. */
  async sends(name: string): Promise<void> {
    await this.button("Send something else").click();
    await this.button(name).click();
  }

  async picks(
    name: "Photo" | "Video" | "Voice" | "File",
    files: Parameters<FileChooser["setFiles"]>[0],
  ): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.sends(name);
    await (await chooser).setFiles(files);
  }

  /** What a message's menu has: "Quote", "Withdraw", "Copy". */
  async does(what: string, message: Locator): Promise<void> {
    await message.hover();
    await message.getByRole("button", { name: /^Actions for/ }).click();
    await this.page.getByRole("menuitem", { name: what }).click();
  }
}
