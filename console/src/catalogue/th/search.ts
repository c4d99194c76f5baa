import type { Messages } from "../messages";

export const search: Messages["search"] = {
  title: "ค้นหา",
  field: "ค้นหาข้อความและชื่อ",
  begin: "ค้นหาทุกข้อความและโน้ต รวมถึงชื่อลูกค้า",
  conversations: "การสนทนา",
  messages: "ข้อความ",
  noConversations: (q) => `ไม่พบลูกค้าชื่อ “${q}”`,
  noMessages: (q) => `ไม่มีข้อความที่มี “${q}” ลองใช้คำที่สั้นลงหรือคำอื่น`,
  found: (conversations, messages) => `การสนทนา ${conversations} รายการ ข้อความ ${messages} รายการ`,
  andMore: (n) => `${n} หรือมากกว่า`,
  messagesFailed: "ค้นหาข้อความไม่สำเร็จ",
  conversationsFailed: "ค้นหาชื่อไม่สำเร็จ",
  moreFailed: "โหลดข้อความถัดไปไม่สำเร็จ",
  showMore: "แสดงเพิ่ม",
};
