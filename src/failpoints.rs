//! Named places where the tests kill the process. Without the feature `failpoints`, they are nothing.
//!
//! `FAILPOINTS` in the environment says where: `spool-changed=return` kills it the first time that it gets there, as
//! `kill -9` would, and `spool-changed=3*off->return` the fourth time. `tests/it/failpoints.rs` has a test for each.

/// Takes the names from the environment.
#[cfg(feature = "failpoints")]
pub fn arm() {
    // Dropped, it would forget them.
    std::mem::forget(fail::FailScenario::setup());
}

/// The process is at this place.
#[cfg(feature = "failpoints")]
pub fn reach(name: &str) {
    if fail::eval(name, |_| ()).is_some() {
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
    }
}

/// The process has taken this advisory lock: it is at the place `lock-` and its number in hexadecimal.
#[cfg(feature = "failpoints")]
pub fn locked(lock: i64) {
    reach(&format!("lock-{lock:x}"));
}

/// Takes the names from the environment.
#[cfg(not(feature = "failpoints"))]
pub fn arm() {}

/// The process is at this place.
#[cfg(not(feature = "failpoints"))]
pub fn reach(_name: &str) {}

/// The process has taken this advisory lock.
#[cfg(not(feature = "failpoints"))]
pub fn locked(_lock: i64) {}
