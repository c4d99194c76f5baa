export const status = {
  live: "Live",
  liveWords: "Live: what you see is how it stands.",
  connecting: "Connecting…",
  meanwhile: "You can read and write meanwhile.",
  catchingUp: "Catching up…",
  catchingUpWords: "What you see may be behind for a moment.",
  offline: "You are offline.",
  unsent: (n: number) =>
    n === 1 ? "1 message will go out when you are back." : `${n} messages will go out when you are back.`,
  nextTry: (n: number) => `Next try in ${n} s.`,
  tryingNow: "Trying now…",
  tryNow: "Try now",
  refused: "Your sign-in has ended.",
  refusedWords: "What you see may be old.",
  kept: (n: number) =>
    n === 1 ? "Your unsent message is kept on this device." : `Your ${n} unsent messages are kept on this device.`,
  signInAgain: "Sign in again",
  back: "Back online.",
  backWords: "Nothing was missed.",
  me: "You: status, language, theme, sign out",
  statusFailed: "Your status was not changed.",
  team: (n: number) => (n === 1 ? "Colleagues: 1 signed in" : `Colleagues: ${n} signed in`),
  signOutHead: "Sign out?",
  signOutUnsent: (n: number) =>
    n === 1
      ? "1 message has not been sent yet. Signing out discards it."
      : `${n} messages have not been sent yet. Signing out discards them.`,
  signOutDrafts: (n: number) =>
    n === 1
      ? "In 1 conversation something is written and not sent. Signing out deletes it."
      : `In ${n} conversations something is written and not sent. Signing out deletes it.`,
  everywhereHead: "Sign out everywhere?",
  everywhere: "Sign out everywhere",
  everywhereWords: "This ends your sign-in here and in every other browser and on every other device, within seconds.",
  signOutFailed: "You are still signed in.",
  main: "Main",
  chooseHead: "Choose a conversation",
  choose: "Press ? for the keys.",
  nowhereHead: "There is nothing at this address",
  nowhere: "Choose a conversation from the list.",
  resize: "Width of the list",
  togglePanel: "Show or hide the customer",
  brokenHead: "This part of the screen broke.",
  broken: "Your messages are safe. Reload the page to go on.",
  reload: "Reload",
};
