//! Bounds what numbers with exponents expand to. PostgreSQL writes them out: `1e131071`, eight bytes, is a text of
//! 131,072.

/// The sum of the exponents in one record, without their signs: about as many digits are added when the record is read.
/// Ordinary records have a few hundred.
pub const MAX_EXPONENTS: u64 = 1 << 20;

/// The sum of the exponents of the numbers in JSON text, if that exceeds [`MAX_EXPONENTS`].
pub fn excess_exponents(json: &str) -> Option<u64> {
    let bytes = json.as_bytes();
    if !may_have_exponents(bytes) {
        return None;
    }
    // An apparent exponent may be part of a string, such as a UUID. The second check is for those few.
    let possible = exponents(bytes).fold(0, u64::saturating_add);
    if possible <= MAX_EXPONENTS {
        return None;
    }
    let sum = outside_strings(bytes).map(|part| exponents(part).fold(0, u64::saturating_add));
    Some(sum.fold(0, u64::saturating_add)).filter(|sum| *sum > MAX_EXPONENTS)
}

/// Whether there is a digit before an `e`. Nearly all records have none; blocks without a branch within make that
/// cheap.
fn may_have_exponents(bytes: &[u8]) -> bool {
    const BLOCK: usize = 1 << 10;
    let mut blocks = bytes.chunks(BLOCK).zip(bytes.get(1..).unwrap_or_default().chunks(BLOCK));
    blocks.any(|(block, next)| {
        let pairs = block.iter().zip(next);
        let found = |(byte, next): (&u8, &u8)| u8::from(byte.is_ascii_digit()) & u8::from(next | 0x20 == b'e');
        pairs.map(found).fold(0, |any, found| any | found) != 0
    })
}

/// The text after each `e` that follows a digit, as a number without its sign.
fn exponents(bytes: &[u8]) -> impl Iterator<Item = u64> {
    memchr::memchr2_iter(b'e', b'E', bytes).filter_map(|at| {
        let before = at.checked_sub(1).map(|before| bytes[before])?;
        if !before.is_ascii_digit() {
            return None;
        }
        let signed = &bytes[at + 1..];
        let digits = signed.strip_prefix(b"+").or_else(|| signed.strip_prefix(b"-")).unwrap_or(signed);
        let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
        Some(digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
    })
}

/// The parts of valid JSON between its strings.
fn outside_strings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        let (part, string) = rest.split_at(start);
        rest = after_string(string);
        Some(part)
    })
}

/// The text after a string.
///
/// * `json`: begins with its quotation mark
fn after_string(json: &[u8]) -> &[u8] {
    let mut at = 1;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if json[at] == b'"' {
            return &json[at + 1..];
        }
        at += 2;
    }
    &[]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exponents_are_added_up_outside_strings() {
        let many = |number: &str, count: usize| format!(r#"{{"a":[{}]}}"#, vec![number; count].join(","));
        assert_eq!(excess_exponents(&many("1e131071", 8)), None);
        assert_eq!(excess_exponents(&many("1e131071", 9)), Some(9 * 131_071));
        assert_eq!(excess_exponents(&many("-2.5E-0131071", 9)), Some(9 * 131_071));
        assert_eq!(excess_exponents(&many("1e+999999999999999999999", 1)), Some(u64::MAX));
        assert_eq!(excess_exponents(&many(r#""1e131071""#, 9)), None);
        assert_eq!(excess_exponents(&many(r#""\\\"1e131071""#, 9)), None);
        assert_eq!(excess_exponents(&many(r#"{"1e131071\\":1e1}"#, 9)), None);
        assert_eq!(excess_exponents(&many(r#""5a3e7f0c-91d4-4e58-9d3b-2f6a1c0e8b47""#, 50_000)), None);
        assert_eq!(excess_exponents(""), None);
    }

    proptest! {
        /// Wherever an exponent stands, the quick look finds it.
        #[test]
        fn the_quick_look_misses_none(before in 0_usize..3_000, after in 0_usize..3_000) {
            let json = format!("{}1e9{}", " ".repeat(before), " ".repeat(after));
            prop_assert!(may_have_exponents(json.as_bytes()));
            prop_assert!(!may_have_exponents(json.replace('e', "x").as_bytes()));
        }
    }
}
