import type { Messages } from "../messages";

export const events: Messages["events"] = {
  pressed: (what) => `顧客按下按鈕：${what}`,
  follow: "顧客將此帳號加為好友",
  returned: "顧客解除封鎖此帳號",
  unfollow: "顧客封鎖了此帳號",
  join: "此帳號被加入聊天",
  leave: "此帳號被移出聊天",
  memberJoined: (names) => `${names} 已加入`,
  memberLeft: (names) => `${names} 已離開`,
  videoViewed: "顧客已看完影片",
  beacon: "顧客靠近 Beacon",
  accountLinked: "顧客已連結帳號",
  accountNotLinked: "連結顧客帳號失敗",
  membershipJoined: "顧客加入會員方案",
  membershipLeft: "顧客退出會員方案",
  membershipRenewed: "顧客續訂會員方案",
  unknown: (kind) => `LINE 通知了本系統尚不認識的事件：${kind}`,
};
