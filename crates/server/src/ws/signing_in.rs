//! The first frame of a connection: who it is (WS1).

use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{AuthError, ClientFrame, Command, Event};
use linedesk_protocol::{ErrorCode, Seq, limits};
use tokio::time::Instant;

use super::wire::{End, Heard, Wire, error_frame, frame};
use crate::auth::token::Audience;
use crate::desk::{Desk, SignInError, SignedIn};
use crate::http::error::ApiError;

/// WS1: the first frame is `auth`, within ten seconds; whatever else comes is told so.
pub(super) async fn sign_in(desk: &Desk, wire: &mut Wire) -> Result<(SignedIn, Option<Seq>, Option<String>), End> {
    let deadline = Instant::now() + desk.config.sign_in_within;
    let mut malformed = 0_u32;
    loop {
        let heard = tokio::select! {
            heard = wire.hear() => heard,
            () = desk.draining.cancelled() => return Err(Some(CloseCode::Restart)),
            () = tokio::time::sleep_until(deadline) => return Err(Some(CloseCode::SignInMissing)),
        };
        let frame = match heard {
            Heard::Nothing => continue,
            Heard::Gone => return Err(None),
            Heard::TooLarge => return Err(Some(CloseCode::FrameTooLarge)),
            Heard::Text(text) => ClientFrame::decode(&text),
            Heard::Binary => ClientFrame::decode(""),
        };
        malformed = if frame.is_ok() { 0 } else { malformed + 1 };
        let (auth, id) = match frame {
            Ok(ClientFrame { id, command: Command::Auth(auth) }) => (auth, id),
            Ok(ClientFrame { id, .. }) => {
                let error = ApiError::plain(ErrorCode::NotAuthenticated);
                wire.send(error_frame(desk, &error, id, None)).await?;
                continue;
            }
            Err(error) if error.code == ErrorCode::ValidationError && error.field.as_deref() == Some("token") => {
                return refuse(desk, wire, ErrorCode::AuthMissingToken, error.reply_to).await;
            }
            Err(error) => {
                // What cannot be read is told so; what can be read and is not `auth` comes too early.
                let code = match (error.code, error.field.as_deref()) {
                    (ErrorCode::ValidationError, Some("resume_after")) | (ErrorCode::InvalidRequest, _) => error.code,
                    _ => ErrorCode::NotAuthenticated,
                };
                wire.send(error_frame(desk, &ApiError::new(code, error.message), error.reply_to, None)).await?;
                if malformed >= limits::MALFORMED_FRAMES {
                    return Err(Some(CloseCode::Malformed));
                }
                continue;
            }
        };
        return match desk.sign_in(Audience::Desk, &auth.token).await {
            Ok(signed_in) => Ok((signed_in, auth.resume_after, id)),
            Err(SignInError::Refused(code)) => refuse(desk, wire, code, id).await,
            Err(SignInError::Store(error)) => {
                tracing::warn!(%error, "a sign-in could not be looked up");
                let _ = refuse::<()>(desk, wire, ErrorCode::Unavailable, id).await;
                Err(Some(CloseCode::Restart))
            }
        };
    }
}

async fn refuse<T>(desk: &Desk, wire: &mut Wire, code: ErrorCode, id: Option<String>) -> Result<T, End> {
    let error = AuthError { code, message: code.title().to_owned() };
    wire.send(frame(desk, Event::AuthError(error), id)).await?;
    let is_missing = code == ErrorCode::AuthMissingToken;
    Err(Some(if is_missing { CloseCode::SignInMissing } else { CloseCode::TokenInvalid }))
}
