import type { Messages } from "../messages";

export const signin: Messages["signin"] = {
  head: "登入",
  name: "使用者名稱",
  password: "密碼",
  showPassword: "顯示密碼",
  hidePassword: "隱藏密碼",
  go: "登入",
  going: "登入中…",
  wrong: "使用者名稱或密碼不正確，請確認後再試一次。",
  many: (n) => `嘗試次數過多，請於 ${n} 秒後再試。`,
  manyOver: "現在可以再試一次。",
  expired: "登入已失效，請重新登入，即可從原處繼續。",
  kept: (n) => `尚未傳送的 ${n} 則訊息已保留在此。`,
  away: "系統沒有回應，請檢查網路連線後再試一次。",
  awayHead: "無法連線到系統",
  awayTrying: "系統會自動重試，請同時檢查網路連線。您已撰寫的內容不會遺失。",
  failed: "登入失敗。",
  starting: "開啟中…",
};
