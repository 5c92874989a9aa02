//! Bodies: decompressed, parsed, cut.

use std::io::Write as _;

use chrono::DateTime;
use polysink::envelope::{
    self, DecodeError, Envelope, Outcome, RECORDS_EVENT, Receipt, Sanitized, Unparsed, raw_records, sanitize_json,
};
use serde_json::value::RawValue;
use uuid::Uuid;

/// A body of at most this many bytes after decompression.
const MAX_BODY: usize = 1 << 17;

/// The most that decompression takes in one step.
const STEP: usize = 64 * 1024;

/// `envelope::decode`. An input that starts with `z` stands for its rest, compressed: few mutations of gzip are gzip.
pub fn gunzip(data: &[u8]) {
    let wire = match data.strip_prefix(b"z") {
        Some(plain) => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).expect("a vector takes every write");
            encoder.finish().expect("a vector takes every write")
        }
        None => data.to_vec(),
    };
    for max in [MAX_BODY, 100] {
        let mut asked = 0;
        let decoded = envelope::decode(wire.clone(), max, |bytes| {
            asked += bytes;
            Ok(())
        });
        assert!(asked <= envelope::LAYERS * (max + 2 * STEP), "it took {asked} bytes for at most {max}");
        if !envelope::is_gzip(&wire) {
            match decoded {
                Ok(text) => assert_eq!(text.as_bytes(), wire),
                Err((error, back)) => assert!(matches!(error, DecodeError::NotUtf8(_)) && back == wire, "{error}"),
            }
            continue;
        }
        let expected = unpadded(&wire, max)
            .and_then(|plain| if envelope::is_gzip(&plain) { unpadded(&plain, max) } else { Ok(plain) });
        match (decoded, expected) {
            (Ok(text), Ok(plain)) => assert_eq!(text.as_bytes(), plain),
            (Err((DecodeError::NotUtf8(offset), back)), Ok(plain)) => {
                assert_eq!(back, plain);
                let error = std::str::from_utf8(&plain).expect_err("it is not UTF-8");
                assert_eq!(offset, error.valid_up_to());
            }
            // Of a stream that is damaged behind the limit, either is right.
            (Err((DecodeError::TooLarge { .. } | DecodeError::BadGzip(_), back)), Err(_)) => assert_eq!(back, wire),
            (decoded, expected) => panic!("{decoded:?} instead of {expected:?}"),
        }
    }
}

/// Decompresses what may have zeros behind it, of which the stream itself can have some.
fn unpadded(wire: &[u8], max: usize) -> std::io::Result<Vec<u8>> {
    let zeros = wire.iter().rev().take_while(|byte| **byte == 0).count();
    let whole = gunzipped(wire, max);
    if whole.is_ok() {
        return whole;
    }
    // Sizes, checksums and the last block end in few.
    let tries = (zeros.saturating_sub(16)..=zeros).rev();
    tries.map(|cut| gunzipped(&wire[..wire.len() - cut], max)).find(Result::is_ok).unwrap_or(whole)
}

/// The same by flate2's other interface, which is fed instead of asked.
fn gunzipped(wire: &[u8], max: usize) -> std::io::Result<Vec<u8>> {
    /// Takes `max` bytes and no more.
    struct Capped(Vec<u8>, usize);
    impl std::io::Write for Capped {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.len() + bytes.len() > self.1 {
                return Err(std::io::ErrorKind::FileTooLarge.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut decoder = flate2::write::MultiGzDecoder::new(Capped(Vec::new(), max));
    decoder.write_all(wire)?;
    decoder.try_finish()?;
    Ok(std::mem::take(&mut decoder.get_mut().0))
}

fn receipt() -> Receipt {
    Receipt {
        envelope_id: Uuid::nil(),
        received_at: DateTime::UNIX_EPOCH,
        sent_at: DateTime::UNIX_EPOCH,
        connection: "default".to_owned(),
        source_ip: None,
        user_agent: None,
        was_spooled: false,
    }
}

/// `envelope::parse`: each record is stored to the letter or rejected, at its position, and nothing else is.
pub fn envelope(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else { return };
    match envelope::parse(body.to_owned(), receipt(), usize::MAX) {
        Ok(envelope) => {
            assert_eq!(envelope.body, body);
            assert_no_nul(&envelope.event);
            envelope.name.as_deref().into_iter().for_each(assert_no_nul);
            envelope.metadata.as_deref().into_iter().for_each(assert_storable);
            match envelope.outcome {
                Outcome::Stored => every_record(&envelope),
                Outcome::Ignored => assert!(envelope.records.is_empty() && envelope.rejections.is_empty()),
            }
            limited(body, &envelope);
            cut_out(&envelope);
        }
        Err(Unparsed::Malformed(malformed)) => {
            assert_eq!(malformed.body, body);
            assert!(!malformed.detail.is_empty());
            assert!(!is_delivery(body), "refused: {malformed:?}");
        }
        Err(error @ Unparsed::TooManyRecords { .. }) => panic!("there is no limit: {error}"),
    }
}

/// Whether it is a delivery, by a parser that reads it as a whole. It takes repeated keys, so those are not told.
fn is_delivery(body: &str) -> bool {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else { return false };
    // Written again without its repeated keys, it has as many quotation marks if there were none.
    let quotes = |text: &str| text.bytes().filter(|byte| *byte == b'"').count();
    value["event"].is_string()
        && (value["event"] != RECORDS_EVENT
            || value["object"]["id"].as_str().is_some_and(|id| id.parse::<Uuid>().is_ok())
                && value["object"]["records"].is_array())
        && quotes(&value.to_string()) == quotes(json)
}

fn every_record(envelope: &Envelope) {
    let body = &envelope.body;
    let raw = raw_records(body);
    assert_eq!((raw.len(), envelope.records.len() + envelope.rejections.len()), (envelope.record_count, raw.len()));
    let mut positions: Vec<u32> = envelope.records.iter().map(|record| record.position).collect();
    positions.extend(envelope.rejections.iter().map(|rejection| rejection.position));
    positions.sort_unstable();
    assert!(positions.iter().zip(0..).all(|(position, n)| *position == n), "{positions:?}");
    for rejection in &envelope.rejections {
        assert_eq!(rejection.payload, raw[rejection.position as usize]);
    }
    for record in &envelope.records {
        let fields = record.fields(body);
        assert!(fields.starts_with('{'), "{fields}");
        assert_storable(fields);
        assert_no_nul(record.hash.as_str());
        let json = &body[raw[record.position as usize].clone()];
        // A parser with a limit of its own for nesting.
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&sanitize_json(json).into_text()) else { continue };
        assert_eq!(serde_json::from_str::<serde_json::Value>(fields).ok().as_ref(), Some(&value["fields"]));
        match value["hash"].as_str().filter(|hash| !hash.is_empty()) {
            Some(hash) => assert_eq!(record.hash.as_str(), hash),
            None => assert!(record.hash.as_str().starts_with("polysink:")),
        }
    }
}

/// A delivery whose every second record is cut out has the others as they were, at their positions.
fn cut_out(envelope: &Envelope) {
    if envelope.outcome == Outcome::Ignored {
        return;
    }
    let elements = envelope::elements_of_body(&envelope.body).expect("it has records");
    let ranges: Vec<_> = elements.iter().map(|element| element.range.clone()).collect();
    assert_eq!(ranges, raw_records(&envelope.body));
    for record in &envelope.records {
        let element = &elements[record.position as usize];
        assert_eq!(element.fields.as_deref(), Some(record.fields(&envelope.body)));
        assert_eq!(element.hash.as_deref(), Some(record.hash.as_str()));
    }
    let is_gone: Vec<bool> = (0..elements.len()).map(|n| n % 2 == 0).collect();
    let erased: Vec<u32> = (0..).zip(&is_gone).filter(|(_, is_gone)| **is_gone).map(|(n, _)| n).collect();
    let left = envelope::cut(&envelope.body, &elements, &is_gone);
    let left = envelope::parse_stored(left, receipt(), erased).expect("it is still an envelope");
    let seen = |envelope: &Envelope| -> Vec<(u32, String, String)> {
        let odd = envelope.records.iter().filter(|record| record.position % 2 == 1);
        let each =
            odd.map(|record| (record.position, record.hash.as_str().into(), record.fields(&envelope.body).into()));
        each.collect()
    };
    assert_eq!(seen(&left), seen(envelope));
    assert_eq!(left.records.len(), seen(&left).len());
    assert_eq!(left.record_count, elements.len() / 2);
}

/// The limit on records counts them all, and only them.
fn limited(body: &str, envelope: &Envelope) {
    if envelope.outcome == Outcome::Ignored {
        return;
    }
    let count = envelope.record_count;
    let exact = envelope::parse(body.to_owned(), receipt(), count).expect("it has no more");
    assert_eq!(exact.records, envelope.records);
    if let Some(fewer) = count.checked_sub(1) {
        let error = envelope::parse(body.to_owned(), receipt(), fewer).expect_err("it has more");
        assert_eq!(error, Unparsed::TooManyRecords { max: fewer });
    }
}

fn assert_no_nul(text: &str) {
    assert!(!text.contains('\0'), "{text:?}");
}

/// JSON without what jsonb refuses.
fn assert_storable(json: &str) {
    serde_json::from_str::<&RawValue>(json).expect("it is JSON");
    assert_eq!(sanitize_json(json), Sanitized::AsItCame(json));
}
