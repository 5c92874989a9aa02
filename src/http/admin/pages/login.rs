//! Signing in with the admin token, and out.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::visitor::{ended_session, is_same_origin, new_session};
use super::{html, message};
use crate::http::admin::{Shared, access};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    next: String,
    wrong: bool,
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct AfterSignIn {
    #[serde(default)]
    next: String,
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct Login {
    token: String,
    #[serde(default)]
    next: String,
}

pub async fn page(query: web::Query<AfterSignIn>) -> HttpResponse {
    html(&LoginPage { next: own_path(&query.next).to_owned(), wrong: false })
}

pub async fn sign_in(shared: web::Data<Shared>, request: HttpRequest, form: web::Form<Login>) -> HttpResponse {
    let next = own_path(&form.next);
    let Some(token) = &shared.options.token else { return see_other(next) };
    if !is_same_origin(&request) {
        let text = "The form is not from this page. Behind a proxy, let it pass the Host header on as it came.";
        return message(StatusCode::FORBIDDEN, "Not signed in", text, "/login", "Sign in");
    }
    if !token.is(form.token.trim().as_bytes()) {
        let client = access::client(&request);
        access::refuse_slowly(&shared, client, Instant::now()).await;
        let mut answer = html(&LoginPage { next: next.to_owned(), wrong: true });
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        return answer;
    }
    let is_https = request.connection_info().scheme() == "https";
    let mut answer = see_other(next);
    let cookie = new_session(&shared.key, (shared.options.now)(), is_https);
    if answer.add_cookie(&cookie).is_err() {
        return message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Not signed in",
            "The cookie cannot be written.",
            "/",
            "Back",
        );
    }
    answer
}

pub async fn sign_out(request: HttpRequest) -> HttpResponse {
    let mut answer = see_other("/login");
    if is_same_origin(&request) {
        // A cookie without a value can always be written.
        let _ = answer.add_cookie(&ended_session());
    }
    answer
}

pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// A path of this listener, or the status page: a link elsewhere must not come out of a sign-in.
fn own_path(next: &str) -> &str {
    let mut bytes = next.bytes();
    let is_own = bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_paths_of_this_listener_alone() {
        for own in ["/", "/syncs/1", "/deliveries/a?b=c"] {
            assert_eq!(own_path(own), own);
        }
        for other in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb", "/a\\..", "/ü"]
        {
            assert_eq!(own_path(other), "/", "{other}");
        }
    }
}
