// Which messages were written in this page: the outbox also has those of other tabs and of before a reload.
const sent = new Set<string>();

export const noteSent = (tempId: string): void => void sent.add(tempId);

/** Once: one that comes back after a discard is no news. */
export const takeSentHere = (tempId: string): boolean => sent.delete(tempId);
