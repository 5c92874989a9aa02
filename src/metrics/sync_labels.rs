//! The values of the label `sync_id`, of which there are at most [`MOST`].

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use crate::model::SyncId;

/// How many syncs have a label of their own: those that are seen first. A time series costs memory here and in
/// Prometheus, and anyone with a secret can make up syncs.
pub const MOST: usize = 200;

/// The label of all others.
pub const OTHER: &str = "other";

/// The syncs with a label of their own.
#[derive(Debug, Default)]
pub struct SyncLabels(RwLock<HashSet<SyncId>>);

impl SyncLabels {
    /// The label's value for a sync.
    ///
    /// * `on_new`: called with a label that was not in use before
    pub fn of(&self, sync_id: SyncId, on_new: impl FnOnce(&str)) -> String {
        let other = || OTHER.to_owned();
        let own = || sync_id.0.to_string();
        {
            let labelled = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if labelled.contains(&sync_id) {
                return own();
            }
            if labelled.len() >= MOST {
                return other();
            }
        }
        let mut labelled = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if labelled.contains(&sync_id) {
            return own();
        }
        if labelled.len() >= MOST {
            return other();
        }
        labelled.insert(sync_id);
        let label = own();
        on_new(&label);
        label
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_first_syncs_have_a_label_and_keep_it_and_the_rest_shares_one() {
        let labels = SyncLabels::default();
        let mut new = 0;
        let sync = |n: usize| SyncId(Uuid::from_u128(n as u128));
        for n in 0..MOST + 10 {
            labels.of(sync(n), |_| new += 1);
        }
        assert_eq!(new, MOST);
        let label = |n| labels.of(sync(n), |_| panic!("it is not new"));
        assert_eq!(label(0), sync(0).0.to_string());
        assert_eq!(label(MOST - 1), sync(MOST - 1).0.to_string());
        assert_eq!(label(MOST), OTHER);
        assert_eq!(label(MOST + 500), OTHER);
    }
}
