//! Measuring and shortening text.

use std::borrow::Cow;

/// Length in UTF-16 code units, which is how LINE counts (LINE Messaging API reference, "Text message").
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The first `max_chars` characters on one line.
pub fn snippet(text: &str, max_chars: usize) -> Cow<'_, str> {
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    let cut = &text[..end];
    if cut.contains(['\n', '\r']) { Cow::Owned(cut.replace(['\n', '\r'], " ")) } else { Cow::Borrowed(cut) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_count_as_line_counts_them() {
        assert_eq!(utf16_len("a"), 1);
        assert_eq!(utf16_len("ก"), 1);
        assert_eq!(utf16_len("😀"), 2);
    }

    #[test]
    fn snippets_end_between_characters() {
        assert_eq!(snippet("สวัสดี\nครับ", 8), "สวัสดี ค");
        assert_eq!(snippet("a", 8), "a");
    }
}
