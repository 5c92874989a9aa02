//! Header names that are too long for actix-http, which panics on them: its parser takes names of any length, and its type for
//! names at most 65,535 bytes.

/// The longest name of `http::HeaderName`, in bytes.
const MAX: usize = 65_535;

/// Watches the bytes of a connection. It cannot tell headers from bodies, but no body has a line that begins like too long a name: in JSON
/// a string has no line breaks, and compressed bytes are of all kinds.
#[derive(Debug, Default)]
pub struct HeaderNames {
    /// How many bytes the current line has, if all of them can be a name's.
    name: Option<usize>,
}

impl HeaderNames {
    /// Takes the next bytes. Returns whether a name in them is too long.
    pub fn is_too_long(&mut self, mut bytes: &[u8]) -> bool {
        loop {
            if let Some(before) = self.name {
                let more = bytes.iter().take_while(|byte| is_token(**byte)).count();
                self.name = (more == bytes.len()).then_some(before + more);
                if before + more > MAX {
                    return true;
                }
            }
            let Some(line_end) = memchr::memchr(b'\n', bytes) else { return false };
            bytes = &bytes[line_end + 1..];
            self.name = Some(0);
        }
    }
}

/// A character of a token (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
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
            // A long path, a long value, and JSON with a long string.
            assert!(!too_long(&format!("GET /{long} HTTP/1.1\r\na: {long}\r\n\r\n{{\n\"a\":\n\"{long}\"\n}}"), step));
        }
    }
}
