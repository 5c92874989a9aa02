//! The binary: loads `.env`, parses the arguments, runs the command, returns the exit code.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use polysink::cli::Cli;
use polysink::memory;

/// Bodies of bytes to megabytes are allocated on many threads. The system's allocator keeps freed memory per thread, up
/// to several times what is in use; mimalloc returns it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    memory::configure();
    polysink::failpoints::arm();
    match run() {
        Ok(code) => code,
        Err(error) => {
            // Standard error may be closed.
            drop(writeln!(std::io::stderr(), "polysink: {}", message(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    polysink::config::load_dotenv(Path::new(".env")).map_err(anyhow::Error::msg)?;
    let cli = Cli::parse();
    rustls::crypto::ring::default_provider().install_default().expect("no other provider was installed before");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_park(memory::collect).build();
    let runtime = runtime.context("cannot start the runtime")?;
    let done = runtime.block_on(cli.run());
    // Blocking work that is left, such as a waiting `pg_ctl`, must not delay the exit.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// An error with its causes; one that the message before it contains already is left out.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    let mut last = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if last.contains(&text) {
            continue;
        }
        if !message.is_empty() {
            message.push_str(": ");
        }
        message.push_str(&text);
        last = text;
    }
    message
}
