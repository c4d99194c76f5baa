// A desk of its own for a test: the server, and a simulated LINE that outlives it, on free ports and an empty folder.
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill, type Running, run, start } from "./process";

export const PASSWORD = "correct horse battery staple";
const LEAD = "lead";
/** The simulated LINE's own. */
const ACCESS_TOKEN = "simulated-channel-access-token";
const CHANNEL_SECRET = "simulated-channel-secret";

export type Fault = {
  kind: "delay" | "status" | "cut_before" | "cut_after" | "hang" | "hang_after";
  delay_ms?: number;
  status?: number;
  times?: number;
};

/** The knobs of the simulated LINE that tests turn; there are more. */
export type LineSettings = {
  latency_ms?: number;
  push?: Fault | null;
  reply?: Fault | null;
  quota?: number | null;
  used?: number;
  reply_token_life_ms?: number;
};

export type PhoneMessage = {
  content: { [field: string]: unknown } | null;
  id: string;
  author: "customer" | "account";
  kind: string;
  text: string | null;
  quoted_message_id: string | null;
};

/** Where something happened, in LINE's names. */
export type Source =
  | { type: "user"; userId: string }
  | { type: "group"; groupId: string; userId: string }
  | { type: "room"; roomId: string; userId: string };

/** Someone with LINE on the phone. */
export class Customer {
  readonly id: string;
  readonly name: string;
  readonly #line: string;

  constructor(id: string, name: string, line: string) {
    this.id = id;
    this.name = name;
    this.#line = line;
  }

  get source(): Source {
    return { type: "user", userId: this.id };
  }

  /** Gives the message's id; `quotes` is that of another. */
  async says(text: string, quotes?: string): Promise<string> {
    const sent: { message_id: string } = await call("POST", `${this.#line}/sim/customers/${this.id}/messages`, {
      text,
      ...(quotes ? { quoted_message_id: quotes } : {}),
    });
    return sent.message_id;
  }

  /** In the order they were written, up to 100. */
  async saysAll(texts: string[]): Promise<void> {
    await call("POST", `${this.#line}/sim/customers/${this.id}/messages/at-once`, { texts });
  }

  async withdraws(messageId: string): Promise<void> {
    await call("DELETE", `${this.#line}/sim/messages/${messageId}`);
  }

  async becomes(friendship: "stranger" | "friend" | "blocked"): Promise<void> {
    await call("PUT", `${this.#line}/sim/customers/${this.id}/friendship`, { friendship });
  }

  /** What the account sent to this phone, oldest first. */
  async received(): Promise<string[]> {
    const messages = await this.phone();
    return messages.filter((message) => message.author === "account").map((message) => message.text ?? "");
  }

  /** What is on this phone, oldest first. */
  async phone(): Promise<PhoneMessage[]> {
    const phone: { messages: PhoneMessage[] } = await call("GET", `${this.#line}/sim/customers/${this.id}/messages`);
    return phone.messages;
  }
}

export class Desk {
  readonly url: string;
  /** The origin of the simulated LINE. */
  readonly line: string;
  readonly #env: Record<string, string>;
  readonly #simulator: Running;
  #server: Running;
  /** The last id of a message of `lineTells`: no id of the simulated LINE. */
  #told = 9_000_000_000_000_000;

  private constructor(env: Record<string, string>, simulator: Running, server: Running) {
    this.url = `http://${server.found}`;
    this.line = simulator.found;
    this.#env = env;
    this.#simulator = simulator;
    this.#server = server;
  }

  /** With one SUPER_ADMIN, "lead", and no customers. */
  static async start(settings: Record<string, string> = {}): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), "linedesk-e2e-"));
    const dataDir = { LINEDESK_DATA_DIR: folder };
    const simulator = await start(
      ["simulate", "--simulator-listen", "127.0.0.1:0"],
      dataDir,
      (line) => /^Simulated LINE: (http:\S+?)\/$/.exec(line)?.[1],
    );
    const listen = await freeAddress();
    const env = {
      ...dataDir,
      // LINE fetches from there what operators send.
      LINEDESK_PUBLIC_URL: `http://${listen}`,
      LINEDESK_LINE_API_URL: simulator.found,
      LINEDESK_LINE_DATA_API_URL: simulator.found,
      LINEDESK_LINE_CHANNEL_SECRET: CHANNEL_SECRET,
      LINEDESK_LINE_CHANNEL_ACCESS_TOKEN: ACCESS_TOKEN,
      LINEDESK_BOOTSTRAP_ADMIN: `${LEAD}:${PASSWORD}`,
      ...settings,
    };
    const server = await serve(listen, env);
    const desk = new Desk(env, simulator, server);
    await desk.#introduce().catch(async (error: Error) => {
      await desk.stop();
      throw error;
    });
    return desk;
  }

  /** Tells LINE where the desk is. */
  async #introduce(): Promise<void> {
    const endpoint = { endpoint: `${this.url}/line/webhook` };
    await call("PUT", `${this.line}/v2/bot/channel/webhook/endpoint`, endpoint, ACCESS_TOKEN);
    const page = await (await fetch(this.url)).text();
    if (!page.includes('id="root"'))
      throw new Error("The executable has no console in it: build that, then cargo build.");
  }

  /** Leaves the simulated LINE, and what waits there for the desk, as it is. */
  async kill(): Promise<void> {
    await kill(this.#server);
  }

  /** On the same data and the same address. */
  async startAgain(): Promise<void> {
    this.#server = await serve(new URL(this.url).host, this.#env);
  }

  async stop(): Promise<void> {
    await Promise.all([kill(this.#server), kill(this.#simulator)]);
    await rm(this.#env.LINEDESK_DATA_DIR ?? "", { recursive: true, force: true });
  }

  /** Signs in with [`PASSWORD`]. */
  async addOperator(username: string, role: "AGENT" | "ADMIN" | "SUPER_ADMIN", displayName: string): Promise<void> {
    const names = ["--username", username, "--display-name", displayName];
    await run(["operator", "add", ...names, "--role", role, "--password-stdin"], this.#env, PASSWORD);
  }

  async deactivate(username: string): Promise<void> {
    await run(["operator", "deactivate", username], this.#env, "");
  }

  /** `picture`: one of the simulated LINE's own. */
  async customer(name: string, language = "en", picture?: "cup" | "leaf" | "cat" | "wave"): Promise<Customer> {
    const wish = { name, language, ...(picture ? { picture } : {}) };
    const added: { user_id: string } = await call("POST", `${this.line}/sim/customers`, wish);
    const customer = new Customer(added.user_id, name, this.line);
    await customer.becomes("friend");
    return customer;
  }

  /** Someone who has asked for a person: in the queue. */
  async waitingCustomer(...who: Parameters<Desk["customer"]>): Promise<Customer> {
    const customer = await this.customer(...who);
    await customer.says("I need an agent, please");
    return customer;
  }

  /** What the simulated phone has no button for, as LINE would tell it; it cannot be answered free of charge. */
  async lineTells(source: Source, message: { type: string; [field: string]: unknown }): Promise<void> {
    const event = {
      type: "message",
      webhookEventId: randomBytes(13).toString("hex").toUpperCase(),
      deliveryContext: { isRedelivery: false },
      timestamp: Date.now(),
      mode: "active",
      source,
      message: { id: String(++this.#told), quoteToken: "q", ...message },
    };
    const body = JSON.stringify({ destination: "U0", events: [event] });
    const signature = createHmac("sha256", CHANNEL_SECRET).update(body).digest("base64");
    const headers = { "content-type": "application/json", "x-line-signature": signature };
    const answer = await fetch(`${this.url}/line/webhook`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`The desk did not take ${body}: ${answer.status}`);
  }

  /** A message of any kind, as LINE would send it; `file` is one of the simulated LINE's samples, or bytes. */
  async sends(
    chat: string,
    type: string,
    fields: object,
    file?: { sample?: string; base64?: string; preparing?: number; missing?: boolean; delay_ms?: number },
    member?: string,
  ): Promise<string> {
    const body = { type, fields, ...(file ? { file } : {}), ...(member ? { member } : {}) };
    const sent: { message_id: string } = await call("POST", `${this.line}/sim/chats/${chat}/messages`, body);
    return sent.message_id;
  }

  /** Something that is no message; `part` is the property that carries it. */
  async happens(chat: string, type: string, part?: [string, object]): Promise<void> {
    await call("POST", `${this.line}/sim/chats/${chat}/events`, { type, ...(part ? { part } : {}) });
  }

  /** A group with the account in it; a room without a name. */
  async group(name: string | null, members: readonly Customer[]): Promise<Customer> {
    const body = { members: members.map((one) => one.id), ...(name ? { name } : {}) };
    const group: { user_id: string } = await call("POST", `${this.line}/sim/groups`, body);
    return new Customer(group.user_id, name ?? "", this.line);
  }

  async changeMembers(group: Customer, change: { join?: string[]; leave?: string[] }): Promise<void> {
    await call("POST", `${this.line}/sim/groups/${group.id}/members`, change);
  }

  /** Calls the desk's REST interface as an operator, without a console. */
  async as<T>(username: string, method: string, path: string, body?: object): Promise<T> {
    const api = `${this.url}/api/v1`;
    const signedIn: { access_token: string } = await call("POST", `${api}/auth/login`, {
      username,
      password: PASSWORD,
    });
    return call(method, `${api}${path}`, body, signedIn.access_token);
  }

  /** What went to LINE, or came from it, in a form that LINE's own files do not describe. */
  async unfit(): Promise<string[]> {
    const unfit: { faults: string[] } = await call("GET", `${this.line}/sim/unfit`);
    return unfit.faults;
  }

  async setLine(settings: LineSettings): Promise<void> {
    await call("PATCH", `${this.line}/sim/settings`, settings);
  }
}

/** Below the ports that systems give to outgoing connections, so that none takes it before it is used. */
let nextPort = 15_000 + (process.pid % 50) * 100;

async function freeAddress(): Promise<string> {
  for (;;) {
    nextPort += 1;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(nextPort, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return `127.0.0.1:${nextPort}`;
  }
}

function serve(listen: string, env: Record<string, string>): Promise<Running> {
  return start(["serve", "--listen", listen, "--log-format", "json"], env, (line) => {
    const entry = line.startsWith("{") ? JSON.parse(line) : {};
    return entry.fields?.message === "linedesk serves" ? entry.fields.listen : undefined;
  });
}

/** A request to the simulated LINE; with a token, as the account. */
async function call<T>(method: string, url: string, body?: object, token?: string): Promise<T> {
  const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
  if (body) headers.set("content-type", "application/json");
  const answer = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return JSON.parse(text || "null");
}
