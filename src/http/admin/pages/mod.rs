//! The pages for people: rendered here, from this binary alone, and kept up to date by a small script.
//!
//! Templates escape everything that they show. No page scans a table that grows (`read`), and all that they change goes
//! through a form with a mark (`visitor`).

pub mod assets;
mod attention;
mod chart;
mod delivery;
mod login;
pub mod read;
mod status;
mod sync;
pub mod visitor;
mod words;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use askama::Template;

pub use self::login::see_other;
pub use self::visitor::Visitor;

/// The paths that need no session.
pub fn is_open(path: &str) -> bool {
    path == "/login" || path.starts_with("/assets/")
}

/// Adds the pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(status::page))
        .route("/syncs/{id}", web::get().to(sync::page))
        .route("/deliveries/{id}", web::get().to(delivery::page))
        .route("/deliveries/{id}/replay", web::post().to(delivery::replay))
        .route("/login", web::get().to(login::page))
        .route("/login", web::post().to(login::sign_in))
        .route("/logout", web::post().to(login::sign_out))
        .route("/assets/page.css", web::get().to(assets::style))
        .route("/assets/page.js", web::get().to(assets::script));
}

/// A page, which no cache keeps.
fn html(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A page with one sentence.
#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
    back: &'a str,
    back_text: &'a str,
}

fn message(status: StatusCode, title: &str, text: &str, back: &str, back_text: &str) -> HttpResponse {
    let mut answer = html(&MessagePage { title, text, back, back_text });
    *answer.status_mut() = status;
    answer
}

fn not_found(text: &str) -> HttpResponse {
    message(StatusCode::NOT_FOUND, "Not found", text, "/", "To the status page")
}

fn unavailable() -> HttpResponse {
    let text = "The database does not answer. Deliveries are spooled meanwhile.";
    message(StatusCode::SERVICE_UNAVAILABLE, "Not available", text, "/", "To the status page")
}
