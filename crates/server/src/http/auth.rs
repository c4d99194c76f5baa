//! `/api/v1/auth` (AU1, AU2).

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use linedesk_protocol::rest::{ChangePasswordRequest, LoginRequest, TokenAnswer, User};
use linedesk_protocol::{ErrorCode, Timestamp};
use linedesk_store::StoreError;
use linedesk_store::ops::operators::{self, Operator, OperatorError};
use linedesk_store::ops::sign_in::{self, Rotated};
use serde::Deserialize;

use super::cookie;
use super::error::ApiError;
use super::extract::{Caller, Json, Query, bearer, check_page, client_address};
use super::refused;
use crate::auth::password;
use crate::auth::token::{self, Audience};
use crate::desk::{Desk, SignInError};

/// AU1: the same whatever it was.
const WRONG: &str = "The name or the password is wrong.";

/// Signs in.
///
/// Answers an access token, good for 15 minutes, and sets the refresh cookie. An unknown name and a wrong password get the
/// same 401 in the same time; repeated failures are slowed per name and per address (AU1).
#[utoipa::path(
    post,
    path = "/api/v1/auth/login",
    operation_id = "login",
    tag = "Sign-in",
    security(()),
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Signed in.", body = TokenAnswer,
            headers(("Set-Cookie" = String, description = "`linedesk_refresh` and `linedesk_media`: HttpOnly, SameSite=Strict, 30 days."))),
        refused::Login,
    )
)]
pub(crate) async fn login(State(desk): State<Arc<Desk>>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    // Another site's page could sign its visitor in as somebody else.
    check_page(&desk, &parts.headers)?;
    let address = client_address(&parts, desk.config.trust_forwarded);
    let Json(login): Json<LoginRequest> = Json::from_request(Request::from_parts(parts, body), &desk).await?;
    let username = operators::normalized(&login.username);
    desk.throttle.begin(&username, address, desk.clock.now_ms()).map_err(ApiError::retry_after)?;
    let name = username.clone();
    let known: Option<Operator> =
        desk.store.read::<_, StoreError, _>(move |tx| operators::find_by_username(tx, &name)).await?;
    let known = known.filter(|operator| operator.is_active);
    // A longer one cannot be anybody's, and hashing it would only cost.
    let given: String = login.password.chars().take(200).collect();
    let hash = known.as_ref().map(|operator| operator.password_hash.clone());
    let matches = password::verify(given, hash).await?;
    let Some(operator) = known.filter(|_| matches) else {
        metrics::counter!("linedesk_login_failures_total").increment(1);
        return Err(ApiError::new(ErrorCode::AuthInvalidToken, WRONG));
    };
    desk.throttle.succeeded(&username, address);
    let (family, refresh) = (token::random(), token::random());
    let (now, expires) = (desk.now(), desk.after(token::REFRESH_LIFE));
    let (account, begun, hash) = (operator.clone(), family.clone(), token::hash(&refresh));
    let begun = desk
        .store
        .write::<_, StoreError, _>(move |tx| sign_in::begin(tx, &account, &begun, &hash, expires, now))
        .await?;
    if !begun.value {
        return Err(ApiError::new(ErrorCode::AuthInvalidToken, WRONG));
    }
    tracing::info!(operator.id = %operator.id, "signed in");
    answer(&desk, &operator, &family, &refresh)
}

/// Renews the access token by the refresh cookie.
///
/// The cookie is rotated: the one that was sent is used up. Presented again, it revokes its whole family (AU2), and every
/// session of that sign-in ends, open sockets too.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    operation_id = "refresh",
    tag = "Sign-in",
    security(("refresh_cookie" = [])),
    responses(
        (status = 200, description = "Renewed.", body = TokenAnswer,
            headers(("Set-Cookie" = String, description = "The next `linedesk_refresh` and `linedesk_media`."))),
        refused::Refresh,
    )
)]
pub(crate) async fn refresh(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, ApiError> {
    check_page(&desk, &headers)?;
    let given = cookie::REFRESH.find(&headers).ok_or_else(|| ApiError::plain(ErrorCode::AuthMissingToken))?;
    let next = token::random();
    if !is_known(&desk, &given).await? {
        return Ok(without_cookies(&desk, ApiError::plain(ErrorCode::AuthInvalidToken).into_response()));
    }
    let (hash, next_hash) = (token::hash(&given), token::hash(&next));
    let (now, expires) = (desk.now(), desk.after(token::REFRESH_LIFE));
    let rotated =
        desk.store.write::<_, StoreError, _>(move |tx| sign_in::rotate(tx, &hash, &next_hash, expires, now)).await?;
    match rotated.value {
        Rotated::Fresh { operator, family } => answer(&desk, &operator, &family, &next),
        Rotated::Reused => {
            tracing::warn!("a used refresh token was presented again; its sign-in is revoked");
            Ok(without_cookies(&desk, ApiError::plain(ErrorCode::AuthInvalidToken).into_response()))
        }
        Rotated::Refused => Ok(without_cookies(&desk, ApiError::plain(ErrorCode::AuthInvalidToken).into_response())),
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogoutQuery {
    /// Whether every other sign-in of the operator ends as well.
    #[serde(default)]
    everywhere: bool,
}

/// Signs out.
///
/// Ends the sign-in of the refresh cookie and of the access token, whichever is sent; its open sockets end within 5 s (AU3).
/// With `everywhere`, ends every sign-in of that operator: other browsers and other programs too.
/// Without either there is nothing to end, which is no error (AU2).
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    operation_id = "logout",
    tag = "Sign-in",
    params(LogoutQuery),
    security(("refresh_cookie" = []), ("access_token" = []), ()),
    responses(
        (status = 204, description = "Signed out.",
            headers(("Set-Cookie" = String, description = "`linedesk_refresh` and `linedesk_media`, emptied."))),
        refused::Logout,
    )
)]
pub(crate) async fn logout(
    State(desk): State<Arc<Desk>>,
    Query(query): Query<LogoutQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_page(&desk, &headers)?;
    let scope = if query.everywhere { sign_in::Scope::Everywhere } else { sign_in::Scope::This };
    if let Some(given) = cookie::REFRESH.find(&headers)
        && is_known(&desk, &given).await?
    {
        let (hash, now) = (token::hash(&given), desk.now());
        desk.store.write::<_, StoreError, _>(move |tx| sign_in::revoke_by_token(tx, &hash, scope, now)).await?;
    }
    // A client without the cookie signs out by its access token.
    if let Some(token) = bearer(&headers) {
        match desk.sign_in(Audience::Desk, token).await {
            Ok(signed_in) => {
                let now = desk.now();
                let (operator, family) = (signed_in.operator.id, signed_in.family);
                desk.store.write::<_, StoreError, _>(move |tx| sign_in::end(tx, operator, &family, scope, now)).await?;
            }
            // It is worth nothing any more.
            Err(SignInError::Refused(_)) => {}
            Err(SignInError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(without_cookies(&desk, StatusCode::NO_CONTENT.into_response()))
}

/// Tells who is signed in.
///
/// Name and role as they are now, not as they were when the token was issued (AU2, AU3).
#[utoipa::path(
    get,
    path = "/api/v1/auth/me",
    operation_id = "me",
    tag = "Sign-in",
    responses((status = 200, description = "The caller.", body = User), refused::Me)
)]
pub(crate) async fn me(caller: Caller) -> axum::Json<User> {
    axum::Json(user(&caller.signed_in.operator))
}

/// Changes one's own password.
///
/// Every other sign-in of the operator ends; this one stays (AU2). A wrong `current_password` is a `validation_error` and
/// counts like a failed sign-in (AU1).
#[utoipa::path(
    post,
    path = "/api/v1/auth/password",
    operation_id = "change_password",
    tag = "Sign-in",
    request_body = ChangePasswordRequest,
    responses((status = 204, description = "Changed."), refused::Password)
)]
pub(crate) async fn password(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(change): Json<ChangePasswordRequest>,
) -> Result<StatusCode, ApiError> {
    password::check(&change.new_password).map_err(|why| ApiError::field("new_password", why))?;
    let operator = &caller.signed_in.operator;
    let (now, address) = (desk.clock.now_ms(), caller.address);
    desk.throttle.begin(&operator.username, address, now).map_err(ApiError::retry_after)?;
    if !password::verify(change.current_password, Some(operator.password_hash.clone())).await? {
        return Err(ApiError::field("current_password", "this is not your password"));
    }
    desk.throttle.succeeded(&operator.username, address);
    let hash = password::hash(change.new_password).await?;
    let (id, family, origin) = (operator.id, caller.signed_in.family.clone(), caller.origin());
    let changed: Result<_, OperatorError> = desk
        .store
        .write(move |tx| operators::set_password(tx, id, &hash, Some(&family), &origin, Timestamp(now)))
        .await;
    match changed {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(OperatorError::Store(error)) => Err(error.into()),
        Err(error) => Err(ApiError::new(ErrorCode::Conflict, error.to_string())),
    }
}

/// Whether it is worth a write to look at this refresh token: anybody can send anything.
async fn is_known(desk: &Desk, token: &str) -> Result<bool, StoreError> {
    let hash = token::hash(token);
    desk.store.read(move |tx| sign_in::is_known(tx, &hash)).await
}

/// The operator as a client is told.
pub(crate) fn user(operator: &Operator) -> User {
    User {
        id: operator.id,
        username: operator.username.clone(),
        display_name: operator.display_name.clone(),
        role: operator.role,
    }
}

fn answer(desk: &Desk, operator: &Operator, family: &str, refresh: &str) -> Result<Response, ApiError> {
    let answer = TokenAnswer {
        access_token: desk.tokens.issue(Audience::Desk, operator.id, family, desk.clock.now_ms())?,
        token_type: "bearer".to_owned(),
        expires_in: i64::try_from(token::ACCESS_LIFE.as_secs()).unwrap_or(0),
        user: user(operator),
    };
    let media = desk.tokens.issue(Audience::Media, operator.id, family, desk.clock.now_ms())?;
    let life = token::REFRESH_LIFE.as_secs();
    let cookies = [cookie::REFRESH.set(desk, refresh, life), cookie::MEDIA.set(desk, &media, life)];
    Ok((AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie))), axum::Json(answer)).into_response())
}

fn without_cookies(desk: &Desk, mut response: Response) -> Response {
    for cookie in [cookie::REFRESH, cookie::MEDIA] {
        response.headers_mut().append(header::SET_COOKIE, cookie.set(desk, "", 0));
    }
    response
}
