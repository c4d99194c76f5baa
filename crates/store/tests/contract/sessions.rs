//! Sessions: SE1 to SE6 as the rows have them.

use std::sync::Arc;

use linedesk_core::session::Refusal;
use linedesk_protocol::{ChatMode, ClosedBy, ConversationId, OperatorId, Role, SessionStatus};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::operators;
use linedesk_store::ops::sessions::{self, ActError, Command, Idle};
use linedesk_store::{Origin, Query, StoreError};
use tokio::task::JoinSet;

use super::actions::{act_through, hand_off, origin, user};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    se1_one_open_session_whoever_writes,
    se1_the_database_refuses_a_second_open_session,
    se2_chat_mode_is_human_exactly_while_a_session_is_open,
    se2_a_customer_who_asks_for_a_person_waits,
    se3_the_first_claim_wins_and_the_others_are_told_who,
    se3_only_the_owner_or_an_admin_acts,
    se3_nothing_is_written_for_what_is_refused,
    se4_every_hop_and_its_reason_are_kept,
    se4_a_transfer_needs_an_active_operator,
    se5_only_what_is_still_idle_times_out,
    se5_a_warning_is_noted_once_and_only_while_nothing_happens,
    se5_idle_sessions_are_listed_oldest_first,
    se6_every_change_has_its_audit_row,
    se6_an_audit_row_falls_with_its_change,
    a_command_repeated_changes_nothing,
    a_session_event_keeps_what_was_true_then,
    the_load_is_counted,
    what_nobody_answered_is_listed_oldest_first,
);

async fn se1_one_open_session_whoever_writes(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    for round in 0..4 {
        let conversation = desk.conversation().await;
        let mut tasks = JoinSet::new();
        for number in 0..8 {
            let by = desk.operator(&format!("o{round}-{number}"), Role::Agent).await;
            let store = stores[number % 2].clone();
            tasks.spawn(async move { (by.id, act_through(&store, conversation, Command::Start(by), NOW).await) });
        }
        let answers = tasks.join_all().await;
        let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(id, _)| *id).collect();
        assert_eq!(won.len(), 1);
        for (id, answer) in answers {
            match answer {
                Ok(_) => {}
                Err(ActError::AlreadyClaimed { by, .. }) => assert_eq!((by, id != by), (won[0], true)),
                Err(other) => panic!("{other}"),
            }
        }
        let opened = format!("SELECT count(*) FROM sessions WHERE conversation_id = {conversation}");
        assert_eq!(desk.number(opened).await, 1);
    }
}

async fn se1_the_database_refuses_a_second_open_session(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let sql = format!(
        "INSERT INTO sessions (conversation_id, status, started_at, last_activity_at)
         VALUES ({conversation}, 'WAITING', 0, 0) RETURNING id"
    );
    let refused = desk.store.write::<_, StoreError, _>(move |tx| tx.query_one(&sql, &[]).map(drop)).await;
    assert!(matches!(refused, Err(StoreError::Statement(_) | StoreError::Conflict(_))), "{refused:?}");
}

async fn se2_chat_mode_is_human_exactly_while_a_session_is_open(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.conversation().await;
    assert_eq!(desk.summary(conversation).await.chat_mode, ChatMode::Bot);
    for (command, mode) in [
        (Command::Request { after_hours: false }, ChatMode::Human),
        (Command::Claim(owner), ChatMode::Human),
        (Command::Release(owner), ChatMode::Human),
        (Command::Start(owner), ChatMode::Human),
        (Command::Close(owner), ChatMode::Bot),
        (Command::Start(owner), ChatMode::Human),
        (Command::TimeOut, ChatMode::Bot),
    ] {
        let session = desk.act(conversation, command.clone()).await.unwrap().session;
        let summary = desk.summary(conversation).await;
        assert_eq!((summary.chat_mode, summary.session.is_some()), (mode, mode == ChatMode::Human), "{command:?}");
        assert!(summary.session.is_none_or(|shown| shown == session));
    }
}

async fn se2_a_customer_who_asks_for_a_person_waits(desk: &Desk) {
    desk.ingest(vec![hand_off(&user(1), "e1"), hand_off(&user(1), "e2")]).await;
    let conversation = desk.message(desk.message_of("e1").await).await.conversation_id;
    let session = desk.summary(conversation).await.session.unwrap();
    assert_eq!((session.status, session.operator_id, session.after_hours), (SessionStatus::Waiting, None, false));
    assert_eq!(desk.number("SELECT count(*) FROM sessions").await, 1);
}

async fn se3_the_first_claim_wins_and_the_others_are_told_who(desk: &Desk) {
    let (first, second) = (desk.operator("first", Role::Agent).await, desk.operator("second", Role::Admin).await);
    let conversation = desk.conversation().await;
    let none = desk.act(conversation, Command::Claim(first)).await;
    assert!(matches!(none, Err(ActError::Refused(Refusal::NoneOpen))));
    desk.act(conversation, Command::Request { after_hours: true }).await.unwrap();
    let claimed = desk.act(conversation, Command::Claim(first)).await.unwrap();
    assert_eq!((claimed.session.status, claimed.session.operator_id), (SessionStatus::Active, Some(first.id)));
    assert_eq!((claimed.session.claimed_at, claimed.session.after_hours), (Some(NOW), true));
    for late in [Command::Claim(second), Command::Start(second)] {
        match desk.act(conversation, late).await {
            Err(ActError::AlreadyClaimed { by, name }) => assert_eq!((by, name.as_str()), (first.id, "first (shown)")),
            other => panic!("{other:?}"),
        }
    }
}

async fn se3_only_the_owner_or_an_admin_acts(desk: &Desk) {
    let (owner, other, admin) = (
        desk.operator("owner", Role::Agent).await,
        desk.operator("other", Role::Agent).await,
        desk.operator("admin", Role::Admin).await,
    );
    let conversation = desk.session_of(owner).await;
    let transfer = |by| Command::Transfer { by, to: admin.id, reason: None };
    for refused in [Command::Release(other), Command::Close(other), transfer(other)] {
        match desk.act(conversation, refused).await {
            Err(ActError::Refused(Refusal::NotOwner { owner: known })) => assert_eq!(known, Some(owner.id)),
            other => panic!("{other:?}"),
        }
    }
    desk.act(conversation, Command::Release(admin)).await.unwrap();
    let waiting = desk.act(conversation, Command::Release(admin)).await;
    assert!(matches!(waiting, Err(ActError::Refused(Refusal::NotActive))));
    assert!(matches!(
        desk.act(conversation, Command::Close(owner)).await,
        Err(ActError::Refused(Refusal::NotOwner { owner: None }))
    ));
    desk.act(conversation, transfer(admin)).await.unwrap();
    let closed = desk.act(conversation, Command::Close(admin)).await.unwrap().session;
    assert_eq!((closed.status, closed.closed_by), (SessionStatus::Closed, Some(ClosedBy::Operator)));
    let again = desk.act(conversation, Command::Close(admin)).await;
    assert!(matches!(again, Err(ActError::Refused(Refusal::NoneOpen))));
    let nowhere = desk.act(ConversationId(99_999), Command::Close(admin)).await;
    assert!(matches!(nowhere, Err(ActError::ConversationNotFound)));
}

async fn se3_nothing_is_written_for_what_is_refused(desk: &Desk) {
    let (owner, other) = (desk.operator("owner", Role::Agent).await, desk.operator("other", Role::Agent).await);
    let conversation = desk.session_of(owner).await;
    let count =
        "SELECT (SELECT seq FROM desk) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM session_transfers)";
    let before = (desk.number(count).await, desk.summary(conversation).await);
    for command in [
        Command::Claim(other),
        Command::Close(other),
        Command::Transfer { by: owner, to: owner.id, reason: None },
        Command::Transfer { by: owner, to: OperatorId(99_999), reason: None },
    ] {
        assert!(desk.act(conversation, command.clone()).await.is_err(), "{command:?}");
    }
    assert_eq!((desk.number(count).await, desk.summary(conversation).await), before);
}

async fn se4_every_hop_and_its_reason_are_kept(desk: &Desk) {
    let (a, b, admin) = (
        desk.operator("a", Role::Agent).await,
        desk.operator("b", Role::Agent).await,
        desk.operator("admin", Role::Admin).await,
    );
    let conversation = desk.conversation().await;
    desk.act(conversation, Command::Request { after_hours: false }).await.unwrap();
    let hop =
        |by, to: OperatorId, reason: Option<&str>| Command::Transfer { by, to, reason: reason.map(str::to_owned) };
    let first = desk.act(conversation, hop(admin, a.id, None)).await.unwrap();
    assert_eq!((first.payload.from_operator_id, first.payload.to_operator_id), (None, Some(a.id)));
    let second = desk.act(conversation, hop(a, b.id, Some("knows \"billing\""))).await.unwrap();
    assert_eq!((second.payload.from_operator_id, second.payload.to_operator_id), (Some(a.id), Some(b.id)));
    let third = desk.act(conversation, hop(admin, a.id, Some("back"))).await.unwrap();
    assert_eq!((third.session.transfer_count, third.session.operator_id), (3, Some(a.id)));
    let hops = desk
        .texts(
            "SELECT coalesce(from_operator_id, 0) || '>' || to_operator_id || ' by ' || by_operator_id || ': ' || coalesce(reason, '-')
             FROM session_transfers ORDER BY id",
        )
        .await;
    let expected = [
        format!("0>{} by {}: -", a.id, admin.id),
        format!("{}>{} by {}: knows \"billing\"", a.id, b.id, a.id),
        format!("{}>{} by {}: back", b.id, a.id, admin.id),
    ];
    assert_eq!(hops.into_iter().flatten().collect::<Vec<_>>(), expected);
}

async fn se4_a_transfer_needs_an_active_operator(desk: &Desk) {
    let (owner, gone) = (desk.operator("owner", Role::Agent).await, desk.operator("gone", Role::Agent).await);
    let conversation = desk.session_of(owner).await;
    let id = gone.id;
    desk.store.write(move |tx| operators::deactivate(tx, id, &Origin::system("command"), NOW)).await.unwrap();
    for (to, refusal) in
        [(gone.id, Refusal::TargetUnfit), (OperatorId(99_999), Refusal::TargetUnfit), (owner.id, Refusal::SameOwner)]
    {
        match desk.act(conversation, Command::Transfer { by: owner, to, reason: None }).await {
            Err(ActError::Refused(told)) => assert_eq!(told, refusal),
            other => panic!("{other:?}"),
        }
    }
}

async fn idle(desk: &Desk, status: SessionStatus, before: i64) -> Vec<Idle> {
    desk.read(move |tx| sessions::list_idle(tx, status, after(before), 10)).await
}

async fn time_out(desk: &Desk, idle: Idle, at: i64) -> bool {
    desk.store.write(move |tx| sessions::time_out(tx, &idle, after(at))).await.unwrap().value
}

async fn warn(desk: &Desk, idle: Idle, at: i64) -> bool {
    desk.write(move |tx| sessions::mark_warned(tx, &idle, after(at))).await
}

async fn se5_only_what_is_still_idle_times_out(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    let seen = idle(desk, SessionStatus::Active, 60).await[0];
    desk.ingest_at(vec![super::actions::text(&chat, "e1", "wait!")], after(30)).await;
    assert!(!time_out(desk, seen, 61).await, "the customer wrote since");
    let seen = idle(desk, SessionStatus::Active, 60).await[0];
    desk.act(conversation, Command::Close(owner)).await.unwrap();
    desk.act(conversation, Command::Start(owner)).await.unwrap();
    assert!(!time_out(desk, seen, 62).await, "it is another session");
    let seen = idle(desk, SessionStatus::Active, 60).await[0];
    assert!(time_out(desk, seen, 63).await);
    assert!(!time_out(desk, seen, 64).await, "it is closed");
    let closed = desk.read(move |tx| sessions::get(tx, seen.session)).await;
    assert_eq!((closed.closed_by, closed.closed_at), (Some(ClosedBy::SystemTimeout), Some(after(63))));
}

async fn se5_a_warning_is_noted_once_and_only_while_nothing_happens(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let seen = idle(desk, SessionStatus::Active, 60).await[0];
    assert_eq!(seen.warned_at, None);
    assert!(warn(desk, seen, 60).await);
    assert!(!warn(desk, seen, 60).await, "another node has warned them");
    let warned = idle(desk, SessionStatus::Active, 60).await[0];
    assert_eq!(warned.warned_at, Some(after(60)));
    let draft = super::actions::draft(conversation, owner, "here", "t");
    super::actions::send_through(&desk.store, draft, after(61)).await.unwrap();
    assert!(!warn(desk, warned, 62).await, "the operator wrote since");
    assert!(!time_out(desk, warned, 62).await);
}

async fn se5_idle_sessions_are_listed_oldest_first(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let mut expected = Vec::new();
    for number in [5, 3, 1] {
        let conversation = desk.conversation().await;
        act_through(&desk.store, conversation, Command::Start(owner), after(number)).await.unwrap();
        expected.push(conversation);
    }
    let waiting = desk.conversation().await;
    desk.act(waiting, Command::Request { after_hours: false }).await.unwrap();
    expected.reverse();
    let found = async |status, before| -> Vec<_> {
        idle(desk, status, before).await.into_iter().map(|idle| idle.conversation).collect()
    };
    assert_eq!(found(SessionStatus::Active, 60).await, expected);
    assert_eq!(found(SessionStatus::Active, 5).await, expected[..2]);
    assert_eq!(found(SessionStatus::Waiting, 60).await, [waiting]);
}

async fn se6_every_change_has_its_audit_row(desk: &Desk) {
    let (a, b) = (desk.operator("a", Role::Agent).await, desk.operator("b", Role::Agent).await);
    let conversation = desk.conversation().await;
    for command in [
        Command::Request { after_hours: false },
        Command::Claim(a),
        Command::Transfer { by: a, to: b.id, reason: Some("lunch".to_owned()) },
        Command::Release(b),
        Command::Claim(a),
        Command::Close(a),
    ] {
        desk.act(conversation, command).await.unwrap();
    }
    let rows = desk
        .texts(format!(
            "SELECT action || ' ' || coalesce(operator_id, 0) || ' ' || via || ' ' || coalesce(address, '-') || ' '
             || coalesce(before_state, '-') || ' ' || coalesce(after_state, '-')
             FROM audit WHERE conversation_id = {conversation} ORDER BY id"
        ))
        .await;
    let waiting = r#"{"operator_id":null,"status":"WAITING"}"#;
    let active = |of: OperatorId| format!(r#"{{"operator_id":{of},"status":"ACTIVE"}}"#);
    let lunch = format!(r#"{{"operator_id":{},"reason":"lunch","status":"ACTIVE"}}"#, b.id);
    let from = |of: OperatorId| format!("{of} rest 192.0.2.7");
    let expected = [
        format!("session_created 0 worker - - {waiting}"),
        format!("session_claimed {} {waiting} {}", from(a.id), active(a.id)),
        format!("session_transferred {} {} {lunch}", from(a.id), active(a.id)),
        format!("session_released {} {} {waiting}", from(b.id), active(b.id)),
        format!("session_claimed {} {waiting} {}", from(a.id), active(a.id)),
        format!(r#"session_closed {} {} {{"closed_by":"OPERATOR","status":"CLOSED"}}"#, from(a.id), active(a.id)),
    ];
    assert_eq!(rows.into_iter().flatten().collect::<Vec<_>>(), expected);
}

async fn se6_an_audit_row_falls_with_its_change(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.conversation().await;
    let before = desk.number("SELECT count(*) FROM audit").await;
    let failed = desk
        .store
        .write::<(), ActError, _>(move |tx| {
            sessions::act(tx, conversation, &Command::Start(owner), &origin(owner), NOW)?;
            Err(ActError::ConversationNotFound)
        })
        .await;
    assert!(matches!(failed, Err(ActError::ConversationNotFound)));
    assert_eq!(desk.number("SELECT count(*) FROM audit").await, before);
    assert_eq!(desk.summary(conversation).await.session, None);
}

async fn a_command_repeated_changes_nothing(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let head = desk.head().await;
    for command in [Command::Start(owner), Command::Claim(owner), Command::Request { after_hours: true }] {
        let again = desk.act(conversation, command).await.unwrap();
        assert_eq!((again.event, again.kind, again.session.operator_id), (None, None, Some(owner.id)));
    }
    assert_eq!(desk.head().await, head);
}

async fn a_session_event_keeps_what_was_true_then(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.conversation().await;
    let done = act_through(&desk.store, conversation, Command::Start(owner), NOW).await.unwrap();
    let seq = done.seq(done.value.event.unwrap());
    desk.act(conversation, Command::Close(owner)).await.unwrap();
    let events = desk.read(move |tx| feed::list_after(tx, linedesk_protocol::Seq(seq.0 - 1), 1)).await;
    assert_eq!(events[0].kind, EventKind::SessionCreated);
    assert_eq!((events[0].socket.as_deref(), events[0].subject), (Some("s1"), Some(done.value.session.id.0)));
    let kept = serde_json::to_value(&done.value.payload).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(events[0].data.as_deref().unwrap()).unwrap(), kept);
    assert_eq!(kept["status"], "ACTIVE");
}

async fn the_load_is_counted(desk: &Desk) {
    let (a, b) = (desk.operator("a", Role::Agent).await, desk.operator("b", Role::Agent).await);
    assert_eq!(desk.read(|tx| sessions::load(tx)).await, (0, 0, None));
    for owner in [a, a, b] {
        desk.session_of(owner).await;
    }
    for second in [9, 4] {
        let waiting = desk.conversation().await;
        let command = Command::Request { after_hours: false };
        act_through(&desk.store, waiting, command, after(second)).await.unwrap();
    }
    assert_eq!(desk.read(|tx| sessions::load(tx)).await, (2, 3, Some(after(4))));
    let mut chats = desk.read(|tx| sessions::active_chats(tx)).await;
    chats.sort_by_key(|(id, _)| id.0);
    assert_eq!(chats, [(a.id, 2), (b.id, 1)]);
}

async fn what_nobody_answered_is_listed_oldest_first(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let request = async |second| {
        let conversation = desk.conversation().await;
        let command = Command::Request { after_hours: false };
        act_through(&desk.store, conversation, command, after(second)).await.unwrap();
        conversation
    };
    let (late, early, claimed, answered, closed) =
        (request(9).await, request(1).await, request(2).await, request(3).await, request(4).await);
    for conversation in [claimed, answered, closed] {
        act_through(&desk.store, conversation, Command::Claim(owner), after(5)).await.unwrap();
    }
    desk.send(answered, owner, "hello").await;
    desk.act(closed, Command::Close(owner)).await.unwrap();
    // An operator who began it has answered by that.
    desk.session_of(owner).await;
    let list = async |before, limit| -> Vec<_> {
        let found = desk.read(move |tx| sessions::list_unanswered(tx, after(before), limit)).await;
        found.into_iter().map(|it| (it.conversation, it.started_at)).collect()
    };
    let expected = [(early, after(1)), (claimed, after(2)), (late, after(9))];
    assert_eq!(list(60, 9).await, expected);
    assert_eq!(list(60, 1).await, expected[..1]);
    assert_eq!(list(8, 9).await, expected[..2]);
}
