//! Asking whether LINE would take a message, without sending it.

use std::sync::Arc;

use axum::extract::State;
use linedesk_line::client::CallError;
use linedesk_protocol::ErrorCode;
use linedesk_protocol::error::FieldError;
use linedesk_protocol::rest::{MessageCheck, ValidateMessage};

use super::error::ApiError;
use super::extract::{Caller, Json};
use super::refused;
use crate::desk::Desk;
use crate::outgoing;

/// Checks a message object without sending it.
///
/// First here, then by LINE (`validate/push`), by whichever channel is switched on and yours. What is wrong is in `problems`; LINE judges
/// the inside of flex messages, templates and imagemaps. Without a LINE channel: `conflict`.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/messages/validate",
    operation_id = "validate_message",
    tag = "Messages",
    request_body = ValidateMessage,
    responses((status = 200, description = "Whether LINE would take it.", body = MessageCheck), refused::Validate)
)]
pub(crate) async fn validate(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(asked): Json<ValidateMessage>,
) -> Result<axum::Json<MessageCheck>, ApiError> {
    let message = match outgoing::parse(&asked.line_message) {
        Ok(message) => message,
        Err(error) => {
            let whole = FieldError { field: "line_message".to_owned(), message: error.detail };
            return Ok(found(if error.errors.is_empty() { vec![whole] } else { error.errors }));
        }
    };
    // LINE judges alike whichever account asks.
    let mut channels = desk.all_channels().into_iter();
    let who = &caller.signed_in.operator.channels;
    let channel = channels.find(|channel| channel.is_active && who.allows(channel.id));
    let no_channel = || ApiError::new(ErrorCode::Conflict, "There is no LINE channel that could ask for you.");
    let channel = channel.ok_or_else(no_channel)?;
    let (line, messages) = (&desk.line, &[message]);
    match desk.call_line(&channel, |token| async move { line.validate_push(&token, messages).await }).await {
        Ok(()) => Ok(found(Vec::new())),
        Err(CallError::Status { status: 400 | 413, message, details, .. }) => {
            let about = |property: &str| property.replacen("messages[0]", "line_message", 1);
            let mut problems: Vec<_> = details
                .into_iter()
                .map(|detail| FieldError { field: about(&detail.property), message: detail.message })
                .collect();
            if problems.is_empty() {
                problems.push(FieldError { field: "line_message".to_owned(), message });
            }
            Ok(found(problems))
        }
        Err(error) => {
            tracing::warn!(%error, "LINE could not be asked about a message");
            let detail = match error {
                CallError::Status { status, .. } if status < 500 => format!("LINE answered {status} to the question."),
                _ => ErrorCode::LineUnavailable.title().to_owned(),
            };
            Err(ApiError::new(ErrorCode::LineUnavailable, detail))
        }
    }
}

fn found(problems: Vec<FieldError>) -> axum::Json<MessageCheck> {
    axum::Json(MessageCheck { valid: problems.is_empty(), problems })
}
