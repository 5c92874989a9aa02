//! Turns records into request bodies, one batch at a time.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::cli::support::exported::Exported;
use crate::envelope::RECORDS_EVENT;

use super::records::Records;
use super::sample;

/// The lines of a file, each a JSON object.
type Lines = Box<dyn Iterator<Item = anyhow::Result<String>> + Send>;

/// Where the records come from.
pub enum PayloadSource {
    Samples { records: u64 },
    File(Lines),
}

/// The content of a file.
pub enum BatchContent {
    Records(PayloadSource),
    /// The output of `rejections export`: each line is a delivery by itself, and names its sync.
    Rejections(Batches),
}

/// Deliveries, made on demand. An error names the place, and ends them.
pub type Batches = Box<dyn Iterator<Item = anyhow::Result<GeneratedBatch>> + Send>;

/// Options that all deliveries have in common.
pub struct BatchOptions {
    pub sync_id: Uuid,
    /// `None` leaves the sync the name that it has.
    pub name: Option<String>,
    /// Records per delivery.
    pub batch: usize,
}

/// One delivery.
pub struct GeneratedBatch {
    pub records: u64,
    /// JSON.
    pub body: String,
}

impl BatchContent {
    /// See [`Records`]; `-` is standard input.
    pub fn of_file(path: &Path) -> anyhow::Result<Self> {
        let mut lines = lines(path)?;
        let first = lines.next();
        let rejections = matches!(&first, Some(Ok(line)) if Exported::is_line(line));
        let lines = first.into_iter().chain(lines);
        Ok(if rejections {
            Self::Rejections(Box::new(lines.map(|line| GeneratedBatch::of_rejection(&Exported::read(&line?)?))))
        } else {
            Self::Records(PayloadSource::File(Box::new(lines)))
        })
    }
}

/// The JSON objects of a file.
fn lines(path: &Path) -> anyhow::Result<Records> {
    if path == Path::new("-") {
        return Ok(Records::new(Box::new(BufReader::new(io::stdin()))));
    }
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Records::new(Box::new(BufReader::new(file))))
}

impl PayloadSource {
    /// The number of records, if it is known before they are read.
    pub fn total(&self) -> Option<u64> {
        match self {
            Self::Samples { records } => Some(*records),
            Self::File(_) => None,
        }
    }

    /// Its records as deliveries.
    pub fn batches(self, options: BatchOptions) -> Batches {
        let mut records: Lines = match self {
            Self::Samples { records } => Box::new((0..records).map(|n| Ok(record(&sample::fields(n).to_string())))),
            Self::File(lines) => Box::new(lines.map(|fields| fields.map(|fields| record(&fields)))),
        };
        let mut failed = false;
        Box::new(std::iter::from_fn(move || {
            if failed {
                return None;
            }
            let taken: anyhow::Result<Vec<String>> = records.by_ref().take(options.batch).collect();
            failed = taken.is_err();
            match taken {
                Ok(taken) if taken.is_empty() => None,
                taken => Some(taken.map(|records| options.delivery(&records))),
            }
        }))
    }
}

impl GeneratedBatch {
    /// A rejected payload, as a new delivery.
    fn of_rejection(exported: &Exported) -> anyhow::Result<Self> {
        let id = exported.rejection_id;
        let payload = String::from_utf8(exported.bytes()?);
        let payload = payload.ok().with_context(|| format!("the payload of rejection {id} is not text"))?;
        if exported.scope == "envelope" {
            return Ok(Self { records: 1, body: payload });
        }
        let sync_id = exported.sync_id.with_context(|| format!("the sync of rejection {id} is not known"))?;
        let options = BatchOptions { sync_id, name: exported.sync.clone(), batch: usize::MAX };
        if payload.starts_with('[') {
            let records: Vec<&RawValue> = serde_json::from_str(&payload)
                .with_context(|| format!("the payload of rejection {id} is not an array of records"))?;
            return Ok(options.delivery(&records.iter().map(|record| record.get().to_owned()).collect::<Vec<_>>()));
        }
        Ok(options.delivery(&[payload]))
    }
}

impl BatchOptions {
    fn delivery(&self, records: &[String]) -> GeneratedBatch {
        let (event, id, name) = (json!(RECORDS_EVENT), json!(self.sync_id), json!(self.name));
        let body = format!(
            r#"{{"event":{event},"object":{{"id":{id},"name":{name},"records":[{}],"metadata":{{}}}}}}"#,
            records.join(",")
        );
        GeneratedBatch { records: records.len() as u64, body }
    }
}

/// A record as Polytomic writes it: the fields, and 16 hexadecimal digits of a digest of them.
fn record(fields: &str) -> String {
    let digest = Sha256::digest(fields.as_bytes());
    format!(r#"{{"hash":"{digest:.16x}","fields":{fields}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(batch: usize) -> BatchOptions {
        BatchOptions { sync_id: Uuid::nil(), name: Some("a \"name\"".to_owned()), batch }
    }

    #[test]
    fn the_last_batch_holds_the_rest() {
        let batches: Vec<_> = PayloadSource::Samples { records: 5 }
            .batches(options(2))
            .map(|batch| batch.expect("samples are good"))
            .collect();
        assert_eq!(batches.iter().map(|batch| batch.records).collect::<Vec<_>>(), [2, 2, 1]);
        let body: serde_json::Value = serde_json::from_str(&batches[0].body).expect("it is JSON");
        assert_eq!(body["object"]["name"], "a \"name\"");
        assert_eq!(body["object"]["records"][0]["hash"].as_str().map(str::len), Some(16));
    }

    #[test]
    fn a_bad_record_ends_the_batches() {
        let file = PayloadSource::File(Box::new(Records::new(Box::new(&b"{}\n{}\nnonsense\n{}"[..]))));
        let mut batches = file.batches(options(2));
        assert_eq!(batches.next().expect("there is one").expect("it is good").records, 2);
        assert!(batches.next().expect("there is one").is_err());
        assert!(batches.next().is_none());
    }
}
