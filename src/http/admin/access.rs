//! Who may read the admin listener: who presents the token or a session, or, without a token, who asks this machine by
//! its address. And the headers that keep browsers from doing more than showing a page.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_SECURITY_POLICY, HOST, HeaderValue, REFERRER_POLICY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Shared;
use super::pages::visitor::session_of;
use super::pages::{self, Visitor};
use crate::http::failures::LogLine;
use crate::http::problem::Problem;
use crate::verify::AdminToken;

/// Scripts and styles come from this listener alone, nothing else is loaded, and no page is shown within another.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
                              connect-src 'self'; \
                              form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers requests that may not read, and passes the others on, with who asks.
pub async fn check(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = admit(request, next).await?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}

async fn admit(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let shared = request.app_data::<web::Data<Shared>>().expect("each app has it").clone();
    let client = client(request.request());
    let Some(token) = &shared.options.token else {
        if is_this_machine(request.headers().get(HOST)) {
            request.extensions_mut().insert(Visitor::new(None, client));
            return next.call(request).await;
        }
        return Ok(request.into_response(Problem::AdminHost.response()));
    };
    let presented: Vec<&[u8]> = request.headers().get_all(AUTHORIZATION).map(HeaderValue::as_bytes).collect();
    let session = session_of(request.request(), &shared.key, (shared.options.now)());
    if session.is_some() || token.is_presented(&presented) {
        request.extensions_mut().insert(Visitor::new(session, client));
        return next.call(request).await;
    }
    if pages::is_open(request.path()) {
        return next.call(request).await;
    }
    let presented_any = !presented.is_empty();
    if presented_any {
        refuse_slowly(&shared, client, Instant::now()).await;
    } else if wants_a_page(&request) {
        let path = format!("/login?next={}", utf8_percent_encode(request.path(), NON_ALPHANUMERIC));
        return Ok(request.into_response(pages::see_other(&path)));
    }
    let mut response = Problem::AdminToken { presented: presented_any }.response();
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(AdminToken::CHALLENGE));
    Ok(request.into_response(response))
}

/// The address that a request comes from.
pub fn client(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip())
}

/// Notes a wrong token, and delays the answer if it is not the first.
pub async fn refuse_slowly(shared: &Shared, client: IpAddr, now: Instant) {
    let failure = shared.failures.note(client, now);
    if let LogLine::Written { left_out } = failure.line {
        let left_out = (left_out > 0).then_some(left_out);
        tracing::warn!(%client, left_out, "a request to the admin listener was refused: wrong token");
    }
    tokio::time::sleep(failure.pause).await;
}

/// Whether a browser asks for a page, and not its script or a scraper.
fn wants_a_page(request: &ServiceRequest) -> bool {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// Whether the `Host` header is an address or `localhost`. A web page elsewhere can have its own name resolve to this
/// machine, and its script read the answers; its requests carry that name.
fn is_this_machine(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host else { return true };
    let Ok(host) = host.to_str() else { return false };
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_this_machine_if_it_is_an_address_or_localhost() {
        let is = |host: &str| is_this_machine(Some(&HeaderValue::from_str(host).expect("it is a value")));
        for good in ["127.0.0.1:9090", "127.0.0.1", "[::1]:9090", "[::1]", "localhost", "LOCALHOST:9090", "10.0.0.7:1"]
        {
            assert!(is(good), "{good}");
        }
        for bad in
            ["evil.example:9090", "evil.example", "localhost.evil.example", "", ":9090", "127.0.0.1.evil.example"]
        {
            assert!(!is(bad), "{bad}");
        }
        assert!(is_this_machine(None), "HTTP/1.0 has none, and browsers always have one");
    }
}
