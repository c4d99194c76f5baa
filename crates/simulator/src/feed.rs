//! What the page is told as it happens.

use std::sync::Arc;

use serde::Serialize;

use crate::calls::Call;
use crate::customer::{Customer, PhoneMessage};
use crate::settings::Settings;

/// One change. Applying the same one twice does no harm: each holds the whole new thing.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Change {
    Customer {
        customer: Customer,
    },
    Message {
        user_id: String,
        message: Box<PhoneMessage>,
    },
    Settings {
        settings: Box<Settings>,
    },
    /// Without its bodies: the page asks for them when someone opens the line.
    Call {
        call: Box<Call>,
    },
}

/// A change as it goes to the page; serialised once for all of them.
pub(crate) type Frame = Arc<str>;

pub(crate) fn without_bodies(call: &Call) -> Call {
    Call { request_body: String::new(), response_body: String::new(), ..call.clone() }
}
