//! Reply tokens, tokens to mark messages as read, and retry keys, each remembered for as long as LINE would and never
//! more than [`KEPT`] of them.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

const KEPT: usize = 100_000;

/// A map that forgets its oldest entry when it is full.
#[derive(Debug)]
pub(crate) struct Remembered<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
    limit: usize,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), limit: KEPT }
    }
}

impl<T> Remembered<T> {
    /// The key must be new.
    pub(crate) fn insert(&mut self, key: String, value: T) {
        if self.order.len() == self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key)
    }
}

/// What a reply token was given out for.
#[derive(Clone, Debug)]
pub(crate) struct ReplyToken {
    pub(crate) user_id: String,
    pub(crate) issued_ms: i64,
    pub(crate) used: bool,
}

impl ReplyToken {
    /// Once, and within its life. The life is that of now, so that turning the knob acts on tokens already given out.
    pub(crate) fn is_usable(&self, now_ms: i64, life_ms: u64) -> bool {
        let age = u64::try_from(now_ms.saturating_sub(self.issued_ms)).unwrap_or(0);
        !self.used && age < life_ms
    }
}

/// A push that was accepted under a retry key.
#[derive(Clone, Debug)]
pub(crate) struct AcceptedPush {
    pub(crate) request_id: String,
    pub(crate) sent_messages: Value,
    pub(crate) at_ms: i64,
}

/// How long a retry key is remembered (LINE doc "Retry failed API requests").
pub(crate) const RETRY_KEY_LIFE_MS: i64 = 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut memory = Remembered { limit: 2, ..Remembered::default() };
        for key in ["a", "b", "c"] {
            memory.insert(key.to_owned(), ());
        }
        assert!(memory.get("a").is_none() && memory.get("b").is_some() && memory.get("c").is_some());
        assert_eq!((memory.entries.len(), memory.order.len()), (2, 2));
    }

    #[test]
    fn a_reply_token_is_usable_once_and_while_it_lives() {
        let token = ReplyToken { user_id: String::new(), issued_ms: 1_000, used: false };
        assert!(token.is_usable(60_999, 60_000));
        assert!(!token.is_usable(61_000, 60_000));
        assert!(!ReplyToken { used: true, ..token }.is_usable(1_000, 60_000));
    }
}
