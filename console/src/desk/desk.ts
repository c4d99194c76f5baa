// The desk: sign-in, REST, the socket and one state, put together.
import type { OperatorId, User } from "../protocol";
import { browserEnvironment as realtimeEnvironment } from "../realtime/browser";
import { outboxDatabase } from "../realtime/database";
import { Realtime } from "../realtime/realtime";
import { Access } from "./access";
import { Api } from "./api";
import { applyOpen } from "./apply";
import { Commands } from "./commands";
import { Core } from "./core";
import { browserEnvironment, type DeskEnvironment } from "./environment";
import { createExchange } from "./exchange";
import { localFault } from "./fault";
import { Hearing } from "./happenings";
import type { Connect } from "./link";
import { ListLoads } from "./list-loads";
import { Listening } from "./listening";
import { holdList } from "./lists";
import { SignInFlow } from "./sign-in-flow";
import { ThreadLoads } from "./thread-loads";
import type { Desk, Happening } from "./types";

export type DeskOptions = {
  environment?: DeskEnvironment;
  connect?: Connect;
  /** An operator signed out in this browser, by whatever tab and whenever that is found out: forget what is theirs. */
  onLeft?: (operator: OperatorId) => void;
};

const FOUND_MOST = 20;

const connectForReal: Connect = (options) =>
  new Realtime({ ...options, environment: realtimeEnvironment(), database: outboxDatabase() });

export function createDesk({
  environment = browserEnvironment(),
  connect = connectForReal,
  onLeft = () => {},
}: DeskOptions = {}): Desk {
  const core = new Core(environment);
  const exchange = createExchange(environment);
  const heard = new Set<(happening: Happening) => void>();
  const hearing = new Hearing();
  const access = new Access(environment, exchange, {
    renewed: (token) => link.renewed(token),
    ended: () => flow.ended(),
    signedOutElsewhere: (operator) => flow.leftElsewhere(operator),
    signedInElsewhere: () => flow.elsewhere(),
  });
  const api = new Api(exchange, access, () => core.ledger.me);
  const threads = new ThreadLoads(core, api, environment);
  const lists = new ListLoads(
    core,
    api,
    environment,
    (page, isFirst) => {
      hearing.seen(page.conversations);
      if (isFirst) flow.loaded(page.seq);
    },
    (fault) => flow.notLoaded(fault),
  );
  const listening = new Listening({
    core,
    api,
    threads,
    lists,
    hearing,
    environment,
    tell: (happening) => {
      for (const listener of heard) listener(happening);
    },
    refused: () => flow.ended(),
    resync: () => flow.resync(),
  });
  const link = connect({ token: (force) => access.token(force), listener: listening });
  const flow = new SignInFlow({ core, access, lists, threads, link, hearing, environment, onLeft });
  const commands = new Commands(core, api, link, environment);
  core.onApplied = (ledger) => listening.applied(ledger);

  const me = (): User => {
    const { signIn } = core.state;
    if (signIn.kind !== "signed_in")
      throw { code: "not_authenticated", message: "Nobody is signed in.", retryable: false };
    return signIn.user;
  };

  return {
    store: core.store,
    start: () => flow.start(),
    signIn: (username, password) => flow.signIn(username, password),
    signOut: (everywhere) => flow.signOut(everywhere),
    changePassword: (current, next) => api.changePassword(current, next),
    tryNow: () => flow.tryNow(),

    showList: (view) => lists.show(view),
    loadMoreRows: () => lists.more(),
    holdList: (isHeld) => core.change((draft) => holdList(draft, isHeld)),

    open(id) {
      const isAgain = core.state.openId === id;
      const isFailed = id !== null && core.state.threads.get(id)?.load.kind === "failed";
      if (isAgain && !isFailed) return;
      core.change((draft) => (isAgain && id !== null ? threads.retry(draft, id) : applyOpen(draft, id)));
      link.setRoom(id);
      listening.bring();
    },
    loadBefore: (id) => threads.before(id),
    loadAfter: (id) => threads.after(id),
    jumpTo: (id, message) => threads.around(id, message),
    jumpToEnd: (id) => threads.end(id),
    searchMessages: (q, cursor) => api.search(q, cursor),
    findConversations: async (q) => {
      const found = await api.list({ status: "all", q, tag: null }, null, FOUND_MOST);
      return found.conversations;
    },

    send: (id, said, quote) => {
      if (core.state.signIn.kind !== "signed_in") return { ok: false, fault: localFault("offline") };
      return link.send(id, said, quote);
    },
    checkMessage: (message) => api.checkMessage(message),
    sendAgain: (tempId) => link.sendAgain(tempId),
    discard: (tempId) => link.discard(tempId),
    restore: (tempId) => link.restore(tempId),
    fateOf: (tempId) => link.fateOf(tempId),
    retry: (message) => commands.retry(message),
    cancel: (message) => commands.cancel(message),
    writeNote: (id, text, tempId) => commands.writeNote(id, text, tempId),
    sendFile: (id, file, tempId, preview) => commands.sendFile(id, file, tempId, preview),
    usage: (month) => api.usage(month),
    channels: () => api.channels(),
    setChannel: (id, wish) => api.setChannel(id, wish),
    examine: (test) => api.examine(test),
    fetchAgain: (message) => api.fetchAgain(message),
    markRead: (id, message) => link.markRead(id, message),
    setTyping: (id, isTyping) => link.typing(id, isTyping),

    claim: async (id) => commands.claim(id, me()),
    release: (id) => commands.release(id),
    close: (id) => commands.close(id),
    transfer: (id, to, reason) => commands.transfer(id, to, reason),
    takeFromBot: async (id) => commands.takeFromBot(id, me()),
    takeOver: async (id) => commands.takeOver(id, me()),
    refreshProfile: (id) => commands.refreshProfile(id),
    contact: (id) => api.contact(id),
    members: (id) => api.members(id),
    archive: (id, isArchived) => commands.archive(id, isArchived),
    startConversation: (lineUserId, text) => commands.startConversation(lineUserId, text),

    setStatus: (status) => commands.setStatus(status),
    loadOperators: () => commands.loadOperators(),
    onHappening(listener) {
      heard.add(listener);
      return () => heard.delete(listener);
    },
  };
}
