//! Does a customer ask for a person? A list of phrases, matched so that a newcomer's guess is right.
//!
//! Case, width (full-width Latin, half-width katakana) and composition do not matter (Unicode NFKC). A phrase whose edge is a
//! letter of a script that puts spaces between words matches whole words only: "agent" matches "Agent!" and "ขอ agent หน่อย",
//! not "agents" or "reagent". In Thai, Lao, Khmer, Burmese, Chinese and Japanese, which have no such spaces, it matches
//! anywhere; so it does in Korean, which writes particles onto the word ("상담원을"). A letter of such a script beside a
//! Latin word does not make the word longer: "เอาagentหน่อย" and "agent를" hold "agent".
//!
//! Deliberately absent: word forms, spelling mistakes and language detection. Who wants "agents" too adds it.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What the desk starts with.
pub const DEFAULT_PHRASES: [&str; 11] =
    ["agent", "human", "operator", "staff", "เจ้าหน้าที่", "คุยกับคน", "แอดมิน", "オペレーター", "担当者", "真人", "客服"];

/// Phrases that ask for a person.
// INVARIANT: normalised and not empty.
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
    // Most texts are short and many are plain: those have one form only.
    if text.is_ascii() {
        return text.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    }
    // A capital may have no composed form where its small letter has one ("J̌", "ǰ"): hence NFKC again. The final sigma is
    // a form of the small one that has no capital of its own.
    let lower = text.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
    lower.nfkc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn contains(text: &str, phrase: &str) -> bool {
    let step = phrase.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    while let Some(at) = text[from..].find(phrase).map(|found| from + found) {
        if stands_alone(&text[..at], phrase, &text[at + phrase.len()..]) {
            return true;
        }
        // Not past the whole phrase: hits may overlap, as "no no" does in "ono no no".
        from = at + step;
    }
    false
}

/// Whether neither neighbour belongs to the same word as the phrase's edge.
fn stands_alone(before: &str, phrase: &str, after: &str) -> bool {
    let goes_on_before =
        phrase.chars().next().is_some_and(in_spaced_word) && last_base(before).is_some_and(in_spaced_word);
    // A mark behind the phrase changes its last letter.
    let goes_on_after = last_base(phrase).is_some_and(in_spaced_word)
        && after.chars().next().is_some_and(|c| in_spaced_word(c) || is_combining_mark(c) && !in_unspaced_script(c));
    !goes_on_before && !goes_on_after
}

/// The last character, without the marks on it.
fn last_base(text: &str) -> Option<char> {
    text.chars().rev().find(|&c| !is_combining_mark(c))
}

/// A letter or digit of a script that puts spaces between words.
fn in_spaced_word(c: char) -> bool {
    (c.is_alphanumeric() || c == '_') && !in_unspaced_script(c)
}

fn in_unspaced_script(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{109F}'      // Thai, Lao, Tibetan, Burmese
        | '\u{1100}'..='\u{11FF}'    // Hangul letters
        | '\u{1780}'..='\u{17FF}'    // Khmer
        | '\u{1950}'..='\u{19DF}'    // Tai Le, New Tai Lue
        | '\u{1A20}'..='\u{1AAF}'    // Tai Tham
        | '\u{2E80}'..='\u{31FF}'    // CJK radicals, kana, bopomofo
        | '\u{3400}'..='\u{9FFF}'    // CJK ideographs
        | '\u{A960}'..='\u{A97F}'    // Hangul letters
        | '\u{A9E0}'..='\u{A9FF}'    // Burmese
        | '\u{AA60}'..='\u{AA7F}'    // Burmese
        | '\u{AC00}'..='\u{D7FF}'    // Hangul syllables
        | '\u{F900}'..='\u{FAFF}'    // CJK ideographs
        | '\u{1AFF0}'..='\u{1B16F}'  // kana
        | '\u{20000}'..='\u{3FFFF}') // CJK ideographs
}

#[cfg(test)]
mod tests;
