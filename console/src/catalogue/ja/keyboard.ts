import type { Messages } from "../messages";

export const keyboard: Messages["keyboard"] = {
  palette: "コマンドパレット",
  placeholder: "コマンドまたは名前を入力",
  results: "コマンドと会話",
  found: (n: number) => `${n} 件見つかりました`,
  nothing: (q: string) => `「${q}」は見つかりません。短い語でお試しください。`,
  searchFor: (q: string) => `メッセージで「${q}」を検索`,
  choose: "選択",
  runIt: "実行",
  dismiss: "閉じる",
  openPalette: "コマンドパレットを開く",
  openHelp: "キー操作を表示",
  back: "ひとつ戻る",
  help: "キー操作",
  or: "または",
  send: "送信",
  newLine: "改行",
  group: {
    act: "この会話",
    move: "移動",
    write: "入力と検索",
    general: "その他",
    conversations: "会話",
  },
};
