import { common } from "./common";
import { compose } from "./compose";
import { composer } from "./composer";
import { customer } from "./customer";
import { events } from "./events";
import { faults } from "./faults";
import { keyboard } from "./keyboard";
import { list } from "./list";
import { media } from "./media";
import { notify } from "./notify";
import { search } from "./search";
import { session } from "./session";
import { settings } from "./settings";
import { setup } from "./setup";
import { signin } from "./signin";
import { status } from "./status";
import { thread } from "./thread";
import { usage } from "./usage";

export const messages = {
  common,
  faults,
  signin,
  status,
  list,
  search,
  thread,
  usage,
  media,
  events,
  composer,
  compose,
  session,
  customer,
  keyboard,
  notify,
  settings,
  setup,
};
