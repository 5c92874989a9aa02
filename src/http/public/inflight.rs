//! The budget for the memory that deliveries hold, from the first byte of the body until the answer.
//!
//! The memory of a delivery is counted before it is allocated, and returned with its [`Reservation`], which travels
//! with the work: a client that hangs up frees nothing that is still being written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::envelope::{Envelope, Full};

/// A parsed record: its hash, and its byte range in the body.
const PARSED_BYTES: usize = 128;

/// A record being written: the same, its row for the ledger, that row's place in the index by key, and its share of the
/// statement's arrays.
const RECORD_BYTES: usize = 768;

/// A rejected record: its reason, and its row for the quarantine, besides a copy of its JSON.
const REJECTION_BYTES: usize = 256;

/// Larger deliveries are written one at a time: more than ten thousand records, or a larger body. PostgreSQL takes some
/// twenty times a body's size to make jsonb of one large record.
const HUGE: usize = 10_000 * RECORD_BYTES;
const HUGE_BODY: usize = 4 << 20;

/// The budget. Clones share it.
#[derive(Debug, Clone)]
pub struct Inflight(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Bytes left; negative while a single delivery takes more than the budget.
    left: i64,
    /// Reservations of more than nothing.
    holders: usize,
    budget: usize,
}

/// Bytes taken from the budget, returned on drop.
#[derive(Debug)]
pub struct Reservation {
    budget: Inflight,
    bytes: usize,
}

impl Inflight {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(State { left: signed(bytes), holders: 0, budget: bytes })))
    }

    /// An empty reservation, to be grown.
    pub fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }

    /// Bytes that are taken, and the budget; more than that while a single delivery takes more.
    pub fn usage(&self) -> (usize, usize) {
        let state = self.state();
        (usize::try_from(signed(state.budget) - state.left).unwrap_or(0), state.budget)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Takes more, or fails and changes nothing. A single delivery always gets what it asks for; the largest would
    /// never be accepted otherwise.
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

    /// Takes more for a body: its bytes, and those of its copy in the statement that writes it.
    pub fn grow_body(&mut self, bytes: usize) -> Result<(), Full> {
        self.grow(bytes.saturating_mul(2))
    }

    /// Reserves the memory of an envelope that waits, besides its body.
    pub fn grow_parsed(&mut self, envelope: &Envelope) -> Result<(), Full> {
        self.grow(envelope.record_count * PARSED_BYTES)
    }

    /// Reserves the cost of writing an envelope, besides its body.
    pub fn grow_for(&mut self, envelope: &Envelope) -> Result<(), Full> {
        self.grow(cost(envelope))
    }
}

/// Whether an envelope costs so much to write, besides its body, that such envelopes are written one at a time.
pub fn is_huge(envelope: &Envelope) -> bool {
    cost(envelope) > HUGE || envelope.body.len() > HUGE_BODY
}

fn cost(envelope: &Envelope) -> usize {
    let rejected = envelope.rejections.iter().map(|rejection| rejection.payload.len() + REJECTION_BYTES);
    let rejected: usize = rejected.sum();
    envelope.records.len() * RECORD_BYTES + rejected
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
    fn a_dropped_reservation_is_given_back() {
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
