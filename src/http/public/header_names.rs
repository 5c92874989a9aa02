//! Header names that are too long for actix-http, which panics on them: its parser takes names of any length, and its type for
//! names at most 65,535 bytes.

use crate::verify::is_token;

/// The longest name of `http::HeaderName`, in bytes.
const MAX: usize = 65_535;

/// Watches the bytes of a connection. The line after a blank one is a body's, or a request line. Further lines of a body are watched like headers, but none
/// begins like too long a name: in JSON a string has no line breaks, and compressed bytes are of all kinds.
#[derive(Debug, Default)]
pub struct HeaderNames {
    /// How many bytes the current line has, if it can be a header and all of them can be a name's.
    name: Option<usize>,
    /// The current line has nothing yet, but maybe a carriage return.
    blank: bool,
}

impl HeaderNames {
    /// Takes the next bytes. Returns whether a name in them is too long.
    pub fn is_too_long(&mut self, mut bytes: &[u8]) -> bool {
        let is_blank = |line: &[u8]| line.iter().all(|byte| *byte == b'\r');
        loop {
            if let Some(before) = self.name {
                let more = bytes.iter().take_while(|byte| is_token(**byte)).count();
                self.name = (more == bytes.len()).then_some(before + more);
                if before + more > MAX {
                    return true;
                }
            }
            let Some(line_end) = memchr::memchr(b'\n', bytes) else {
                self.blank &= is_blank(bytes);
                return false;
            };
            let was_blank = self.blank && is_blank(&bytes[..line_end]);
            bytes = &bytes[line_end + 1..];
            *self = Self { name: (!was_blank).then_some(0), blank: true };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn too_long(text: &str, step: usize) -> bool {
        let mut names = HeaderNames::default();
        text.as_bytes().chunks(step).any(|bytes| names.is_too_long(bytes))
    }

    #[test]
    fn only_a_name_beyond_the_limit_is_too_long_however_it_arrives() {
        let name = "x".repeat(MAX);
        let long = "y".repeat(200_000);
        for step in [1, 7, 4_096, 1_000_000] {
            assert!(!too_long(&format!("GET / HTTP/1.1\r\na: b\r\n{name}: c\r\n\r\n"), step));
            assert!(too_long(&format!("GET / HTTP/1.1\r\na: b\r\n{name}x: c\r\n\r\n"), step));
            assert!(too_long(&format!("GET / HTTP/1.1\n{name}x"), step));
            assert!(too_long(&format!("\r\n\r\nGET / HTTP/1.1\r\n{name}x"), step));
            // A body of one line, and one with another request behind it.
            assert!(!too_long(&format!("POST / HTTP/1.1\r\na: b\r\n\r\n{long}"), step));
            assert!(too_long(&format!("POST / HTTP/1.1\na: b\n\n{long}GET / HTTP/1.1\r\n{name}x"), step));
            // A long path, a long value, and JSON with a long string.
            assert!(!too_long(&format!("GET /{long} HTTP/1.1\r\na: {long}\r\n\r\n{{\n\"a\":\n\"{long}\"\n}}"), step));
        }
    }
}
