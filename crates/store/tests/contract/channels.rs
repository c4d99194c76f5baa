//! Channels that somebody makes and changes.

use linedesk_core::permission::Staff;
use linedesk_protocol::{Role, Seq, SessionStatus, TokenKind};
use linedesk_store::ops::channels::{self, ChannelAccess, ChannelChange, ChannelError, ChannelId};
use linedesk_store::ops::conversations::{self, Filter};
use linedesk_store::ops::operators::{self, OperatorError};
use linedesk_store::{Origin, feed};

use super::harness::{Desk, NOW, after};

on_both_engines!(
    a_channel_is_made_once_and_changed_in_what_is_named,
    an_issued_token_is_kept_until_something_changes,
    sealing_anew_changes_the_secrets_and_nothing_else,
    an_agent_who_is_limited_sees_some_and_gives_the_others_back,
);

#[expect(clippy::unnecessary_wraps, reason = "as the fields are")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn shop() -> ChannelChange {
    ChannelChange { secret: text("s"), access_token: text("t"), ..ChannelChange::default() }
}

async fn make(desk: &Desk) -> ChannelId {
    let made = desk.store.write(|tx| channels::create(tx, "shop", &shop(), &Origin::system("test"), NOW)).await;
    made.unwrap().value.id
}

async fn a_channel_is_made_once_and_changed_in_what_is_named(desk: &Desk) {
    let id = make(desk).await;
    let again = desk.store.write(|tx| channels::create(tx, "shop", &shop(), &Origin::system("test"), NOW)).await;
    assert!(matches!(again, Err(ChannelError::NameTaken)));
    let to = ChannelChange {
        token_kind: Some(TokenKind::Jwt),
        line_channel_id: text("1"),
        assertion_key: text("k"),
        is_active: Some(false),
        ..ChannelChange::default()
    };
    let changed = desk.store.write(move |tx| channels::change(tx, id, &to, &Origin::system("test"), after(1))).await;
    let changed = changed.unwrap().value;
    assert_eq!((changed.secret.as_str(), changed.access_token.as_str(), changed.is_active), ("s", "t", false));
    assert_eq!(
        (changed.token_kind, changed.line_channel_id, changed.assertion_key),
        (TokenKind::Jwt, text("1"), text("k"))
    );
    assert_eq!((changed.created_at, changed.updated_at), (NOW, after(1)));
    let nowhere = ChannelId(id.0 + 1);
    let to = ChannelChange::default();
    let missing = desk.store.write(move |tx| channels::change(tx, nowhere, &to, &Origin::system("test"), NOW)).await;
    assert!(matches!(missing, Err(ChannelError::NotFound)));

    let audit = desk.texts("SELECT action || coalesce(before_state, '') || after_state FROM audit ORDER BY id").await;
    let audit: Vec<_> = audit.into_iter().flatten().filter(|row| row.starts_with("channel_")).collect();
    assert_eq!(audit.len(), 2);
    assert!(audit[0].starts_with("channel_added{") && audit[0].contains(r#""new_secret":true"#), "{audit:?}");
    assert!(audit[1].starts_with("channel_changed{") && audit[1].contains(r#""new_assertion_key":true"#), "{audit:?}");
    assert!(audit[1].contains(r#""is_active":true"#) && audit[1].contains(r#""is_active":false"#), "{audit:?}");
    assert!(!audit.iter().any(|row| row.contains(r#""s""#) || row.contains(r#""k""#)), "no secret: {audit:?}");
}

async fn issued(desk: &Desk, id: ChannelId) -> Option<String> {
    let all = desk.read(|tx| channels::list(tx)).await;
    all.into_iter().find(|channel| channel.id == id).unwrap().issued.map(|(token, _)| token)
}

async fn an_issued_token_is_kept_until_something_changes(desk: &Desk) {
    let id = make(desk).await;
    desk.write(move |tx| channels::save_issued(tx, id, NOW, Some(("one", after(9))))).await;
    assert_eq!(issued(desk, id).await, text("one"));
    // By whoever has not seen the change yet.
    desk.write(move |tx| channels::save_issued(tx, id, after(1), Some(("two", after(9))))).await;
    assert_eq!(issued(desk, id).await, text("one"));
    let to = ChannelChange { secret: text("s2"), ..ChannelChange::default() };
    desk.store.write(move |tx| channels::change(tx, id, &to, &Origin::system("test"), after(1))).await.unwrap();
    assert_eq!(issued(desk, id).await, None);
}

async fn sealing_anew_changes_the_secrets_and_nothing_else(desk: &Desk) {
    let id = make(desk).await;
    desk.write(move |tx| channels::save_issued(tx, id, NOW, Some(("one", after(9))))).await;
    let before = desk.read(|tx| channels::list(tx)).await;
    let mut sealed = before.clone();
    for channel in &mut sealed {
        channel.secret.insert(0, '*');
        channel.issued = channel.issued.take().map(|(token, until)| (format!("*{token}"), until));
    }
    let kept = sealed.clone();
    desk.write(move |tx| channels::reseal(tx, &kept)).await;
    assert_eq!(desk.read(|tx| channels::list(tx)).await, sealed);
}

async fn an_agent_who_is_limited_sees_some_and_gives_the_others_back(desk: &Desk) {
    let shop = make(desk).await;
    let (ann, lead) = (desk.operator("ann", Role::Agent).await, desk.operator("lead", Role::Admin).await);
    let owned = desk.session_of(ann).await;
    let limit = async |who: Staff, to: ChannelAccess| {
        let written =
            desk.store.write(move |tx| operators::set_channels(tx, who.id, &to, &Origin::system("test"), after(1)));
        written.await.map(drop)
    };
    let only = ChannelAccess::Only(vec![shop]);
    assert!(matches!(limit(lead, only.clone()).await, Err(OperatorError::SeesAll)));
    let none = ChannelAccess::Only(Vec::new());
    assert!(matches!(limit(ann, none).await, Err(OperatorError::SeesNone)), "it would be every one");
    limit(ann, only.clone()).await.unwrap();
    let known = desk.read(move |tx| operators::find(tx, ann.id)).await.unwrap();
    assert_eq!(known.channels, only);
    assert_eq!(desk.summary(owned).await.session.unwrap().status, SessionStatus::Waiting);

    let list = async |channels: ChannelAccess| {
        let filter = Filter { channels, ..Filter::default() };
        desk.read(move |tx| conversations::list(tx, &filter, None, 10)).await
    };
    let (seen, all) = (list(only.clone()).await, list(ChannelAccess::All).await);
    assert_eq!((seen.conversations.len(), seen.total, seen.counts.all, seen.counts.waiting), (0, 0, 0, 0));
    assert_eq!((all.conversations.len(), all.total, all.counts.all, all.counts.waiting), (1, 1, 1, 1));
    let both = list(ChannelAccess::Only(vec![shop, desk.channel])).await;
    assert_eq!((both.conversations, both.counts), (all.conversations, all.counts));
    let event = desk.read(|tx| feed::list_after(tx, Seq(0), 100)).await;
    assert!(event.iter().filter(|event| event.conversation.is_some()).all(|event| event.channel == Some(desk.channel)));

    // With the numbers of channels taken whole: 1 is not in 11.
    assert!(!ChannelAccess::Only(vec![ChannelId(11)]).allows(ChannelId(1)));
    let eleven = list(ChannelAccess::Only(vec![ChannelId(desk.channel.0 * 10 + 1)])).await;
    assert_eq!(eleven.total, 0);

    limit(ann, ChannelAccess::All).await.unwrap();
    let rows = desk.texts("SELECT after_state FROM audit WHERE action = 'operator_channels_changed' ORDER BY id").await;
    let rows: Vec<_> = rows.into_iter().flatten().collect();
    assert_eq!(rows, [format!(r#"{{"channels":[{}]}}"#, shop.0), r#"{"channels":"all"}"#.to_owned()]);
}
