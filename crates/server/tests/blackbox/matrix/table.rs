//! Who may do what, written by hand from docs/PROTOCOL.md: RE, WS, the table of SE3, and "Channels" for those who see some
//! channels only. Nothing in here is taken from the code; where the code differs, one of the two is wrong.

/// What a short word in the tables stands for. Over the socket only the code counts, and where it has one the reason.
pub(super) const WORDS: &[(&str, &str)] = &[
    // Nobody: no token at all, one whose time is over, one of an account that is deactivated.
    ("A", "401 auth_missing_token"),
    ("E", "401 auth_expired_token"),
    ("D", "401 auth_invalid_token"),
    // Somebody who may not.
    ("F", "403 forbidden"),
    ("C", "404 conversation_not_found"),
    ("M", "404 not_found"),
    // Somebody who may; but there is nothing to do it to.
    ("N", "404 session_not_found none"),
    ("T", "404 session_not_found already_claimed"),
    ("S", "409 session_conflict"),
    ("K", "409 conflict"),
    ("V", "422 validation_error"),
    ("X", "400 invalid_request"),
    ("J", "409 not_in_room"),
];

/// What is about no conversation, or about a file and its message in the channel `default`.
///
/// Callers: nobody, with a token that is over (`old`), of a deactivated account (`off`), with an AGENT's cookies alone as a
/// page sends them (`page`), AGENT, ADMIN and `SUPER_ADMIN`, an AGENT who sees another channel only (`shop`).
/// `ok` is the status in the second column.
pub(super) const DESK: &str = "
                                                      nobody old off page | agent admin shop
    POST /auth/login                             200 |  ok    ok  ok  ok  |  ok    ok    ok
    POST /auth/refresh                           200 |  A     A   A   ok  |  A     A     A
    POST /auth/logout                            204 |  ok    ok  ok  ok  |  ok    ok    ok
    GET  /auth/me                                200 |  A     E   D   A   |  ok    ok    ok
    POST /auth/password                          204 |  A     E   D   A   |  V     V     V
    GET  /admin/usage                            200 |  A     E   D   A   |  F     ok    F
    GET  /admin/channels                         200 |  A     E   D   A   |  F     ok    F
    POST /admin/channels                         201 |  A     E   D   A   |  F     ok    F
    POST /admin/channels/{id}                    200 |  A     E   D   A   |  F     ok    F
    POST /admin/doctor                           200 |  A     E   D   A   |  F     ok    F
    GET  /admin/live-chat/conversations          200 |  A     E   D   A   |  ok    ok    ok
    GET  /admin/live-chat/operators              200 |  A     E   D   A   |  ok    ok    ok
    POST /admin/live-chat/messages/validate      200 |  A     E   D   A   |  ok    ok    ok
    POST /admin/live-chat/messages/{id}/fetch    200 |  A     E   D   A   |  K     K     M
    GET  /media/{id}                             200 |  A     E   D   ok  |  ok    ok    M
    GET  /media/{id}/preview                     200 |  A     E   D   ok  |  ok    ok    M
    GET  /media/stickers/{id}                    200 |  A     E   D   ok  |  ok    ok    ok
    GET  /ws/live-chat                           101 |  X     X   X   X   |  X     X     X
    POST /line/webhook                           200 |  X     X   X   X   |  X     X     X
    POST /line/webhook/{channel}                 200 |  X     X   X   X   |  X     X     X
    GET  /openapi.json                           200 |  ok    ok  ok  ok  |  ok    ok    ok
    GET  /docs                                   200 |  ok    ok  ok  ok  |  ok    ok    ok
    GET  /healthz                                200 |  ok    ok  ok  ok  |  ok    ok    ok
    GET  /readyz                                 200 |  ok    ok  ok  ok  |  ok    ok    ok
";

/// What is about a conversation; `…` is `/admin/live-chat/conversations/{key}`.
///
/// Of the conversation: the session is ACTIVE and the caller's (`own`), ACTIVE and another's (`oth`), WAITING (`wait`), none is
/// open (`none`); or there is no such conversation (`miss`). The last group is asked about all of them but `own`: whoever is
/// not signed in learns nothing of which there are, and for whom sees another channel only there is none.
/// With `*`, `ok` leaves the conversation other than it was.
pub(super) const CONVERSATION: &str = "
                                                         AGENT              |  ADMIN, SUPER_ADMIN     |
                                                    own oth wait none miss  | own oth wait none miss  | nobody old off page shop
    GET  …                                   200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    GET  …/contact                           200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    GET  …/members                           200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    GET  …/messages                          200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST …/messages                          201  | ok  F   F    N    C     | ok  ok  ok   N    C     |  A     E   D   A    C
    POST …/media                             201  | ok  F   F    N    C     | ok  ok  ok   N    C     |  A     E   D   A    C
    POST …/notes                             201  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST …/claim                             200* | ok  T   ok   N    C     | ok  T   ok   N    C     |  A     E   D   A    C
    POST …/release                           200* | ok  F   S    N    C     | ok  ok  S    N    C     |  A     E   D   A    C
    POST …/close                             200* | ok  F   F    N    C     | ok  ok  ok   N    C     |  A     E   D   A    C
    POST …/transfer                          200* | ok  F   F    N    C     | ok  ok  ok   N    C     |  A     E   D   A    C
    POST …/mode HUMAN                        200* | ok  T   ok   ok   C     | ok  T   ok   ok   C     |  A     E   D   A    C
    POST …/mode BOT                          200* | ok  F   F    ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST …/read                              200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST …/refresh-profile                   200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST …/archive                           200* | S   S   S    ok   C     | S   S   S    ok   C     |  A     E   D   A    C
    POST …/unarchive                         200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    POST /admin/live-chat/conversations      201* | ok  T   ok   ok   ok    | ok  T   ok   ok   ok    |  A     E   D   A    K
    GET  /admin/live-chat/messages/search    200  | ok  ok  ok   ok   C     | ok  ok  ok   ok   C     |  A     E   D   A    C
    GET  /media/pictures/{key}               200  | M   M   M    M    C     | M   M   M    M    C     |  A     E   D   M/C  C
";

/// What is said over the socket by those who are signed in, with `*` as above. In the column `-` no conversation is named and
/// no room is joined. A command that is about none has that column only. The others are said by name, and again in the
/// conversation's room without a name.
///
/// Whoever is not signed in gets `not_authenticated` for all of it but `auth`.
pub(super) const SOCKET: &str = "
                                                 AGENT                   |  ADMIN, SUPER_ADMIN          |
                                             own oth wait none miss -    | own oth wait none miss -     | shop
    auth               auth_success        |                        ok   |                        ok    | ok
    ping               pong                |                        ok   |                        ok    | ok
    join_room          conversation_update | ok  ok  ok   ok   C    J    | ok  ok  ok   ok   C    J     | C
    leave_room         room_left           |                        ok   |                        ok    | ok
    send_message       message_sent        | ok  F   F    N    C    J    | ok  ok  ok   N    C    J     | C
    retry_message      message_sent        | K   F   F    N    M    M    | K   K   K    N    M    M     | M
    cancel_message     message_failed      | K   F   F    N    M    M    | K   K   K    N    M    M     | M
    mark_read          conversation_read   | ok  ok  ok   ok   C    J    | ok  ok  ok   ok   C    J     | C
    typing_start       silence             | ok  ok  ok   ok   C    J    | ok  ok  ok   ok   C    J     | C
    typing_stop        silence             | ok  ok  ok   ok   C    J    | ok  ok  ok   ok   C    J     | C
    claim_session      session_claimed*    | ok  T   ok   N    C    J    | ok  T   ok   N    C    J     | C
    release_session    session_released*   | ok  F   S    N    C    J    | ok  ok  S    N    C    J     | C
    close_session      session_closed*     | ok  F   F    N    C    J    | ok  ok  ok   N    C    J     | C
    transfer_session   session_transferred*| ok  F   F    N    C    J    | ok  ok  ok   N    C    J     | C
    set_status         presence_update     |                        ok   |                        ok    | ok
    subscribe_analytics    analytics_update|                        F    |                        ok    | F
    unsubscribe_analytics  analytics_update|                        F    |                        ok    | F
";
