import type { Messages } from "../messages";

export const media: Messages["media"] = {
  show: (what) => `拡大表示: ${what}`,
  pictureOf: (who) => `${who}の写真`,
  place: (n, total) => `${n} / ${total}`,
  previous: "前の写真",
  next: "次の写真",
  enlarge: "原寸で表示",
  fit: "画面に合わせる",
  download: "ダウンロード",
  coming: "LINEから受信しています",
  lineWaits: "LINEからまだ届きません。引き続き試しています。",
  deskWaits: "今はファイルを保存できません。管理者に連絡してください。ディスクの空きがない可能性があります。",
  gone: "LINEにはもうありません。お客様に再送をお願いしてください。",
  failed: "LINEから受信できませんでした。",
  tooLarge: "このデスクで扱えるサイズを超えています。",
  retryFailed: "受信できませんでした。",
  notKept: "このデスクには保存されていません。",
  notShown: {
    image: "ブラウザで表示できる写真ではありません",
    video: "ブラウザでは再生できません",
    audio: "ブラウザでは再生できません",
  },
  linkUntil: (when) => `リンクで送信しました（${when}まで有効）`,
};
