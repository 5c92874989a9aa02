//! Decompresses bodies. The only place that does, so that one limit holds for every body.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

/// How many times a body can be compressed: `Content-Encoding: gzip, gzip` is valid.
pub const LAYERS: usize = 2;

/// How many bytes to decompress before asking the caller's budget again.
const STEP: usize = 64 * 1024;

/// Why a body could not be turned into text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// More than `max` bytes after decompression.
    #[error("the body is larger than {max} bytes after decompression")]
    TooLarge { max: usize },
    /// The caller's budget for bytes in flight is used up.
    #[error("too many bytes are in flight")]
    Full,
    /// It starts like gzip but is not, or ends early.
    #[error("the body starts like gzip but cannot be decompressed: {0}")]
    BadGzip(String),
    #[error("the body is not UTF-8: invalid byte at offset {0}")]
    NotUtf8(usize),
}

/// The budget for bytes in flight is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// Returns the body as text, decompressed if it starts with gzip's magic bytes.
///
/// The bytes decide, not `Content-Encoding`: Polytomic's documentation says that payloads are gzipped and shows no such
/// header, and proxies decompress bodies without removing the header, or compress them once more. JSON never starts
/// with gzip's `1f 8b`. Several gzip members in a row count as one stream (RFC 1952, 2.2), and zeros behind it are
/// padding, as for the program gzip.
///
/// * `wire`: the bytes as received, at most `max` of them
/// * `max`: bytes, after decompression
/// * `grow`: called before each allocation with its size in bytes; can refuse it
///
/// An error returns `wire` for the quarantine.
pub fn decode(
    wire: Vec<u8>,
    max: usize,
    mut grow: impl FnMut(usize) -> Result<(), Full>,
) -> Result<String, (DecodeError, Vec<u8>)> {
    let mut plain = None;
    for _ in 0..LAYERS {
        let compressed = plain.as_ref().unwrap_or(&wire);
        if !is_gzip(compressed) {
            break;
        }
        match gunzip(compressed, max, &mut grow) {
            Ok(less) => plain = Some(less),
            Err(error) => return Err((error, wire)),
        }
    }
    String::from_utf8(plain.unwrap_or(wire)).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        (DecodeError::NotUtf8(offset), error.into_bytes())
    })
}

/// Whether these bytes start with gzip's magic bytes.
pub fn is_gzip(wire: &[u8]) -> bool {
    wire.starts_with(&[0x1f, 0x8b])
}

fn gunzip(wire: &[u8], max: usize, mut grow: impl FnMut(usize) -> Result<(), Full>) -> Result<Vec<u8>, DecodeError> {
    #[expect(clippy::disallowed_methods, reason = "this module is the owner of decompression")]
    let mut decoder = GzDecoder::new(wire);
    let mut plain = Vec::new();
    loop {
        let step = STEP.max(plain.capacity().saturating_sub(plain.len()));
        if plain.capacity() - plain.len() < step {
            // Doubles the buffer, so that it is copied rarely, and asks the budget for the difference. It never grows
            // further beyond the limit than by a step.
            let most = (max + STEP).saturating_sub(plain.capacity());
            let add = plain.capacity().min(most).max(STEP);
            grow(add).map_err(|Full| DecodeError::Full)?;
            plain.reserve_exact(add);
        }
        let room = plain.capacity() - plain.len();
        match decoder.by_ref().take(room as u64).read_to_end(&mut plain) {
            Ok(0) => {
                let rest = decoder.into_inner();
                if rest.iter().all(|byte| *byte == 0) {
                    return Ok(plain);
                }
                #[expect(clippy::disallowed_methods, reason = "this module is the owner of decompression")]
                let next = GzDecoder::new(rest);
                decoder = next;
            }
            Ok(_) if plain.len() > max => return Err(DecodeError::TooLarge { max }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(DecodeError::BadGzip("it ends too early".to_owned()));
            }
            Err(error) => return Err(DecodeError::BadGzip(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).expect("a vector takes every write");
        encoder.finish().expect("a vector takes every write")
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is one of the budgets that `decode` asks")]
    fn unbounded(_: usize) -> Result<(), Full> {
        Ok(())
    }

    #[test]
    fn plain_text_is_taken_as_it_is() {
        assert_eq!(decode(b"{}".to_vec(), 10, unbounded), Ok("{}".to_owned()));
    }

    #[test]
    fn gzip_is_recognised_by_its_first_bytes() {
        let plain = "x".repeat(200_000);
        assert_eq!(decode(gzip(plain.as_bytes()), 200_000, unbounded), Ok(plain));
    }

    #[test]
    fn several_members_are_one_stream() {
        let wire = [gzip(b"{\"a\":"), gzip(b"1}")].concat();
        assert_eq!(decode(wire, 100, unbounded), Ok("{\"a\":1}".to_owned()));
    }

    #[test]
    fn zeros_behind_a_stream_are_padding_and_anything_else_is_not() {
        let padded = [gzip(b"{}"), gzip(b"1"), vec![0; 512]].concat();
        assert_eq!(decode(padded, 100, unbounded), Ok("{}1".to_owned()));
        for rest in [&b"\0\0{}"[..], b"{}", b"\0\0\x1f\x8b"] {
            let (error, _) = decode([&gzip(b"{}"), rest].concat(), 100, unbounded).expect_err("something follows");
            assert!(matches!(error, DecodeError::BadGzip(_)), "{error}");
        }
    }

    #[test]
    fn a_body_that_is_compressed_twice_is_decompressed_twice_within_the_cap() {
        let plain = "x".repeat(200_000);
        assert_eq!(decode(gzip(&gzip(plain.as_bytes())), 200_000, unbounded), Ok(plain));
        let bomb = gzip(&gzip(&vec![b' '; 50_000_000]));
        let (error, back) = decode(bomb.clone(), 1_000_000, unbounded).expect_err("it is over the cap");
        assert_eq!((error, back), (DecodeError::TooLarge { max: 1_000_000 }, bomb));
        let (error, _) = decode(gzip(&gzip(&gzip(b"{}"))), 100, unbounded).expect_err("it is compressed once more");
        assert!(matches!(error, DecodeError::NotUtf8(_)), "{error}");
    }

    #[test]
    fn a_truncated_stream_is_an_error_that_returns_the_bytes() {
        let mut wire = gzip(&b"{\"event\":\"sync.records\"}".repeat(50));
        wire.truncate(wire.len() - 9);
        let (error, back) = decode(wire.clone(), 10_000, unbounded).expect_err("its end is missing");
        assert_eq!(error, DecodeError::BadGzip("it ends too early".to_owned()));
        assert_eq!(back, wire);
    }

    #[test]
    fn a_bomb_stops_at_the_cap_and_takes_no_more_memory_than_that() {
        let bomb = gzip(&vec![b' '; 50_000_000]);
        let mut asked = 0;
        let (error, _) = decode(bomb, 1_000_000, |bytes| {
            asked += bytes;
            Ok(())
        })
        .expect_err("it is over the cap");
        assert_eq!(error, DecodeError::TooLarge { max: 1_000_000 });
        assert!(asked <= 2_100_000, "asked for {asked} bytes");
    }

    #[test]
    fn a_body_of_exactly_the_cap_passes() {
        let plain = "y".repeat(100_000);
        assert_eq!(decode(gzip(plain.as_bytes()), 100_000, unbounded), Ok(plain.clone()));
        let (error, _) = decode(gzip(plain.as_bytes()), 99_999, unbounded).expect_err("one byte over");
        assert_eq!(error, DecodeError::TooLarge { max: 99_999 });
    }

    #[test]
    fn a_budget_that_refuses_stops_the_work() {
        let (error, _) = decode(gzip(&vec![b'z'; 1_000_000]), 2_000_000, |_| Err(Full)).expect_err("no budget");
        assert_eq!(error, DecodeError::Full);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_by_offset() {
        let (error, _) = decode(b"{\"a\":\"\xff\"}".to_vec(), 100, unbounded).expect_err("0xff is no UTF-8");
        assert_eq!(error, DecodeError::NotUtf8(6));
    }
}
