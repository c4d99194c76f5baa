import type { Messages } from "../messages";

export const media: Messages["media"] = {
  show: (what) => `ดูภาพใหญ่: ${what}`,
  pictureOf: (who) => `รูปจาก ${who}`,
  place: (n, total) => `${n} จาก ${total}`,
  previous: "รูปก่อนหน้า",
  next: "รูปถัดไป",
  enlarge: "ดูขนาดเต็ม",
  fit: "พอดีหน้าต่าง",
  download: "ดาวน์โหลด",
  coming: "กำลังรับจาก LINE",
  lineWaits: "LINE ยังไม่ส่งไฟล์ให้ ระบบจะลองต่อไป",
  deskWaits: "ระบบเก็บไฟล์ไม่ได้ในขณะนี้ แจ้งผู้ดูแล: ดิสก์อาจเต็ม",
  gone: "LINE ไม่มีไฟล์นี้แล้ว ขอให้ลูกค้าส่งใหม่",
  failed: "รับไฟล์จาก LINE ไม่สำเร็จ",
  tooLarge: "ไฟล์ใหญ่เกินไปสำหรับระบบนี้",
  retryFailed: "รับไฟล์ไม่สำเร็จ",
  notKept: "ระบบไม่มีสำเนาของไฟล์นี้",
  notShown: {
    image: "ไม่ใช่รูปที่เบราว์เซอร์แสดงได้",
    video: "เบราว์เซอร์เล่นไฟล์นี้ไม่ได้",
    audio: "เบราว์เซอร์เล่นไฟล์นี้ไม่ได้",
  },
  linkUntil: (when) => `ส่งเป็นลิงก์ที่ใช้ได้ถึง ${when}`,
};
