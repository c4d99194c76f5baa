//! Does a customer ask for a person? A list of phrases, matched so that a newcomer's guess is right.
//!
//! Case, width (full-width Latin, half-width katakana) and composition do not matter (Unicode NFKC). A phrase whose edge is a
//! letter of a script that puts spaces between words matches whole words only: "agent" matches "Agent!" and "ขอ agent หน่อย",
//! not "agents" or "reagent". In Thai, Lao, Khmer, Burmese, Chinese and Japanese, which have no such spaces, it matches
//! anywhere. A letter of such a script beside a Latin word does not make the word longer.

use unicode_normalization::UnicodeNormalization as _;

/// What the desk starts with.
pub const DEFAULT_PHRASES: [&str; 11] =
    ["agent", "human", "operator", "staff", "เจ้าหน้าที่", "คุยกับคน", "แอดมิน", "オペレーター", "担当者", "真人", "客服"];

/// Phrases that ask for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoffPhrases(Vec<String>);

impl HandoffPhrases {
    /// Empty phrases are ignored.
    pub fn new<T: AsRef<str>>(phrases: impl IntoIterator<Item = T>) -> Self {
        Self(
            phrases.into_iter().map(|phrase| normalized(phrase.as_ref())).filter(|phrase| !phrase.is_empty()).collect(),
        )
    }

    /// Whether the text holds one of the phrases. Linear in the text for each phrase.
    pub fn matches(&self, text: &str) -> bool {
        let text = normalized(text);
        self.0.iter().any(|phrase| contains(&text, phrase))
    }
}

impl Default for HandoffPhrases {
    fn default() -> Self {
        Self::new(DEFAULT_PHRASES)
    }
}

/// NFKC, lower case, runs of white space as one space.
fn normalized(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn contains(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !continues(before, phrase.chars().next()) && !continues(after, phrase.chars().next_back())
    })
}

/// Whether a neighbour belongs to the same word as the phrase's edge.
fn continues(neighbour: Option<char>, edge: Option<char>) -> bool {
    matches!((neighbour, edge), (Some(neighbour), Some(edge)) if in_spaced_word(neighbour) && in_spaced_word(edge))
}

/// A letter or digit of a script that puts spaces between words.
fn in_spaced_word(c: char) -> bool {
    let unspaced = matches!(c,
        '\u{0E00}'..='\u{0EFF}'      // Thai, Lao
        | '\u{1000}'..='\u{109F}'    // Burmese
        | '\u{1780}'..='\u{17FF}'    // Khmer
        | '\u{2E80}'..='\u{31FF}'    // CJK radicals, kana, bopomofo
        | '\u{3400}'..='\u{9FFF}'    // CJK ideographs
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}');
    !unspaced && (c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phrases_match_in_every_language() {
        let phrases = HandoffPhrases::default();
        for text in [
            "agent",
            "Agent!",
            "talk to a HUMAN please",
            "ขอ agent หน่อย",
            "เอาagentหน่อย",
            "ＡＧＥＮＴ",
            "ขอคุยกับคนครับ",
            "เรียกเจ้าหน้าที่หน่อย",
            "ｵﾍﾟﾚｰﾀｰをお願いします",
            "担当者に代わって",
            "我要真人客服",
            "operator\nplease",
            "(staff)",
        ] {
            assert!(phrases.matches(text), "{text}");
        }
        for text in ["agents", "reagent", "humanity", "agent007", "hello", "", "สวัสดี", "工作人员", "non_operator_"]
        {
            assert!(!phrases.matches(text), "{text}");
        }
    }

    #[test]
    fn phrases_of_several_words_bear_any_white_space() {
        let phrases = HandoffPhrases::new(["real person", " "]);
        assert!(phrases.matches("a Real \n  Person?"));
        assert!(!phrases.matches("a realperson"));
        assert!(!phrases.matches(" "));
    }

    proptest! {
        #[test]
        fn a_phrase_between_boundaries_matches(before in "[ -/ก-ฮ一-三]{0,12}", after in "[ -/ก-ฮ一-三]{0,12}") {
            prop_assert!(HandoffPhrases::new(["agent"]).matches(&[before.as_str(), " agent ", &after].concat()));
            prop_assert!(HandoffPhrases::new(["真人"]).matches(&[before.as_str(), "真人", &after].concat()));
        }

        #[test]
        fn a_phrase_inside_a_word_does_not_match(before in "[b-z]{1,5}", after in "[b-z]{1,5}") {
            prop_assert!(!HandoffPhrases::new(["agent"]).matches(&(before + "agent")));
            prop_assert!(!HandoffPhrases::new(["agent"]).matches(&("agent".to_owned() + &after)));
        }

        #[test]
        fn matching_anything_never_panics(phrase in ".{0,20}", text in ".{0,80}") {
            let _ = HandoffPhrases::new([phrase]).matches(&text);
        }
    }
}
