//! What LINE knows of people: names and pictures of contacts, names and number of members; and letting LINE know what was
//! read. It holds nothing else up (WH4).

use std::sync::Arc;
use std::time::Duration;

use linedesk_line::client::CallError;
use linedesk_protocol::{SourceType, Timestamp};
use linedesk_store::StoreError;
use linedesk_store::ops::contacts::{self, DueProfile, Profile};
use linedesk_store::ops::line_reads::{self, DueRead};
use linedesk_store::ops::members::{self, DueMember};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// Calls at once: names may come a little later than messages.
const AT_ONCE: usize = 4;
/// After so long another worker may try what this one took, should this node live ([`alive`](super::alive)).
const TAKEN_FOR: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(5);
const AFTER_A_FAILURE: Duration = Duration::from_secs(30);
const PAUSE_AT_MOST: Duration = Duration::from_secs(3600);
/// After several calls at once of which LINE answered none; each time twice as long. Thousands of others may be due, and each
/// would be asked at once.
const LINE_IS_AWAY: Duration = Duration::from_millis(250);
const LINE_IS_AWAY_AT_MOST: Duration = Duration::from_secs(4);

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut unanswered = 0_u32;
    loop {
        let taken = take(&desk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "due profiles cannot be read");
            Due::default()
        });
        let is_idle = taken.is_empty();
        let mut calls = JoinSet::new();
        for due in taken.profiles {
            calls.spawn(fetch(Arc::clone(&desk), due));
        }
        for due in taken.members {
            calls.spawn(name_member(Arc::clone(&desk), due));
        }
        for due in taken.reads {
            calls.spawn(mark_as_read(Arc::clone(&desk), due));
        }
        let mut is_answered = is_idle;
        while let Some(call) = calls.join_next().await {
            is_answered |= call.unwrap_or(false);
        }
        if stop.is_cancelled() {
            return;
        }
        unanswered = if is_answered { 0 } else { unanswered.saturating_add(1) };
        if unanswered > 0 {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause(unanswered)) => {}
            }
        }
        if is_idle {
            tokio::select! {
                () = stop.cancelled() => return,
                () = desk.store.signals().profiles() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// What is due.
#[derive(Default)]
struct Due {
    profiles: Vec<DueProfile>,
    members: Vec<DueMember>,
    reads: Vec<DueRead>,
}

impl Due {
    fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.members.is_empty() && self.reads.is_empty()
    }
}

async fn take(desk: &Desk) -> Result<Due, StoreError> {
    let (node, now, again_at) = (desk.node.clone(), desk.now(), desk.after(TAKEN_FOR));
    let limit = i64::try_from(AT_ONCE).unwrap_or(1);
    let has_any = desk.store.read::<_, StoreError, _>(move |tx| {
        Ok(contacts::has_due(tx, now)? || members::has_due(tx, now)? || line_reads::has_due(tx, now)?)
    });
    if !has_any.await? {
        return Ok(Due::default());
    }
    let taken = desk.store.write::<_, StoreError, _>(move |tx| {
        Ok(Due {
            profiles: contacts::take_due(tx, &node, now, again_at, limit)?,
            members: members::take_due(tx, &node, now, again_at, limit)?,
            reads: line_reads::take_due(tx, &node, now, again_at, limit)?,
        })
    });
    Ok(taken.await?.value)
}

fn pause(unanswered: u32) -> Duration {
    let doubled = LINE_IS_AWAY * 2_u32.saturating_pow(unanswered.saturating_sub(1).min(10));
    doubled.min(LINE_IS_AWAY_AT_MOST)
}

/// Longer and longer, up to an hour.
fn next_try(desk: &Desk, attempts: i64) -> Timestamp {
    let doubled = AFTER_A_FAILURE * 2_u32.saturating_pow(u32::try_from(attempts).unwrap_or(u32::MAX).min(10));
    desk.after(doubled.min(PAUSE_AT_MOST))
}

/// Tells whether LINE answered, as the others do.
async fn name_member(desk: Arc<Desk>, due: DueMember) -> bool {
    let (line, chat, member) = (&desk.line, &due.chat_id, &due.line_user_id);
    let ask = |token| async move {
        match due.source_type {
            SourceType::Room => line.room_member_profile(&token, chat, member).await,
            _ => line.group_member_profile(&token, chat, member).await,
        }
    };
    let name = match desk.call_line_of(due.channel, ask).await {
        Ok(answer) => Ok(Some(answer.body.display_name)),
        // Not of a token, which may be another one the next time.
        Err(CallError::Status { status: 400 | 404, .. }) => Ok(None),
        Err(error) => {
            tracing::debug!(%error, "a member's name could not be fetched");
            Err(())
        }
    };
    let is_answered = name.is_ok();
    let (now, later) = (desk.now(), next_try(&desk, due.attempts));
    let saved = desk.store.write::<_, StoreError, _>(move |tx| match &name {
        Ok(name) => members::save_name(tx, due.conversation, &due.line_user_id, name.as_deref(), now),
        Err(()) => members::put_off(tx, due.conversation, &due.line_user_id, later),
    });
    if let Err(error) = saved.await {
        tracing::warn!(%error, "a member's name could not be kept");
    }
    is_answered
}

async fn mark_as_read(desk: Arc<Desk>, due: DueRead) -> bool {
    let (line, mark) = (&desk.line, &due.token);
    let is_done =
        match desk.call_line_of(due.channel, |token| async move { line.mark_as_read(&token, mark).await }).await {
            Ok(()) => true,
            // Final: the account's chat is off, or the token is no good.
            Err(CallError::Status { status, message, .. })
                if (400..500).contains(&status) && ![401, 429].contains(&status) =>
            {
                tracing::warn!(status, %message, conversation.id = %due.conversation, "LINE does not take a read mark");
                true
            }
            Err(_) => false,
        };
    let later = next_try(&desk, due.attempts);
    let saved = desk.store.write::<_, StoreError, _>(move |tx| {
        if is_done { line_reads::done(tx, &due) } else { line_reads::put_off(tx, &due, later) }
    });
    if let Err(error) = saved.await {
        tracing::warn!(%error, "what became of a read mark could not be kept");
    }
    is_done
}

async fn fetch(desk: Arc<Desk>, due: DueProfile) -> bool {
    let profile = ask(&desk, &due).await;
    let count = match due.source_type {
        SourceType::User => Count::None,
        SourceType::Group | SourceType::Room => count_members(&desk, &due).await,
    };
    let is_answered = !matches!(profile, Profile::Later(_)) && !matches!(count, Count::Later);
    let (contact, now, later) = (due.contact, desk.now(), next_try(&desk, due.attempts));
    let saved = desk.store.write::<_, StoreError, _>(move |tx| {
        contacts::save_profile(tx, contact, &profile, now)?;
        match count {
            Count::Known(count) => contacts::save_member_count(tx, contact, count, now),
            // What a push costs hangs on it.
            Count::Later => contacts::save_profile(tx, contact, &Profile::Later(later), now),
            Count::None => Ok(()),
        }
    });
    if let Err(error) = saved.await {
        tracing::warn!(%error, "a profile could not be kept");
    }
    is_answered
}

/// How many members a group or room has.
#[derive(Clone, Copy)]
enum Count {
    Known(i64),
    /// LINE did not say now.
    Later,
    /// LINE does not say.
    None,
}

/// Asked with the profile: at the join, whenever somebody comes or goes, and once a day.
async fn count_members(desk: &Desk, due: &DueProfile) -> Count {
    let ask = |token| async move {
        match due.source_type {
            SourceType::Room => desk.line.room_member_count(&token, &due.chat_id).await,
            _ => desk.line.group_member_count(&token, &due.chat_id).await,
        }
    };
    match desk.call_line_of(due.channel, ask).await {
        Ok(answer) => Count::Known(answer.body.count),
        // The account is no longer in it.
        Err(CallError::Status { status: 400 | 403 | 404, .. }) => Count::None,
        Err(error) => {
            tracing::debug!(%error, "members could not be counted");
            Count::Later
        }
    }
}

async fn ask(desk: &Desk, due: &DueProfile) -> Profile {
    // LINE tells nothing about rooms.
    if due.source_type == SourceType::Room {
        return Profile::Hidden;
    }
    let ask = |token| async move {
        if due.source_type == SourceType::Group {
            let told = desk.line.group_summary(&token, &due.chat_id).await?.body;
            return Ok((told.group_name, told.picture_url, None));
        }
        let told = desk.line.profile(&token, &due.chat_id).await?.body;
        Ok((told.display_name, told.picture_url, told.language))
    };
    match desk.call_line_of(due.channel, ask).await {
        Ok((display_name, picture_url, language)) => {
            let picture_url = picture_url.filter(|url| desk.config.picture_source(url).is_some());
            // What LINE sends is anybody's text; a language tag is short (RFC 5646).
            let language = language.filter(|tag| (1..=35).contains(&tag.len()));
            Profile::Known { display_name, picture_url, language }
        }
        Err(CallError::Status { status: 404, .. }) => Profile::Hidden,
        Err(error) => {
            tracing::debug!(%error, "a profile could not be fetched");
            Profile::Later(next_try(desk, due.attempts))
        }
    }
}
