//! WH6 and the files of messages: fetched once, told truly, gone when they are withdrawn.

use linedesk_protocol::{ErrorCode, Media, MediaState, MessageId, MessageType, Role, Timestamp};
use linedesk_store::Tx;
use linedesk_store::ops::media::{
    self, DueMedia, Fetched, FileFacts, NewMedia, RefetchError, Upload, WRITTEN_WITHIN_MS,
};
use linedesk_store::ops::messages::{self, Draft, SendError, Written};
use linedesk_store::ops::webhook::{Effect, Event, NewMessage};

use super::actions::{draft, event, new_message, origin, send_through, text, unsend, user};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    a_file_is_due_at_once_and_one_worker_takes_it,
    a_file_that_came_is_told_and_served,
    a_file_that_does_not_come_is_told_and_can_be_asked_for_again,
    a_reason_to_wait_is_told_once,
    wh6_a_withdrawn_file_goes_to_the_trash_and_stays_there_while_it_may_be_written,
    wh6_a_file_withdrawn_before_it_came_is_never_expected,
    an_upload_is_in_the_trash_until_a_message_has_it,
    an_upload_that_the_trash_took_is_refused,
    a_retry_renews_the_link,
    a_restart_fetches_at_once_what_was_being_fetched,
);

const FAR: Timestamp = Timestamp(NOW.0 + 1_000_000_000);

pub(super) fn picture(id: &str) -> Event {
    let new = NewMedia { id: format!("media-{id}"), file_name: Some("a\"b.jpg".to_owned()), duration_ms: Some(9) };
    let message = NewMessage { message_type: MessageType::Image, media: Some(new), ..new_message(id, "") };
    event(&user(1), id, Effect::Message(message))
}

fn facts() -> FileFacts {
    FileFacts {
        content_type: "image/jpeg".to_owned(),
        size_bytes: 1234,
        width: Some(40),
        height: Some(30),
        duration_ms: None,
        has_preview: true,
    }
}

async fn media_of(desk: &Desk, id: MessageId) -> Option<Media> {
    desk.message(id).await.media
}

async fn take(desk: &Desk, now: Timestamp) -> Vec<DueMedia> {
    assert_eq!(desk.read(move |tx| media::has_due(tx, now)).await, !peek(desk, now).await.is_empty());
    desk.write(move |tx| media::take_due(tx, "w", now, Timestamp(now.0 + 60_000), 9)).await
}

async fn peek(desk: &Desk, now: Timestamp) -> Vec<Option<String>> {
    desk.texts(format!("SELECT id FROM media WHERE due_at <= {}", now.0)).await
}

async fn save(desk: &Desk, id: &str, fetched: Fetched, now: Timestamp) -> bool {
    let id = id.to_owned();
    desk.write(move |tx| media::save(tx, &id, &fetched, now)).await
}

async fn trash(desk: &Desk, now: Timestamp) -> Vec<String> {
    desk.read(move |tx| media::list_trash(tx, now, 9)).await
}

async fn empty_trash(desk: &Desk, now: Timestamp) {
    let ids = trash(desk, now).await;
    desk.write(move |tx| media::trash_emptied(tx, &ids, now)).await;
}

async fn a_file_is_due_at_once_and_one_worker_takes_it(desk: &Desk) {
    desk.ingest(vec![picture("e1"), picture("e2"), text(&user(1), "e3", "words")]).await;
    let taken = take(desk, NOW).await;
    let mut ids: Vec<_> = taken.iter().map(|due| (due.id.as_str(), due.line_message_id.as_str())).collect();
    ids.sort_unstable();
    assert_eq!(ids, [("media-e1", "line-e1"), ("media-e2", "line-e2")]);
    let message = desk.message(desk.message_of("e1").await).await;
    assert_eq!((taken[0].channel, taken[0].message_type), (desk.channel, MessageType::Image));
    assert_eq!(take(desk, NOW).await, [], "another worker has them");
    assert_eq!(take(desk, Timestamp(NOW.0 + 60_000)).await.len(), 2, "that one seems to have died");
    let file = message.media.unwrap();
    assert_eq!(
        (file.state, file.file_name.as_deref(), file.duration_ms),
        (MediaState::Fetching, Some("a\"b.jpg"), Some(9))
    );
    assert_eq!(desk.message(desk.message_of("e3").await).await.media, None);
}

async fn a_file_that_came_is_told_and_served(desk: &Desk) {
    desk.ingest(vec![picture("e1")]).await;
    let id = desk.message_of("e1").await;
    let head = desk.head().await;
    assert!(save(desk, "media-e1", Fetched::Ready(facts()), after(1)).await);
    let file = media_of(desk, id).await.unwrap();
    assert_eq!(
        (file.state, file.width, file.height, file.duration_ms),
        (MediaState::Ready, Some(40), Some(30), Some(9))
    );
    assert_eq!((file.size_bytes, file.has_preview, file.code), (Some(1234), true, None));
    assert_eq!(desk.head().await.0, head.0 + 1, "the room is told");
    // A second worker that was slower.
    assert!(save(desk, "media-e1", Fetched::Gone, after(2)).await);
    assert_eq!(media_of(desk, id).await.unwrap().state, MediaState::Ready);
    assert_eq!(take(desk, FAR).await, []);
    let stored = desk.read(|tx| media::find(tx, "media-e1")).await.unwrap();
    assert_eq!(
        (stored.state, stored.content_type.as_str(), stored.size_bytes),
        (MediaState::Ready, "image/jpeg", 1234)
    );
    assert_eq!(desk.read(|tx| media::find(tx, "other")).await, None);
}

async fn a_file_that_does_not_come_is_told_and_can_be_asked_for_again(desk: &Desk) {
    desk.ingest(vec![picture("e1"), picture("e2")]).await;
    let (failed, gone) = (desk.message_of("e1").await, desk.message_of("e2").await);
    save(desk, "media-e1", Fetched::Failed(ErrorCode::PayloadTooLarge), after(1)).await;
    save(desk, "media-e2", Fetched::Gone, after(1)).await;
    let file = media_of(desk, failed).await.unwrap();
    assert_eq!((file.state, file.code), (MediaState::Failed, Some(ErrorCode::PayloadTooLarge)));
    assert_eq!(media_of(desk, gone).await.unwrap().state, MediaState::Gone);
    assert_eq!(take(desk, FAR).await, []);

    let again = |id| desk.store.write(move |tx| media::fetch_again(tx, id, after(2)));
    again(failed).await.unwrap();
    assert_eq!(media_of(desk, failed).await.unwrap().state, MediaState::Fetching);
    assert_eq!(take(desk, after(2)).await.len(), 1);
    assert!(matches!(again(gone).await, Err(RefetchError::WrongState { state: MediaState::Gone })));
    assert!(matches!(again(MessageId(999)).await, Err(RefetchError::NotFound)));
}

async fn a_reason_to_wait_is_told_once(desk: &Desk) {
    desk.ingest(vec![picture("e1")]).await;
    let id = desk.message_of("e1").await;
    let wait = |code| Fetched::Later { at: after(30), code };
    let head = desk.head().await.0;
    save(desk, "media-e1", wait(None), after(1)).await;
    assert_eq!(desk.head().await.0, head, "nothing to tell");
    for _ in 0..3 {
        save(desk, "media-e1", wait(Some(ErrorCode::Unavailable)), after(2)).await;
    }
    assert_eq!(desk.head().await.0, head + 1);
    assert_eq!(media_of(desk, id).await.unwrap().code, Some(ErrorCode::Unavailable));
    assert_eq!(take(desk, after(29)).await, []);
    assert_eq!(take(desk, after(30)).await[0].attempts, 4);
    // It may be asked for sooner.
    desk.store.write(move |tx| media::fetch_again(tx, id, after(3))).await.unwrap();
    assert_eq!(take(desk, after(3)).await.len(), 1);
}

async fn wh6_a_withdrawn_file_goes_to_the_trash_and_stays_there_while_it_may_be_written(desk: &Desk) {
    desk.ingest(vec![picture("e1")]).await;
    let id = desk.message_of("e1").await;
    take(desk, NOW).await;
    desk.ingest_at(vec![unsend(&user(1), "e1")], after(1)).await;
    assert_eq!(media_of(desk, id).await, None);
    assert!(!save(desk, "media-e1", Fetched::Ready(facts()), after(2)).await, "nobody waits for it");
    assert_eq!(desk.read(|tx| media::find(tx, "media-e1")).await, None);
    assert_eq!(trash(desk, after(1)).await, ["media-e1"]);
    empty_trash(desk, after(1)).await;
    assert_eq!(trash(desk, after(60)).await, [""; 0]);
    let late = Timestamp(after(1).0 + WRITTEN_WITHIN_MS);
    assert_eq!(trash(desk, late).await, ["media-e1"], "a slow worker may have written it since");
    empty_trash(desk, late).await;
    assert_eq!(trash(desk, FAR).await, [""; 0]);
}

async fn wh6_a_file_withdrawn_before_it_came_is_never_expected(desk: &Desk) {
    desk.ingest(vec![unsend(&user(1), "e1")]).await;
    desk.ingest(vec![picture("e1")]).await;
    assert_eq!(media_of(desk, desk.message_of("e1").await).await, None);
    assert_eq!(take(desk, FAR).await, []);
}

fn upload(id: &str) -> Written {
    let file =
        Upload { id: id.to_owned(), file_name: Some("a.pdf".to_owned()), facts: facts(), link_expires_at: after(90) };
    Written { message_type: MessageType::File, content: "a.pdf".to_owned(), payload: None, file: Some(file) }
}

async fn an_upload_is_in_the_trash_until_a_message_has_it(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.write(|tx| media::begin_upload(tx, "up", NOW)).await;
    assert_eq!(trash(desk, after(60)).await, [""; 0]);
    assert_eq!(trash(desk, Timestamp(NOW.0 + WRITTEN_WITHIN_MS)).await, ["up"]);
    let new = Draft { written: upload("up"), ..draft(conversation, owner, "", "t1") };
    let sent = send_through(&desk.store, new.clone(), after(1)).await.unwrap().value.message;
    let file = sent.media.unwrap();
    assert_eq!((file.id.as_str(), file.state, file.link_expires_at), ("up", MediaState::Ready, Some(after(90))));
    assert_eq!(trash(desk, FAR).await, [""; 0]);
    // The same message again: its file is another's.
    desk.write(|tx| media::begin_upload(tx, "again", NOW)).await;
    let again = send_through(&desk.store, Draft { written: upload("again"), ..new }, after(2)).await.unwrap();
    assert_eq!(again.value.message.id, sent.id);
    desk.write(|tx| media::abandon_upload(tx, "again", after(2))).await;
    assert_eq!(trash(desk, after(2)).await, ["again"]);
}

async fn an_upload_that_the_trash_took_is_refused(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.write(|tx| media::begin_upload(tx, "up", NOW)).await;
    let new = Draft { written: upload("up"), ..draft(conversation, owner, "", "t1") };
    let late = Timestamp(NOW.0 + WRITTEN_WITHIN_MS);
    let refused = send_through(&desk.store, new, late).await;
    assert!(matches!(refused, Err(SendError::UploadGone)));
    assert_eq!(desk.number("SELECT count(*) FROM messages WHERE direction = 'OUTGOING'").await, 0);
}

async fn a_retry_renews_the_link(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![event(&chat, "blocks", Effect::Unreachable)]).await;
    desk.write(|tx| media::begin_upload(tx, "up", NOW)).await;
    let new = Draft { written: upload("up"), ..draft(conversation, owner, "", "t1") };
    let id = send_through(&desk.store, new, after(1)).await.unwrap().value.message.id;
    desk.ingest(vec![event(&chat, "returns", Effect::Reachable)]).await;
    let retry = move |tx: &mut Tx<'_>| messages::retry(tx, id, owner, after(500), &origin(owner), after(3));
    let again = desk.store.write(retry).await.unwrap().value.message;
    assert_eq!(again.media.unwrap().link_expires_at, Some(after(500)));
}

async fn a_restart_fetches_at_once_what_was_being_fetched(desk: &Desk) {
    desk.ingest(vec![picture("e1"), picture("e2")]).await;
    take(desk, NOW).await;
    save(desk, "media-e2", Fetched::Later { at: after(500), code: Some(ErrorCode::LineUnavailable) }, NOW).await;
    desk.write(|tx| media::free_all(tx, after(1))).await;
    let ids: Vec<_> = take(desk, after(1)).await.into_iter().map(|due| due.id).collect();
    assert_eq!(ids, ["media-e1"], "what waits for LINE goes on waiting");
}
