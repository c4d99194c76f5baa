//! Desks with a past, filled as webhooks fill them, in the languages that customers write.

use std::path::Path;

use linedesk_protocol::{MessageType, SourceType};
use linedesk_store::StoreError;
use linedesk_store::ops::channels;
use linedesk_store::ops::search;
use linedesk_store::ops::webhook::{self, Chat, Effect, Event, NewMessage};

use crate::child;
use crate::desk;
use crate::load::user_id;

pub(crate) const MESSAGES_EACH: u64 = 10;
const IN_ONE_COMMIT: u64 = 1_000;

/// A language's words. A message has six of them, and one that is its own.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    words: [&'static str; 16],
    /// Between words; Thai and Japanese have none.
    gap: &'static str,
}

pub(crate) const LANGUAGES: [Language; 3] = [
    Language {
        name: "Thai",
        words: [
            "สำนักงาน",
            "เปิด",
            "วันเสาร์",
            "ไหมคะ",
            "ขอ",
            "ใบรับรอง",
            "ภาษี",
            "ที่ดิน",
            "บัตรประชาชน",
            "หาย",
            "ต้องทำ",
            "อย่างไร",
            "ขอบคุณ",
            "ครับ",
            "นัดหมาย",
            "พรุ่งนี้",
        ],
        gap: "",
    },
    Language {
        name: "Japanese",
        words: [
            "区役所",
            "土曜日",
            "開いて",
            "いますか",
            "証明書",
            "申請",
            "したい",
            "住民票",
            "税金",
            "窓口",
            "予約",
            "明日",
            "ありがとう",
            "ございます",
            "届いて",
            "いません",
        ],
        gap: "",
    },
    Language {
        name: "English",
        words: [
            "office",
            "open",
            "Saturday",
            "please",
            "certificate",
            "apply",
            "residence",
            "tax",
            "counter",
            "booking",
            "tomorrow",
            "thanks",
            "parcel",
            "arrived",
            "yet",
            "number",
        ],
        gap: " ",
    },
];

impl Language {
    /// The same for the same number.
    pub(crate) fn text(&self, number: u64) -> String {
        // A step of splitmix64.
        let mut seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        seed ^= seed >> 27;
        let word = |at: u32| self.words[usize::try_from((seed >> (at * 4)) & 15).unwrap_or(0)];
        let words: Vec<_> = (0..6).map(word).collect();
        format!("{}{}{}", words.join(self.gap), self.gap, Self::own(number))
    }

    /// A word that no other message has.
    pub(crate) fn own(number: u64) -> String {
        format!("#{number:07x}")
    }

    /// Two words in a row: about one message of fifty has them.
    pub(crate) fn phrase(&self, number: u64) -> String {
        let at = |number: u64| self.words[usize::try_from(number & 15).unwrap_or(0)];
        format!("{}{}{}", at(number), self.gap, at(number / 16))
    }
}

/// So many messages, ten of each customer, one language after the other.
pub(crate) async fn fill(data_dir: &Path, messages: u64) -> anyhow::Result<()> {
    let conversations = (messages / MESSAGES_EACH).max(1);
    let store = desk::open(data_dir).await?;
    let made =
        store.write::<_, StoreError, _>(|tx| channels::put(tx, channels::DEFAULT, child::SECRET, "t", desk::now()));
    let channel = made.await?.value;
    for first in (0..messages).step_by(usize::try_from(IN_ONE_COMMIT)?) {
        let events: Vec<Event> =
            (first..messages.min(first + IN_ONE_COMMIT)).map(|number| event(number, conversations)).collect();
        store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, desk::now())).await?;
        while store.write::<_, StoreError, _>(search::index_waiting).await?.value {}
    }
    desk::close(store).await
}

fn event(number: u64, conversations: u64) -> Event {
    let language = &LANGUAGES[usize::try_from(number % 3).unwrap_or(0)];
    Event {
        webhook_event_id: Some(format!("E{number}")),
        kind: "message".to_owned(),
        raw: format!("{{\"type\":\"message\",\"number\":{number}}}"),
        redact: linedesk_line::webhook::redact_unsent,
        occurred_at: desk::now(),
        reply_token: None,
        chat: Some(Chat { source_type: SourceType::User, chat_id: user_id(number % conversations) }),
        effect: Effect::Message(NewMessage {
            line_message_id: Some(number.to_string()),
            message_type: MessageType::Text,
            content: language.text(number),
            payload: None,
            quote_token: None,
            quoted_line_message_id: None,
            media: None,
            mark_as_read_token: None,
            asks_for_person: false,
            after_hours: false,
        }),
        line: None,
        author: None,
        joined: Vec::new(),
        left: Vec::new(),
    }
}
