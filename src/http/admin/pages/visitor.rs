//! Who looks at the pages: signed in by a cookie, by credentials, or on this machine without a token. And the marks of
//! forms, which only a page of this service can have.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::http::admin::Shared;
use crate::verify::PageKey;

/// The cookie of a session.
const COOKIE: &str = "polysink_session";

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// How long a form can be sent.
const FORM: TimeDelta = TimeDelta::hours(2);

/// Whoever asks for a page, and may.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The value of the session's cookie, if there is one.
    session: Option<String>,
    client: IpAddr,
}

impl Visitor {
    pub fn new(session: Option<String>, client: IpAddr) -> Self {
        Self { session, client }
    }

    /// Whether it can sign out.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// In `polysink.changes`.
    pub fn actor(&self) -> String {
        format!("admin page, {}", self.client)
    }

    /// Forms are marked for a session and an address.
    fn purpose(&self, path: &str) -> String {
        format!("form {path} {}", self.session.as_deref().unwrap_or_default())
    }
}

/// Put into the request by `admin::access`.
impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = request.extensions().get::<Self>().cloned();
        ready(visitor.ok_or_else(|| actix_web::error::ErrorUnauthorized("not signed in")))
    }
}

/// The session of a request; `None` if it has none that lasts.
pub fn session_of(request: &HttpRequest, key: &PageKey, now: DateTime<Utc>) -> Option<String> {
    let sealed = request.cookie(COOKIE)?.value().to_owned();
    key.opens("session", &sealed, now).then_some(sealed)
}

/// The cookie of a new session.
///
/// * `is_https`: whether the browser came by HTTPS; then it sends the cookie by nothing else
pub fn new_session(key: &PageKey, now: DateTime<Utc>, is_https: bool) -> Cookie<'static> {
    let sealed = key.seal("session", Uuid::new_v4(), now + SESSION);
    Cookie::build(COOKIE, sealed)
        .path("/")
        .http_only(true)
        .secure(is_https)
        .same_site(SameSite::Strict)
        .max_age(time::Duration::seconds(SESSION.num_seconds()))
        .finish()
}

/// The cookie that ends a session.
pub fn ended_session() -> Cookie<'static> {
    let mut cookie = Cookie::build(COOKIE, "").path("/").http_only(true).same_site(SameSite::Strict).finish();
    cookie.make_removal();
    cookie
}

/// Whether a request came from a page of this listener, as far as the browser says. Browsers say so by HTTPS and on
/// this machine; elsewhere, the origin has to be the host, which a proxy must pass on.
pub fn is_same_origin(request: &HttpRequest) -> bool {
    let header = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let site = header(&HeaderName::from_static("sec-fetch-site"));
    if let Some(site) = site {
        return site == "same-origin" || site == "none";
    }
    let (Some(origin), Some(host)) = (header(&ORIGIN), header(&HOST)) else { return true };
    origin.split_once("://").is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
}

impl Shared {
    /// The mark of a form.
    ///
    /// * `path`: where it goes
    pub fn form(&self, visitor: &Visitor, path: &str) -> String {
        self.key.seal(&visitor.purpose(path), Uuid::new_v4(), (self.options.now)() + FORM)
    }

    /// Whether a form that was sent is one of [`Shared::form`].
    pub fn is_own_form(&self, request: &HttpRequest, visitor: &Visitor, path: &str, mark: &str) -> bool {
        is_same_origin(request) && self.key.opens(&visitor.purpose(path), mark, (self.options.now)())
    }
}
