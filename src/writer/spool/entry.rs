//! A spooled delivery, and its form on disk: a head in JSON, and the body's bytes as they are.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::envelope::{self, Receipt, Unparsed};
use crate::model::SyncId;
use crate::store::RejectedBody;
use crate::writer::Work;

/// The version of [`EntryHead`].
const FORMAT: u32 = 1;

/// An entry counts in whole units of this many bytes, which is how it takes space in the file.
const UNIT: u64 = 1024;

/// A delivery as it is spooled. It is parsed again when it is drained.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub receipt: Receipt,
    /// Why it is not an envelope, if it was refused as malformed.
    pub fault: Option<MalformedBody>,
    /// The JSON of an envelope; a malformed body as it was received.
    pub body: Vec<u8>,
}

/// Why a body is quarantined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MalformedBody {
    pub reason: Cow<'static, str>,
    pub detail: String,
    pub sync_id: Option<Uuid>,
}

/// The head, which is stored with the body.
#[derive(Serialize, Deserialize)]
struct EntryHead {
    format: u32,
    envelope_id: Uuid,
    received_at: DateTime<Utc>,
    sent_at: DateTime<Utc>,
    connection: String,
    source_ip: Option<IpNet>,
    user_agent: Option<String>,
    fault: Option<MalformedBody>,
    body_bytes: u64,
    /// SHA-256 of the body, as hexadecimal digits.
    body_digest: String,
}

/// Why an entry cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(String);

impl Entry {
    pub fn id(&self) -> Uuid {
        self.receipt.envelope_id
    }

    /// The entry from its two parts.
    ///
    /// # Errors
    ///
    /// If a part is not what was written.
    pub fn read(id: Uuid, head: &[u8], body: Vec<u8>) -> Result<Self, Damaged> {
        let head = read_head(head)?;
        if head.envelope_id != id {
            return Err(Damaged("the id is not the one that was written".to_owned()));
        }
        if head.body_bytes != body.len() as u64 || head.body_digest != digest(&body) {
            return Err(Damaged("the body is not the one that was written".to_owned()));
        }
        let receipt = Receipt {
            envelope_id: id,
            received_at: head.received_at,
            sent_at: head.sent_at,
            connection: head.connection,
            source_ip: head.source_ip,
            user_agent: head.user_agent,
            was_spooled: false,
        };
        Ok(Self { receipt, fault: head.fault, body })
    }

    /// The work for the writer.
    pub fn into_work(self) -> Work {
        let Self { receipt, fault, body } = self;
        let receipt = Receipt { was_spooled: true, ..receipt };
        let rejected = |receipt, fault: MalformedBody, payload| {
            let MalformedBody { reason, detail, sync_id } = fault;
            let sync_id = sync_id.map(SyncId);
            Work::Rejection(Box::new(RejectedBody { receipt, reason, detail, sync_id, payload }))
        };
        if let Some(fault) = fault {
            return rejected(receipt, fault, body);
        }
        let text = match String::from_utf8(body) {
            Ok(text) => text,
            Err(error) => {
                let detail = error.utf8_error().to_string();
                let fault = MalformedBody { reason: "not_utf8".into(), detail, sync_id: None };
                return rejected(receipt, fault, error.into_bytes());
            }
        };
        // It fitted the limit when it was received; the limit may be lower now.
        match envelope::parse(text, receipt.clone(), usize::MAX) {
            Ok(envelope) => Work::Envelope(Box::new(envelope)),
            Err(Unparsed::Malformed(malformed)) => Work::Rejection(Box::new(RejectedBody::of(receipt, *malformed))),
            Err(Unparsed::TooManyRecords { .. }) => unreachable!("there is no limit"),
        }
    }
}

/// An entry in its form on disk.
#[derive(Debug)]
pub struct Sealed {
    entry: Entry,
    /// Its first line is SHA-256 of the rest.
    head: Vec<u8>,
}

impl Sealed {
    pub fn new(entry: Entry) -> Self {
        let head = EntryHead {
            format: FORMAT,
            envelope_id: entry.id(),
            received_at: entry.receipt.received_at,
            sent_at: entry.receipt.sent_at,
            connection: entry.receipt.connection.clone(),
            source_ip: entry.receipt.source_ip,
            user_agent: entry.receipt.user_agent.clone(),
            fault: entry.fault.clone(),
            body_bytes: entry.body.len() as u64,
            body_digest: digest(&entry.body),
        };
        let json = serde_json::to_string(&head).expect("a head is always JSON");
        let head = format!("{}\n{json}", digest(json.as_bytes())).into_bytes();
        Self { entry, head }
    }

    pub fn id(&self) -> Uuid {
        self.entry.id()
    }

    pub fn head(&self) -> &[u8] {
        &self.head
    }

    pub fn body(&self) -> &[u8] {
        &self.entry.body
    }

    /// Its size as it counts against the limit.
    pub fn bytes(&self) -> u64 {
        bytes(self.head.len() as u64, self.entry.body.len() as u64)
    }
}

impl From<Work> for Entry {
    fn from(work: Work) -> Self {
        match work {
            Work::Envelope(envelope) => {
                Self { receipt: envelope.receipt, fault: None, body: envelope.body.into_bytes() }
            }
            Work::Rejection(body) => {
                let RejectedBody { receipt, reason, detail, sync_id, payload } = *body;
                let fault = MalformedBody { reason, detail, sync_id: sync_id.map(|SyncId(id)| id) };
                Self { receipt, fault: Some(fault), body: payload }
            }
        }
    }
}

/// The size that an entry with a head and a body of this length counts against the limit.
pub fn bytes(head: u64, body: u64) -> u64 {
    (head + body).next_multiple_of(UNIT)
}

fn read_head(bytes: &[u8]) -> Result<EntryHead, Damaged> {
    let damaged = || Damaged("the head is not the one that was written".to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
    let (sum, json) = text.split_once('\n').ok_or_else(damaged)?;
    if sum != digest(json.as_bytes()) {
        return Err(damaged());
    }
    let head: EntryHead =
        serde_json::from_str(json).map_err(|error| Damaged(format!("the head is not readable: {error}")))?;
    if head.format != FORMAT {
        return Err(Damaged(format!(
            "it has format {}, and this version of polysink reads format {FORMAT}",
            head.format
        )));
    }
    Ok(head)
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fault: Option<MalformedBody>) -> Entry {
        let receipt = Receipt {
            envelope_id: Uuid::from_u128(7),
            received_at: DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("it is a time"),
            sent_at: DateTime::from_timestamp(1_700_000_000, 0).expect("it is a time"),
            connection: "prod".to_owned(),
            source_ip: Some("10.0.0.1/32".parse().expect("it is a network")),
            user_agent: Some("Polytomic/\u{e9}\n\"".to_owned()),
            was_spooled: false,
        };
        Entry { receipt, fault, body: b"{\"event\":\xff\0".to_vec() }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let fault =
            MalformedBody { reason: "not_utf8".into(), detail: "why".to_owned(), sync_id: Some(Uuid::from_u128(1)) };
        for written in [entry(None), entry(Some(fault))] {
            let sealed = Sealed::new(written.clone());
            assert_eq!(
                Entry::read(written.id(), sealed.head(), sealed.body().to_owned()).expect("it is whole"),
                written
            );
        }
    }

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        let sealed = Sealed::new(entry(None));
        let flipped = |part: &[u8], at: usize| {
            let mut part = part.to_vec();
            part[at] ^= 1;
            part
        };
        for at in 0..sealed.head().len() {
            Entry::read(sealed.id(), &flipped(sealed.head(), at), sealed.body().to_owned())
                .expect_err("the head is damaged");
        }
        for at in 0..sealed.body().len() {
            Entry::read(sealed.id(), sealed.head(), flipped(sealed.body(), at)).expect_err("the body is damaged");
        }
        Entry::read(sealed.id(), sealed.head(), Vec::new()).expect_err("there is no body");
        Entry::read(Uuid::from_u128(6), sealed.head(), sealed.body().to_owned()).expect_err("it is another's");
    }
}
