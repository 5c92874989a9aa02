//! Rejections as `rejections export` writes them: one JSON object per line, which `send --file` and `replay --file`
//! take.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exported {
    pub rejection_id: Uuid,
    pub received_at: DateTime<Utc>,
    /// `envelope` for a whole body, `record` for a record or an array of records.
    pub scope: String,
    pub reason: String,
    pub detail: String,
    #[serde(default)]
    pub sync_id: Option<Uuid>,
    /// The sync's name.
    #[serde(default)]
    pub sync: Option<String>,
    /// The payload as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The same, if it is not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_base64: Option<String>,
}

impl Exported {
    /// Sets the payload, as text if it is text.
    #[must_use]
    pub fn with_payload(mut self, payload: Vec<u8>) -> Self {
        match String::from_utf8(payload) {
            Ok(text) => self.payload = Some(text),
            Err(error) => self.payload_base64 = Some(STANDARD.encode(error.as_bytes())),
        }
        self
    }

    /// The payload's bytes.
    pub fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        match (&self.payload, &self.payload_base64) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(encoded)) => STANDARD.decode(encoded).context("payload_base64 is not base64"),
            (None, None) => anyhow::bail!("a rejection has neither payload nor payload_base64"),
        }
    }

    /// Whether a line is of an export, and not a record.
    pub fn is_line(line: &str) -> bool {
        serde_json::from_str::<Self>(line).is_ok()
    }

    /// Reads a line.
    pub fn read(line: &str) -> anyhow::Result<Self> {
        serde_json::from_str(line).context("the line is not one that `polysink rejections export` writes")
    }
}
