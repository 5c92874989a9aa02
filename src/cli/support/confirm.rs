//! Asks before a command destroys something or takes long, unless `--yes` was given.

use std::io::IsTerminal as _;

use super::output::{errln, write_err};

/// Returns only if the answer is yes. With `yes`, the question is only shown.
///
/// # Errors
///
/// If the answer is no, or standard input is not a terminal.
pub fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    if yes {
        errln!("{question}");
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("{question} No terminal to confirm on; pass --yes");
    }
    write_err(format_args!("{question} Continue? [y/N] "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        anyhow::bail!("nothing was changed")
    }
}
