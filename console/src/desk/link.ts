// What the desk needs of the realtime layer.
import type { Realtime } from "../realtime/realtime";
import type { RealtimeListener } from "../realtime/types";

export type Link = Pick<
  Realtime,
  | "state"
  | "seq"
  | "recall"
  | "start"
  | "stop"
  | "forget"
  | "refuse"
  | "tryNow"
  | "renewed"
  | "setRoom"
  | "request"
  | "send"
  | "sendAgain"
  | "discard"
  | "restore"
  | "fateOf"
  | "hold"
  | "typing"
  | "markRead"
>;

export type Connect = (options: { token: (force: boolean) => Promise<string>; listener: RealtimeListener }) => Link;
