use proptest::prelude::*;

use super::*;

#[test]
fn phrases_match_in_every_language() {
    let phrases = HandoffPhrases::default();
    for text in [
        "agent",
        "Agent!",
        "talk to a HUMAN please",
        "the agent's name",
        "ขอ agent หน่อย",
        "เอาagentหน่อย",
        "คู่agent",
        "agent를 연결해 주세요",
        "我要agent",
        "ＡＧＥＮＴ",
        "❤️agent❤️",
        "ขอคุยกับคนครับ",
        "เรียกเจ้าหน้าที่หน่อย",
        "オペレーターに代わって",
        "ｵﾍﾟﾚｰﾀｰをお願いします",
        "担当者に代わって",
        "我要真人客服",
        "operator\nplease",
        "(staff)",
    ] {
        assert!(phrases.matches(text), "{text}");
    }
    for text in [
        "agents",
        "reagent",
        "humanity",
        "agent007",
        "hello",
        "",
        "สวัสดี",
        "工作人员",
        "non_operator_",
        "agentе", // with a Cyrillic letter
        "x\u{303}agent",
        "agent\u{303}s",
    ] {
        assert!(!phrases.matches(text), "{text}");
    }
}

#[test]
fn decomposed_text_matches() {
    let phrases = HandoffPhrases::new(["オペレーター", "Médico", "상담원", "J\u{30C}an"]);
    for text in ["オペレーター", "médico", "상담원", "\u{1F0}an", "J\u{30C}AN"] {
        let decomposed: String = text.nfd().collect();
        assert!(phrases.matches(text) && phrases.matches(&decomposed), "{text}");
    }
    assert!(!phrases.matches("medico"), "an accent makes another letter");
}

#[test]
fn greek_matches_whatever_the_form_of_its_sigma() {
    let phrases = HandoffPhrases::new(["ΠΡΆΚΤΟΡΑΣ"]);
    assert!(phrases.matches("θέλω πράκτορας"));
    assert!(!phrases.matches("πράκτορασα"));
}

#[test]
fn korean_matches_with_particles_on_the_word() {
    let phrases = HandoffPhrases::new(["상담원"]);
    assert!(phrases.matches("상담원을 연결해 주세요"));
    assert!(!phrases.matches("상담"));
}

#[test]
fn phrases_of_several_words_bear_any_white_space() {
    let phrases = HandoffPhrases::new(["real\tperson", " "]);
    assert!(phrases.matches("a Real \n\u{3000} Person?"));
    assert!(!phrases.matches("a realperson"));
    assert!(!phrases.matches("a real persona"));
    assert!(!phrases.matches(" "));
}

#[test]
fn a_hit_inside_a_word_does_not_hide_the_next_one() {
    assert!(HandoffPhrases::new(["no no"]).matches("ono no no"));
    assert!(HandoffPhrases::new(["agent"]).matches("agents agent"));
}

#[test]
fn without_phrases_nothing_matches() {
    assert!(!HandoffPhrases::new(["", " \n"]).matches(""));
    assert!(!HandoffPhrases::new(Vec::<String>::new()).matches("agent"));
}

#[test]
fn hostile_texts_take_linear_time() {
    // Each would take minutes if it were quadratic: hits refused at every letter, marks without end, expanding letters.
    let phrases = HandoffPhrases::new(["aaaaaaaa", "agent", "a a a a b"]);
    for text in ["a", "a ", "agent\u{301}", "\u{301}", "\u{301}\u{327}", "ﷺ", "กaagents"] {
        let text = text.repeat(200_000 / text.len());
        assert!(!phrases.matches(&text), "{:?}", text.chars().take(8).collect::<String>());
    }
}

/// Phrases that match whole words only.
fn spaced_phrases() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["agent", "human", "operator", "staff", "real person", "médico", "οδηγός", "оператор"])
}

fn phrases() -> impl Strategy<Value = &'static str> {
    let unspaced = DEFAULT_PHRASES[4..].iter().copied().chain(["상담원", "🙋"]).collect::<Vec<_>>();
    prop_oneof![spaced_phrases(), prop::sample::select(unspaced)]
}

/// The same phrase as somebody else may write it.
fn rewritten(phrase: &str, how: u8) -> String {
    match how % 5 {
        0 => phrase.to_owned(),
        1 => phrase.to_uppercase(),
        2 => phrase.nfd().collect(),
        3 => phrase.replace(' ', " \n\u{A0}"),
        _ => phrase
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap(),
                ' ' => '\u{3000}',
                _ => c,
            })
            .collect(),
    }
}

proptest! {
    #[test]
    fn a_phrase_between_boundaries_matches(
        phrase in phrases(),
        how in any::<u8>(),
        before in "(.{0,12}[ !-/ก-ฮ一-三ア-ン가-힣❤])?",
        after in "([ !-/ก-ฮ一-三ア-ン가-힣❤].{0,12})?",
    ) {
        let text = [before.as_str(), &rewritten(phrase, how), &after].concat();
        prop_assert!(HandoffPhrases::new([phrase]).matches(&text), "{}", text);
    }

    #[test]
    fn a_phrase_inside_a_word_does_not_match(
        phrase in spaced_phrases(),
        how in any::<u8>(),
        before in "([b-zB-Zé-öа-яα-ω0-9_][\u{300}-\u{304}]?){0,5}",
        after in "([b-zB-Zé-öа-яα-ω0-9_][\u{300}-\u{304}]?){0,5}",
    ) {
        prop_assume!(!before.is_empty() || !after.is_empty());
        let text = [before.as_str(), &rewritten(phrase, how), &after].concat();
        prop_assert!(!HandoffPhrases::new([phrase]).matches(&text), "{}", text);
    }

    #[test]
    fn an_unspaced_phrase_matches_anywhere(before in "[a-zก-ฮ一-三]{0,12}", after in "[a-zก-ฮ一-三]{0,12}") {
        for phrase in &DEFAULT_PHRASES[4..] {
            prop_assert!(HandoffPhrases::default().matches(&[before.as_str(), phrase, &after].concat()));
        }
    }

    #[test]
    fn matching_anything_never_panics(phrase in ".{0,20}", other in "[ab \u{301}ก]{0,4}", text in ".{0,80}|[ab \u{301}ก]{0,40}") {
        let _ = HandoffPhrases::new([phrase, other]).matches(&text);
    }
}
