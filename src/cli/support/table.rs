//! Tables for people: aligned columns, numbers to the right.

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A longer cell is cut.
const MAX_CELL_CHARS: usize = 120;

/// Characters that change the direction of text, which Unicode does not class as control characters.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Formats a table with a heading, one line per row. Control characters, which a sync's name could hold, become `?`.
pub fn render(heading: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let clean = |text: &str| {
        let shown = text.chars().map(|c| if c.is_control() || is_bidi(c) { '?' } else { c });
        let mut shown: String = shown.collect();
        if let Some((end, _)) = shown.char_indices().nth(MAX_CELL_CHARS) {
            shown.truncate(end);
            shown.push('…');
        }
        shown
    };
    let mut lines: Vec<Vec<String>> = vec![heading.iter().map(|(name, _)| (*name).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()));
    let width = |n: usize| lines.iter().map(|line| console::measure_text_width(&line[n])).max().unwrap_or_default();
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut out = String::new();
    for line in &lines {
        let mut text = String::new();
        for ((cell, (_, align)), width) in line.iter().zip(heading).zip(&widths) {
            let align = match align {
                Align::Left => console::Alignment::Left,
                Align::Right => console::Alignment::Right,
            };
            text.push_str(&console::pad_str(cell, *width, align, None));
            text.push_str("  ");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// `1234567` → `1,234,567`
pub fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// A count with its noun: `1 row`, `1,000 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_do_nothing() {
        let rows = [vec!["a\x1b[31m".to_owned(), "1".to_owned()], vec!["客户".to_owned(), "1,000".to_owned()]];
        let text = render(&[("NAME", Align::Left), ("N", Align::Right)], &rows);
        assert_eq!(text, "NAME        N\na?[31m      1\n客户    1,000\n");
    }
}
