//! Channels, settings, contacts and their profiles.

use std::collections::BTreeSet;

use linedesk_protocol::{ContactId, ConversationId, Role, SessionStatus};
use linedesk_store::StoreError;
use linedesk_store::ops::contacts::{self, Profile};
use linedesk_store::ops::sessions::Command;
use linedesk_store::ops::{channels, conversations, settings};
use tokio::task::JoinSet;

use super::actions::{act_through, draft, note_through};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    a_channel_put_again_keeps_its_id_and_takes_the_new_secrets,
    a_setting_is_made_once,
    a_setting_is_made_once_by_many_at_a_time,
    profiles_that_are_due_are_taken_once_and_come_back,
    profiles_are_not_taken_twice_by_two_nodes,
    a_known_profile_is_shown_and_told_of_when_it_changes,
    a_hidden_profile_leaves_the_name_known,
    a_profile_put_off_counts_its_tries_until_it_is_asked_for_anew,
    a_chat_id_tells_what_it_is,
    a_card_tells_the_latest_sessions_and_notes_and_how_many_there_are,
    a_language_that_is_not_told_again_stays_known,
);

async fn a_channel_put_again_keeps_its_id_and_takes_the_new_secrets(desk: &Desk) {
    let again = desk.write(|tx| channels::put(tx, channels::DEFAULT, "secret 2", "token 2", after(1))).await;
    let other = desk.write(|tx| channels::put(tx, "second", "s", "t", after(2))).await;
    assert_eq!(again, desk.channel);
    let known = desk.read(|tx| channels::list(tx)).await;
    let known: Vec<_> = known.into_iter().map(|it| (it.id, it.name, it.secret, it.access_token)).collect();
    let text = str::to_owned;
    assert_eq!(
        known,
        [
            (desk.channel, text("default"), text("secret 2"), text("token 2")),
            (other, text("second"), text("s"), text("t"))
        ]
    );
}

async fn a_setting_is_made_once(desk: &Desk) {
    let first = desk.write(|tx| settings::get_or_create(tx, settings::DESK_ID, "a")).await;
    let second = desk.write(|tx| settings::get_or_create(tx, settings::DESK_ID, "b")).await;
    let other = desk.write(|tx| settings::get_or_create(tx, settings::TOKEN_KEY, "c")).await;
    assert_eq!((first.as_str(), second.as_str(), other.as_str()), ("a", "a", "c"));
}

async fn a_setting_is_made_once_by_many_at_a_time(desk: &Desk) {
    let (first, second) = (std::sync::Arc::new(desk.another()), std::sync::Arc::new(desk.another()));
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let store = if number % 2 == 0 { first.clone() } else { second.clone() };
        tasks.spawn(async move {
            store
                .write::<_, StoreError, _>(move |tx| settings::get_or_create(tx, "key", &format!("value {number}")))
                .await
                .unwrap()
                .value
        });
    }
    let values: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(values.len(), 1, "{values:?}");
}

async fn profiles_that_are_due_are_taken_once_and_come_back(desk: &Desk) {
    assert!(!desk.read(|tx| contacts::has_due(tx, NOW)).await);
    for _ in 0..3 {
        desk.conversation().await;
    }
    assert!(desk.read(|tx| contacts::has_due(tx, NOW)).await);
    let take = async |limit, now| desk.write(move |tx| contacts::take_due(tx, "w", now, after(60), limit)).await;
    let first = take(2, NOW).await;
    let second = take(2, NOW).await;
    let taken: BTreeSet<_> = first.iter().chain(&second).map(|due| due.contact.0).collect();
    assert_eq!((first.len(), second.len(), taken.len()), (2, 1, 3));
    assert!(!desk.read(|tx| contacts::has_due(tx, after(59))).await);
    assert_eq!(take(9, after(59)).await, []);
    assert_eq!(take(9, after(60)).await.len(), 3, "whoever took them died");
}

async fn profiles_are_not_taken_twice_by_two_nodes(desk: &Desk) {
    for _ in 0..20 {
        desk.conversation().await;
    }
    let stores = [std::sync::Arc::new(desk.another()), std::sync::Arc::new(desk.another())];
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let store = stores[number % 2].clone();
        tasks.spawn(async move {
            store.write::<_, StoreError, _>(|tx| contacts::take_due(tx, "w", NOW, after(60), 3)).await.unwrap().value
        });
    }
    let taken: Vec<_> = tasks.join_all().await.into_iter().flatten().map(|due| due.contact.0).collect();
    assert_eq!(taken.len(), taken.iter().collect::<BTreeSet<_>>().len(), "{taken:?}");
}

async fn a_known_profile_is_shown_and_told_of_when_it_changes(desk: &Desk) {
    let conversation = desk.conversation().await;
    let contact = ContactId(conversation.0);
    let told = async || desk.number("SELECT count(*) FROM feed WHERE kind = 'conversation_changed'").await;
    let known = |name: &str, picture: Option<&str>| Profile::Known {
        display_name: name.to_owned(),
        picture_url: picture.map(str::to_owned),
        language: None,
    };
    for (profile, events) in [
        (known("สมชาย", None), 1),
        (known("สมชาย", None), 1),
        (known("สมชาย", Some("https://p/1")), 2),
        (known("Somchai", Some("https://p/1")), 3),
    ] {
        let saved = profile.clone();
        desk.write(move |tx| contacts::save_profile(tx, contact, &saved, NOW)).await;
        let summary = desk.summary(conversation).await;
        let shown = Profile::Known {
            display_name: summary.display_name.unwrap_or_default(),
            picture_url: summary.picture_url,
            language: None,
        };
        assert_eq!((shown, told().await), (profile, events));
    }
    assert!(!desk.read(|tx| contacts::has_due(tx, after(1_000_000))).await);
}

async fn a_hidden_profile_leaves_the_name_known(desk: &Desk) {
    let conversation = desk.conversation().await;
    let contact = ContactId(conversation.0);
    let known = Profile::Known { display_name: "Mali".to_owned(), picture_url: None, language: None };
    desk.write(move |tx| contacts::save_profile(tx, contact, &known, NOW)).await;
    desk.write(move |tx| contacts::request_profile(tx, contact, NOW)).await;
    desk.write(move |tx| contacts::save_profile(tx, contact, &Profile::Hidden, NOW)).await;
    assert_eq!(desk.summary(conversation).await.display_name.as_deref(), Some("Mali"));
    assert!(!desk.read(|tx| contacts::has_due(tx, after(1_000_000))).await);
}

async fn a_profile_put_off_counts_its_tries_until_it_is_asked_for_anew(desk: &Desk) {
    let contact = ContactId(desk.conversation().await.0);
    for tries in 0..3 {
        let due = desk.write(|tx| contacts::take_due(tx, "w", NOW, after(60), 1)).await;
        assert_eq!(due[0].attempts, tries);
        desk.write(move |tx| contacts::save_profile(tx, contact, &Profile::Later(NOW), NOW)).await;
    }
    desk.write(move |tx| contacts::save_profile(tx, contact, &Profile::Later(after(30)), NOW)).await;
    assert_eq!(desk.write(|tx| contacts::take_due(tx, "w", after(29), after(60), 1)).await, []);
    desk.write(move |tx| contacts::request_profile(tx, contact, NOW)).await;
    let due = desk.write(|tx| contacts::take_due(tx, "w", NOW, after(60), 1)).await;
    assert_eq!((due[0].contact, due[0].attempts), (contact, 0));
}

async fn a_chat_id_tells_what_it_is(desk: &Desk) {
    let channel = desk.channel;
    for (letter, source_type) in [('U', "user"), ('C', "group"), ('R', "room")] {
        let chat = format!("{letter}{:032x}", 1);
        let id = desk.write(move |tx| conversations::get_or_create(tx, channel, &chat, NOW)).await;
        assert_eq!(desk.summary(id).await.source_type.as_str(), source_type);
    }
}

async fn a_card_tells_the_latest_sessions_and_notes_and_how_many_there_are(desk: &Desk) {
    let (conversation, other) = (desk.conversation().await, desk.conversation().await);
    let ann = desk.operator("ann", Role::Agent).await;
    let card = async || desk.read(move |tx| contacts::card(tx, conversation, 2)).await.unwrap();
    let empty = card().await;
    assert_eq!((empty.session_count, empty.note_count, empty.language), (0, 0, None));
    assert_eq!((empty.sessions, empty.notes, empty.first_seen_at), (vec![], vec![], NOW));
    for round in 0..3 {
        act_through(&desk.store, conversation, Command::Start(ann), after(round)).await.unwrap();
        let text = format!("note {round}");
        note_through(&desk.store, draft(conversation, ann, &text, &text), after(round)).await.unwrap();
        note_through(&desk.store, draft(other, ann, "of somebody else", &text), after(round)).await.unwrap();
        if round < 2 {
            act_through(&desk.store, conversation, Command::Close(ann), after(round)).await.unwrap();
        }
    }
    let full = card().await;
    assert_eq!((full.session_count, full.note_count), (3, 3));
    let sessions: Vec<_> = full.sessions.iter().map(|it| (it.status, it.started_at, it.operator_id)).collect();
    let of = |status, round| (status, after(round), Some(ann.id));
    assert_eq!(sessions, [of(SessionStatus::Active, 2), of(SessionStatus::Closed, 1)]);
    assert!(full.sessions[0].operator_name.is_some());
    let notes: Vec<_> = full.notes.iter().map(|it| it.content.as_str()).collect();
    assert_eq!(notes, ["note 2", "note 1"]);
    assert_eq!(desk.read(|tx| contacts::card(tx, ConversationId(4711), 2)).await, None);
}

async fn a_language_that_is_not_told_again_stays_known(desk: &Desk) {
    let conversation = desk.conversation().await;
    for (told, known) in [(None, None), (Some("th"), Some("th")), (None, Some("th")), (Some("ja"), Some("ja"))] {
        let language = told.map(str::to_owned);
        let profile = Profile::Known { display_name: "Mali".to_owned(), picture_url: None, language };
        desk.write(move |tx| contacts::save_profile(tx, ContactId(conversation.0), &profile, NOW)).await;
        let card = desk.read(move |tx| contacts::card(tx, conversation, 1)).await.unwrap();
        assert_eq!(card.language.as_deref(), known);
    }
}
