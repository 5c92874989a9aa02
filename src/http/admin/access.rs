//! Who may read the admin listener: who presents the token, or, without one, who asks this machine by its address.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderValue, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::Shared;
use crate::http::failures::LogLine;
use crate::http::problem::Problem;
use crate::verify::AdminToken;

/// Answers requests that may not read, and passes the others on.
pub async fn check(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let shared = request.app_data::<web::Data<Shared>>().expect("each app has it").clone();
    let Some(token) = &shared.options.token else {
        if is_this_machine(request.headers().get(HOST)) {
            return next.call(request).await;
        }
        return Ok(request.into_response(Problem::AdminHost.response()));
    };
    let presented: Vec<&[u8]> = request.headers().get_all(AUTHORIZATION).map(HeaderValue::as_bytes).collect();
    if token.is_presented(&presented) {
        return next.call(request).await;
    }
    let client = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    let presented_any = !presented.is_empty();
    if presented_any {
        let failure = shared.failures.note(client, Instant::now());
        if let LogLine::Written { left_out } = failure.line {
            let left_out = (left_out > 0).then_some(left_out);
            tracing::warn!(%client, left_out, "a request to the admin listener was refused: wrong token");
        }
        tokio::time::sleep(failure.pause).await;
    }
    let mut response = Problem::AdminToken { presented: presented_any }.response();
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(AdminToken::CHALLENGE));
    Ok(request.into_response(response))
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
