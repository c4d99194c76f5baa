import type { Messages } from "../messages";

export const signin: Messages["signin"] = {
  head: "サインイン",
  name: "ユーザー名",
  password: "パスワード",
  showPassword: "パスワードを表示",
  hidePassword: "パスワードを隠す",
  go: "サインイン",
  going: "サインインしています…",
  wrong: "ユーザー名またはパスワードが違います。ご確認のうえ、もう一度お試しください。",
  many: (n) => `試行回数が多すぎます。${n} 秒後にもう一度お試しください。`,
  manyOver: "もう一度お試しいただけます。",
  expired: "サインインの有効期限が切れました。もう一度サインインすると、続きから再開できます。",
  kept: (n) => `未送信のメッセージ ${n} 件はここに残っています。`,
  away: "サーバーから応答がありません。接続をご確認のうえ、もう一度お試しください。",
  awayHead: "サーバーに接続できません",
  awayTrying: "自動で再試行しています。その間に接続をご確認ください。書いた内容は失われません。",
  failed: "サインインできませんでした。",
  starting: "開いています…",
};
