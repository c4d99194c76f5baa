import type { Messages } from "../messages";

export const settings: Messages["settings"] = {
  head: "設定",
  look: "表示",
  theme: "テーマ",
  themes: { light: "ライト", dark: "ダーク", system: "システムに合わせる" },
  language: "言語",
  password: "パスワード",
  passwordWords: "変更すると、ほかの端末ではすべてサインアウトされます。",
  current: "現在のパスワード",
  next: "新しいパスワード",
  nextWords: "8 文字以上。",
  again: "新しいパスワード（確認）",
  notSame: "新しいパスワードが一致しません。両方に同じものを入力してください。",
  tooShort: "短すぎます。8 文字以上にしてください。",
  wrongCurrent: "現在のパスワードが違います。ご確認のうえ、もう一度お試しください。",
  change: "パスワードを変更",
  changed: "パスワードを変更しました。ほかの端末ではサインアウトされました。",
  changeFailed: "パスワードを変更できませんでした。",
  account: "アカウント",
};
