//! The settings as documents: `.env.example`, and the table in `docs/settings.md`. Tests compare the files with these.

use std::fmt::Write as _;

use super::{ALL, Setting};

/// The text of `.env.example`.
pub fn env_example() -> String {
    let mut text = String::from(
        "# The settings of polysink, each with its default. Copy this file to .env and remove the # before what you \
         change.\n\
         # The environment wins over this file, and a flag of the same name (--listen) over both. Put a value that\n\
         # holds spaces, # or $ in single quotes.\n",
    );
    for setting in ALL {
        text.push('\n');
        for line in wrapped(setting.doc, 117) {
            writeln!(text, "# {line}").expect("a string takes every write");
        }
        if setting.secret {
            writeln!(text, "# Can also come from a file: {}_FILE=/run/secrets/…", setting.name)
                .expect("a string takes every write");
        }
        let value = setting.default.unwrap_or(setting.example);
        writeln!(text, "#{}={value}", setting.name).expect("a string takes every write");
    }
    text
}

/// The table in `docs/settings.md`.
pub fn markdown_table() -> String {
    let mut text = String::from("| setting | default | meaning |\n|---|---|---|\n");
    for Setting { name, default, doc, .. } in ALL.iter().copied() {
        let default = default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        writeln!(text, "| `{name}` | {default} | {doc} |").expect("a string takes every write");
    }
    text
}

/// Breaks text into lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is at least one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
