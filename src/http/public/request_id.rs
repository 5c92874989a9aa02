//! The id that a request has in the log, in its answer and in its trace.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header, of the request and of the answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// W3C Trace Context.
const TRACEPARENT: &str = "traceparent";

/// Longer ones are not taken: anyone can send them, and they go to the log.
const MAX_BYTES: usize = 128;

/// The sender's id of a request, or one made for it.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// `X-Request-Id`, else the trace id of `traceparent`, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = |name: &str| {
            let mut values = headers.get_all(name);
            let only = values.next().filter(|_| values.next().is_none());
            only.and_then(|value| value.to_str().ok())
        };
        let id = given(X_REQUEST_ID.as_str()).filter(|id| is_good(id));
        let id = id.or_else(|| given(TRACEPARENT).and_then(trace_id));
        let made = || Uuid::new_v4().simple().to_string();
        Self(id.map_or_else(made, str::to_owned))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the answer's header.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("its characters were checked")
    }
}

fn is_good(id: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/+=@".contains(&byte);
    (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(is_safe)
}

/// The second of the four parts: 32 hexadecimal digits, not all of them 0.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let good = version.len() == 2 && is_hex(version) && version != "ff" && id.len() == 32 && is_hex(id);
    (good && id.bytes().any(|byte| byte != b'0')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("it is a value"));
        }
        RequestId::of(&map).0
    }

    #[test]
    fn the_senders_id_is_taken_if_it_can_go_to_a_log() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(of(&[("x-request-id", "abc-1.2:3/4"), ("traceparent", trace)]), "abc-1.2:3/4");
        assert_eq!(of(&[("traceparent", trace)]), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(of(&[("x-request-id", "a b"), ("traceparent", trace)]), "4bf92f3577b34da6a3ce929d0e0e4736");
        let long = "a".repeat(129);
        let zero = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        for bad in ["", "a b", "a\"b", "{}", long.as_str()] {
            assert_eq!(of(&[("x-request-id", bad)]).len(), 32, "{bad}");
        }
        for bad in [
            "",
            "00",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-1-1",
            &zero,
        ] {
            let made = of(&[("traceparent", bad)]);
            assert!(made.len() == 32 && !bad.contains(&made), "{bad}");
        }
        assert_eq!(of(&[("x-request-id", "one"), ("x-request-id", "two")]).len(), 32, "which one is not known");
        assert_ne!(of(&[]), of(&[]));
    }
}
