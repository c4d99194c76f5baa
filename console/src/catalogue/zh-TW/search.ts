import type { Messages } from "../messages";

export const search: Messages["search"] = {
  title: "搜尋",
  field: "搜尋訊息與名稱",
  begin: "可搜尋所有訊息與備註，以及顧客名稱。",
  conversations: "對話",
  messages: "訊息",
  noConversations: (q) => `找不到名為「${q}」的顧客。`,
  noMessages: (q) => `沒有包含「${q}」的訊息，請縮短或更換關鍵字。`,
  found: (conversations, messages) => `對話：${conversations} 個。訊息：${messages}。`,
  andMore: (n) => `${n} 則以上`,
  messagesFailed: "無法搜尋訊息。",
  conversationsFailed: "無法搜尋名稱。",
  moreFailed: "無法載入後續訊息。",
  showMore: "顯示更多",
};
