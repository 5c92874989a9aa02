//! A message: the notices that one look found, as JSON and as a text for Slack. Pure.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::store::tables::notices::Notice;

/// How many notices a body has: many endpoints take a megabyte at most.
const MOST_SENT: usize = 200;

/// How many notices a text lists, and after how many bytes it ends: Slack takes 40,000 characters.
const MOST_LISTED: usize = 20;
const LONG: usize = 12_000;

/// The notices of one look.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same for all tries.
    pub id: Uuid,
    /// The host of the service that sends it.
    pub host: Option<String>,
    /// When the first of them was noticed.
    pub at: DateTime<Utc>,
    pub notices: Vec<Notice>,
    /// Whether it only shows that messages arrive.
    pub is_test: bool,
}

/// The body of a message. `type`, `timestamp` and `data` are as the specification of Standard Webhooks says.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    host: Option<&'a str>,
    notices: &'a [Notice],
    /// How many further ones there are.
    more: usize,
}

impl Message {
    /// A message that only shows that messages arrive.
    pub fn test(host: Option<String>, at: DateTime<Utc>) -> Self {
        let said = "This is a test. Notices of polysink arrive here.".to_owned();
        let notice = Notice {
            kind: "test".to_owned(),
            sync_id: None,
            sync_name: None,
            table_name: None,
            said,
            advice: None,
            noticed_at: at,
            over_at: None,
        };
        Self { id: Uuid::now_v7(), host, at, notices: vec![notice], is_test: true }
    }

    /// The value of the header `webhook-id`.
    pub fn webhook_id(&self) -> String {
        format!("msg_{}", self.id.simple())
    }

    /// For a sink that takes JSON.
    pub fn json(&self) -> String {
        let notices = &self.notices[..self.notices.len().min(MOST_SENT)];
        let more = self.notices.len() - notices.len();
        let body = Body {
            r#type: if self.is_test { "polysink.test" } else { "polysink.notices" },
            timestamp: self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            data: Data { host: self.host.as_deref(), notices, more },
        };
        serde_json::to_string(&body).expect("texts and times can be written as JSON")
    }

    /// For an incoming webhook of Slack.
    pub fn slack(&self) -> String {
        let mut text = "*polysink*".to_owned();
        if let Some(host) = &self.host {
            write!(text, " on {}", escaped(host)).expect("a string takes every write");
        }
        let mut more = self.notices.len();
        for notice in self.notices.iter().take(MOST_LISTED) {
            if text.len() > LONG {
                break;
            }
            more -= 1;
            write!(text, "\n• {}", escaped(&notice.said)).expect("a string takes every write");
            if let Some(over_at) = notice.over_at {
                let over_at = over_at.format("%Y-%m-%d %H:%M UTC");
                write!(text, " _(over since {over_at})_").expect("a string takes every write");
            }
            if let Some(advice) = &notice.advice {
                write!(text, "\n    {}", escaped(advice)).expect("a string takes every write");
            }
        }
        if more > 0 {
            write!(text, "\n{more} more: see the status page, or `polysink.notices`")
                .expect("a string takes every write");
        }
        serde_json::json!({ "text": text }).to_string()
    }
}

/// A text in which nothing is a link or a mention of Slack.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(notices: usize) -> Message {
        let mut message = Message::test(Some("db-1".to_owned()), DateTime::UNIX_EPOCH);
        message.is_test = false;
        let notice = Notice {
            said: "<!channel> a & b".to_owned(),
            advice: Some("`polysink runs x`".to_owned()),
            ..message.notices.remove(0)
        };
        message.notices = vec![notice; notices];
        message
    }

    #[test]
    fn a_message_as_json_says_what_and_when() {
        let body: Value = serde_json::from_str(&message(1).json()).expect("it is JSON");
        assert_eq!(body["type"], "polysink.notices");
        assert_eq!(body["timestamp"], "1970-01-01T00:00:00.000Z");
        assert_eq!(body["data"]["host"], "db-1");
        let notice = &body["data"]["notices"][0];
        assert_eq!(notice["text"], "<!channel> a & b");
        assert_eq!((&notice["sync_id"], &notice["over_at"]), (&Value::Null, &Value::Null));
        let body: Value = serde_json::from_str(&message(203).json()).expect("it is JSON");
        assert_eq!(body["data"]["notices"].as_array().map(Vec::len), Some(200));
        assert_eq!(body["data"]["more"], 3);
    }

    #[test]
    fn a_text_for_slack_mentions_nobody_and_has_an_end() {
        let body: Value = serde_json::from_str(&message(22).slack()).expect("it is JSON");
        let text = body["text"].as_str().expect("it is text");
        assert!(
            text.starts_with("*polysink* on db-1\n• &lt;!channel&gt; a &amp; b\n    `polysink runs x`\n"),
            "{text}"
        );
        assert!(text.ends_with("\n2 more: see the status page, or `polysink.notices`"), "{text}");
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(1));
        let long = Notice { said: "x".repeat(5_000), ..message(1).notices.remove(0) };
        let text = Message { notices: vec![long; 20], ..message(1) }.slack();
        assert!(text.len() < 20_000 && text.contains("17 more: "), "{}", text.len());
        let over = Notice { over_at: Some(DateTime::UNIX_EPOCH), ..message(1).notices.remove(0) };
        let message = Message { notices: vec![over], ..message(1) };
        assert!(message.slack().contains("_(over since 1970-01-01 00:00 UTC)_"), "{}", message.slack());
        assert_eq!(json!(message.webhook_id().len()), json!(36));
    }
}
