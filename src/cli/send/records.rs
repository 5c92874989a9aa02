//! Reads records from a file: one JSON object per line, or one JSON array of objects.

use std::io::{self, BufRead};

use anyhow::Context as _;
use serde_json::value::RawValue;

/// Advice for a file that is not JSON.
const EXPECTED: &str = "expected one JSON object per line, or a JSON array of objects. For CSV, convert it first, \
    for example with `mlr --icsv --ojsonl cat FILE`";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The records of a file, each a JSON object. An error names the place, and is the last item.
pub struct Records {
    reader: Box<dyn BufRead + Send>,
    layout: Option<RecordLayout>,
    /// The number of the line, or of the element, that was read last.
    number: u64,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecordLayout {
    Lines,
    Array,
}

impl Records {
    pub fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self { reader, layout: None, number: 0, ended: false }
    }

    fn read(&mut self) -> anyhow::Result<Option<String>> {
        let layout = match self.layout {
            Some(layout) => layout,
            None => self.find_layout()?,
        };
        match layout {
            RecordLayout::Lines => self.read_line(),
            RecordLayout::Array => self.read_element(),
        }
    }

    /// Skips a byte order mark. The first character decides.
    fn find_layout(&mut self) -> anyhow::Result<RecordLayout> {
        let start = self.reader.fill_buf().context("cannot read the file")?;
        if start.starts_with(BYTE_ORDER_MARK) {
            self.reader.consume(BYTE_ORDER_MARK.len());
        }
        let layout = if self.peek()? == Some(b'[') {
            self.reader.consume(1);
            RecordLayout::Array
        } else {
            RecordLayout::Lines
        };
        self.layout = Some(layout);
        Ok(layout)
    }

    fn read_line(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            let mut line = String::new();
            self.number += 1;
            let number = self.number;
            if self.reader.read_line(&mut line).with_context(|| format!("cannot read line {number}"))? == 0 {
                return Ok(None);
            }
            if line.trim().is_empty() {
                continue;
            }
            let fields: &RawValue =
                serde_json::from_str(&line).with_context(|| format!("line {number} is not JSON; {EXPECTED}"))?;
            anyhow::ensure!(fields.get().starts_with('{'), "line {number} is not a JSON object; {EXPECTED}");
            return Ok(Some(fields.get().to_owned()));
        }
    }

    fn read_element(&mut self) -> anyhow::Result<Option<String>> {
        let separated = self.number == 0;
        match self.peek()? {
            Some(b']') => {
                self.reader.consume(1);
                let rest = self.peek()?;
                anyhow::ensure!(rest.is_none(), "there is more after the end of the JSON array");
                return Ok(None);
            }
            Some(b',') if !separated => self.reader.consume(1),
            Some(_) if separated => {}
            _ => anyhow::bail!("the JSON array is not complete after element {}", self.number),
        }
        self.number += 1;
        let number = self.number;
        anyhow::ensure!(self.peek()? == Some(b'{'), "element {number} of the JSON array is not an object");
        // An object ends with its brace, so nothing behind it is read.
        let mut elements = serde_json::Deserializer::from_reader(&mut self.reader).into_iter::<Box<RawValue>>();
        let element = elements.next().transpose();
        let fields = element.with_context(|| format!("element {number} of the JSON array is not valid JSON"))?;
        Ok(fields.map(|fields| fields.get().to_owned()))
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> anyhow::Result<Option<u8>> {
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("cannot read the file"),
            };
            let Some(first) = bytes.first().copied() else { return Ok(None) };
            if !first.is_ascii_whitespace() {
                return Ok(Some(first));
            }
            // A line that is skipped here still counts.
            self.number += u64::from(first == b'\n' && self.layout.is_none());
            self.reader.consume(1);
        }
    }
}

impl Iterator for Records {
    type Item = anyhow::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read().transpose();
        self.ended = !matches!(read, Some(Ok(_)));
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records, and the error at the end if there is one.
    fn read(text: &'static str) -> (Vec<String>, Option<String>) {
        let mut records = Vec::new();
        for record in Records::new(Box::new(text.as_bytes())) {
            match record {
                Ok(record) => records.push(record),
                Err(error) => return (records, Some(format!("{error:#}"))),
            }
        }
        (records, None)
    }

    #[test]
    fn a_line_keeps_its_digits_and_a_bad_one_is_named() {
        let (records, error) = read("{\"n\": 1.10}\n\n{\"n\":2}\nnonsense\n{\"n\":3}\n");
        assert_eq!(records, ["{\"n\": 1.10}", "{\"n\":2}"]);
        assert!(error.expect("the line is bad").contains("line 4"));
        assert!(read("\n\n7").1.expect("it is a number").contains("line 3 is not a JSON object"));
    }

    #[test]
    fn an_array_is_read_an_element_at_a_time() {
        let (records, error) = read(" [ {\"a\": [1]} ,\n{\"b\":\"]\"}]\n");
        assert_eq!((&records[..], error), (&["{\"a\": [1]}".to_owned(), "{\"b\":\"]\"}".to_owned()][..], None));
        assert_eq!(read("[]"), (Vec::new(), None));
        for (text, expected) in [
            ("[{},7]", "element 2 of the JSON array is not an object"),
            ("[{}", "not complete after element 1"),
            ("[{} {}]", "not complete after element 1"),
            ("[{}] {}", "more after the end"),
            ("[{\"a\":}]", "element 1 of the JSON array is not valid JSON"),
        ] {
            let error = read(text).1.expect(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_csv_gets_a_hint() {
        assert_eq!(read("\u{feff}{\"a\":1}").0, ["{\"a\":1}"]);
        assert_eq!(read("\u{feff}[{}]").0, ["{}"]);
        let (_, error) = read("id,name\n1,Ada\n");
        assert!(error.expect("it is CSV").contains("mlr --icsv"));
    }
}
