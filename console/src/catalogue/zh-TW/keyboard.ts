import type { Messages } from "../messages";

export const keyboard: Messages["keyboard"] = {
  palette: "指令面板",
  placeholder: "輸入指令或名稱",
  results: "指令與對話",
  found: (n: number) => `找到 ${n} 項`,
  nothing: (q: string) => `找不到「${q}」，請縮短關鍵字。`,
  searchFor: (q: string) => `在訊息中搜尋「${q}」`,
  choose: "選擇",
  runIt: "執行",
  dismiss: "關閉",
  openPalette: "開啟指令面板",
  openHelp: "顯示快速鍵",
  back: "返回上一步",
  help: "快速鍵",
  or: "或",
  send: "傳送",
  newLine: "換行",
  group: {
    act: "此對話",
    move: "前往",
    write: "撰寫與搜尋",
    general: "其他",
    conversations: "對話",
  },
};
