//! JSON for people: each member and element on a line of its own.

/// Indents valid JSON. Its strings and numbers stay as they are, to the last digit.
pub fn pretty_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut rest = json.trim();
    while let Some(c) = rest.chars().next() {
        match c {
            '"' => {
                let (string, after) = rest.split_at(string_length(rest));
                out.push_str(string);
                rest = after;
                continue;
            }
            '{' | '[' => {
                let closing = rest[1..].trim_start();
                if closing.starts_with(['}', ']']) {
                    out.push(c);
                    out.push_str(&closing[..1]);
                    rest = &closing[1..];
                    continue;
                }
                depth += 1;
                out.push(c);
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.push('\n');
    out
}

/// The length of the string that a text begins with, in bytes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_on_lines_of_their_own() {
        let json = r#" {"a" : [1.10, {"b":"x,{\"y\":\\"} ],"c":{ }, "d":[],"é":null}"#;
        let pretty = "{\n  \"a\": [\n    1.10,\n    {\n      \"b\": \"x,{\\\"y\\\":\\\\\"\n    }\n  ],\n  \
                      \"c\": {},\n  \
                      \"d\": [],\n  \"é\": null\n}\n";
        assert_eq!(pretty_json(json), pretty);
        assert_eq!(pretty_json("7"), "7\n");
    }

    #[test]
    fn it_is_the_same_json() {
        let json = r#"{"a":[true,{"k":"\u0000 \" ,:[]{}"},[[]],-0.0e10],"":{}}"#;
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("it is JSON");
        assert_eq!(read(&pretty_json(json)), read(json));
    }
}
