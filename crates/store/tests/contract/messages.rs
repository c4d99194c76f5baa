//! Messages: pages of a thread, what is sent, notes, quotes.

use std::collections::BTreeSet;
use std::sync::Arc;

use linedesk_core::session::Refusal;
use linedesk_protocol::{
    ConversationId, DeliveryState, Direction, ErrorCode, MessageId, MessageType, Role, SenderRole,
};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::messages::{self, Draft, Range, SendError, Thread};
use linedesk_store::ops::sessions::Command;
use tokio::task::JoinSet;

use super::actions::{draft, event, new_message, note_through, send_through, text, user};
use super::harness::{Desk, Engine, NOW, after};
use linedesk_store::ops::webhook::{Effect, NewMessage};

on_both_engines!(
    a_thread_is_paged_both_ways_without_gap_or_repeat,
    a_page_around_a_message_has_both_sides,
    messages_are_read_by_ids,
    a_text_is_kept_exactly,
    a_message_is_stored_with_its_delivery_and_events,
    the_same_temp_id_answers_the_same_message,
    the_same_temp_id_at_once_is_one_message,
    a_temp_id_is_the_operators_own_and_the_conversations,
    an_answered_temp_id_is_answered_after_the_session_too,
    se3_without_a_session_or_by_another_nothing_is_sent,
    se5_an_answer_is_activity_and_the_first_one_is_noted,
    a_quote_must_be_of_the_conversation_and_quotable,
    a_customers_quote_finds_the_message,
    a_note_is_any_staffs_and_never_goes_out,
    a_system_text_goes_out_without_an_operator,
    a_payload_is_given_as_it_came,
);

async fn page(desk: &Desk, id: ConversationId, range: Range, limit: u32) -> (Vec<MessageId>, bool, bool) {
    let Thread { messages, has_more_before, has_more_after } =
        desk.read(move |tx| messages::list(tx, id, range, limit)).await;
    (messages.into_iter().map(|message| message.id).collect(), has_more_before, has_more_after)
}

/// Ten messages, with another customer's in between.
async fn thread(desk: &Desk) -> (ConversationId, Vec<MessageId>) {
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(desk.say(&user(1), &format!("message {number}")).await);
        desk.say(&user(2), "of another thread").await;
    }
    (desk.message(ids[0]).await.conversation_id, ids)
}

async fn a_thread_is_paged_both_ways_without_gap_or_repeat(desk: &Desk) {
    let (id, all) = thread(desk).await;
    for limit in [1, 3, 5, 10, 50] {
        let size = limit as usize;
        let (mut found, mut more, after) = page(desk, id, Range::Latest, limit).await;
        assert!(!after);
        while more {
            let (mut earlier, more_before, more_after) = page(desk, id, Range::Before(found[0]), limit).await;
            assert!(more_after && earlier.len() <= size);
            earlier.append(&mut found);
            (found, more) = (earlier, more_before);
        }
        assert_eq!(found, all, "backwards by {limit}");

        let mut found = vec![all[0]];
        loop {
            let (mut later, more_before, more) = page(desk, id, Range::After(found[found.len() - 1]), limit).await;
            assert!(more_before && later.len() <= size);
            found.append(&mut later);
            if !more {
                break;
            }
        }
        assert_eq!(found, all, "forwards by {limit}");
    }
    assert_eq!(page(desk, id, Range::Before(all[0]), 5).await, (vec![], false, true));
    assert_eq!(page(desk, id, Range::After(all[9]), 5).await, (vec![], true, false));
    assert_eq!(page(desk, ConversationId(99_999), Range::Latest, 5).await, (vec![], false, false));
}

async fn a_page_around_a_message_has_both_sides(desk: &Desk) {
    let (id, all) = thread(desk).await;
    let around = async |at: usize, limit| page(desk, id, Range::Around(all[at]), limit).await;
    assert_eq!(around(5, 4).await, (all[4..8].to_vec(), true, true));
    assert_eq!(around(5, 5).await, (all[3..8].to_vec(), true, true));
    assert_eq!(around(0, 4).await, (all[..3].to_vec(), false, true));
    assert_eq!(around(9, 4).await, (all[8..].to_vec(), true, false));
    assert_eq!(around(5, 50).await, (all.clone(), false, false));
    assert_eq!(around(5, 1).await, (vec![all[5]], true, true));
}

async fn messages_are_read_by_ids(desk: &Desk) {
    let mut wanted = BTreeSet::new();
    for number in 0..11 {
        wanted.insert(desk.say(&user(number % 3), "hello").await.0);
    }
    let asked: Vec<_> = wanted.iter().copied().chain([0, 99_999]).collect();
    let found = desk.read(move |tx| messages::list_by_ids(tx, asked.into_iter())).await;
    assert_eq!(found.len(), wanted.len());
    assert_eq!(found.into_iter().map(|message| message.id.0).collect::<BTreeSet<_>>(), wanted);
}

async fn a_text_is_kept_exactly(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    for text in [
        "a < b && c > 'd' \"e\" &amp; <script>",
        "👩‍👩‍👧 😀 ก็ e\u{301} \u{202e}x",
        "  spaces \r\n\tand lines\n\n",
        "nul \0 inside",
        "$1 ?1 %s {} \\n",
        &"😀".repeat(2500),
        &"ก".repeat(5000),
    ] {
        // PostgreSQL's text has no NUL.
        let kept = if desk.engine() == Engine::Sqlite { text.to_owned() } else { text.replace('\0', "\u{fffd}") };
        let sent = desk.send(conversation, owner, text).await;
        let said = desk.say(&chat, text).await;
        assert_eq!(desk.message(sent).await.content, kept);
        assert_eq!(desk.message(said).await.content, kept);
    }
}

async fn a_message_is_stored_with_its_delivery_and_events(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let head = desk.head().await;
    let done = send_through(&desk.store, draft(conversation, owner, "hello", "t1"), after(5)).await.unwrap();
    let message = done.value.message.clone();
    assert_eq!(
        (message.direction, message.sender_role, message.message_type),
        (Direction::Outgoing, SenderRole::Admin, MessageType::Text)
    );
    assert_eq!((message.operator_id, message.operator_name.as_deref()), (Some(owner.id), Some("owner (shown)")));
    assert_eq!((message.created_at, message.temp_id.as_deref()), (after(5), Some("t1")));
    assert_eq!(message.session_id, desk.summary(conversation).await.session.map(|session| session.id));
    let delivery = message.delivery.clone().unwrap();
    assert_eq!((delivery.state, delivery.cost, delivery.code), (DeliveryState::Queued, None, None));
    assert_eq!(desk.message(message.id).await, message);
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let kinds: Vec<_> = events.iter().map(|event| (event.kind, event.subject, event.socket.as_deref())).collect();
    assert_eq!(
        kinds,
        [(EventKind::MessageCreated, Some(message.id.0), Some("s1")), (EventKind::ConversationChanged, None, None)]
    );
    assert_eq!(done.seq(done.value.event.unwrap()), events[0].seq);
}

async fn the_same_temp_id_answers_the_same_message(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let first = send_through(&desk.store, draft(conversation, owner, "hello", "t1"), NOW).await.unwrap().value;
    let head = desk.head().await;
    let again =
        send_through(&desk.store, draft(conversation, owner, "other words", "t1"), after(9)).await.unwrap().value;
    assert_eq!((again.message, again.event), (first.message, None));
    assert_eq!(desk.head().await, head);
    assert_eq!(desk.number("SELECT count(*) FROM deliveries").await, 1);
}

async fn the_same_temp_id_at_once_is_one_message(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let mut tasks = JoinSet::new();
    for number in 0..24 {
        let (store, new) =
            (stores[number % 2].clone(), draft(conversation, owner, "hello", &format!("t{}", number % 3)));
        tasks.spawn(async move {
            let sent = send_through(&store, new.clone(), NOW).await.unwrap().value;
            (new.send_key, sent.message.id.0, sent.event.is_some())
        });
    }
    let answers = tasks.join_all().await;
    let ids: BTreeSet<_> = answers.iter().map(|(key, id, _)| (key, id)).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(answers.iter().filter(|(.., is_new)| *is_new).count(), 3);
    assert_eq!(desk.number("SELECT count(*) FROM messages").await, 3);
}

async fn a_temp_id_is_the_operators_own_and_the_conversations(desk: &Desk) {
    let (owner, admin) = (desk.operator("owner", Role::Agent).await, desk.operator("admin", Role::Admin).await);
    let (one, two) = (desk.session_of(owner).await, desk.session_of(owner).await);
    let mut ids = BTreeSet::new();
    for (conversation, by) in [(one, owner), (one, admin), (two, owner), (two, admin)] {
        let sent = send_through(&desk.store, draft(conversation, by, "hello", "t1"), NOW).await.unwrap().value;
        ids.insert(sent.message.id.0);
        assert_eq!(sent.message.operator_id, Some(by.id));
    }
    assert_eq!(ids.len(), 4);
}

async fn an_answered_temp_id_is_answered_after_the_session_too(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let first = send_through(&desk.store, draft(conversation, owner, "hello", "t1"), NOW).await.unwrap().value;
    desk.act(conversation, Command::Close(owner)).await.unwrap();
    let again = send_through(&desk.store, draft(conversation, owner, "hello", "t1"), NOW).await.unwrap().value;
    assert_eq!(again.message, first.message);
}

async fn se3_without_a_session_or_by_another_nothing_is_sent(desk: &Desk) {
    let (owner, other) = (desk.operator("owner", Role::Agent).await, desk.operator("other", Role::Agent).await);
    let conversation = desk.conversation().await;
    let send =
        async |by, temp_id: &str| send_through(&desk.store, draft(conversation, by, "hello", temp_id), NOW).await;
    let head = desk.head().await;
    assert!(matches!(send(owner, "t1").await, Err(SendError::Refused(Refusal::NoneOpen))));
    let nowhere = send_through(&desk.store, draft(ConversationId(99_999), owner, "hello", "t1"), NOW).await;
    assert!(matches!(nowhere, Err(SendError::ConversationNotFound)));
    assert_eq!(desk.head().await, head);
    desk.act(conversation, Command::Start(owner)).await.unwrap();
    match send(other, "t2").await {
        Err(SendError::Refused(Refusal::NotOwner { owner: known })) => assert_eq!(known, Some(owner.id)),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.number("SELECT count(*) FROM messages").await, 0);
    send(owner, "t1").await.unwrap();
}

async fn se5_an_answer_is_activity_and_the_first_one_is_noted(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    for second in [3, 8] {
        let new = draft(conversation, owner, "hello", &format!("t{second}"));
        send_through(&desk.store, new, after(second)).await.unwrap();
        assert_eq!(desk.summary(conversation).await.session.unwrap().first_response_at, Some(after(3)));
    }
    assert_eq!(desk.number("SELECT last_activity_at FROM sessions").await, after(8).0);
    assert_eq!(desk.number("SELECT last_activity_at FROM conversations").await, after(8).0);
}

async fn a_quote_must_be_of_the_conversation_and_quotable(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    let quotable = desk.say(&chat, "which one?").await;
    let elsewhere = desk.say(&user(7777), "elsewhere").await;
    let without_token = desk.send(conversation, owner, "not yet known to LINE").await;
    desk.ingest(vec![text(&chat, "gone", "withdrawn"), super::actions::unsend(&chat, "gone")]).await;
    let withdrawn = desk.message_of("gone").await;
    let send = async |quote: MessageId| {
        let new = draft(conversation, owner, "this one", &format!("quotes-{quote}"));
        send_through(&desk.store, Draft { quote: Some(quote), ..new }, NOW).await
    };
    for bad in [elsewhere, without_token, withdrawn, MessageId(99_999)] {
        assert!(matches!(send(bad).await, Err(SendError::BadQuote)), "{bad}");
    }
    assert_eq!(send(quotable).await.unwrap().value.message.quoted_message_id, Some(quotable));
}

async fn a_customers_quote_finds_the_message(desk: &Desk) {
    let quoting = |id: &str, line_id: &str| {
        let message = NewMessage { quoted_line_message_id: Some(line_id.to_owned()), ..new_message(id, "that one") };
        event(&user(1), id, Effect::Message(message))
    };
    let events = vec![text(&user(1), "e1", "a"), quoting("e2", "line-e1"), quoting("e3", "line-unknown")];
    desk.ingest(events).await;
    let (first, second, third) =
        (desk.message_of("e1").await, desk.message_of("e2").await, desk.message_of("e3").await);
    assert_eq!(desk.message(second).await.quoted_message_id, Some(first));
    assert_eq!(desk.message(third).await.quoted_message_id, None);
}

async fn a_note_is_any_staffs_and_never_goes_out(desk: &Desk) {
    let (owner, other) = (desk.operator("owner", Role::Agent).await, desk.operator("other", Role::Agent).await);
    let conversation = desk.session_of(owner).await;
    let before = desk.summary(conversation).await;
    let new = draft(conversation, other, "a < b", "n1");
    let note = note_through(&desk.store, new.clone(), NOW).await.unwrap().value.message;
    let again = note_through(&desk.store, new, NOW).await.unwrap().value;
    assert_eq!((again.message.id, again.event), (note.id, None));
    assert_eq!((note.message_type, note.delivery, note.operator_id), (MessageType::Note, None, Some(other.id)));
    assert_eq!(note.content, "a < b");
    assert_eq!(desk.summary(conversation).await, before);
    let nowhere = ConversationId(99_999);
    let refused = note_through(&desk.store, draft(nowhere, other, "x", "n2"), NOW).await;
    assert!(matches!(refused, Err(SendError::ConversationNotFound)));
}

async fn a_system_text_goes_out_without_an_operator(desk: &Desk) {
    let conversation = desk.conversation().await;
    desk.write(move |tx| messages::send_system(tx, conversation, "closing soon", NOW)).await;
    let id = desk.summary(conversation).await.last_message.unwrap().id;
    let message = desk.message(id).await;
    assert_eq!((message.sender_role, message.operator_id), (SenderRole::System, None));
    assert_eq!(message.delivery.unwrap().state, DeliveryState::Queued);
}

async fn a_payload_is_given_as_it_came(desk: &Desk) {
    let payload = r#"{"packageId":"446","keywords":["ยิ้ม","a\u0000b"],"n":12345678901234567890}"#;
    let message = NewMessage {
        message_type: MessageType::Sticker,
        payload: Some(payload.to_owned()),
        content: String::new(),
        ..new_message("e1", "")
    };
    desk.ingest(vec![event(&user(1), "e1", Effect::Message(message))]).await;
    let message = desk.message(desk.message_of("e1").await).await;
    assert_eq!(message.message_type, MessageType::Sticker);
    assert_eq!(message.payload, Some(serde_json::from_str(payload).unwrap()));
    assert_eq!(message.delivery.and_then(|delivery| delivery.code), None::<ErrorCode>);
}
