//! Reads the log of a run, whose format is not documented: a JSON array of records, records one after another, or an
//! object with an array `records`; plain or gzip.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::envelope::is_gzip;

/// The member of an object that has the records.
const WRAPPER: &str = "records";

/// A byte order mark.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Limits on what is read, in bytes after decompression.
#[derive(Debug, Clone, Copy)]
pub struct ReadLimits {
    /// The longest record.
    pub record: u64,
    /// The longest log; of a run with several logs, all together.
    pub total: u64,
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not JSON of records; that shows in its line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("it ended early: {0}")]
    Cut(io::Error),
    #[error("one of its records has more than {0} bytes")]
    LargeRecord(u64),
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
}

/// Calls `on_record` with the JSON of each record. Reads no more than a record into memory.
///
/// * `read`: how many bytes were read before, of other logs of the run; is added to
pub fn each_record(
    log: impl Read,
    limits: ReadLimits,
    read: &Cell<u64>,
    on_record: &mut dyn FnMut(&str),
) -> Result<(), Unreadable> {
    let counted = Counted { record: Cell::new(0), read, limits };
    let result = each(log, &counted, on_record);
    result.map_err(|error| match error {
        _ if counted.read.get() > limits.total => Unreadable::TooLarge(limits.total),
        _ if counted.record.get() > limits.record => Unreadable::LargeRecord(limits.record),
        error if error.is_io() => Unreadable::Cut(error.into()),
        // Its text can have a record's values.
        error => Unreadable::NotJson { line: error.line(), column: error.column() },
    })
}

fn each(log: impl Read, counted: &Counted<'_>, on_record: &mut dyn FnMut(&str)) -> serde_json::Result<()> {
    let mut log = BufReader::new(log);
    let start = log.fill_buf().map_err(serde_json::Error::io)?;
    let plain: Box<dyn Read + '_> = if is_gzip(start) {
        Box::new(BufReader::new(gunzip(log)))
    } else {
        if start.starts_with(&MARK) {
            log.consume(MARK.len());
        }
        Box::new(log)
    };
    let mut on_record = |json: &str| {
        counted.record.set(0);
        on_record(json);
    };
    let mut json = serde_json::Deserializer::from_reader(CountedRead { of: plain, counted });
    // It only looks at the next character that is not white space.
    while let Err(error) = json.end() {
        if error.is_io() {
            return Err(error);
        }
        json.deserialize_any(OutermostValue(&mut on_record))?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a stream of any length, whose bytes are counted as they are read")]
fn gunzip<R: Read>(log: R) -> MultiGzDecoder<R> {
    MultiGzDecoder::new(log)
}

/// How many bytes were read.
struct Counted<'c> {
    /// Since the last record.
    record: Cell<u64>,
    read: &'c Cell<u64>,
    limits: ReadLimits,
}

struct CountedRead<'c, R> {
    of: R,
    counted: &'c Counted<'c>,
}

impl<R: Read> Read for CountedRead<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Counted { record, read, limits } = self.counted;
        let count = self.of.read(buffer)?;
        let added = u64::try_from(count).unwrap_or(u64::MAX);
        record.set(record.get() + added);
        read.set(read.get() + added);
        if record.get() > limits.record || read.get() > limits.total {
            return Err(io::Error::other("too large"));
        }
        Ok(count)
    }
}

/// Visits a value on the outermost level: a record, an array of them, or an object that has the array.
struct OutermostValue<'r>(&'r mut dyn FnMut(&str));

impl<'de> Visitor<'de> for OutermostValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while let Some(record) = array.next_element::<Box<RawValue>>()? {
            (self.0)(record.get());
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut record = String::from("{");
        while let Some(name) = object.next_key::<String>()? {
            if name == WRAPPER {
                // Other members say something about them.
                object.next_value_seed(ArrayOf(&mut *self.0))?;
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            let comma = if record == "{" { "" } else { "," };
            let value = object.next_value::<Box<RawValue>>()?;
            let name = serde_json::to_string(&name).expect("a string is always JSON");
            record.extend([comma, &name, ":", value.get()]);
        }
        record.push('}');
        (self.0)(&record);
        Ok(())
    }
}

/// An array of records.
struct ArrayOf<'r>(&'r mut dyn FnMut(&str));

impl<'de> DeserializeSeed<'de> for ArrayOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_seq(OutermostValue(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LIMITS: ReadLimits = ReadLimits { record: 100, total: 1_000 };

    fn records(log: &[u8]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let read = each_record(log, LIMITS, &Cell::new(0), &mut |json| found.push(json.to_owned()));
        read.map(|()| found).map_err(|error| error.to_string())
    }

    #[test]
    fn records_are_found_in_every_form_of_a_log() {
        let expected = Ok(vec![r#"{"a":1}"#.to_owned(), r#"{"b":[2.0,"x"]}"#.to_owned()]);
        for log in [
            r#"[{"a":1},{"b":[2.0,"x"]}]"#,
            "{\"a\":1}\n{\"b\":[2.0,\"x\"]}\n",
            r#"{"a":1}{"b":[2.0,"x"]}"#,
            r#"{"count":2,"records":[{"a":1},{"b":[2.0,"x"]}],"expires":null}"#,
            "\u{feff}[{\"a\":1}]\n[{\"b\":[2.0,\"x\"]}]",
        ] {
            assert_eq!(records(log.as_bytes()), expected, "{log}");
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(br#"[{"a":1},{"b":[2.0,"x"]}]"#).expect("it is memory");
        assert_eq!(records(&gzip.finish().expect("it is memory")), expected);
        assert_eq!(records(b" \n"), Ok(Vec::new()));
        assert_eq!(records(b"[]"), Ok(Vec::new()));
    }

    #[test]
    fn another_format_is_an_error_without_its_values() {
        for log in ["id,name\n1,secret", "\"secret\"", "[{\"a\":1}", "{\"records\":\"secret\"}", "PK\u{3}secret"] {
            let error = records(log.as_bytes()).expect_err(log);
            assert!(error.contains("not JSON of records") && !error.contains("secret"), "{error}");
        }
        records(&[0x1f, 0x8b]).expect_err("it ends");
    }

    #[test]
    fn a_log_takes_no_more_memory_than_a_record_may() {
        let large = format!("[{{\"a\":\"{}\"}}]", "x".repeat(200));
        assert_eq!(records(large.as_bytes()), Err("one of its records has more than 100 bytes".to_owned()));
        let many = r#"{"a":1}"#.repeat(200);
        assert_eq!(records(many.as_bytes()), Err("it has more than 1000 bytes".to_owned()));
        let blank = " ".repeat(200);
        records(blank.as_bytes()).expect_err("white space is part of what is read");
    }
}
