import type { Messages } from "../messages";

export const events: Messages["events"] = {
  pressed: (what) => `お客様がボタンを押しました: ${what}`,
  follow: "お客様がこのアカウントを友だちに追加しました",
  returned: "お客様がブロックを解除しました",
  unfollow: "お客様がこのアカウントをブロックしました",
  join: "このアカウントがトークに追加されました",
  leave: "このアカウントがトークから退出させられました",
  memberJoined: (names) => `${names}が参加しました`,
  memberLeft: (names) => `${names}が退出しました`,
  videoViewed: "お客様が動画を最後まで視聴しました",
  beacon: "お客様がビーコンに近づきました",
  accountLinked: "お客様がアカウントを連携しました",
  accountNotLinked: "アカウント連携に失敗しました",
  membershipJoined: "お客様がメンバーシップに加入しました",
  membershipLeft: "お客様がメンバーシップを退会しました",
  membershipRenewed: "お客様がメンバーシップを更新しました",
  unknown: (kind) => `このデスクが知らない通知がLINEから届きました: ${kind}`,
};
