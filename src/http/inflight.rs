//! The budget for bytes of bodies that are held at once, over all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::envelope::Full;

/// The budget. Clones share it.
#[derive(Debug, Clone)]
pub struct Inflight {
    left: Arc<AtomicUsize>,
}

/// Bytes taken from the budget, given back when this is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Inflight,
    bytes: usize,
}

impl Inflight {
    pub fn new(bytes: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A reservation of nothing, to be grown.
    pub fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }
}

impl Reservation {
    /// Takes more, or fails and leaves everything as it was.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let take = |left: usize| left.checked_sub(bytes);
        self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).map_err(|_| Full)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
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
}
