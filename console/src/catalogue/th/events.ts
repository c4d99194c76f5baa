import type { Messages } from "../messages";

export const events: Messages["events"] = {
  pressed: (what) => `ลูกค้ากดปุ่ม: ${what}`,
  follow: "ลูกค้าเพิ่มบัญชีนี้เป็นเพื่อน",
  returned: "ลูกค้าเลิกบล็อกบัญชีนี้",
  unfollow: "ลูกค้าบล็อกบัญชีนี้",
  join: "บัญชีนี้ถูกเพิ่มเข้าแชท",
  leave: "บัญชีนี้ถูกนำออกจากแชท",
  memberJoined: (names) => `${names} เข้าร่วม`,
  memberLeft: (names) => `${names} ออกจากแชท`,
  videoViewed: "ลูกค้าดูวิดีโอจนจบ",
  beacon: "ลูกค้าเข้าใกล้บีคอน",
  accountLinked: "ลูกค้าเชื่อมต่อบัญชีแล้ว",
  accountNotLinked: "เชื่อมต่อบัญชีลูกค้าไม่สำเร็จ",
  membershipJoined: "ลูกค้าสมัครเมมเบอร์ชิป",
  membershipLeft: "ลูกค้ายกเลิกเมมเบอร์ชิป",
  membershipRenewed: "ลูกค้าต่ออายุเมมเบอร์ชิป",
  unknown: (kind) => `LINE แจ้งเหตุการณ์ที่ระบบนี้ยังไม่รู้จัก: ${kind}`,
};
