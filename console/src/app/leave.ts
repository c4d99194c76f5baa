// Leaving the page while a message is in it that the browser could not keep: the browser asks first.
import type { Desk } from "../desk/types";

/** Returns the way to stop. */
export function askBeforeLoss(desk: Desk): () => void {
  const ask = (event: Event) => event.preventDefault();
  const look = () => {
    // Only while there is something to lose: whoever listens is kept out of the back-forward cache.
    if (desk.store.getState().outbox.some(({ fault }) => fault?.code === "outbox_unsaved"))
      addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  };
  const unsubscribe = desk.store.subscribe((now, before) => {
    if (now.outbox !== before.outbox) look();
  });
  look();
  return () => {
    unsubscribe();
    removeEventListener("beforeunload", ask);
  };
}
