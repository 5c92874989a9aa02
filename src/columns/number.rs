//! JSON's numbers as PostgreSQL's `numeric` shows them: every digit, no exponent.

/// The limits of `numeric`: digits before and after the decimal point
/// (<https://www.postgresql.org/docs/current/datatype-numeric.html>).
const MAX_WHOLE: usize = 131_072;
const MAX_SCALE: usize = 16_383;

/// A JSON number as plain digits, with its scale: `1.50e1` → `15.0`, `1E3` → `1000`, `-0.0` → `0.0`. The same text that
/// `jsonb` and `numeric` return. `None` if it exceeds `numeric`.
pub fn plain(literal: &str) -> Option<String> {
    let (negative, unsigned) = match literal.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, literal),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let exponent = i64::from(exponent);
    let point = length(whole) + exponent; // how many of the digits stand before the decimal point
    let scale = usize::try_from((length(fraction) - exponent).max(0)).ok()?;
    let significant = digits.trim_start_matches('0');
    let zero = significant.is_empty();
    let leading = length(&digits) - length(significant);
    if scale > MAX_SCALE || (!zero && point - leading > i64::try_from(MAX_WHOLE).ok()?) {
        return None;
    }

    let mut out = String::with_capacity(digits.len() + 2);
    if negative && !zero {
        out.push('-');
    }
    if zero || point <= leading {
        out.push('0');
    } else {
        let end = usize::try_from(point.min(length(&digits))).ok()?;
        out.push_str(&digits[digits.len() - significant.len()..end]);
        out.extend(std::iter::repeat_n('0', usize::try_from(point - length(&digits)).unwrap_or(0)));
    }
    if scale > 0 {
        out.push('.');
        let from = out.len();
        out.extend(std::iter::repeat_n('0', usize::try_from(-point).unwrap_or(0).min(scale)));
        out.push_str(&digits[usize::try_from(point.max(0)).ok()?.min(digits.len())..]);
        out.truncate(from + scale);
    }
    Some(out)
}

/// The same text for equal numbers, whatever their scale: `1`, `1.0` and `1e0` are `1`. For keys.
pub fn by_value(literal: &str, out: &mut String) {
    match plain(literal) {
        Some(text) if text.contains('.') => out.push_str(text.trim_end_matches('0').trim_end_matches('.')),
        Some(text) => out.push_str(&text),
        None => out.push_str(literal),
    }
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).expect("a text is shorter than i64::MAX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_out_and_keep_their_scale() {
        for (literal, text) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("12", "12"),
            ("-1.50", "-1.50"),
            ("1.50e1", "15.0"),
            ("1.5E1", "15"),
            ("1e3", "1000"),
            ("0.5e1", "5"),
            ("0.05e1", "0.5"),
            ("1e-7", "0.0000001"),
            ("12.5e-3", "0.0125"),
            ("0e-3", "0.000"),
            ("0e5", "0"),
            ("100e-2", "1.00"),
            ("12345678901234567890123.4500", "12345678901234567890123.4500"),
        ] {
            assert_eq!(plain(literal).as_deref(), Some(text), "{literal}");
        }
    }

    #[test]
    fn what_numeric_does_not_hold_is_told() {
        assert_eq!(plain("1e131072"), None);
        assert_eq!(plain("1e131071").map(|text| text.len()), Some(131_072));
        assert_eq!(plain("1e-16384"), None);
        assert_eq!(plain("1e-16383").map(|text| text.len()), Some(16_385));
        assert_eq!(plain("1e99999999999999"), None);
    }

    #[test]
    fn equal_numbers_make_one_key() {
        for literal in ["1", "1.0", "1e0", "10e-1"] {
            let mut out = String::new();
            by_value(literal, &mut out);
            assert_eq!(out, "1", "{literal}");
        }
        let mut out = String::new();
        by_value("100", &mut out);
        assert_eq!(out, "100");
    }
}
