//! Names that can be typed without quotes.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// The longest name of a table: `_history` must fit an identifier too.
pub const TABLE_NAME_BYTES: usize = COLUMN_NAME_BYTES - HISTORY.len();

/// The longest identifier in PostgreSQL, in bytes.
pub const COLUMN_NAME_BYTES: usize = 63;

const HISTORY: &str = "_history";

/// The name if nothing of the sync's name is left, and the prefix before a leading digit.
const TABLE_WORD: &str = "sync";

/// The same for a column.
const COLUMN_WORD: &str = "field";

/// Columns that every PostgreSQL table has.
const SYSTEM_COLUMNS: &[&str] = &["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// PostgreSQL's reserved words, 14 to 18, including those that can only be functions or types.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both",
    "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
    "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for",
    "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner", "intersect",
    "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime", "localtimestamp",
    "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing",
    "primary", "references", "returning", "right", "select", "session_user", "similar", "some", "symmetric",
    "system_user", "table", "tablesample", "then", "to", "trailing", "true", "union", "unique", "user", "using",
    "variadic", "verbose", "when", "where", "window", "with",
];

/// The name of a sync's table, from the sync's name: `Webhook HTTP Endpoint sync` → `webhook_http_endpoint_sync`.
///
/// At most [`TABLE_NAME_BYTES`] long. It never ends in `_history`, as the histories do: `customers history` →
/// `customers_history_sync`.
pub fn table_name(sync_name: &str) -> String {
    let name = identifier(sync_name, TABLE_WORD, TABLE_NAME_BYTES);
    if name.ends_with(HISTORY) { with_suffix(&name, "_sync", TABLE_NAME_BYTES) } else { name }
}

/// The name of a field's column, from the field's name: `Signed up at` → `signed_up_at`.
///
/// At most [`COLUMN_NAME_BYTES`] long. It never starts with an underscore, as polysink's own columns do.
pub fn column_name(field: &str) -> String {
    let name = identifier(field, COLUMN_WORD, COLUMN_NAME_BYTES);
    if SYSTEM_COLUMNS.contains(&name.as_str()) { with_suffix(&name, "_", COLUMN_NAME_BYTES) } else { name }
}

/// `base`, or `base_2`, `base_3` and so on: the first one that is free.
///
/// * `max`: bytes
pub fn distinct(base: &str, max: usize, taken: impl Fn(&str) -> bool) -> String {
    let mut name = base.to_owned();
    let mut n = 1_u64;
    while taken(&name) {
        n += 1;
        name = with_suffix(base, &format!("_{n}"), max);
    }
    name
}

/// The name without invisible differences: characters that can be written in two ways in one of them (Unicode's
/// normalization form C), without invisible ones.
pub fn visible_form(name: &str) -> String {
    name.chars().filter(|c| !is_invisible(*c)).nfc().collect()
}

/// Whether nothing is to be seen of a character. Some letters of Hangul are placeholders for none.
fn is_invisible(c: char) -> bool {
    c.general_category() == GeneralCategory::Format || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Whether it belongs to the letter before it: an accent, or a vowel in many scripts.
fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Lower case; letters and digits of any script with their marks; other characters become one underscore, none at
/// either end; no leading digit; at most `max` bytes. A reserved word gets a trailing underscore.
fn identifier(text: &str, word: &str, max: usize) -> String {
    // The lower case of the Turkish İ is two characters, one of which people do not type.
    let lower = visible_form(text).replace('İ', "i").to_lowercase();
    let mut name = String::new();
    for c in lower.nfc() {
        if c.is_alphanumeric() || (is_mark(c) && name.ends_with(|before: char| before != '_')) {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.is_empty() {
        name.push_str(word);
    } else if !name.starts_with(char::is_alphabetic) {
        name = format!("{word}_{name}");
    }
    let name = cut(&name, max);
    if RESERVED.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

fn with_suffix(base: &str, suffix: &str, max: usize) -> String {
    format!("{}{suffix}", cut(base, max - suffix.len()))
}

/// The longest prefix of `name` that fits, in whole letters with their marks, without a trailing underscore.
fn cut(name: &str, max: usize) -> &str {
    let mut end = name.floor_char_boundary(max);
    while name[end..].starts_with(is_mark) && end > 0 {
        end = name.floor_char_boundary(end - 1);
    }
    name[..end].trim_end_matches('_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_what_a_person_types_without_quotes() {
        for (sync, table) in [
            ("Webhook HTTP Endpoint sync", "webhook_http_endpoint_sync"),
            ("  Accounts → Warehouse!! ", "accounts_warehouse"),
            ("Société Générale", "société_générale"),
            ("客户 同步", "客户_同步"),
            ("Tiếng Việt", "tiếng_việt"),
            ("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "tiếng_việt"),
            ("ชื่อลูกค้า", "ชื่อลูกค้า"),
            ("ग्राहक का नाम", "ग्राहक_का_नाम"),
            ("cafe\u{301}", "café"),
            ("İstanbul", "istanbul"),
            ("zero\u{200b}width \u{feff}bom soft\u{ad}hyphen", "zerowidth_bom_softhyphen"),
            ("\u{301}a", "a"),
            ("a \u{301}b", "a_b"),
            ("❤\u{fe0f} plan", "plan"),
            ("2024 orders", "sync_2024_orders"),
            ("Order", "order_"),
            ("orders_history", "orders_history_sync"),
            ("\"; drop table x; --", "drop_table_x"),
            ("💥", "sync"),
            ("", "sync"),
        ] {
            assert_eq!(table_name(sync), table);
        }
    }

    #[test]
    fn a_cut_leaves_no_letter_without_its_marks() {
        let name = format!("{}ชื่", "x".repeat(50));
        assert_eq!(cut(&name, 53), format!("{}", "x".repeat(50)));
        assert_eq!(cut(&name, 58), "x".repeat(50));
        assert_eq!(cut(&name, 59), name);
        assert_eq!(cut("\u{301}\u{301}", 2), "");
    }

    #[test]
    fn equal_names_become_distinct() {
        let taken = ["orders", "orders_2"];
        assert_eq!(distinct("orders", 55, |name| taken.contains(&name)), "orders_3");
        assert_eq!(distinct("events", 55, |name| taken.contains(&name)), "events");
        let long = "x".repeat(55);
        assert_eq!(distinct(&long, 55, |name| name == long), format!("{}_2", "x".repeat(53)));
    }

    proptest! {
        #[test]
        fn any_sync_name_makes_a_name_that_postgres_takes(sync in ".{0,200}") {
            let name = table_name(&sync);
            prop_assert!(!name.is_empty() && name.len() <= TABLE_NAME_BYTES);
            prop_assert!(name.chars().all(|c| c == '_' || c.is_alphanumeric() || is_mark(c)));
            prop_assert!(name.starts_with(char::is_alphabetic));
            // However the name's characters are written.
            prop_assert_eq!(&name, &table_name(&sync.nfc().collect::<String>()));
            prop_assert_eq!(&name, &table_name(&sync.nfd().collect::<String>()));
            prop_assert!(!name.ends_with(HISTORY) && !RESERVED.contains(&name.as_str()));
        }
    }
}
