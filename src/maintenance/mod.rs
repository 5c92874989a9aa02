//! Work beside the deliveries. On a schedule, spawned by `app`: partitions ahead. When an operator asks: replays.

mod partitions;
mod replay;

pub use partitions::make_partitions_ahead;
pub use replay::{RejectionsReplayed, replay, replay_rejection, replay_rejections};
