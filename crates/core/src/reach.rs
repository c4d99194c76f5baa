//! Whom a push surely reaches: friends, groups that the account is in, and for seven days whoever wrote (LINE Messaging API
//! reference "Send push message"). To everybody else LINE answers 200 and delivers nothing.
//!
//! Deliberately absent: who blocked the account. Nothing is sent to them (DL7).

use linedesk_protocol::{FriendStatus, SourceType};

const AFTER_WRITING_MS: i64 = 7 * 24 * 3_600_000;

/// What is known of somebody.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub source_type: SourceType,
    pub friend_status: FriendStatus,
    /// LINE told that they added the account, and not that they left.
    pub is_friend: bool,
    /// When they last wrote, Unix ms.
    pub heard_ms: Option<i64>,
    /// Since when the desk knows of them, Unix ms.
    pub since_ms: i64,
}

/// Until when a push surely reaches them, Unix ms; none where that has no end, or where nothing is sent.
pub fn reach_until_ms(known: &Known) -> Option<i64> {
    let may_be_stranger =
        known.source_type == SourceType::User && known.friend_status != FriendStatus::Unfollowed && !known.is_friend;
    // Of whom nobody ever heard it never surely did.
    may_be_stranger.then(|| known.heard_ms.map_or(known.since_ms, |heard| heard.saturating_add(AFTER_WRITING_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Known = Known {
        source_type: SourceType::User,
        friend_status: FriendStatus::Active,
        is_friend: false,
        heard_ms: Some(1_000),
        since_ms: 5,
    };

    #[test]
    fn whoever_wrote_is_reached_for_seven_days() {
        assert_eq!(reach_until_ms(&STRANGER), Some(1_000 + 604_800_000));
        let hostile = Known { heard_ms: Some(i64::MAX), ..STRANGER };
        assert_eq!(reach_until_ms(&hostile), Some(i64::MAX));
    }

    #[test]
    fn whom_nobody_heard_of_was_never_surely_reached() {
        let unheard = Known { friend_status: FriendStatus::Unknown, heard_ms: None, ..STRANGER };
        assert_eq!(reach_until_ms(&unheard), Some(5));
    }

    #[test]
    fn friends_and_groups_are_reached_and_who_blocked_is_told_otherwise() {
        for known in [
            Known { is_friend: true, ..STRANGER },
            Known { source_type: SourceType::Group, ..STRANGER },
            Known { source_type: SourceType::Room, heard_ms: None, ..STRANGER },
            Known { friend_status: FriendStatus::Unfollowed, ..STRANGER },
        ] {
            assert_eq!(reach_until_ms(&known), None, "{known:?}");
        }
    }
}
