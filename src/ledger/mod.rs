//! The write transaction: a group of deliveries becomes envelopes, ledger, backlog and quarantine, all or nothing; and
//! replays, which repeat it from the raw log.
//!
//! Called by `writer` for what arrives and by `maintenance` for replays. The statements stand in `store::tables`.

mod delivery;
mod fold;
mod isolate;
pub mod replay;
mod write;

pub use delivery::{Delivery, Work};
pub use fold::fold;
pub use isolate::write_isolating_bad_rows;
pub use replay::{Replayed, Verdict};
pub use write::{Counts, write};
