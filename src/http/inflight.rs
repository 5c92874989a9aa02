//! The budget for the memory that deliveries hold at once, from the first byte of the body until the answer.
//!
//! What a delivery holds is counted before it is allocated, and given back with its [`Reservation`], which travels with the work: a
//! client that hangs up frees nothing that is still being written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::envelope::{Envelope, Full};

/// What a record takes once it is parsed: its place and hash, its row for the ledger, and that row's place in the index by key. With
/// what the arrays of one statement add, spread over the records of it.
const RECORD_BYTES: usize = 768;

/// What a rejected record takes: its words, and its row for the quarantine.
const REJECTION_BYTES: usize = 512;

/// The budget. Clones share it.
#[derive(Debug, Clone)]
pub struct Inflight(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Bytes; below zero while a delivery that is alone takes more than there is.
    left: i64,
    /// Reservations of more than nothing.
    holders: usize,
}

/// Bytes taken from the budget, given back when this is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Inflight,
    bytes: usize,
}

impl Inflight {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(State { left: signed(bytes), holders: 0 })))
    }

    /// A reservation of nothing, to be grown.
    pub fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Takes more, or fails and leaves everything as it was. A delivery that is alone gets what it asks for: the largest one would
    /// never be taken otherwise.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let mut state = self.budget.state();
        let alone = state.holders == usize::from(self.bytes > 0);
        if state.left < signed(bytes) && !alone {
            return Err(Full);
        }
        state.left -= signed(bytes);
        state.holders += usize::from(self.bytes == 0 && bytes > 0);
        self.bytes += bytes;
        Ok(())
    }

    /// Takes what it costs to write an envelope, beside its body.
    pub fn grow_for(&mut self, envelope: &Envelope) -> Result<(), Full> {
        let rejected: usize =
            envelope.rejections.iter().map(|rejection| rejection.payload.len() + REJECTION_BYTES).sum();
        // The statement that writes the body holds a copy of it.
        self.grow(envelope.body.len() + envelope.records.len() * RECORD_BYTES + rejected)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        state.left += signed(self.bytes);
        state.holders -= usize::from(self.bytes > 0);
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back() {
        let budget = Inflight::new(100);
        let mut first = budget.reserve();
        let mut second = budget.reserve();
        assert_eq!(first.grow(60), Ok(()));
        assert_eq!(second.grow(60), Err(Full));
        assert_eq!(second.grow(40), Ok(()));
        drop(first);
        assert_eq!(second.grow(60), Ok(()));
    }

    #[test]
    fn a_delivery_that_is_alone_is_always_taken() {
        let budget = Inflight::new(100);
        let mut first = budget.reserve();
        assert_eq!(first.grow(60), Ok(()));
        assert_eq!(first.grow(1_000), Ok(()));
        let mut second = budget.reserve();
        assert_eq!(second.grow(1), Err(Full));
        drop(first);
        assert_eq!(second.grow(100), Ok(()));
    }
}
