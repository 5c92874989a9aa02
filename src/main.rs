//! The binary: load `.env`, parse, dispatch, exit code.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use polysink::cli::Cli;

/// Bodies come and go in sizes from bytes to megabytes, on many threads. The system's allocator keeps what was freed for each of
/// these threads, up to several times what is in use; this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("polysink: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    load_dotenv(Path::new(".env"))?;
    let cli = Cli::parse();
    rustls::crypto::ring::default_provider().install_default().expect("no other provider was installed before");
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let done = runtime.block_on(cli.run());
    // What still blocks a thread, such as a `pg_ctl` that waits, must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// What is in the environment already wins. That there is no such file is no error.
fn load_dotenv(path: &Path) -> anyhow::Result<()> {
    match dotenvy::from_path(path) {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The parser's message quotes the line, which may hold a secret.
        Err(dotenvy::Error::LineParse(_, at)) => {
            anyhow::bail!(
                ".env cannot be read: a line is not NAME=VALUE near its character {at}; quote values with spaces"
            )
        }
        Err(error) => Err(error).context(".env cannot be read"),
    }
}
