// Writing in the languages of the desk, and the whole job without a mouse.
import { expect, test } from "./test";

test("Enter that ends a Japanese composition does not send", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("結衣", "ja");
  await nok.open("結衣");
  await nok.claim();
  await nok.field.focus();
  const ime = await nok.page.context().newCDPSession(nok.page);
  const compose = (text: string) =>
    ime.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  await compose("にほん");
  await compose("日本");
  // What the browser tells of an Enter that the input method takes for itself.
  await ime.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    key: "Process",
    code: "Enter",
    windowsVirtualKeyCode: 229,
  });
  await ime.send("Input.insertText", { text: "日本" });
  await ime.send("Input.dispatchKeyEvent", { type: "keyUp", key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 });
  await expect(nok.field).toHaveValue("日本");
  await nok.field.press("Enter");
  await expect(nok.field).toHaveValue("");
  await expect.poll(() => customer.received()).toEqual(["日本"]);
});

test("Thai is sent as it was typed, and Shift+Enter breaks the line", async ({ desk, open }) => {
  const nok = await open("nok");
  const customer = await desk.waitingCustomer("มาลี", "th");
  await nok.open("มาลี");
  await nok.claim();
  await nok.field.pressSequentially("สวัสดีค่ะ กำลังตรวจสอบ");
  await nok.field.press("Shift+Enter");
  await nok.field.pressSequentially("น้ำแข็ง 🙂");
  await nok.field.press("Enter");
  await expect.poll(() => customer.received()).toEqual(["สวัสดีค่ะ กำลังตรวจสอบ\nน้ำแข็ง 🙂"]);
});

test("the whole job goes by keyboard", async ({ desk, stranger }) => {
  const screen = await stranger();
  const { keyboard } = screen.page;
  await expect(screen.page.getByLabel("User name")).toBeFocused();
  await keyboard.type("nok");
  await keyboard.press("Tab");
  await keyboard.type("correct horse battery staple");
  await keyboard.press("Enter");
  await expect(screen.list).toBeVisible();
  const customer = await desk.waitingCustomer("Malee");
  await expect(screen.row("Malee")).toBeVisible();
  await keyboard.press("g");
  await keyboard.press("q");
  await expect(screen.page).toHaveURL(/\/queue$/);
  await keyboard.press("j");
  await keyboard.press("Enter");
  await expect(screen.page.getByRole("heading", { name: "Malee" }).first()).toBeVisible();
  await keyboard.press("c");
  await expect(screen.field).toBeFocused();
  await keyboard.press("Escape");
  await keyboard.press("r");
  await expect(screen.field).toBeFocused();
  await keyboard.type("By keyboard");
  await keyboard.press("Enter");
  await expect.poll(() => customer.received()).toEqual(["By keyboard"]);
  await keyboard.press("Escape");
  await keyboard.press("n");
  await keyboard.type("Called back already");
  await keyboard.press("Enter");
  await expect(screen.message("Called back already")).toBeVisible();
  await keyboard.press("Escape");
  await keyboard.press("?");
  await expect(screen.page.getByRole("dialog")).toBeVisible();
  await keyboard.press("Escape");
  await keyboard.press("Control+k");
  await expect(screen.page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await keyboard.type("close the conv");
  await keyboard.press("Enter");
  await expect(screen.page.getByText("Closed the conversation with Malee")).toBeVisible();
  expect(await customer.received()).toEqual(["By keyboard"]);
});

test("handing over goes by keyboard: transfer, back to the queue and undone, search, take-over", async ({
  desk,
  open,
}) => {
  const [nok, ann, lead] = await Promise.all([open("nok"), open("ann"), open("lead")]);
  await desk.waitingCustomer("Malee");
  await expect(nok.row("Malee")).toBeVisible();
  const { keyboard } = nok.page;
  await keyboard.press("j");
  await keyboard.press("Enter");
  await expect(nok.button("Claim").first()).toBeVisible();
  await keyboard.press("c");
  await expect(nok.field).toBeFocused();
  await keyboard.press("Escape");

  await keyboard.press("b");
  await expect(nok.page.getByText("Back in the queue: Malee")).toBeVisible();
  await expect(ann.page.getByTitle("1 waiting").first()).toBeVisible();
  await keyboard.press("z");
  await expect(nok.button("To queue").first()).toBeVisible();

  await keyboard.press("t");
  const dialog = nok.page.getByRole("dialog", { name: "Transfer Malee" });
  await expect(dialog.getByRole("combobox")).toBeFocused();
  await keyboard.type("ann");
  await keyboard.press("Enter");
  await keyboard.type("speaks Thai");
  await keyboard.press("Control+Enter");
  await expect(nok.page.getByText("Ann is answering").first()).toBeVisible();

  await ann.page.keyboard.press("Control+/");
  const search = ann.page.getByRole("region", { name: "Search" });
  await expect(search.getByRole("searchbox")).toBeFocused();
  await ann.page.keyboard.type("need an agent");
  await expect(search.getByRole("link", { name: /I need an agent, please/ })).toBeVisible();
  await ann.page.keyboard.press("ArrowDown");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page).toHaveURL(/\/c\/\d+\?m=\d+$/);
  await expect(ann.message("I need an agent, please")).toBeVisible();
  await expect(ann.field).toBeEditable();

  const led = lead.page.keyboard;
  const palette = lead.page.getByRole("dialog").getByRole("combobox");
  await led.press("Control+k");
  await expect(palette).toBeFocused();
  await led.type("malee");
  await led.press("Enter");
  await expect(lead.page.getByText("Ann is answering").first()).toBeVisible();
  await led.press("Control+k");
  await expect(palette).toBeFocused();
  await led.type("take over");
  await led.press("Enter");
  await expect(lead.field).toBeFocused();
  await expect(ann.page.getByText("lead is answering").first()).toBeVisible();
});
