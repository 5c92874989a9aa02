//! The binary: loads `.env`, parses the arguments, runs the command, returns the exit code.

use std::cell::Cell;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser as _;
use polysink::cli::Cli;

/// Bodies of bytes to megabytes are allocated on many threads. The system's allocator keeps freed memory per thread, up
/// to several times what is in use; mimalloc returns it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc.h; the bindings lack it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Milliseconds for which freed memory is kept. The default is a second: long enough for a burst of large bodies to
/// take several times their size.
const KEPT_FOR: i8 = 0;

#[expect(unsafe_code, reason = "the allocator has no other way to set its options than its C interface")]
fn give_back_soon() {
    // SAFETY: stores a number under an index that this version of the library has; allowed at any time.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, KEPT_FOR.into()) }
}

/// The allocator asks for huge pages. The kernel then backs what is left of a burst, a few bytes here and there, with 2 MiB each:
/// after sixteen bodies of 27 MB at once the process kept 50 MiB for 3 MiB that were in use.
fn use_small_pages() {
    // A kernel without the setting has no huge pages. The private PostgreSQL inherits it; its memory is shared, which it does not concern.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(true);
}

/// How often a thread that runs out of work returns what it freed.
const COLLECT_EVERY: Duration = Duration::from_secs(1);

/// Returns memory that this thread freed, or that others freed for it. The allocator does that with the thread's next allocations, which
/// do not come while the service is idle.
#[expect(unsafe_code, reason = "the allocator has no other way to do this than its C interface")]
fn collect() {
    thread_local!(static LAST: Cell<Option<Instant>> = const { Cell::new(None) });
    if LAST.get().is_none_or(|last| last.elapsed() >= COLLECT_EVERY) {
        LAST.set(Some(Instant::now()));
        // SAFETY: concerns the calling thread's own free memory; allowed at any time.
        unsafe { libmimalloc_sys::mi_collect(true) }
    }
}

fn main() -> ExitCode {
    use_small_pages();
    give_back_soon();
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_park(collect).build();
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
