//! How the allocator, mimalloc, is told to return memory that was freed. Under another allocator this does nothing.
//!
//! Bodies are allocated by the HTTP workers and freed by the writers. mimalloc returns such memory with the next
//! allocations of the thread that made it, which do not come while the service is idle: each thread has to [`collect`].

use std::cell::Cell;
use std::time::{Duration, Instant};

/// `mi_option_purge_delay` and `mi_option_page_full_retain` of mimalloc.h; the bindings do not have them.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
const PAGE_FULL_RETAIN: libmimalloc_sys::mi_option_t = 36;

/// Milliseconds for which freed memory is kept. The default is a second: long enough for a burst of large bodies to
/// take several times their size. At once, a quarter of the projector's time goes into pages that are taken again.
const KEPT_FOR: i8 = 20;

/// How many full pages a thread keeps to itself for each size. The default is two, and what is freed in them later
/// stays with the thread.
const FULL_PAGES_KEPT: i8 = 0;

/// How often a thread returns what was freed.
const COLLECT_EVERY: Duration = Duration::from_secs(1);

/// How often an HTTP worker does so. It has a runtime of its own, which says nothing when it runs out of work.
const WORKER_COLLECTS_EVERY: Duration = Duration::from_secs(10);

/// Sets the allocator up. To be called once, before there are threads.
pub fn configure() {
    use_small_pages();
    give_back_soon();
}

#[expect(unsafe_code, reason = "the allocator has no other way to set its options than its C interface")]
fn give_back_soon() {
    // SAFETY: stores numbers under indexes that this version of the library has; allowed at any time.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, KEPT_FOR.into());
        libmimalloc_sys::mi_option_set(PAGE_FULL_RETAIN, FULL_PAGES_KEPT.into());
    }
}

/// The allocator asks for huge pages. The kernel then backs what is left of a burst, a few bytes here and there, with 2
/// MiB each: after sixteen bodies of 27 MB at once the process kept 50 MiB for 3 MiB that were in use.
fn use_small_pages() {
    // A kernel without the setting has no huge pages. The private PostgreSQL inherits it; its memory is shared, which
    // it does not concern.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(true);
}

/// Returns memory that this thread freed, or that others freed for it. Made to be called whenever the thread runs out
/// of work: a call within a second of the last does nothing.
pub fn collect() {
    thread_local!(static LAST: Cell<Option<Instant>> = const { Cell::new(None) });
    if LAST.get().is_none_or(|last| last.elapsed() >= COLLECT_EVERY) {
        LAST.set(Some(Instant::now()));
        force_collect();
    }
}

#[expect(unsafe_code, reason = "the allocator has no other way to do this than its C interface")]
fn force_collect() {
    // SAFETY: concerns the calling thread's own free memory; allowed at any time.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

/// Has the current thread collect from time to time, for as long as its runtime lives.
pub async fn keep_collecting() {
    let mut ticks = tokio::time::interval(WORKER_COLLECTS_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        collect();
    }
}
