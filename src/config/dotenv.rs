//! Loads `.env`, with errors that name the line.

use std::fs;
use std::io;
use std::path::Path;

/// Sets the variables of a `.env` file that are not set yet. A missing file is not an error.
///
/// # Errors
///
/// A message that names the file and the line, and quotes nothing of it but a variable's name: a line may hold a
/// secret.
pub fn load_dotenv(path: &Path) -> Result<(), String> {
    let name = path.display();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("cannot read {name}: {error}")),
    };
    if let Some((line, variable)) = expanded(&text) {
        return Err(format!(
            "{name}, line {line}: `$` in {variable} would be replaced by a variable; put the value in single quotes"
        ));
    }
    match dotenvy::from_path(path) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::LineParse(bad, _)) => {
            let line = text
                .lines()
                .position(|line| !bad.trim().is_empty() && line.contains(bad.trim()))
                .map(|n| format!(", line {}", n + 1));
            Err(format!("{name}{}: expected NAME=VALUE; quote values with spaces", line.unwrap_or_default()))
        }
        Err(error) => Err(format!("cannot read {name}: {error}")),
    }
}

/// The first of our settings whose value has a `$` that dotenvy would expand: line and name.
fn expanded(text: &str) -> Option<(usize, &str)> {
    text.lines().zip(1..).find_map(|(line, number)| {
        let line = line.trim_start();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let name = name.trim();
        let ours = name.starts_with("POLYSINK_") || name.starts_with("DATABASE_URL");
        (ours && has_expansion(value.trim())).then_some((number, name))
    })
}

/// Whether a value has a `$` outside single quotes that no backslash precedes.
fn has_expansion(value: &str) -> bool {
    let (mut in_single, mut in_double, mut escaped) = (false, false, false);
    for (n, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if !in_single => escaped = true,
            '\'' if !in_double => in_single = !in_single,
            '"' if !in_single => in_double = !in_double,
            '$' if !in_single => return true,
            '#' if !in_single && !in_double && (n == 0 || value[..n].ends_with(char::is_whitespace)) => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_that_would_be_replaced_is_found() {
        for value in ["pa$word", "\"pa$word\"", "${X}", "'a'$b"] {
            assert!(has_expansion(value), "{value}");
        }
        for value in ["'pa$word'", "pa\\$word", "plain", "value # costs $5", "\"a'b\""] {
            assert!(!has_expansion(value), "{value}");
        }
        let text = "OTHER=$HOME\n# POLYSINK_SECRETS=$x\nPOLYSINK_LISTEN='$'\nexport POLYSINK_SECRETS=prod=a$b\n";
        assert_eq!(expanded(text), Some((4, "POLYSINK_SECRETS")));
    }
}
