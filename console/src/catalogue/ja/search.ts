import type { Messages } from "../messages";

export const search: Messages["search"] = {
  title: "検索",
  field: "メッセージと名前を検索",
  begin: "すべてのメッセージとメモ、お客様の名前を検索できます。",
  conversations: "会話",
  messages: "メッセージ",
  noConversations: (q) => `「${q}」という名前のお客様は見つかりません。`,
  noMessages: (q) => `「${q}」を含むメッセージはありません。短い語や別の語でお試しください。`,
  found: (conversations, messages) => `会話：${conversations} 件。メッセージ：${messages}。`,
  andMore: (n) => `${n} 件以上`,
  messagesFailed: "メッセージを検索できませんでした。",
  conversationsFailed: "名前を検索できませんでした。",
  moreFailed: "続きのメッセージを読み込めませんでした。",
  showMore: "さらに表示",
};
