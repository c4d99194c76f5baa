// The console as a person uses it: by what the screen and a screen reader say, in English.
import { expect, type Locator, type Page } from "@playwright/test";
import { PASSWORD } from "./desk";

/** The words of the delivery marks. */
export const mark = { sent: /^Sent/, offline: /^Will send when you are back online/ };

export class Console {
  readonly page: Page;
  readonly list: Locator;
  readonly thread: Locator;
  readonly field: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole("region", { name: "Conversations" });
    this.thread = page.getByRole("log");
    this.field = page.getByRole("textbox", { name: /^(Reply to|Note: only your team)/ });
  }

  async signIn(username: string, password = PASSWORD): Promise<void> {
    await this.fillSignIn(username, password);
    await expect(this.list).toBeVisible();
  }

  async fillSignIn(username: string, password: string): Promise<void> {
    await this.page.getByLabel("User name").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  row(name: string): Locator {
    return this.list.getByRole("listitem").getByRole("link").filter({ hasText: name });
  }

  /** Opens a conversation from the list, which shows all. */
  async open(name: string): Promise<void> {
    await this.row(name).click();
    await expect(this.page.getByRole("heading", { name })).toBeVisible();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  async claim(): Promise<void> {
    await this.page.getByRole("button", { name: "Claim", exact: true }).first().click();
    await expect(this.field).toBeEditable();
    // It is shown as one's own at once; that it is so is known when something else can be done with it.
    await expect(this.button("Close").and(this.page.locator('[aria-disabled="true"]'))).toHaveCount(0);
  }

  async send(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
    await expect(this.field).toHaveValue("");
  }

  /** A message of the thread, by what it says. */
  message(text: string): Locator {
    return this.thread.getByRole("article").filter({ hasText: text });
  }

  /** The delivery mark of a message of ours: what it says to whoever cannot see it. */
  mark(text: string, words: RegExp): Locator {
    return this.message(text).getByRole("img", { name: words });
  }
}
