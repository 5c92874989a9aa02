//! JSON's numbers as PostgreSQL's `numeric` has them: every digit, with its scale.
//!
//! A short literal can stand for 131,072 digits, so they are written out only for text and for keys.

/// The limits of `numeric`: digits before and after the decimal point
/// (<https://www.postgresql.org/docs/current/datatype-numeric.html>).
const MAX_WHOLE: i64 = 131_072;
const MAX_SCALE: i64 = 16_383;

/// Decimal digits in one digit of a `numeric`.
const GROUP: i64 = 4;

/// A number within the limits of `numeric`, taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<'a> {
    negative: bool,
    /// The digits before and after the literal's point.
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

/// A number as PostgreSQL holds it.
#[derive(Debug, PartialEq, Eq)]
pub struct Groups {
    pub negative: bool,
    /// The place of the first group: 0 for the one before the decimal point.
    pub weight: i16,
    /// Digits after the decimal point, with trailing zeros.
    pub scale: u16,
    /// Four decimal digits each.
    pub groups: Vec<i16>,
}

impl<'a> Decimal<'a> {
    /// Reads a literal of JSON, which may have leading zeros too. `None` if the number exceeds `numeric`.
    pub fn read(literal: &'a str) -> Option<Self> {
        let (negative, unsigned) = match literal.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, literal),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let number = Self { negative, whole, fraction, exponent: exponent.into() };
        let in_limits = number.scale() <= MAX_SCALE && (number.is_zero() || number.point() <= MAX_WHOLE);
        in_limits.then_some(number)
    }

    /// Its digits from the first that is not zero.
    fn significant(self) -> impl DoubleEndedIterator<Item = u8> + Clone + use<'a> {
        let whole = self.whole.trim_start_matches('0');
        let fraction = if whole.is_empty() { self.fraction.trim_start_matches('0') } else { self.fraction };
        whole.bytes().chain(fraction.bytes())
    }

    fn is_zero(self) -> bool {
        self.significant().next().is_none()
    }

    /// How many of the significant digits stand before the decimal point; below zero for zeros behind it.
    fn point(self) -> i64 {
        let digits = length(self.whole) + length(self.fraction);
        let significant = i64::try_from(self.significant().count()).expect("a text is shorter than i64::MAX");
        length(self.whole) + self.exponent - (digits - significant)
    }

    /// Digits after the decimal point.
    fn scale(self) -> i64 {
        (length(self.fraction) - self.exponent).max(0)
    }

    /// How long [`Decimal::plain`] is, in bytes.
    pub fn plain_len(self) -> i64 {
        let sign = i64::from(self.negative && !self.is_zero());
        let whole = if self.is_zero() { 1 } else { self.point().max(1) };
        sign + whole + if self.scale() > 0 { 1 + self.scale() } else { 0 }
    }

    /// The integer that it equals, if it is one that fits a bigint: 44 for `44.0` and `4.4e1`.
    pub fn to_bigint(self) -> Option<i64> {
        const MOST_DIGITS: i64 = 19;
        if self.is_zero() {
            return Some(0);
        }
        let point = self.point();
        let mut digits: Vec<u8> = self.significant().rev().skip_while(|digit| *digit == b'0').collect();
        let zeros = point - i64::try_from(digits.len()).ok()?;
        if !(0..=MOST_DIGITS).contains(&point) || zeros < 0 {
            return None;
        }
        digits.reverse();
        let whole = digits.iter().fold(0_i128, |whole, digit| whole * 10 + i128::from(digit - b'0'));
        let whole = whole * 10_i128.pow(u32::try_from(zeros).ok()?);
        i64::try_from(if self.negative { -whole } else { whole }).ok()
    }

    /// As plain digits, with its scale: `1.50e1` → `15.0`, `1E3` → `1000`, `-0.0` → `0.0`. The same text that `jsonb`
    /// and `numeric` return.
    pub fn plain(self) -> String {
        let zeros = |count: i64| std::iter::repeat_n('0', usize::try_from(count).unwrap_or(0));
        let mut out = String::with_capacity(usize::try_from(self.plain_len()).unwrap_or(0));
        if self.negative && !self.is_zero() {
            out.push('-');
        }
        let mut digits = self.significant().map(char::from);
        let point = if self.is_zero() { 0 } else { self.point() };
        if point <= 0 {
            out.push('0');
        } else {
            let before = usize::try_from(point).expect("it is above zero");
            let from = out.len();
            out.extend(digits.by_ref().take(before));
            out.extend(std::iter::repeat_n('0', before - (out.len() - from)));
        }
        if self.scale() > 0 {
            out.push('.');
            if self.is_zero() {
                out.extend(zeros(self.scale()));
            } else {
                out.extend(zeros(-point));
                out.extend(digits);
            }
        }
        out
    }

    /// As PostgreSQL holds it. Its length follows from the digits of the literal, whatever the exponent is.
    pub fn groups(self) -> Groups {
        let scale = u16::try_from(self.scale()).expect("it is in the limits");
        let mut groups = Groups { negative: self.negative, weight: 0, scale, groups: Vec::new() };
        if self.is_zero() {
            return groups;
        }
        // The point stands between two groups, so the first and the last may be short.
        let point = self.point();
        let before = (point + GROUP - 1).div_euclid(GROUP);
        let missing = usize::try_from(before * GROUP - point).expect("it is less than a group");
        let mut digits = std::iter::repeat_n(b'0', missing).chain(self.significant());
        while let Some(first) = digits.next() {
            let rest = [(); 3].map(|()| digits.next().unwrap_or(b'0'));
            let group = rest.iter().fold(i16::from(first - b'0'), |group, digit| group * 10 + i16::from(digit - b'0'));
            groups.groups.push(group);
        }
        let trailing = groups.groups.iter().rev().take_while(|group| **group == 0).count();
        groups.groups.truncate(groups.groups.len() - trailing);
        groups.weight = i16::try_from(before - 1).expect("it is in the limits");
        groups
    }
}

/// A literal as plain digits; see [`Decimal::plain`]. `None` if it exceeds `numeric`.
pub fn plain(literal: &str) -> Option<String> {
    Decimal::read(literal).map(Decimal::plain)
}

/// Whether a text is a number in its plain form.
pub fn is_plain(text: &str) -> bool {
    // Written out only if that is not longer.
    Decimal::read(text).is_some_and(|number| number.plain_len() == length(text) && number.plain() == text)
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
            ("0.00e1", "0.0"),
            ("0e5", "0"),
            ("100e-2", "1.00"),
            ("007.50", "7.50"),
            ("12345678901234567890123.4500", "12345678901234567890123.4500"),
        ] {
            assert_eq!(plain(literal).as_deref(), Some(text), "{literal}");
            let number = Decimal::read(literal).expect("it is small");
            assert_eq!(number.plain_len(), length(text), "{literal}");
        }
    }

    #[test]
    fn numbers_beyond_numeric_are_misfits() {
        assert_eq!(plain("1e131072"), None);
        assert_eq!(plain("1e131071").map(|text| text.len()), Some(131_072));
        assert_eq!(plain("1e-16384"), None);
        assert_eq!(plain("1e-16383").map(|text| text.len()), Some(16_385));
        assert_eq!(plain("1e99999999999999"), None);
    }

    fn groups(literal: &str) -> (Vec<i16>, i16, bool, u16) {
        let Groups { negative, weight, scale, groups } = Decimal::read(literal).expect("it is in the limits").groups();
        (groups, weight, negative, scale)
    }

    #[test]
    fn numerics_are_groups_of_four_digits_about_the_point() {
        assert_eq!(groups("0"), (vec![], 0, false, 0));
        assert_eq!(groups("0.00"), (vec![], 0, false, 2));
        assert_eq!(groups("12.5"), (vec![12, 5000], 0, false, 1));
        assert_eq!(groups("-12345.60"), (vec![1, 2345, 6000], 1, true, 2));
        assert_eq!(groups("0.00001234"), (vec![1234], -2, false, 8));
        assert_eq!(groups("1.234e-5"), (vec![1234], -2, false, 8));
        assert_eq!(groups("0.0001"), (vec![1], -1, false, 4));
        assert_eq!(groups("100000000"), (vec![1], 2, false, 0));
        assert_eq!(groups("1e131071"), (vec![1000], 32_767, false, 0));
        assert_eq!(groups("1e-16383"), (vec![10], -4096, false, 16_383));
        let (all, weight, ..) = groups(&"9".repeat(131_072));
        assert_eq!((all.len(), weight), (32_768, 32_767));
    }

    #[test]
    fn whole_numbers_are_integers_however_they_are_written() {
        for (literal, whole) in [
            ("44.0", Some(44)),
            ("4.4e1", Some(44)),
            ("-0.0", Some(0)),
            ("-1200e-2", Some(-12)),
            ("1e18", Some(1_000_000_000_000_000_000)),
            ("9223372036854775807.000", Some(i64::MAX)),
            ("-9.223372036854775808E18", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1e131071", None),
            ("0.5", None),
            ("1e-16383", None),
            ("44.01", None),
        ] {
            assert_eq!(Decimal::read(literal).and_then(Decimal::to_bigint), whole, "{literal}");
        }
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
