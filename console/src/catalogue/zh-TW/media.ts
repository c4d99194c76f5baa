import type { Messages } from "../messages";

export const media: Messages["media"] = {
  show: (what) => `放大顯示：${what}`,
  pictureOf: (who) => `${who} 的照片`,
  place: (n, total) => `第 ${n} 張，共 ${total} 張`,
  previous: "上一張照片",
  next: "下一張照片",
  enlarge: "以原尺寸顯示",
  fit: "配合視窗大小",
  download: "下載",
  coming: "正在從 LINE 接收",
  lineWaits: "LINE 尚未提供此檔案，系統會繼續嘗試。",
  deskWaits: "系統目前無法儲存檔案。請告知管理員：磁碟可能已滿。",
  gone: "LINE 已沒有此檔案，請顧客重新傳送。",
  failed: "無法從 LINE 取得此檔案。",
  tooLarge: "檔案超過本系統的大小上限。",
  retryFailed: "未能取得檔案。",
  notKept: "本系統沒有此檔案的副本。",
  notShown: {
    image: "這不是瀏覽器能顯示的照片",
    video: "瀏覽器無法播放此檔案",
    audio: "瀏覽器無法播放此檔案",
  },
  linkUntil: (when) => `以連結傳送，有效至 ${when}`,
};
