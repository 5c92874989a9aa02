//! What must hold for any input: one function per fuzz target. Each panics if polysink does not keep it.
//!
//! The fuzz targets call them with what libFuzzer makes, and `tests/it/fuzzed.rs` with the seeds and with mutations
//! of them. Where it is possible, the result is compared with that of another implementation.
#![allow(dead_code, unused_imports, reason = "a fuzz target uses one of them")]

mod columns;
mod envelope;
mod verify;

pub use columns::*;
pub use envelope::*;
pub use verify::*;

/// The first line, and the rest.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}
