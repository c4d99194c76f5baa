//! What messages cost, by month, channel and day.

use std::sync::Arc;

use axum::extract::State;
use linedesk_protocol::ErrorCode;
use linedesk_protocol::rest::{Booked, ChannelUsage, Usage};
use linedesk_store::StoreError;
use linedesk_store::ops::ledger;
use serde::Deserialize;

use super::error::ApiError;
use super::extract::{Caller, Query};
use super::refused;
use crate::desk::Desk;
use crate::workers::quota;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// `YYYY-MM`, in the business time zone; the current one without it.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
}

/// Tells what messages cost.
///
/// For ADMIN and above. Every call that LINE accepted is booked: replies are free, a push costs one message for each
/// recipient, however many messages it had. Days without any are left out. `quota` is LINE's count of the current month,
/// with what was booked since LINE was asked.
#[utoipa::path(
    get,
    path = "/api/v1/admin/usage",
    operation_id = "get_usage",
    tag = "Usage",
    params(UsageQuery),
    responses((status = 200, description = "The month, by channel and day.", body = Usage), refused::Usage)
)]
pub(crate) async fn usage(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Query(query): Query<UsageQuery>,
) -> Result<axum::Json<Usage>, ApiError> {
    if !caller.signed_in.staff().may_see_analytics() {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only an admin may see what messages cost."));
    }
    let this_month = desk.config.hours.day_at(desk.now().0)[..7].to_owned();
    let month = query.month.unwrap_or_else(|| this_month.clone());
    if !is_month(&month) {
        return Err(ApiError::field("month", "expected YYYY-MM"));
    }
    let mut channels = Vec::new();
    for channel in desk.all_channels() {
        let (id, wanted) = (channel.id, month.clone());
        let days = desk.store.read::<_, StoreError, _>(move |tx| ledger::list_days(tx, id, &wanted)).await?;
        let mut booked = Booked::default();
        for day in &days {
            booked.free_calls += day.booked.free_calls;
            booked.free_messages += day.booked.free_messages;
            booked.paid_calls += day.booked.paid_calls;
            booked.paid_messages += day.booked.paid_messages;
            booked.paid_recipients += day.booked.paid_recipients;
        }
        let quota = if month == this_month { quota::state(&desk, &channel).await? } else { None };
        channels.push(ChannelUsage { channel: channel.name, quota, booked, days });
    }
    Ok(axum::Json(Usage { month, channels }))
}

fn is_month(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_shaped = bytes.len() == 7
        && bytes.iter().enumerate().all(|(at, byte)| if at == 4 { *byte == b'-' } else { byte.is_ascii_digit() });
    is_shaped && matches!(text[5..].parse(), Ok(1..=12_u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_written_one_way() {
        assert!(is_month("2026-01") && is_month("2026-12"));
        for bad in ["2026-00", "2026-13", "2026-1", "202601", "2026-01-01", "20x6-01", "ก่อน"] {
            assert!(!is_month(bad), "{bad}");
        }
    }
}
