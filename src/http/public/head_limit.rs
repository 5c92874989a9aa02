//! The size of a request's head. actix-http takes heads of up to 128 KiB, and panics on a header's name of more than
//! 65,535 bytes, so heads are limited to less.

/// The longest head, in bytes: no name in it is longer than `http::HeaderName` takes.
pub const MAX_HEAD: usize = 65_535;

/// The start of a line that is kept: enough for the headers that say how long a body is.
const LINE: usize = 256;

/// Follows the bytes of a connection, to tell heads from bodies. As long as it is sure: once something is unusual, it
/// watches no further, and leaves the connection to actix, which refuses what it does not take.
#[derive(Debug)]
pub struct HeadLimit(State);

#[derive(Debug)]
enum State {
    Head(Head),
    /// How many bytes of a body are left.
    Body(u64),
    /// In the line with a chunk's size. `None` before the first digit.
    ChunkSize(Option<u64>),
    /// In that line, behind the size.
    ChunkSizeEnd(u64),
    /// How many bytes of a chunk are left, before a line's end.
    Chunk(u64),
    ChunkEnd,
    /// Behind the last chunk. Whether the current line has something.
    Trailers(bool),
    Unwatched,
}

#[derive(Debug, Default)]
struct Head {
    /// So far.
    bytes: usize,
    /// Bytes of the current line.
    line: Vec<u8>,
    line_bytes: usize,
    has_request_line: bool,
    framing: Framing,
}

/// How the body after a head is framed, as far as the headers have been read.
#[derive(Debug, Default, PartialEq, Eq)]
enum Framing {
    #[default]
    NoBody,
    Length(u64),
    Chunked,
    Unsure,
}

impl Default for HeadLimit {
    fn default() -> Self {
        Self(State::Head(Head::default()))
    }
}

impl HeadLimit {
    /// Takes the next bytes. Returns whether a head is too long; then it wants no more.
    pub fn is_exceeded(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let taken = match &mut self.0 {
                State::Unwatched => return false,
                State::Head(head) => {
                    let (taken, ended) = head.take(bytes);
                    if head.bytes > MAX_HEAD {
                        return true;
                    }
                    if ended {
                        self.0 = match head.framing {
                            Framing::NoBody => State::Head(Head::default()),
                            Framing::Length(length) => State::Body(length),
                            Framing::Chunked => State::ChunkSize(None),
                            Framing::Unsure => State::Unwatched,
                        };
                    }
                    taken
                }
                &mut State::Body(left) => self.skip(left, bytes.len(), |left| match left {
                    0 => State::Head(Head::default()),
                    left => State::Body(left),
                }),
                &mut State::Chunk(left) => self.skip(left, bytes.len(), |left| match left {
                    0 => State::ChunkEnd,
                    left => State::Chunk(left),
                }),
                _ => {
                    self.chunk_byte(bytes[0]);
                    1
                }
            };
            bytes = &bytes[taken..];
        }
        false
    }

    /// Goes through a part of fixed length. Returns how many bytes that takes.
    fn skip(&mut self, left: u64, available: usize, then: impl FnOnce(u64) -> State) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        self.0 = then(left - taken as u64);
        taken
    }

    /// Takes a byte between chunks.
    fn chunk_byte(&mut self, byte: u8) {
        self.0 = match (&self.0, byte) {
            (State::ChunkSize(size), _) if byte.is_ascii_hexdigit() => {
                let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
                let size = size.unwrap_or(0).checked_mul(16).map(|size| size + digit);
                size.map_or(State::Unwatched, |size| State::ChunkSize(Some(size)))
            }
            (State::ChunkSize(Some(0)) | State::ChunkSizeEnd(0), b'\n') => State::Trailers(false),
            (State::ChunkSize(Some(size)) | State::ChunkSizeEnd(size), b'\n') => State::Chunk(*size),
            (State::ChunkSize(Some(size)) | State::ChunkSizeEnd(size), _) => State::ChunkSizeEnd(*size),
            (State::ChunkEnd, b'\r') => State::ChunkEnd,
            (State::ChunkEnd, b'\n') => State::ChunkSize(None),
            (State::Trailers(has_text), b'\r') => State::Trailers(*has_text),
            (State::Trailers(false), b'\n') => State::Head(Head::default()),
            (State::Trailers(_), _) => State::Trailers(byte != b'\n'),
            _ => State::Unwatched,
        };
    }
}

impl Head {
    /// Takes bytes to the end of the line. Returns how many these are, and whether the head ends there.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let end = memchr::memchr(b'\n', bytes);
        let (text, taken) = end.map_or((bytes, bytes.len()), |end| (&bytes[..end], end + 1));
        self.bytes += taken;
        self.line_bytes += text.len();
        self.line.extend(text.iter().take(LINE.saturating_sub(self.line.len())));
        let mut ended = false;
        if end.is_some() {
            let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
            if line.is_empty() {
                // Blank lines before a request mean nothing.
                ended = self.has_request_line;
            } else if self.has_request_line {
                self.framing.add(line, self.line_bytes > LINE);
            } else {
                self.has_request_line = true;
                if line.starts_with(b"CONNECT ") {
                    self.framing = Framing::Unsure;
                }
            }
            self.line.clear();
            self.line_bytes = 0;
        }
        (taken, ended)
    }
}

impl Framing {
    /// Takes a header into account.
    ///
    /// * `is_cut`: whether the line is longer
    fn add(&mut self, line: &[u8], is_cut: bool) {
        let Some(colon) = memchr::memchr(b':', line) else { return };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        let found = if name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            length.filter(|_| !is_cut).map_or(Self::Unsure, Self::Length)
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if value.eq_ignore_ascii_case(b"chunked") && !is_cut { Self::Chunked } else { Self::Unsure }
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            Self::Unsure
        } else {
            return;
        };
        *self = if *self == Self::NoBody { found } else { Self::Unsure };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceeds(text: &str, step: usize) -> bool {
        let mut limit = HeadLimit::default();
        text.as_bytes().chunks(step).any(|bytes| limit.is_exceeded(bytes))
    }

    #[test]
    fn only_a_head_is_too_long_however_it_arrives() {
        let name = "x".repeat(MAX_HEAD);
        let long = "y".repeat(200_000);
        let chunked =
            format!("POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n30d40;a=b\r\n{long}\r\n5\r\n12\n45\r\n0\r\n");
        let length = format!("POST / HTTP/1.1\r\ncontent-length: 200000\r\n\r\n{long}");
        for step in [1, 7, 4_096, 1_000_000] {
            assert!(!exceeds("GET / HTTP/1.1\r\na: b\r\n\r\n", step));
            assert!(exceeds(&format!("GET / HTTP/1.1\r\na: b\r\n{name}: c\r\n\r\n"), step));
            assert!(exceeds(&format!("GET / HTTP/1.1\n{name}"), step));
            assert!(exceeds(&format!("\r\n\r\nGET / HTTP/1.1\r\na: {name}"), step));
            assert!(exceeds(&format!("GET / HTTP/1.1\r\n{}", "a: b\r\n".repeat(20_000)), step));
            assert!(exceeds(&format!("GET /{name}"), step));
            // Bodies, and what comes behind them.
            assert!(!exceeds(&length, step));
            assert!(!exceeds(&format!("{length}GET / HTTP/1.1\r\na: b\r\n\r\n{length}"), step));
            assert!(exceeds(&format!("{length}GET / HTTP/1.1\r\n{name}"), step));
            for end in ["\r\n", "a: b\r\nc: d\r\n\r\n"] {
                assert!(!exceeds(&format!("{chunked}{end}{chunked}{end}{length}"), step));
                assert!(exceeds(&format!("{chunked}{end}GET / HTTP/1.1\r\n{name}"), step));
            }
            assert!(exceeds(&format!("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n{name}"), step));
            // Where it is not sure what is a body, nothing is cut off.
            for unsure in [
                "content-length: 5\r\ncontent-length: 6",
                "transfer-encoding: gzip, chunked",
                "content-length: x",
                "content-length: 5\r\ntransfer-encoding: chunked",
                "upgrade: h2c",
            ] {
                assert!(!exceeds(&format!("POST / HTTP/1.1\r\n{unsure}\r\n\r\n{long}"), step), "{unsure}");
            }
            assert!(!exceeds(&format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{long}"), step));
        }
    }
}
