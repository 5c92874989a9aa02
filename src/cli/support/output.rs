//! The output of commands. A reader that closes the pipe early, such as `head`, ends the command quietly.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::process;

/// The status that a shell reports for a program that a closed pipe ended: 128 and the number of SIGPIPE.
const CLOSED_PIPE: i32 = 141;

/// Writes to standard output. Ends the process if that is not possible: quietly if the pipe is closed, otherwise with
/// an error.
pub fn write_out(text: Arguments<'_>) {
    let mut out = io::stdout().lock();
    end_on(out.write_fmt(text).and_then(|()| out.flush()));
}

/// Ends the process if standard output could not be written.
fn end_on(written: io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(CLOSED_PIPE),
        Err(error) => {
            write_err(format_args!("polysink: cannot write to standard output: {error}\n"));
            process::exit(1);
        }
    }
}

/// Writes bytes to standard output, as [`write_out`] does.
pub fn write_bytes(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    end_on(out.write_all(bytes).and_then(|()| out.flush()));
}

/// Writes to standard error, if anyone reads it.
pub fn write_err(text: Arguments<'_>) {
    drop(io::stderr().lock().write_fmt(text));
}

/// A word as a shell takes it, in single quotes.
pub fn shell_quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A word as a shell takes it, quoted only if that is needed.
pub fn shell_word(word: &str) -> String {
    let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain { word.to_owned() } else { shell_quoted(word) }
}

/// `print!`, but for a closed pipe.
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::support::output::write_out(format_args!($($arg)*)) };
}

/// `println!`, but for a closed pipe.
macro_rules! outln {
    ($($arg:tt)*) => { $crate::cli::support::output::write_out(format_args!("{}\n", format_args!($($arg)*))) };
}

/// `eprintln!`, but for a closed pipe.
macro_rules! errln {
    ($($arg:tt)*) => { $crate::cli::support::output::write_err(format_args!("{}\n", format_args!($($arg)*))) };
}

pub(in crate::cli) use {errln, out, outln};
