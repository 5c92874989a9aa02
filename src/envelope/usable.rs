//! Whether a record can be stored, and what is stored of it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::exponents::{MAX_EXPONENTS, excess_exponents};
use super::hash::make_hash;
use super::wire::{range_in, text};
use super::{Fields, Record, Sanitized, sanitize_json};
use crate::model::{MAX_HASH_BYTES, RecordHash, TooLong};

/// Why a record is invalid: reason code and sentence.
pub type Unusable = (&'static str, Cow<'static, str>);

/// A record that can be stored, or the reason code and the sentence why not.
pub fn usable(
    body: &str,
    hash: Option<&RawValue>,
    fields: Option<&RawValue>,
    position: u32,
) -> Result<Record, Unusable> {
    let Some(fields) = fields.filter(|fields| fields.get().starts_with('{')) else {
        return Err(("fields_not_object", Cow::Borrowed("`fields` is missing or is not an object")));
    };
    if let Some(sum) = excess_exponents(fields.get()) {
        return Err((
            "numbers_too_long",
            format!(
                "the exponents of its numbers add up to {sum}; at most {MAX_EXPONENTS}, because a database writes such \
                 numbers out, digit by digit"
            )
            .into(),
        ));
    }
    let hash_altered = hash.is_some_and(|hash| matches!(sanitize_json(hash.get()), Sanitized::Altered(_)));
    let hash = match hash.map(text) {
        None => None,
        Some(Some(hash)) => Some(hash).filter(|hash| !hash.is_empty()),
        Some(None) => return Err(("hash_not_string", Cow::Borrowed("`hash` is not a string"))),
    };
    let sanitized = sanitize_json(fields.get());
    let hash = if let Some(hash) = hash {
        RecordHash::new(&hash).map_err(|TooLong(bytes)| {
            ("hash_too_long", format!("`hash` has {bytes} bytes; at most {MAX_HASH_BYTES} fit an index").into())
        })?
    } else {
        let text: &str = match &sanitized {
            Sanitized::AsItCame(text) => text,
            Sanitized::Altered(text) => text,
        };
        make_hash(text).ok_or((
            "too_deep",
            Cow::Borrowed("the record has no `hash`, and `fields` is nested too deeply to make one"),
        ))?
    };
    let fields = match sanitized {
        Sanitized::AsItCame(text) => {
            let range = range_in(body, text);
            if hash_altered { Fields::Altered(body[range].into()) } else { Fields::Borrowed(range) }
        }
        Sanitized::Altered(text) => Fields::Altered(text.into()),
    };
    Ok(Record { hash, fields, position })
}
