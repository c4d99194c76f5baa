//! Instants on the wire: RFC 3339 in UTC with milliseconds (RE). Inside the program they are Unix milliseconds.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since the Unix epoch, UTC. Written as `2026-01-31T08:30:00.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS, utoipa::ToSchema)]
#[ts(type = "string")]
#[schema(value_type = String, format = DateTime, description = "RFC 3339 in UTC with milliseconds: `2026-01-31T08:30:00.123Z`.")]
pub struct Timestamp(pub i64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An instant beyond the calendar (a hostile `timestamp` in a webhook) is shown as the calendar's end.
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(end);
        write!(f, "{instant:.3}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let instant: jiff::Timestamp = text.parse().map_err(|_| de::Error::custom("expected an RFC 3339 time"))?;
        Ok(Self(instant.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re_times_are_rfc_3339_utc_with_milliseconds() {
        let text = serde_json::to_string(&Timestamp(1_767_225_600_007)).unwrap();
        assert_eq!(text, "\"2026-01-01T00:00:00.007Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), Timestamp(1_767_225_600_007));
    }

    #[test]
    fn absurd_instants_are_shown_not_refused() {
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-12-"));
        assert!(Timestamp(i64::MIN).to_string().starts_with("-009999-"));
    }
}
