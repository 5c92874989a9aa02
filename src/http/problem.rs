//! The listeners' error type, and the answer to each error: an RFC 9457 problem document.
//!
//! The person who reads Polytomic's sync history sees the text. It says what to do, and helps no attacker.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use serde::Serialize;
use uuid::Uuid;

use super::connection_limit::ConnectionLimit;
use crate::verify::{CredentialFault, Refusal, Stale};
use crate::writer::Unavailable;

/// Seconds after which a refused delivery may be sent again.
const RETRY_AFTER: &str = "5";

/// The content type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The kinds that alerts look for; see [`Problem::title`].
pub const EXPECTED: [&str; 17] = [
    "address",
    "credentials",
    "ambiguous",
    "timestamp",
    "stale",
    "future",
    "media-type",
    "encoding",
    "too-large",
    "too-many-records",
    "timeout",
    "empty",
    "malformed",
    "busy",
    "unavailable",
    "spool",
    "stopping",
];

/// Why a request is not answered with 200.
#[derive(Debug)]
pub enum Problem {
    Refused(Refusal),
    UnsupportedMediaType,
    UnsupportedEncoding,
    TooLarge {
        max: usize,
    },
    TooManyRecords {
        max: usize,
    },
    /// The client stopped sending, or sends too slowly.
    Timeout,
    /// The connection ended before the body; no client reads this answer.
    Incomplete,
    /// The body is empty: there is nothing to quarantine.
    Empty,
    /// Quarantined under this id.
    Malformed {
        reason: Cow<'static, str>,
        detail: String,
        rejection_id: Uuid,
    },
    /// Too many bytes in flight.
    Busy,
    /// Too many connections.
    TooManyConnections(ConnectionLimit),
    /// HTTP without TLS, where TLS is on.
    PlainHttp,
    /// The database did not commit it in time.
    Unavailable,
    /// The database is away, and the spool took no more.
    SpoolFull,
    /// The service stopped before the body was complete.
    Stopping,
    MethodNotAllowed(&'static str),
    /// An event of Polytomic without the right signature.
    EventSignature {
        /// Whether the request has one.
        presented: bool,
    },
    /// A signed event that cannot be read, with why.
    Event(String),
    /// The admin listener's token is missing or wrong.
    AdminToken {
        /// Whether the request has credentials.
        presented: bool,
    },
    /// Without a token, the admin listener is read by address.
    AdminHost,
    /// With the routes that exist.
    NotFound(String),
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection_id: Option<&'a Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(Refusal::Address) => StatusCode::FORBIDDEN,
            Self::Refused(Refusal::Credentials(_)) | Self::AdminToken { .. } | Self::EventSignature { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Self::Refused(Refusal::Ambiguous(_) | Refusal::Stale(_))
            | Self::Incomplete
            | Self::Empty
            | Self::PlainHttp
            | Self::Event(_)
            | Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType | Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } | Self::TooManyRecords { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::TooManyConnections(_) | Self::Unavailable | Self::SpoolFull | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::AdminHost => StatusCode::MISDIRECTED_REQUEST,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
        }
    }

    /// The last part of the document's `type`, and its title.
    pub fn title(&self) -> (&'static str, &'static str) {
        match self {
            Self::Refused(Refusal::Address) => ("address", "Address not allowed"),
            Self::Refused(Refusal::Credentials(_)) => ("credentials", "Missing or invalid credentials"),
            Self::Refused(Refusal::Ambiguous(_)) => ("ambiguous", "A header is repeated with different values"),
            Self::Refused(Refusal::Stale(Stale::Missing | Stale::Unreadable)) => {
                ("timestamp", "Missing or invalid timestamp")
            }
            Self::Refused(Refusal::Stale(Stale::Old { .. })) => ("stale", "The request is too old"),
            Self::Refused(Refusal::Stale(Stale::Future { .. })) => ("future", "The request is from the future"),
            Self::UnsupportedMediaType => ("media-type", "The body is not JSON"),
            Self::UnsupportedEncoding => ("encoding", "Unsupported content encoding"),
            Self::TooLarge { .. } => ("too-large", "The body is too large"),
            Self::TooManyRecords { .. } => ("too-many-records", "The delivery has too many records"),
            Self::Timeout => ("timeout", "The body did not arrive in time"),
            Self::Incomplete => ("incomplete", "The body is incomplete"),
            Self::Empty => ("empty", "The body is empty"),
            Self::Malformed { .. } => ("malformed", "The body is not a delivery"),
            Self::Busy => ("busy", "Too many deliveries in flight"),
            Self::TooManyConnections(_) => ("connections", "Too many connections"),
            Self::PlainHttp => ("https", "The receiver speaks HTTPS"),
            Self::Unavailable => ("unavailable", "The database is not available"),
            Self::SpoolFull => ("spool", "The database is not available, and the spool takes no more"),
            Self::Stopping => ("stopping", "The receiver is stopping"),
            Self::MethodNotAllowed(_) => ("method", "Method not allowed"),
            Self::EventSignature { .. } => ("event-signature", "Missing or wrong signature"),
            Self::Event(_) => ("event", "The body is not an event"),
            Self::AdminToken { .. } => ("admin-token", "Missing or wrong token"),
            Self::AdminHost => ("admin-host", "Unknown host name"),
            Self::NotFound(_) => ("not-found", "Not found"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(Refusal::Address) => {
                "Nothing was stored: the receiver does not accept deliveries from this address \
                (POLYSINK_ALLOWED_IPS)."
                    .to_owned()
            }
            Self::Refused(Refusal::Credentials(refused)) => {
                let why = without_credentials(refused.fault);
                let settings = refused.settings.join(" and ");
                format!("Nothing was stored: {why}. Compare the Polytomic connection with {settings} on the receiver.")
            }
            Self::Refused(Refusal::Ambiguous(name)) => {
                format!("Nothing was stored: the request has several `{name}` headers with different values.")
            }
            Self::Refused(Refusal::Stale(stale)) => format!(
                "Nothing was stored: {stale}. Check the clocks and the proxies in between; \
                 POLYSINK_TIMESTAMP_TOLERANCE on the receiver is the limit, and 0 turns the check off."
            ),
            Self::UnsupportedMediaType => "Nothing was stored: the Content-Type is not \
                application/json. Send JSON with that header."
                .to_owned(),
            Self::UnsupportedEncoding => {
                "Nothing was stored: the Content-Encoding is neither gzip, once or twice, nor identity. Send the body \
                 as plain JSON or gzip."
                    .to_owned()
            }
            Self::TooLarge { max } => format!(
                "Nothing was stored: the body exceeds {max} bytes, on the wire or after decompression. Lower the batch \
                 size in Polytomic, or raise POLYSINK_MAX_BODY on the receiver."
            ),
            Self::TooManyRecords { max } => format!(
                "Nothing was stored: the delivery has more than {max} records. Lower the batch size in Polytomic, or \
                 raise POLYSINK_MAX_RECORDS on the receiver."
            ),
            Self::Timeout => "Nothing was stored: the body arrived too slowly, or not at all.".to_owned(),
            Self::Incomplete => "Nothing was stored: the connection ended before the body did.".to_owned(),
            Self::Empty => {
                "Nothing was stored: the request has no body. It needs a Content-Length with a body of that length, \
                or Transfer-Encoding: chunked."
                    .to_owned()
            }
            Self::Malformed { detail, rejection_id, .. } => format!(
                "No record was stored: {detail}. The body is quarantined; see it with `polysink rejections show \
                 {rejection_id}`."
            ),
            Self::Busy => "Nothing was stored: too many deliveries are in flight \
                (POLYSINK_MAX_INFLIGHT). Send it again."
                .to_owned(),
            Self::TooManyConnections(ConnectionLimit::PerAddress) => {
                "Nothing was read: this address has too many connections \
                (POLYSINK_MAX_CONNECTIONS_PER_ADDRESS)."
                    .to_owned()
            }
            Self::TooManyConnections(ConnectionLimit::Total) => {
                "Nothing was read: the receiver has too many connections, all of them busy \
                (POLYSINK_MAX_CONNECTIONS). Send it again."
                    .to_owned()
            }
            Self::PlainHttp => {
                "Nothing was read: this address speaks HTTPS. Write https:// in the URL of the Polytomic connection."
                    .to_owned()
            }
            Self::Unavailable => "Nothing was stored, as far as the receiver knows: its database did not commit the \
                delivery in time. Send it again; duplicates are stored once."
                .to_owned(),
            Self::SpoolFull => {
                "Nothing was stored, as far as the receiver knows: its database is away, and its spool is full or \
                cannot be written (POLYSINK_SPOOL, POLYSINK_SPOOL_MAX). Send it again; duplicates are stored once."
                    .to_owned()
            }
            Self::Stopping => {
                "Nothing was stored: the receiver stopped before the body arrived. Send it again.".to_owned()
            }
            Self::MethodNotAllowed(allow) => format!("This path accepts {allow}."),
            Self::EventSignature { presented } => {
                let why = if *presented { "the signature is wrong" } else { "the request has no Polytomic-Signature" };
                format!(
                    "Nothing was kept: {why}. Compare the secret of Polytomic's organization webhook with \
                     POLYSINK_EVENTS_SECRET on the receiver. Deliveries of a sync have another address."
                )
            }
            Self::Event(why) => format!("Nothing was kept: {why}."),
            Self::AdminToken { presented } => {
                let why = if *presented { "the token is wrong" } else { "the request has no token" };
                format!("{why}. Send POLYSINK_ADMIN_TOKEN as a bearer token, or as the password of any user.")
            }
            Self::AdminHost => {
                "Without POLYSINK_ADMIN_TOKEN, this listener is read by an address of its machine, such as \
                127.0.0.1, or by localhost. Set a token to read it by another name."
                    .to_owned()
            }
            Self::NotFound(there_is) => there_is.clone(),
        }
    }

    /// The answer's body, a JSON object.
    ///
    /// * `request_id`: what the request is called in the log
    pub fn document(&self, request_id: Option<&str>) -> String {
        let (kind, title) = self.title();
        let (reason, rejection_id) = match self {
            Self::Malformed { reason, rejection_id, .. } => (Some(&**reason), Some(rejection_id)),
            _ => (None, None),
        };
        let document = Document {
            r#type: format!("urn:polysink:problem:{kind}"),
            title,
            status: self.status().as_u16(),
            detail: self.detail(),
            reason,
            rejection_id,
            request_id,
        };
        serde_json::to_string(&document).expect("a problem document is always JSON")
    }

    /// The answer.
    pub fn response(&self) -> HttpResponse {
        self.response_to(None)
    }

    /// The answer to a request with an id.
    pub fn response_to(&self, request_id: Option<&str>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        if let Some((name, value)) = self.extra_header() {
            response.insert_header((name, value));
        }
        response.body(self.document(request_id))
    }

    /// A header of the answer besides its type.
    pub fn extra_header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Busy | Self::TooManyConnections(_) | Self::Unavailable | Self::SpoolFull | Self::Stopping => {
                Some((header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER)))
            }
            Self::MethodNotAllowed(allow) => Some((header::ALLOW, HeaderValue::from_static(allow))),
            _ => None,
        }
    }
}

fn without_credentials(fault: CredentialFault) -> &'static str {
    match fault {
        CredentialFault::Missing => "the request has no credentials",
        CredentialFault::OtherScheme => "the receiver does not accept this kind of credentials",
        CredentialFault::ExpiredToken => "the token has expired",
        CredentialFault::WrongSecret
        | CredentialFault::WrongPassword
        | CredentialFault::WrongHeader
        | CredentialFault::WrongQuery
        | CredentialFault::WrongToken
        | CredentialFault::WrongClient => "the credentials are invalid",
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        match error {
            Unavailable::Database | Unavailable::Unstorable => Self::Unavailable,
            Unavailable::Spool => Self::SpoolFull,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::RefusedCredentials;

    #[test]
    fn the_expected_kinds_are_those_of_problems() {
        let malformed = Problem::Malformed { reason: "".into(), detail: String::new(), rejection_id: Uuid::nil() };
        let refused = RefusedCredentials { fault: CredentialFault::Missing, settings: Vec::new() };
        let (age, tolerance) = (chrono::TimeDelta::hours(1), chrono::TimeDelta::minutes(5));
        let all = [
            Problem::Refused(Refusal::Address),
            Problem::Refused(Refusal::Credentials(refused)),
            Problem::Refused(Refusal::Ambiguous("x".to_owned())),
            Problem::Refused(Refusal::Stale(Stale::Missing)),
            Problem::Refused(Refusal::Stale(Stale::Old { age, tolerance })),
            Problem::Refused(Refusal::Stale(Stale::Future { ahead: age, tolerance })),
            Problem::UnsupportedMediaType,
            Problem::UnsupportedEncoding,
            Problem::TooLarge { max: 1 },
            Problem::TooManyRecords { max: 1 },
            Problem::Timeout,
            Problem::Empty,
            malformed,
            Problem::Busy,
            Problem::Unavailable,
            Problem::SpoolFull,
            Problem::Stopping,
        ];
        assert_eq!(all.map(|problem| problem.title().0), EXPECTED);
    }
}
