//! One connection: first the sign-in (`signing_in`), then commands in, events out, until one side ends it.
//!
//! Commands run one after the other and each is answered once (WS5). While one runs, nothing else is sent: so an answer
//! that is itself a durable event can wait in `answers` for its place among the others, and seqs only ever grow (WS6).

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{
    AuthError, AuthSuccess, ClientFrame, Command, Event, Limits, ResyncRequired, ServerFrame,
};
use linedesk_protocol::{ConversationId, ErrorCode, Seq, limits};
use linedesk_store::StoreError;
use linedesk_store::feed;
use linedesk_store::ops::operators::Operator;
use linedesk_store::ops::sign_in as sign_ins;
use tokio::time::Instant;

use super::commands::{self, Answer};
use super::encoded::Encoded;
use super::hub::{Frame, Item, Registered, Scope, SocketId};
use super::signing_in::sign_in;
use super::wire::{End, Heard, Wire, error_frame, frame};
use super::{pump, render};
use crate::auth::token::Audience;
use crate::desk::{Desk, SignInError, SignedIn};
use crate::http::auth_user;
use crate::http::error::ApiError;

/// How long a closing frame may take; the peer may not be reading at all.
const GOODBYE_WITHIN: Duration = Duration::from_millis(500);
/// WS3: a client that goes on as if it were not told to wait is flooding.
const REFUSED_IN_A_ROW: u32 = 200;
/// Frames written before they are flushed together.
const WRITE_TOGETHER: usize = 64;

/// A signed-in connection.
pub(super) struct Connection {
    pub(super) desk: Arc<Desk>,
    pub(super) id: SocketId,
    pub(super) signed_in: SignedIn,
    pub(super) address: Option<IpAddr>,
    pub(super) room: Option<Room>,
    pub(super) is_typing: bool,
    /// Answers that wait for their event's place in the queue.
    answers: HashMap<Seq, Encoded>,
    /// Events up to here have been told, or are in what was told.
    told: Seq,
    /// The newest seq that was sent.
    newest: Seq,
    malformed: u32,
    /// Commands in a row that were over a limit.
    refused: u32,
}

/// The room a socket is in.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) conversation: ConversationId,
    pub(super) line_user_id: String,
    /// What was answered on joining holds events up to here.
    pub(super) since: Seq,
}

/// Serves a connection to its end.
pub(super) async fn run(desk: Arc<Desk>, mut wire: Wire, address: Option<IpAddr>) {
    // On the heap, both: a thousand idle sockets should not each hold the largest of these futures.
    let code = match Box::pin(sign_in(&desk, &mut wire)).await {
        Ok((signed_in, resume_after, reply_to)) => {
            let registered = desk.hub.register(&signed_in, desk.now());
            let id = registered.id;
            let mut connection = Connection {
                desk: Arc::clone(&desk),
                id,
                signed_in,
                address,
                room: None,
                is_typing: false,
                answers: HashMap::new(),
                told: Seq(0),
                newest: Seq(0),
                malformed: 0,
                refused: 0,
            };
            let _place = Place { desk: &desk, id };
            let end = Box::pin(connection.serve(&mut wire, registered, resume_after, reply_to)).await;
            commands::stop_typing(&mut connection);
            end
        }
        Err(end) => end,
    };
    if let Some(code) = code {
        let _ = tokio::time::timeout(GOODBYE_WITHIN, wire.say_goodbye(code)).await;
    }
}

/// A socket's place in the hub: freed on every way out (WS9).
struct Place<'a> {
    desk: &'a Desk,
    id: SocketId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.desk.hub.remove(self.id, self.desk.now());
    }
}

impl Connection {
    async fn serve(
        &mut self,
        wire: &mut Wire,
        mut registered: Registered,
        resume_after: Option<Seq>,
        reply_to: Option<String>,
    ) -> End {
        let control = Arc::clone(&registered.control);
        if self.desk.is_draining() {
            // The hub may have said goodbye to all before this one came.
            return Some(CloseCode::Restart);
        }
        let welcome = match self.welcome(resume_after, reply_to).await {
            Ok(Some(welcome)) => welcome,
            Ok(None) => return Some(CloseCode::TokenInvalid),
            Err(error) => {
                tracing::warn!(%error, "a socket could not be brought up to date");
                return Some(CloseCode::Restart);
            }
        };
        if let Err(end) = wire.write(&control, welcome).await {
            return end;
        }
        let mut items = Vec::with_capacity(4);
        let mut heard_at = Instant::now();
        let silence = self.desk.config.socket_silence;
        // Made once: to set a timer and to take it back for every frame would cost more than the frame.
        let mut closed = pin!(control.closed());
        let mut alarm = pin!(tokio::time::sleep_until(self.expires_at().min(heard_at + silence)));
        loop {
            // CANCEL-SAFETY: receiving from the queue and from the socket lose nothing when the other comes first.
            tokio::select! {
                code = &mut closed => return Some(code),
                () = &mut alarm => {
                    let expires = self.expires_at();
                    let now = Instant::now();
                    if now >= heard_at + silence {
                        return Some(CloseCode::GoingAway);
                    }
                    if now >= expires {
                        return Some(CloseCode::TokenInvalid);
                    }
                    alarm.as_mut().reset(expires.min(heard_at + silence));
                }
                count = registered.queue.recv_many(&mut items, WRITE_TOGETHER) => {
                    if count == 0 {
                        return Some(CloseCode::GoingAway);
                    }
                    let (frames, bytes) = self.take(&mut items);
                    let written = wire.write(&control, frames).await;
                    control.written(bytes);
                    if let Err(end) = written {
                        return end;
                    }
                }
                heard = wire.hear() => {
                    heard_at = Instant::now();
                    let answered = self.answer(heard).await;
                    // The token may have been renewed by one that ends sooner.
                    let expires = self.expires_at();
                    if expires < alarm.deadline() {
                        alarm.as_mut().reset(expires);
                    }
                    match answered {
                        Ok(frames) => {
                            if let Err(end) = wire.write(&control, frames).await {
                                return end;
                            }
                        }
                        Err((frames, end)) => {
                            let _ = wire.write(&control, frames).await;
                            return end;
                        }
                    }
                }
            }
        }
    }

    fn expires_at(&self) -> Instant {
        let left = self.signed_in.expires_at_ms - self.desk.clock.now_ms();
        Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }

    /// The first frames of a signed-in socket, with what it missed; none when the sign-in was ended, or the role changed,
    /// before the hub knew of the socket (AU3).
    async fn welcome(
        &mut self,
        resume_after: Option<Seq>,
        reply_to: Option<String>,
    ) -> Result<Option<Vec<Encoded>>, StoreError> {
        let Operator { id: operator, role, ref channels, .. } = self.signed_in.operator;
        let channels = channels.clone();
        let family = self.signed_in.family.clone();
        let read = self.desk.store.read::<_, StoreError, _>(move |tx| {
            let head = feed::head(tx)?;
            if sign_ins::find_signed_in(tx, operator, &family)?
                .is_none_or(|now| now.role != role || now.channels != channels)
            {
                return Ok(None);
            }
            let Some(after) = resume_after else { return Ok(Some((head, None))) };
            let missed = feed::list_after(tx, after, limits::REPLAY_EVENTS + 1)?;
            // A seq from the future is another desk's, or a database that was put back.
            let is_whole = after <= head
                && missed.len() <= limits::REPLAY_EVENTS
                && (after == head || missed.first().is_some_and(|event| event.seq.0 == after.0 + 1));
            if !is_whole {
                return Ok(Some((head, Some(None))));
            }
            let rows = render::load(tx, &missed, |_| true)?;
            Ok(Some((head, Some(Some(render::render(&missed, &rows))))))
        });
        let Some((head, replay)) = read.await? else { return Ok(None) };
        (self.told, self.newest) = (head, head);
        let desk = &self.desk;
        let success = AuthSuccess {
            admin_id: self.signed_in.operator.id.to_string(),
            operator: auth_user(&self.signed_in.operator),
            seq: head,
            resumed: matches!(replay, Some(Some(_))),
            timezone: desk.config.timezone.clone(),
            first_response_target_seconds: first_response_target(desk),
            limits: socket_limits(desk),
        };
        pump::refresh_load(desk).await?;
        let mut frames = vec![
            frame(desk, Event::AuthSuccess(success), reply_to),
            frame(desk, Event::PresenceUpdate(desk.hub.presence_update()), None),
        ];
        let access = &self.signed_in.operator.channels;
        let is_seen = |quota: &linedesk_protocol::rest::QuotaState| {
            desk.channel(&quota.channel).is_some_and(|known| access.allows(known.id))
        };
        let quotas = desk.quotas.all().into_iter().filter(is_seen);
        frames.extend(quotas.map(|quota| frame(desk, Event::QuotaUpdate(quota), None)));
        match replay {
            None => {}
            Some(None) => {
                let reason = "What was missed is too far back. Load everything anew.".to_owned();
                frames.push(frame(desk, Event::ResyncRequired(ResyncRequired { reason }), None));
            }
            Some(Some(rendered)) => {
                frames.extend(
                    rendered
                        .into_iter()
                        .filter(|one| !one.frame.encoded.is_nothing() && one.frame.is_for(access))
                        .map(|one| one.frame.encoded.clone()),
                );
            }
        }
        Ok(Some(frames))
    }

    /// Takes what the hub handed over: what is new to this socket, and its own answers in their places.
    fn take(&mut self, items: &mut Vec<Item>) -> (Vec<Encoded>, usize) {
        let mut frames = Vec::with_capacity(items.len());
        let mut bytes = 0;
        for item in items.drain(..) {
            match item {
                Item::Frame(frame) => {
                    bytes += frame.encoded.len();
                    if self.is_new(&frame) {
                        self.newest = self.newest.max(frame.seq.unwrap_or(Seq(0)));
                        frames.push(frame.encoded.clone());
                    }
                }
                Item::Own(seq) => {
                    self.newest = self.newest.max(seq);
                    frames.extend(self.answers.remove(&seq));
                }
            }
        }
        (frames, bytes)
    }

    fn is_new(&self, frame: &Frame) -> bool {
        let Some(seq) = frame.seq else { return true };
        if seq <= self.told {
            return false;
        }
        match (frame.scope, &self.room) {
            (Scope::Everybody, _) | (Scope::About(_), None) => true,
            (Scope::About(room), Some(joined)) => room != joined.conversation || seq > joined.since,
            (Scope::Room(room), Some(joined)) => room == joined.conversation && seq > joined.since,
            // Published before the socket left the room.
            (Scope::Room(_), None) => false,
        }
    }

    /// Runs one command and gives what is to be sent at once.
    async fn answer(&mut self, heard: Heard) -> Result<Vec<Encoded>, (Vec<Encoded>, End)> {
        let decoded = match heard {
            Heard::Nothing => return Ok(Vec::new()),
            Heard::Gone => return Err((Vec::new(), None)),
            Heard::TooLarge => return Err((Vec::new(), Some(CloseCode::FrameTooLarge))),
            Heard::Text(text) => ClientFrame::decode(&text),
            Heard::Binary => ClientFrame::decode(""),
        };
        let ClientFrame { id, command } = match decoded {
            Ok(frame) => {
                self.malformed = 0;
                frame
            }
            Err(error) => {
                self.malformed += 1;
                let mut api = ApiError::new(error.code, error.message);
                if let Some(field) = error.field {
                    api.details = Some(serde_json::json!({"field": field}));
                }
                let frames = vec![error_frame(&self.desk, &api, error.reply_to, error.temp_id)];
                return if self.malformed >= limits::MALFORMED_FRAMES {
                    Err((frames, Some(CloseCode::Malformed)))
                } else {
                    Ok(frames)
                };
            }
        };
        if let Command::Auth(auth) = &command {
            return self.renew(&auth.token, id).await;
        }
        let temp_id = match &command {
            Command::SendMessage(send) => send.message.temp_id.clone(),
            _ => None,
        };
        let run: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(commands::run(self, command));
        match run.await {
            Ok(Answer::Now(event)) => {
                self.refused = 0;
                Ok(vec![frame(&self.desk, event, id)])
            }
            Ok(Answer::Silence) => Ok(Vec::new()),
            Ok(Answer::InPlace(seq, event)) => {
                self.refused = 0;
                let frame = ServerFrame { event, timestamp: self.desk.now(), seq: Some(seq), reply_to: id };
                self.answers.insert(seq, Encoded::new(&frame));
                Ok(Vec::new())
            }
            Err(error) => {
                let is_over = error.code == ErrorCode::RateLimitExceeded;
                self.refused = if is_over { self.refused + 1 } else { 0 };
                let frames = vec![error_frame(&self.desk, &error, id, temp_id)];
                if self.refused >= REFUSED_IN_A_ROW { Err((frames, Some(CloseCode::TooSlow))) } else { Ok(frames) }
            }
        }
    }

    /// WS2: `auth` again renews the token of the same operator.
    async fn renew(&mut self, token: &str, id: Option<String>) -> Result<Vec<Encoded>, (Vec<Encoded>, End)> {
        match self.desk.sign_in(Audience::Desk, token).await {
            Ok(signed_in) if signed_in.operator.id != self.signed_in.operator.id => {
                let error = ApiError::new(ErrorCode::Forbidden, "This socket belongs to another operator.");
                Err((vec![error_frame(&self.desk, &error, id, None)], Some(CloseCode::Forbidden)))
            }
            Ok(signed_in) => {
                self.desk.hub.set_family(self.id, signed_in.family.clone());
                self.signed_in = signed_in;
                // Again, now that the hub would hear of its end.
                match self.desk.sign_in(Audience::Desk, token).await {
                    Err(SignInError::Refused(_)) => Err((Vec::new(), Some(CloseCode::TokenInvalid))),
                    Ok(_) | Err(SignInError::Store(_)) => Ok(vec![self.welcome_again(id)]),
                }
            }
            Err(SignInError::Refused(code)) => {
                let error = AuthError { code, message: code.title().to_owned() };
                Err((vec![frame(&self.desk, Event::AuthError(error), id)], Some(CloseCode::TokenInvalid)))
            }
            Err(SignInError::Store(error)) => Ok(vec![error_frame(&self.desk, &error.into(), id, None)]),
        }
    }

    fn welcome_again(&self, id: Option<String>) -> Encoded {
        let success = AuthSuccess {
            admin_id: self.signed_in.operator.id.to_string(),
            operator: auth_user(&self.signed_in.operator),
            seq: self.newest,
            resumed: false,
            timezone: self.desk.config.timezone.clone(),
            first_response_target_seconds: first_response_target(&self.desk),
            limits: socket_limits(&self.desk),
        };
        frame(&self.desk, Event::AuthSuccess(success), id)
    }
}

fn first_response_target(desk: &Desk) -> Option<u32> {
    desk.config.first_response.map(|target| u32::try_from(target.within.as_secs()).unwrap_or(u32::MAX))
}

fn socket_limits(desk: &Desk) -> Limits {
    Limits {
        text_units: u32::try_from(limits::TEXT_UNITS).unwrap_or(0),
        frame_bytes: u32::try_from(limits::FRAME_BYTES).unwrap_or(0),
        sends_per_minute: desk.config.sends_per_minute,
        media: desk.config.media_origin().is_some(),
        media_bytes: desk.config.media_max_bytes,
    }
}
