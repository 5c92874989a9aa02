//! Lists in settings: entries, names, and signs that are written twice.

use secrecy::{ExposeSecret as _, SecretString};

/// The entries of a list, which commas or line breaks separate, each with its number from 1, without empty ones. Two
/// commas are one that belongs to an entry.
pub fn list_items(list: &SecretString) -> impl Iterator<Item = (usize, String)> {
    let items = split_doubled(list.expose_secret(), ',', |character| character == '\n');
    let items = items.into_iter().map(|item| item.trim().to_owned());
    items.filter(|item| !item.is_empty()).zip(1..).map(|(item, n)| (n, item))
}

/// Splits a text at a separator; two in a row are one that belongs to a part.
///
/// * `also`: characters that separate too
pub fn split_doubled(text: &str, separator: char, also: impl Fn(char) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == separator && characters.next_if_eq(&separator).is_some() {
            parts.last_mut().expect("there is one").push(separator);
        } else if character == separator || also(character) {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("there is one").push(character);
        }
    }
    parts
}

/// Name and rest of an entry `name=rest`, if what stands before the sign can be a name: `[a-z][a-z0-9-]*`.
pub fn named_item(item: &str) -> Option<(&str, &str)> {
    let (name, rest) = item.split_once('=')?;
    let mut bytes = name.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    valid.then_some((name, rest))
}

/// Whether a byte can be part of a token, such as a header's name (RFC 9110, 5.6.2).
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
