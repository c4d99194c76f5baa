// The whole desk for tests, signed in or not: two conversations in its list, and a REST side that answers what the test says.
import { beforeEach } from "vitest";
import type { ConversationList, Summary } from "../protocol";
import { message, session, summary, waiting } from "../testing/fake-desk";
import { createDesk } from "./desk";
import { answer, FakeBrowser, FakeLink, page, problem, tokens } from "./testing";
import type { Desk } from "./types";

export const asks = summary({ id: 1, session: waiting(9), unread_count: 1 });
export const other = summary({ id: 2, session: session({ id: 2, operator_id: 9, operator_name: "Nok" }) });

export class Bench {
  browser = new FakeBrowser();
  link = new FakeLink();
  list: ConversationList = page([asks, other], { waiting_count: 1, active_count: 1, seq: 40 });
  asked: string[] = [];
  /** By a part of the path. */
  routes: Record<string, (path: string) => Response | Promise<Response>> = {};
  /** Who was said to have left. */
  left: number[] = [];

  readonly respond = async (path: string): Promise<Response> => {
    this.asked.push(path);
    const route = Object.keys(this.routes).find((one) => path.includes(one));
    const own = route === undefined ? undefined : this.routes[route];
    if (own) return own(path);
    if (path.includes("/auth/")) return answer(tokens(1));
    if (path.includes("/conversations?")) return answer(this.list);
    return problem(404, "not_found");
  };

  desk(): Desk {
    return createDesk({
      environment: this.browser.tab(this.respond),
      connect: this.link.connect,
      onLeft: (operator) => this.left.push(operator),
    });
  }

  async atWork(): Promise<Desk> {
    const desk = this.desk();
    desk.start();
    await desk.signIn("arisa", "right");
    await this.browser.pass(50);
    return desk;
  }
}

/** As new for each test. */
export function bench(): Bench {
  const scene = new Bench();
  beforeEach(() => {
    // Not `respond`: it belongs to the other one.
    const { respond: _, ...fresh } = new Bench();
    Object.assign(scene, fresh);
  });
  return scene;
}

/** A joined room with messages of these ids. */
export const room = (id: number, ids: number[], over: Partial<Summary> = {}) => ({
  ...summary({ id, ...over }),
  messages: ids.map((one) => message({ id: one, conversation_id: id })),
  has_more: true,
});
