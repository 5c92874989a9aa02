//! A delivery as Polytomic sends it, with everything about it open to change.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

pub const SECRET: &str = "correct-horse-battery";
pub const SYNC: &str = "1ea8f90a-b22e-4218-86d5-c3c109e1fbb7";

/// The query table of that sync.
pub const TABLE: &str = "customers_to_warehouse";

/// A record with a hash and fields.
pub fn record(hash: &str, fields: Value) -> Value {
    json!({"hash": hash, "fields": fields})
}

#[derive(Debug, Clone)]
pub struct Delivery {
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Delivery {
    /// Good headers, and this body.
    pub fn of_body(body: impl Into<Vec<u8>>) -> Self {
        let headers = [
            ("authorization", format!("Bearer {SECRET}")),
            ("content-type", "application/json".to_owned()),
            ("polytomic-signature-timestamp", timestamp(0)),
            ("user-agent", "Polytomic/rel2021.05.25".to_owned()),
        ];
        Self { headers: headers.map(|(name, value)| (name.to_owned(), value)).into(), body: body.into() }
    }

    /// Records of the sync [`SYNC`].
    pub fn of(records: &[Value]) -> Self {
        Self::of_sync(SYNC, "Customers to warehouse", records)
    }

    pub fn of_sync(id: &str, name: &str, records: &[Value]) -> Self {
        let body = json!({
            "event": "sync.records",
            "object": {"id": id, "name": name, "records": records, "metadata": {"team": "data"}},
        });
        Self::of_body(body.to_string())
    }

    /// The payload in Polytomic's documentation.
    pub fn documented() -> Self {
        Self::of_body(include_str!("../../fixtures/documented.json"))
    }

    /// Sets a header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Sent so many seconds ago; a negative number is in the future.
    pub fn sent_ago(self, seconds: i64) -> Self {
        self.with("polytomic-signature-timestamp", &timestamp(seconds))
    }

    pub fn sent_at(self, timestamp: &str) -> Self {
        self.with("polytomic-signature-timestamp", timestamp)
    }

    /// Compressed, and said so.
    pub fn gzipped(mut self) -> Self {
        self.body = gzip(&self.body);
        self.with("content-encoding", "gzip")
    }

    pub async fn post(&self, http: &reqwest::Client, url: &str) -> Answer {
        self.try_post(http, url).await.expect("the service answers")
    }

    pub async fn try_post(&self, http: &reqwest::Client, url: &str) -> reqwest::Result<Answer> {
        let mut request = http.post(url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(Answer::read(request.send().await?).await)
    }
}

/// The head of a good delivery, as it goes over the wire.
///
/// * `further`: headers, each with its end of line
pub fn head(further: &str) -> String {
    format!(
        "POST /webhooks/polytomic HTTP/1.1\r\nHost: polysink\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {SECRET}\r\nPolytomic-Signature-Timestamp: {}\r\n{further}\r\n",
        timestamp(0)
    )
}

pub fn timestamp(seconds_ago: i64) -> String {
    let sent = polysink::app::now() - chrono::TimeDelta::seconds(seconds_ago);
    sent.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("a vector takes every write");
    encoder.finish().expect("a vector takes every write")
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap_or_default() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("it is not JSON: {self:?}"))
    }

    /// Of a 200: records, new, duplicates, rejected.
    pub fn counts(&self) -> [u64; 4] {
        assert_eq!(self.status, 200, "{self:?}");
        let json = self.json();
        ["records", "new", "duplicates", "rejected"]
            .map(|name| json[name].as_u64().unwrap_or_else(|| panic!("no {name} in {json}")))
    }

    /// Of a problem document: its status, which must be `status`, and the last part of its type.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], status);
        for part in ["title", "detail"] {
            assert!(json[part].as_str().is_some_and(|text| !text.is_empty()), "no {part} in {json}");
        }
        json["type"].as_str().and_then(|kind| kind.rsplit(':').next()).expect("it has a type").to_owned()
    }
}
