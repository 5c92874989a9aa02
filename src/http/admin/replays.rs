//! Replays that the pages ask for: one at a time, done by `app`.

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::store::ReplayFilter;

/// The part to replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayRequest {
    Deliveries(ReplayFilter),
    Rejection(Uuid),
}

/// Whether a replay has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    Started,
    /// Another one is running.
    Busy,
}

/// Where replays are asked for.
#[derive(Debug, Clone)]
pub struct Replays(mpsc::Sender<(ReplayRequest, String)>);

impl Replays {
    /// Returns it with the requests, each with who asks.
    pub fn new() -> (Self, mpsc::Receiver<(ReplayRequest, String)>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// * `actor`: who asks
    pub fn request(&self, request: ReplayRequest, actor: String) -> Requested {
        match self.0.try_send((request, actor)) {
            Ok(()) => Requested::Started,
            Err(_) => Requested::Busy,
        }
    }
}
