//! Measuring and shortening text. Limits are the caller's; nothing here changes what is stored or sent.

use std::borrow::Cow;

/// Length in UTF-16 code units, which is how LINE counts (LINE Messaging API reference, "Text message").
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The beginning of a text, at most `most` UTF-16 code units and only whole characters.
pub fn cut_utf16(text: &str, most: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > most
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// The beginning of a text on one line, at most `max_chars` characters (Unicode scalar values). Each run of line breaks
/// becomes one space.
pub fn snippet(text: &str, max_chars: usize) -> Cow<'_, str> {
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    if !text[..end].contains(is_line_break) {
        return Cow::Borrowed(&text[..end]);
    }
    let mut after_break = false;
    let one_line = text.chars().filter_map(|c| {
        let repeated = after_break && is_line_break(c);
        after_break = is_line_break(c);
        (!repeated).then_some(if after_break { ' ' } else { c })
    });
    Cow::Owned(one_line.take(max_chars).collect())
}

/// The mandatory breaks of Unicode's line breaking (UAX #14: BK, CR, LF, NL).
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emoji_count_as_line_counts_them() {
        assert_eq!(utf16_len("a"), 1);
        assert_eq!(utf16_len("ก"), 1);
        assert_eq!(utf16_len("😀"), 2);
    }

    #[test]
    fn a_cut_never_parts_a_character() {
        for (text, most, cut) in
            [("abc", 2, "ab"), ("abc", 9, "abc"), ("a😀b", 2, "a"), ("a😀b", 3, "a😀"), ("", 0, "")]
        {
            assert_eq!(cut_utf16(text, most), cut);
        }
    }

    #[test]
    fn snippets_end_between_characters() {
        assert_eq!(snippet("สวัสดี\nครับ", 8), "สวัสดี ค");
        assert_eq!(snippet("😀😀", 1), "😀");
        assert_eq!(snippet("a", 8), "a");
        assert_eq!(snippet("a", 0), "");
    }

    #[test]
    fn snippets_are_one_line() {
        assert_eq!(snippet("a\r\n\r\nb", 8), "a b");
        assert_eq!(snippet("a\n\n\nb\u{2028}c", 5), "a b c");
        assert_eq!(snippet("a\n", 8), "a ");
    }

    proptest! {
        #[test]
        fn utf16_length_is_that_of_the_encoding(text in any::<String>()) {
            prop_assert_eq!(utf16_len(&text), text.encode_utf16().count());
        }

        #[test]
        fn snippets_are_short_and_without_line_breaks(text in "([\n\r\u{85}]|.){0,40}", max_chars in 0..50_usize) {
            let snippet = snippet(&text, max_chars);
            prop_assert!(snippet.chars().count() <= max_chars);
            prop_assert!(!snippet.contains(is_line_break));
        }
    }
}
