//! `POST /oauth/token`: the client-credentials grant of OAuth 2.0 (RFC 6749, 4.4), for Polytomic connections that use
//! it.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::body;
use super::caller::Caller;
use super::connections::Line;
use super::request_id::X_REQUEST_ID;
use super::shared::PublicState;
use crate::http::problem::Problem;
use crate::verify::{CredentialFault, TOKEN_LIFETIME};

/// Bytes of a form.
const MAX_FORM: usize = 16 * 1024;

/// Why a token is not issued.
#[derive(Debug)]
enum NoToken {
    /// The client is unknown, or its secret is wrong: 401, `invalid_client`.
    Client,
    /// 400, with an error of RFC 6749, 5.2, and what to do.
    Request(&'static str, Cow<'static, str>),
    /// The request could not be read, or its address is not allowed.
    Problem(Problem),
}

impl From<Problem> for NoToken {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn invalid(description: impl Into<Cow<'static, str>>) -> NoToken {
    NoToken::Request("invalid_request", description.into())
}

/// `POST` of a request for a token.
pub(super) async fn issue(request: HttpRequest, payload: web::Payload, shared: web::Data<PublicState>) -> HttpResponse {
    let caller = Caller::of(request.headers(), request.peer_addr(), &shared.policy);
    // Whoever asks has shown nothing yet: the connection may be replaced while its form comes, or its refusal waits.
    let waiting = Line::of(&request).map(Line::waiting);
    let mut response = match grant(&request, &caller, payload, &shared).await {
        Ok((connection, token)) => {
            let (request_id, client) = (caller.id.as_str(), caller.client);
            tracing::info!(request_id, connection, %client, "a token was issued");
            let expires_in = TOKEN_LIFETIME.num_seconds();
            answer(StatusCode::OK, &json!({"access_token": token, "token_type": "Bearer", "expires_in": expires_in}))
        }
        Err(refused) => refuse(refused, &caller, &shared).await,
    };
    drop(waiting);
    response.headers_mut().insert(X_REQUEST_ID, caller.id.header());
    response
}

/// Answers that may hold a token are kept nowhere (RFC 6749, 5.1).
fn answer(status: StatusCode, document: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(document)
}

/// The answer to a client without a token. One that guesses waits for it, as at the webhook.
async fn refuse(refused: NoToken, caller: &Caller, shared: &PublicState) -> HttpResponse {
    let (request_id, client) = (caller.id.as_str(), caller.client);
    let (response, why) = match refused {
        NoToken::Client => {
            let description = "The client id or the client secret is wrong. Compare the Polytomic connection with \
                               POLYSINK_OAUTH on the receiver.";
            let document = json!({"error": "invalid_client", "error_description": description});
            let mut response = answer(StatusCode::UNAUTHORIZED, &document);
            let challenge = HeaderValue::from_static(r#"Basic realm="polysink", charset="UTF-8""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            let why = CredentialFault::WrongClient.as_str();
            shared.metrics.refused_credentials(why);
            (response, why)
        }
        NoToken::Request(error, description) => {
            tracing::warn!(request_id, error, %description, %client, "a request for a token was refused");
            let document = json!({"error": error, "error_description": description});
            return answer(StatusCode::BAD_REQUEST, &document);
        }
        NoToken::Problem(problem @ Problem::Refused(_)) => (problem.response_to(Some(request_id)), problem.title().0),
        NoToken::Problem(problem) => {
            let (why, _) = problem.title();
            tracing::warn!(request_id, why, %client, "a request for a token was refused");
            return problem.response_to(Some(request_id));
        }
    };
    let log = |left_out| tracing::warn!(request_id, why, left_out, %client, "a request for a token was refused");
    shared.hold_back(client, log).await;
    response
}

/// Reads the form, and issues a token. Returns the connection's name and the token.
async fn grant(
    request: &HttpRequest,
    caller: &Caller,
    payload: web::Payload,
    shared: &PublicState,
) -> Result<(String, String), NoToken> {
    shared.policy.check_address(caller.client).map_err(Problem::from)?;
    let headers = request.headers();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid("The Content-Type has to be application/x-www-form-urlencoded."));
    }
    let mut reservation = shared.inflight.reserve();
    let form = body::read(payload, None, MAX_FORM, &mut reservation, shared.stopping.clone()).await?;
    let form = Form::read(&form)?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let description = "The only grant is client_credentials.";
            return Err(NoToken::Request("unsupported_grant_type", description.into()));
        }
        None => return Err(invalid("grant_type is missing; it is client_credentials.")),
    }
    #[expect(clippy::disallowed_methods, reason = "the one place where a token gets its time")]
    let now = chrono::Utc::now();
    let credentials = &shared.policy.credentials;
    for (id, secret) in form.presented(headers)? {
        if let Some((connection, token)) = credentials.token(&id, &secret, now) {
            return Ok((connection.to_owned(), token));
        }
    }
    Err(NoToken::Client)
}

/// The parameters that count. Scopes and others are taken, and change nothing: a client may do one thing alone.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// An id with a secret, as bytes.
type PresentedClient = (Vec<u8>, Vec<u8>);

impl Form {
    fn read(body: &[u8]) -> Result<Self, NoToken> {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let member = match &*name {
                "grant_type" => &mut form.grant_type,
                "client_id" => &mut form.client_id,
                "client_secret" => &mut form.client_secret,
                _ => continue,
            };
            // A parameter without a value counts as left out (RFC 6749, 3.2).
            if !value.is_empty() && member.replace(value.into_owned()).is_some() {
                return Err(invalid(format!("{name} is there twice.")));
            }
        }
        Ok(form)
    }

    /// The client's id and secret, from the header or from the form, in each way in which they can be read.
    fn presented(&self, headers: &HeaderMap) -> Result<Vec<PresentedClient>, NoToken> {
        let mut headers = headers.get_all(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let authorization = headers.next();
        if headers.any(|other| Some(other) != authorization) {
            return Err(invalid("There are several Authorization headers with different values."));
        }
        match (authorization, &self.client_id, &self.client_secret) {
            (Some(_), _, Some(_)) => Err(invalid("The client's secret is in the Authorization header or in the form.")),
            (Some(authorization), id, None) => {
                let presented = basic(authorization).ok_or(NoToken::Client)?;
                let is_one = |(presented, _): &PresentedClient| id.as_ref().is_none_or(|id| id.as_bytes() == presented);
                Ok(presented.into_iter().filter(is_one).collect())
            }
            (None, Some(id), Some(secret)) => Ok(vec![(id.clone().into_bytes(), secret.clone().into_bytes())]),
            _ => Err(invalid("client_id and client_secret are missing; send them as HTTP basic or in the form.")),
        }
    }
}

/// Id and secret of HTTP basic: form-encoded, as RFC 6749, 2.3.1 has it, or as they are, as many clients send them.
fn basic(authorization: &[u8]) -> Option<Vec<PresentedClient>> {
    let (scheme, encoded) = authorization.trim_ascii().split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let pair = STANDARD.decode(encoded.trim_ascii()).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let (id, secret) = (&pair[..colon], &pair[colon + 1..]);
    let as_they_are = (id.to_vec(), secret.to_vec());
    let decoded = (form_decoded(id), form_decoded(secret));
    Some(if decoded == as_they_are { vec![decoded] } else { vec![decoded, as_they_are] })
}

fn form_decoded(value: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text((id, secret): &PresentedClient) -> (&str, &str) {
        (std::str::from_utf8(id).expect("it is text"), std::str::from_utf8(secret).expect("it is text"))
    }

    #[test]
    fn basic_credentials_are_read_encoded_and_as_they_are() {
        let read = |pair: &str| basic(format!("bAsIc  {} ", STANDARD.encode(pair)).as_bytes()).expect("it is one");
        assert_eq!(read("id:secret").iter().map(text).collect::<Vec<_>>(), [("id", "secret")]);
        assert_eq!(
            read("an+id:100%25+s%3Acret").iter().map(text).collect::<Vec<_>>(),
            [("an id", "100% s:cret"), ("an+id", "100%25+s%3Acret")]
        );
        assert_eq!(read(":").iter().map(text).collect::<Vec<_>>(), [("", "")]);
        for bad in ["Basic", "Basic !", "Bearer aWQ6c2VjcmV0", "Basic aWQ=", "", "Ba"] {
            assert_eq!(basic(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn parameters_that_count_may_not_be_there_twice_and_others_are_taken() {
        let read = |body: &str| Form::read(body.as_bytes());
        let form = read("grant_type=client_credentials&scope=a+b&audience=x&audience=y&client_id=i%26d&client_secret=")
            .expect("it is one");
        assert_eq!(form.client_id.as_deref(), Some("i&d"));
        assert_eq!((form.grant_type.as_deref(), form.client_secret), (Some("client_credentials"), None));
        let refused = read("client_id=a&client_id=a").expect_err("it is there twice");
        assert!(matches!(refused, NoToken::Request("invalid_request", text) if text.contains("client_id")));
        assert_eq!(read("\u{0}&&&=&=x%zz").expect("nothing counts"), Form::default());
    }
}
