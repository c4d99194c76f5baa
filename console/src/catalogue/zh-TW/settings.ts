import type { Messages } from "../messages";

export const settings: Messages["settings"] = {
  head: "設定",
  look: "外觀",
  theme: "佈景主題",
  themes: { light: "淺色", dark: "深色", system: "跟隨系統" },
  language: "語言",
  password: "密碼",
  passwordWords: "變更後，其他裝置都會登出。",
  current: "目前的密碼",
  next: "新密碼",
  nextWords: "至少 8 個字元。",
  again: "再次輸入新密碼",
  notSame: "兩次輸入的新密碼不同，請輸入相同的密碼。",
  tooShort: "太短了，請使用至少 8 個字元。",
  wrongCurrent: "目前的密碼不正確，請確認後再試一次。",
  change: "變更密碼",
  changed: "密碼已變更，其他裝置已登出。",
  changeFailed: "密碼未變更。",
  account: "帳號",
};
