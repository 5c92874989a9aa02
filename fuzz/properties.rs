//! What must hold for any input: one function per fuzz target. Each panics if polysink does not keep it.
//!
//! The fuzz targets call them with what libFuzzer makes, and `tests/it/fuzzed.rs` with the seeds and with mutations
//! of them. Where it is possible, the result is compared with that of another implementation.
#![allow(dead_code, reason = "a fuzz target uses one of them")]

use std::io::Write as _;
use std::net::IpAddr;

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _, Utc};
use polysink::columns::{
    COLUMN_NAME_BYTES, Catalogue, Cell, ColumnType, Format, KeyColumn, MAX_COLUMNS, Reading, TABLE_NAME_BYTES, Value,
    column_name, distinct, table_name,
};
use polysink::envelope::{
    self, DecodeError, Envelope, Outcome, RECORDS_EVENT, Receipt, Sanitized, Unparsed, raw_records, sanitize_json,
};
use polysink::verify::{Credentials, Networks, Stale, client_address, sent_at};
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

/// `verify::sent_at`. The first line is the header, the second the time now, in seconds since 1970.
pub fn timestamp(data: &[u8]) {
    let (header, now) = halves(data);
    let seconds = std::str::from_utf8(now).ok().and_then(|now| now.trim().parse().ok()).unwrap_or(1_622_588_136);
    let Some(now) = DateTime::from_timestamp(seconds, 0) else { return };
    let tolerance = TimeDelta::seconds(300);
    let unchecked = sent_at(Some(header), now, TimeDelta::zero()).expect("with the check off everything passes");
    match (sent_at(Some(header), now, tolerance), unchecked) {
        (Ok(Some(sent)), Some(read)) => assert!(sent == read && (now - sent).abs() <= tolerance, "{sent} at {now}"),
        (Err(Stale::Unreadable), None) => {}
        (Err(Stale::Old { age, .. }), Some(sent)) => assert!(age > tolerance && now - sent == age, "{sent} at {now}"),
        (Err(Stale::Future { ahead, .. }), Some(sent)) => {
            assert!(ahead > tolerance && sent - now == ahead, "{sent} at {now}");
        }
        (checked, read) => panic!("{checked:?}, and without the check {read:?}"),
    }
    if let Some(sent) = unchecked {
        let again = sent_at(Some(sent.to_rfc3339().as_bytes()), now, TimeDelta::zero());
        assert!(again == Ok(Some(sent)) || !(0..=9999).contains(&sent.year()), "{sent} became {again:?}");
    }
}

/// The first line, and the rest.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}

/// `verify::Credentials`. The first line is a list of secrets, the rest what a request presents.
pub fn credentials(data: &[u8]) {
    let (list, presented) = halves(data);
    let Ok(list) = std::str::from_utf8(list) else { return };
    let mut credentials = Credentials::default();
    if credentials.add_secrets(&list.into()).is_err() || credentials.is_empty() {
        return;
    }
    let accepts = |value: &[u8]| credentials.matching(|name| (name == "authorization").then_some(value)).is_ok();
    // Two commas are one of a secret.
    let list = list.replace(",,", "\u{e000}");
    let secrets: Vec<String> =
        list.split([',', '\n']).map(|item| without_name(&item.replace('\u{e000}', ",")).to_owned()).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).filter(|secret| !secret.is_empty()).collect();
    for secret in &secrets {
        assert!(accepts(format!("Bearer {secret}").as_bytes()), "{secret:?} is not accepted");
        assert!(accepts(format!(" bearer   {secret} ").as_bytes()), "{secret:?} is not accepted with spaces");
        assert!(!accepts(format!("Bearer {secret}x").as_bytes()) || secrets.contains(&format!("{secret}x").as_str()));
        assert!(!accepts(format!("Basic {secret}").as_bytes()), "{secret:?} is accepted as basic credentials");
    }
    // Whatever is accepted ends in a secret.
    if accepts(presented) {
        let presented = presented.trim_ascii();
        assert!(secrets.iter().any(|secret| presented.ends_with(secret.as_bytes())), "{presented:?} for {secrets:?}");
    }
    assert!(!accepts(b"") && !accepts(b"Bearer") && !accepts(b"Bearer "));
    let names: Vec<&str> = credentials.names().collect();
    assert_eq!(format!("{credentials:?}"), format!("{names:?}"), "only names are shown");
}

/// A secret of the list. Written apart from `verify`, from the settings' documentation.
fn without_name(item: &str) -> &str {
    let item = item.trim();
    match item.split_once('=') {
        Some((name, secret))
            if name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') =>
        {
            secret.trim()
        }
        _ => item,
    }
}

/// `verify::client_address`. Each line is a header, `X-Forwarded-For: …` or `Forwarded: …`, as a trusted proxy sends
/// it.
pub fn forwarded(data: &[u8]) {
    let trusted: Networks = "10.0.0.0/8,fd00::/8".parse().expect("the list is good");
    let proxy: IpAddr = "10.0.0.1".parse().expect("it is an address");
    let stranger: IpAddr = "198.51.100.9".parse().expect("it is an address");
    let (mut usual, mut standard) = (Vec::new(), Vec::new());
    let blank = |value: &[u8]| String::from_utf8_lossy(value).split(',').all(|element| element.trim().is_empty());
    for line in data.split(|byte| *byte == b'\n') {
        match (line.strip_prefix(b"X-Forwarded-For: "), line.strip_prefix(b"Forwarded: ")) {
            (Some(value), _) if !blank(value) => usual.push(value.to_vec()),
            (_, Some(value)) if !blank(value) => standard.push(value.to_vec()),
            _ => {}
        }
    }
    let client = |peer, usual: &[Vec<u8>], standard: &[Vec<u8>]| {
        client_address(peer, &trusted, usual.iter().map(Vec::as_slice), standard.iter().map(Vec::as_slice))
    };
    assert_eq!(client(stranger, &usual, &standard), stranger, "only a proxy's word counts");
    let found = client(proxy, &usual, &standard);
    if trusted.contains(found) {
        return;
    }
    // What is to the left was there when the request came to the proxies: a client can write anything there.
    for claim in ["192.0.2.66", "nonsense", "10.0.0.66"] {
        let claimed = [vec![claim.as_bytes().to_vec()], usual.clone()].concat();
        if !usual.is_empty() {
            assert_eq!(client(proxy, &claimed, &standard), found, "by X-Forwarded-For: {claim}");
        }
        let claimed = [vec![format!("for={claim};proto=https").into_bytes()], standard.clone()].concat();
        if !standard.is_empty() {
            assert_eq!(client(proxy, &usual, &claimed), found, "by Forwarded: for={claim}");
        }
        if usual.is_empty() != standard.is_empty() {
            let other = claim.parse::<IpAddr>().ok().filter(|other| *other != found);
            let both = if usual.is_empty() {
                client(proxy, &[claim.as_bytes().to_vec()], &standard)
            } else {
                client(proxy, &usual, &[format!("for={claim}").into_bytes()])
            };
            assert!(both == proxy || other.is_none() && both == found, "{both} by a header that no proxy wrote");
        }
    }
}

/// `columns::table_name` and `column_name`, for two names, each on a line.
pub fn names(data: &[u8]) {
    let (one, other) = halves(data);
    for text in [one, other].map(String::from_utf8_lossy) {
        let table = table_name(&text);
        assert!(table.len() <= TABLE_NAME_BYTES && !table.ends_with("_history"), "{table}");
        let column = column_name(&text);
        assert!(column.len() <= COLUMN_NAME_BYTES, "{column}");
        for (name, again) in [(&table, table_name(&table)), (&column, column_name(&column))] {
            assert!(!name.is_empty() && !name.starts_with('_') && !name.starts_with(char::is_numeric), "{name}");
            // Letters have marks, which are no letters themselves.
            let may_be_mark = |c: char| !c.is_ascii() && !c.is_control() && !c.is_whitespace();
            assert!(name.chars().all(|c| c.is_alphanumeric() || c == '_' || may_be_mark(c)), "{name}");
            assert!(!name.bytes().any(|byte| byte.is_ascii_uppercase()), "{name}");
            assert_eq!(&again, name, "a name is its own name");
        }
    }
    let base = column_name(&String::from_utf8_lossy(one));
    let mut taken: Vec<String> = Vec::new();
    for _ in 0..12 {
        let name = distinct(&base, COLUMN_NAME_BYTES, |name| taken.iter().any(|other| other == name));
        assert!(name.len() <= COLUMN_NAME_BYTES && !taken.contains(&name), "{name} in {taken:?}");
        taken.push(name);
    }
}

/// Numbers as cells: the same value, digit by digit, with its scale.
pub fn numbers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let is_json = serde_json::from_str::<serde_json::Number>(text).is_ok() && !text.contains(char::is_whitespace);
    if is_json || is_number(text) {
        let value = Value::read(text);
        let cell = |column_type| value.cell(text, column_type, Reading::Strict);
        match (cell(ColumnType::Numeric), cell(ColumnType::Text)) {
            (Some(Cell::Numeric(literal)), Some(Cell::Text(digits))) => {
                assert_eq!(taken_apart(&literal), taken_apart(text), "{text} became {literal}");
                assert_same_number(text, &digits);
            }
            (None, None) => assert!(exceeds_numeric(text), "{text} has no digits"),
            other => panic!("{text} became {other:?}"),
        }
        if let Value::Integer(integer) = value {
            assert_same_number(text, &integer.to_string());
        }
    }
    // As a string, in a column that an operator pinned.
    let json = serde_json::to_string(text).expect("a string is always JSON");
    let value = Value::read(&json);
    for reading in [Reading::Lenient, Reading::Key] {
        if let Some(Cell::Numeric(literal)) = value.cell(&json, ColumnType::Numeric, reading) {
            let text = text.trim().trim_start_matches('+');
            assert_eq!(taken_apart(text), taken_apart(&literal), "{text} became {literal}");
        }
        if let Some(Cell::Bigint(integer)) = value.cell(&json, ColumnType::Bigint, reading) {
            // By value: 7.0 is 7.
            let (sign, digits, power, _) = taken_apart(text.trim().trim_start_matches('+'));
            let (other_sign, other_digits, other_power, _) = taken_apart(&integer.to_string());
            assert_eq!((sign, digits, power), (other_sign, other_digits, other_power), "{text} became {integer}");
        }
    }
}

/// JSON's grammar of numbers (RFC 8259, 6).
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && digits(fraction)
        && digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))
}

/// A number as its sign, its digits without zeros at either end, the power of ten that they are multiplied with, and
/// its scale: how many digits it has after the decimal point.
fn taken_apart(text: &str) -> (bool, String, i64, i64) {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(i64::from(i32::MAX));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let scale = i64::try_from(fraction.len()).expect("it is short") - exponent;
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0, scale.max(0));
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let power = i64::try_from(zeros).expect("it is short") - scale;
    (negative, significant.to_owned(), power, scale.max(0))
}

fn assert_same_number(literal: &str, digits: &str) {
    assert!(!digits.contains(['e', 'E']), "{digits}");
    assert_eq!(taken_apart(literal), taken_apart(digits), "{literal} became {digits}");
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    assert!(unsigned == "0" || unsigned.starts_with("0.") || !unsigned.starts_with('0'), "{digits}");
}

/// Whether a number has more digits than `numeric` takes, before or after the decimal point.
fn exceeds_numeric(literal: &str) -> bool {
    let (_, significant, power, scale) = taken_apart(literal);
    let whole = i64::try_from(significant.len()).expect("it is short") + power;
    let exponent = literal.split_once(['e', 'E']).map_or(Ok(0), |(_, exponent)| exponent.parse::<i32>());
    scale > 16_383 || (!significant.is_empty() && whole > 131_072) || exponent.is_err()
}

/// Dates and times in strings, and in the formats that an operator can set for a column.
pub fn times(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let json = serde_json::to_string(&text).expect("a string is always JSON");
    let value = Value::read(&json);
    let cell = |column_type, reading: Reading<'_>| value.cell(&json, column_type, reading);
    let by_chrono = DateTime::parse_from_rfc3339(&text).ok();
    match (cell(ColumnType::Timestamptz, Reading::Strict), &value) {
        (Some(Cell::Timestamptz(time)), Value::Moment(..)) => assert_same_time(&text, time),
        // A blank text is null in such a column.
        (Some(Cell::Null) | None, _) => {
            let shape = by_chrono.filter(|time| readable(*time, &text));
            assert_eq!(shape, None, "{text} is a time");
        }
        other => panic!("{text} became {other:?}"),
    }
    if let Some(Cell::Date(date)) = cell(ColumnType::Date, Reading::Strict) {
        assert_eq!(date.to_string(), text);
    }
    if let Some(Cell::Timestamp(local)) = cell(ColumnType::Timestamp, Reading::Strict) {
        assert_same_time(&text, local.and_utc());
    }
    for format in ["us", "rfc2822", "epoch", "epoch-ms", "%d.%m.%Y %H:%M", "%s", "%Y%m%dT%H%M%S%z", "%G-W%V-%u", "%+"] {
        let format: Format = format.parse().expect("it is a format");
        for column_type in [ColumnType::Date, ColumnType::Timestamp, ColumnType::Timestamptz] {
            let year = match cell(column_type, Reading::Formatted(&format)) {
                Some(Cell::Date(day)) => day.year(),
                Some(Cell::Timestamp(local)) => local.year(),
                Some(Cell::Timestamptz(time)) => time.year(),
                Some(Cell::Null) | None => continue,
                other => panic!("{text} as {format} became {other:?}"),
            };
            // An offset can lead out of the years 1 to 9999 by a day.
            assert!((0..=10_000).contains(&year), "{text} as {format} is in the year {year}");
        }
    }
}

/// Whether it is one of the forms that polysink reads; chrono reads more.
fn readable(time: DateTime<FixedOffset>, text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=9999).contains(&time.year())
        && time.offset().local_minus_utc().abs() < 16 * 3600
        && bytes.get(10).is_some_and(|byte| b"Tt ".contains(byte))
        && !text.contains('\u{2212}')
}

/// Compares with chrono's parsers, after the text was brought to the one form that they read. A time in the forms of
/// several systems, in that of ISO 8601: with hyphens, colons and a point, without a space or a zone.
fn in_one_form(text: &str) -> String {
    let mut text = text.split('[').next().unwrap_or_default().replace(',', ".");
    for (suffix, offset) in [(" UTC", "Z"), ("UTC", "Z"), (" GMT", "Z"), ("GMT", "Z")] {
        if let Some(time) = text.strip_suffix(suffix) {
            text = format!("{time}{offset}");
        }
    }
    if text.as_bytes().get(8) == Some(&b'T') {
        text = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
    }
    let (date, rest) = text.split_at(10);
    let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        6 => format!("{}:{}:{}", &rest[..3], &rest[3..5], &rest[5..]),
        _ => rest.to_owned(),
    };
    let (separator, clock) = rest.split_at(rest.len().min(1));
    format!("{date}{separator}{}", clock.replace(' ', ""))
}

fn assert_same_time(text: &str, time: DateTime<Utc>) {
    let text = &in_one_form(text);
    let (date, rest) = text.split_at(10);
    let date: NaiveDate = date.parse().expect("chrono reads the date too");
    if rest.is_empty() {
        assert_eq!(date.and_time(chrono::NaiveTime::MIN).and_utc(), time, "{text}");
        return;
    }
    let rest = &rest[1..];
    let clock_end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(clock_end);
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    let offset = match offset.len() {
        0 | 1 => "+00:00".to_owned(),
        3 => format!("{offset}:00"),
        5 => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    // chrono has no 24:00.
    let (clock, midnight) = match clock.strip_prefix("24:") {
        Some(rest) => (format!("00:{rest}"), true),
        None => (clock, false),
    };
    let local = NaiveDateTime::parse_from_str(&format!("{date} {clock}"), "%Y-%m-%d %H:%M:%S%.f");
    let mut local = local.unwrap_or_else(|error| panic!("chrono does not read {text}: {error}"));
    let micros = local.nanosecond() / 1_000;
    // chrono keeps a leap second within its minute.
    let leap = micros >= 1_000_000;
    local = local.with_nanosecond(micros % 1_000_000 * 1_000).expect("it is less than a second");
    local += TimeDelta::seconds(i64::from(leap)) + TimeDelta::days(i64::from(midnight));
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let part = |range: std::ops::Range<usize>| offset[range].parse::<i64>().expect("an offset is of digits");
    let expected = local - TimeDelta::minutes(sign * (part(1..3) * 60 + part(4..6)));
    assert_eq!(expected.and_utc(), time, "{text}");
}

/// `columns::Catalogue`. Two lines are the `fields` of two records. Every value is found in a column or in `_unfit`,
/// before and after the types were learned, but for empty ones; and equal records make one key.
pub fn fields(data: &[u8]) {
    let (one, other) = halves(data);
    let texts: Vec<String> = [one, other].into_iter().filter_map(storable_fields).collect();
    let now = DateTime::UNIX_EPOCH;
    let mut catalogue = Catalogue::default();
    for text in &texts {
        let entries = catalogue.read(text, now);
        catalogue.learn(&entries, now);
    }
    every_value(&catalogue, &texts);
    catalogue.give_columns();
    every_value(&catalogue, &texts);
    let columns: Vec<&str> = catalogue.fields().iter().map(|field| field.column_name.as_str()).collect();
    let mut distinct = columns.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), columns.len(), "{columns:?}");
    let identity: Vec<String> = catalogue.fields().iter().take(3).map(|field| field.name.clone()).collect();
    catalogue.set_key_fields(Some(&identity));
    let by: Vec<KeyColumn> = catalogue.key_columns(&identity);
    for text in &texts {
        let value: serde_json::Value = serde_json::from_str(text).expect("it was read before");
        let pretty = serde_json::to_string_pretty(&value).expect("a value is always JSON");
        let key = |text: &str| catalogue.key(&catalogue.read_known(text), &identity, &by);
        if let Ok(key) = key(text) {
            serde_json::from_str::<Vec<&RawValue>>(&key).unwrap_or_else(|error| panic!("{key}: {error}"));
        }
        // serde_json's values hold fewer digits than the text.
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            assert_eq!(key(text), key(&pretty), "{text}");
        }
    }
}

/// An object that the ledger would hold, and that a parser with a limit for nesting reads.
fn storable_fields(line: &[u8]) -> Option<String> {
    let json: &RawValue = serde_json::from_slice(line).ok()?;
    let storable = sanitize_json(json.get()).into_text().into_owned();
    let value: serde_json::Value = serde_json::from_str(&storable).ok()?;
    value.is_object().then_some(storable)
}

fn every_value(catalogue: &Catalogue, texts: &[String]) {
    let layout = catalogue.layout();
    let columns: Vec<_> = catalogue.columns().collect();
    assert!(columns.len() <= MAX_COLUMNS);
    for text in texts {
        let sent: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).expect("it is an object");
        let content = layout.content(&catalogue.read_known(text));
        assert_eq!(content.cells.len(), columns.len());
        let unfit: serde_json::Map<String, serde_json::Value> = content
            .unfit
            .as_deref()
            .map(|unfit| serde_json::from_str(unfit).expect("it is an object"))
            .unwrap_or_default();
        for (name, value) in &sent {
            let cell = columns.iter().position(|field| &field.name == name).map(|place| &content.cells[place]);
            let in_cell = cell.is_some_and(|cell| *cell != Cell::Null);
            let places = usize::from(in_cell) + usize::from(unfit.contains_key(name));
            let is_empty =
                value.as_str().is_some_and(|text| text.trim().is_empty() || text.trim().starts_with("0000-00-00"));
            if !(is_empty && cell == Some(&Cell::Null)) {
                assert_eq!(places, usize::from(!value.is_null()), "{name} in {text}: {cell:?}, {unfit:?}");
            }
        }
        assert!(unfit.keys().all(|name| sent.contains_key(name)), "{unfit:?} of {text}");
    }
}
