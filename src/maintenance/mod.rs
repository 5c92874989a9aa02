//! Work that is done while deliveries continue. On a schedule, spawned by `app`: partitions ahead, retention, counts
//! for the pages. When an operator asks: replays, erasures, adoptions. With Polytomic's API: deletions, the
//! configuration of syncs.

mod adopt;
pub mod configure;
pub mod deletions;
mod distribute;
mod forget;
mod partitions;
mod replay;
mod retention;
mod retry;
mod summaries;

pub use adopt::{AdoptError, AdoptPlan, plan_adoption};
pub use distribute::{DistributeError, DistributePlan, plan_distribution};
pub use forget::{ForgetError, ForgetOptions, ForgetPlan, plan_forget};
pub use partitions::make_partitions_ahead;
pub use replay::{RejectionsReplayed, lock_replay, replay, replay_rejection, replay_rejections};
pub use retention::{PrunePlan, Pruned, Retention, RetentionError, plan_prune, prune, retain};
pub use summaries::{count, keep_summaries, report_replica};
