import type { Messages } from "../messages";

export const keyboard: Messages["keyboard"] = {
  palette: "แถบคำสั่ง",
  placeholder: "พิมพ์คำสั่งหรือชื่อ",
  results: "คำสั่งและการสนทนา",
  found: (n: number) => `พบ ${n} รายการ`,
  nothing: (q: string) => `ไม่พบ “${q}” ลองพิมพ์ให้สั้นลง`,
  searchFor: (q: string) => `ค้นหา “${q}” ในข้อความ`,
  choose: "เลือก",
  runIt: "ใช้งาน",
  dismiss: "ปิด",
  openPalette: "เปิดแถบคำสั่ง",
  openHelp: "แสดงปุ่มลัด",
  back: "ย้อนกลับหนึ่งขั้น",
  help: "ปุ่มลัด",
  or: "หรือ",
  send: "ส่ง",
  newLine: "ขึ้นบรรทัดใหม่",
  group: {
    act: "การสนทนานี้",
    move: "ไปที่",
    write: "เขียนและค้นหา",
    general: "อื่น ๆ",
    conversations: "การสนทนา",
  },
};
