//! Turns records into request bodies, one batch at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::envelope::RECORDS_EVENT;

use super::sample;

/// Where the records come from.
pub enum Source {
    Samples { records: u64 },
    Lines(Box<dyn BufRead + Send>),
}

/// What all deliveries have in common.
pub struct BatchOptions {
    pub sync_id: Uuid,
    pub name: String,
    /// Records per delivery.
    pub batch: usize,
}

/// One delivery.
pub struct Batch {
    pub records: u64,
    /// JSON.
    pub body: String,
}

impl Source {
    /// One JSON object per line; `-` is standard input.
    pub fn from_file(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Lines(Box::new(BufReader::new(io::stdin()))));
        }
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self::Lines(Box::new(BufReader::new(file))))
    }

    /// The number of records, if it is known before they are read.
    pub fn total(&self) -> Option<u64> {
        match self {
            Self::Samples { records } => Some(*records),
            Self::Lines(_) => None,
        }
    }

    /// The deliveries, made on demand. An error names the line, and ends them.
    pub fn batches(self, shape: BatchOptions) -> impl Iterator<Item = anyhow::Result<Batch>> + Send {
        let mut records: Box<dyn Iterator<Item = anyhow::Result<String>> + Send> = match self {
            Self::Samples { records } => Box::new((0..records).map(|n| Ok(record(&sample::fields(n).to_string())))),
            Self::Lines(lines) => Box::new(lines.lines().zip(1..).filter_map(|(line, number)| {
                let line = line.with_context(|| format!("cannot read line {number}"));
                match line {
                    Ok(line) if line.trim().is_empty() => None,
                    Ok(line) => Some(from_line(&line, number)),
                    Err(error) => Some(Err(error)),
                }
            })),
        };
        let mut failed = false;
        std::iter::from_fn(move || {
            if failed {
                return None;
            }
            let taken: anyhow::Result<Vec<String>> = records.by_ref().take(shape.batch).collect();
            failed = taken.is_err();
            match taken {
                Ok(taken) if taken.is_empty() => None,
                taken => Some(taken.map(|records| shape.delivery(&records))),
            }
        })
    }
}

impl BatchOptions {
    fn delivery(&self, records: &[String]) -> Batch {
        let (event, id, name) = (json!(RECORDS_EVENT), json!(self.sync_id), json!(self.name));
        let body = format!(
            r#"{{"event":{event},"object":{{"id":{id},"name":{name},"records":[{}],"metadata":{{}}}}}}"#,
            records.join(",")
        );
        Batch { records: records.len() as u64, body }
    }
}

fn from_line(line: &str, number: u64) -> anyhow::Result<String> {
    let fields: &RawValue = serde_json::from_str(line)
        .with_context(|| format!("line {number} is not JSON; expected one object per line"))?;
    anyhow::ensure!(fields.get().starts_with('{'), "line {number} is not a JSON object");
    Ok(record(fields.get()))
}

/// A record as Polytomic writes it: the fields, and 16 hexadecimal digits of a digest of them.
fn record(fields: &str) -> String {
    let digest = Sha256::digest(fields.as_bytes());
    format!(r#"{{"hash":"{digest:.16x}","fields":{fields}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(batch: usize) -> BatchOptions {
        BatchOptions { sync_id: Uuid::nil(), name: "a \"name\"".to_owned(), batch }
    }

    fn lines(text: &'static str) -> Source {
        Source::Lines(Box::new(text.as_bytes()))
    }

    #[test]
    fn the_last_batch_holds_the_rest() {
        let batches: Vec<_> =
            Source::Samples { records: 5 }.batches(shape(2)).map(|batch| batch.expect("samples are good")).collect();
        assert_eq!(batches.iter().map(|batch| batch.records).collect::<Vec<_>>(), [2, 2, 1]);
        let body: serde_json::Value = serde_json::from_str(&batches[0].body).expect("it is JSON");
        assert_eq!(body["object"]["name"], "a \"name\"");
        assert_eq!(body["object"]["records"][0]["hash"].as_str().map(str::len), Some(16));
    }

    #[test]
    fn a_line_keeps_its_digits_and_a_bad_one_is_named() {
        let mut batches = lines("{\"n\": 1.10}\n\n{\"n\":2}\nnonsense\n{\"n\":3}\n").batches(shape(2));
        let first = batches.next().expect("there is one").expect("it is good");
        assert!(first.body.contains("{\"n\": 1.10}"), "{}", first.body);
        let error = batches.next().expect("there is one").err().expect("the line is bad");
        assert!(error.to_string().contains("line 4"), "{error}");
        assert!(batches.next().is_none());
        assert!(lines("[1]").batches(shape(1)).next().expect("there is one").is_err());
    }
}
