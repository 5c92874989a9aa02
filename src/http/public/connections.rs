//! The connections of the public listener: how many each client has, and which of them wait for their client.
//!
//! A client that opens connections and sends little or nothing must not keep others out. Each address has a limit. At
//! the total limit, a new connection replaces the one that has waited longest for its client. A connection whose
//! delivery is being processed is never replaced.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use actix_web::HttpRequest;
use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::head_limit::MAX_HEAD;
use crate::http::connection_limit::ConnectionLimit;
use crate::http::failures::{Failures, LogLine, network};
use crate::metrics::Metrics;
use crate::verify::Networks;

/// How many connections that just received something are skipped in the search for one to close.
const SPARED: usize = 16;

/// All open connections. Clones share them.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Places>);

#[derive(Debug)]
struct Places {
    max: usize,
    max_per_address: usize,
    /// Proxies speak for many clients, so they have no limit of their own.
    proxies: Networks,
    state: Mutex<State>,
    failures: Arc<Failures>,
    metrics: Metrics,
}

#[derive(Debug, Default)]
struct State {
    next_id: u64,
    open: HashMap<u64, Open>,
    /// Those that wait for their client, by when that began.
    waiting: BTreeSet<(Instant, u64)>,
    by_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Open {
    line: Arc<Line>,
    waiting_since: Option<Instant>,
}

/// Time limits for a connection without a request being handled.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the first byte of a request to the end of its headers.
    pub headers: Duration,
    /// Until that first byte.
    pub idle: Duration,
}

/// One connection, as the handlers of its requests see it.
#[derive(Debug)]
pub struct Line {
    places: Connections,
    id: u64,
    client: IpAddr,
    closed: AtomicBool,
    waker: AtomicWaker,
    progress: Mutex<ConnectionProgress>,
}

#[derive(Debug)]
struct ConnectionProgress {
    /// The handler of a request is running.
    in_handler: bool,
    /// When the connection was opened or its last response was written.
    idle_since: Instant,
    /// When the first byte of the next request arrived.
    head_since: Option<Instant>,
    /// When bytes last arrived.
    read_at: Instant,
}

impl Connections {
    /// * `max`: connections at once
    /// * `max_per_address`: per IPv4 address, or IPv6 network of 64 bits
    /// * `proxies`: addresses without a limit of their own
    /// * `failures`: notes refused requests, which `metrics` count
    pub fn new(
        max: usize,
        max_per_address: usize,
        proxies: Networks,
        failures: Arc<Failures>,
        metrics: Metrics,
    ) -> Self {
        Self(Arc::new(Places { max, max_per_address, proxies, state: Mutex::default(), failures, metrics }))
    }

    /// Admits a new connection. At the total limit, closes the one that has waited longest for its client.
    pub fn admit(&self, peer: IpAddr) -> Result<Arc<Line>, ConnectionLimit> {
        let client = network(peer.to_canonical());
        let mut state = self.state();
        let limited = !self.0.proxies.contains(peer);
        if limited && state.by_address.get(&client).is_some_and(|count| *count >= self.0.max_per_address) {
            return Err(ConnectionLimit::PerAddress);
        }
        if state.open.len() >= self.0.max {
            let longest = state.longest_waiting().ok_or(ConnectionLimit::Total)?;
            state.close(longest);
        }
        let id = state.next_id;
        state.next_id += 1;
        let now = Instant::now();
        let progress = ConnectionProgress { in_handler: false, idle_since: now, head_since: None, read_at: now };
        let line = Arc::new(Line {
            places: self.clone(),
            id,
            client,
            closed: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            progress: Mutex::new(progress),
        });
        state.open.insert(id, Open { line: Arc::clone(&line), waiting_since: None });
        *state.by_address.entry(client).or_default() += 1;
        state.waits(id, now);
        Ok(line)
    }

    /// How many there are, and their limit.
    pub fn usage(&self) -> (usize, usize) {
        (self.state().open.len(), self.0.max)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let state = self.state();
        state.open.is_empty() && state.waiting.is_empty() && state.by_address.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waits(&mut self, id: u64, since: Instant) {
        self.works(id);
        if let Some(open) = self.open.get_mut(&id) {
            open.waiting_since = Some(since);
            self.waiting.insert((since, id));
        }
    }

    fn works(&mut self, id: u64) {
        if let Some(since) = self.open.get_mut(&id).and_then(|open| open.waiting_since.take()) {
            self.waiting.remove(&(since, id));
        }
    }

    /// The connection whose client has been silent for longest, nearly: receipts are noted only when a connection is
    /// met here.
    fn longest_waiting(&mut self) -> Option<u64> {
        for _ in 0..SPARED {
            let (since, id) = *self.waiting.first()?;
            let read_at = self.open.get(&id)?.line.progress().read_at;
            if read_at <= since {
                return Some(id);
            }
            self.waits(id, read_at);
        }
        self.waiting.first().map(|(_, id)| *id)
    }

    fn close(&mut self, id: u64) {
        if let Some(line) = self.remove(id) {
            line.closed.store(true, Ordering::Release);
            line.waker.wake();
        }
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Line>> {
        self.works(id);
        let line = self.open.remove(&id)?.line;
        if let Some(count) = self.by_address.get_mut(&line.client) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&line.client);
            }
        }
        Some(line)
    }
}

impl Line {
    /// The connection of a request.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        request.conn_data::<Arc<Self>>().map(|line| &**line)
    }

    fn progress(&self) -> MutexGuard<'_, ConnectionProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a request as being handled, until the guard is dropped.
    pub fn handling(self: Arc<Self>) -> Handling {
        {
            let mut progress = self.progress();
            (progress.in_handler, progress.head_since) = (true, None);
        }
        self.places.state().works(self.id);
        Handling(self)
    }

    /// Marks its handler as waiting for the client, until the guard is dropped.
    pub fn waiting(&self) -> WaitingGuard<'_> {
        self.places.state().waits(self.id, Instant::now());
        WaitingGuard(self)
    }

    pub fn note_read(&self) {
        let now = Instant::now();
        let mut progress = self.progress();
        progress.read_at = now;
        if !progress.in_handler {
            progress.head_since.get_or_insert(now);
        }
    }

    /// Whether another connection has its place.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Wakes this task when another connection takes its place.
    pub fn wake_on_close(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// When the client's time for its next request ends; `None` while one is being handled.
    pub fn deadline(&self, patience: Patience) -> Option<Instant> {
        let progress = self.progress();
        let until = progress.head_since.map_or(progress.idle_since + patience.idle, |since| since + patience.headers);
        (!progress.in_handler).then_some(until)
    }

    /// Counts and logs a request that is refused for the size of its head.
    pub fn refuse_head(&self) {
        let (client, places) = (self.client, &self.places.0);
        places.metrics.refused_request("head");
        if let LogLine::Written { left_out } = places.failures.note(client, std::time::Instant::now()).line {
            let left_out = (left_out > 0).then_some(left_out);
            tracing::warn!(%client, max_bytes = MAX_HEAD, left_out, "a request was refused: its head is too long");
        }
    }

    /// Resolves once another connection has its place. One task at a time may wait for it.
    pub async fn closed(&self) {
        std::future::poll_fn(|cx| {
            self.wake_on_close(cx.waker());
            if self.is_closed() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// A connection's place, which is free once this is dropped.
#[derive(Debug)]
pub struct HeldPlace(Arc<Line>);

impl HeldPlace {
    pub fn of(line: Arc<Line>) -> Self {
        Self(line)
    }

    pub fn line(&self) -> &Arc<Line> {
        &self.0
    }
}

impl Drop for HeldPlace {
    fn drop(&mut self) {
        self.0.places.state().remove(self.0.id);
    }
}

/// See [`Line::handling`].
#[derive(Debug)]
pub struct Handling(Arc<Line>);

impl Drop for Handling {
    fn drop(&mut self) {
        let now = Instant::now();
        {
            let mut progress = self.0.progress();
            (progress.in_handler, progress.idle_since) = (false, now);
        }
        self.0.places.state().waits(self.0.id, now);
    }
}

/// See [`Line::waiting`].
#[derive(Debug)]
pub struct WaitingGuard<'a>(&'a Line);

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        self.0.places.state().works(self.0.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(max: usize, max_per_address: usize, proxies: Networks) -> Connections {
        Connections::new(max, max_per_address, proxies, Arc::default(), Metrics::default())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_gets_the_place_of_the_one_that_waited_longest() {
        let places = connections(3, 3, Networks::default());
        let mut lines = Vec::new();
        for last in 0..3 {
            lines.push(places.admit(address(last)).expect("there is room"));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // The first is being handled, the second has just received something.
        let handling = Arc::clone(&lines[0]).handling();
        lines[1].note_read();
        let fourth = places.admit(address(3)).expect("one waits");
        assert_eq!(lines.iter().map(|line| line.is_closed()).collect::<Vec<_>>(), [false, false, true]);
        let _busy = (fourth.handling(), Arc::clone(&lines[1]).handling());
        assert_eq!(places.admit(address(4)).map(drop), Err(ConnectionLimit::Total));
        drop(handling);
        places.admit(address(4)).expect("the first waits again");
        assert!(lines[0].is_closed());
    }

    #[tokio::test]
    async fn connections_per_address_are_limited_except_for_proxies() {
        let places = connections(100, 2, "192.0.2.9".parse().expect("it is an address"));
        let first = places.admit(address(1)).expect("there is room");
        places.admit(address(1)).expect("there is room");
        assert_eq!(places.admit(address(1)).map(drop), Err(ConnectionLimit::PerAddress));
        places.admit(address(2)).expect("it is another's");
        for _ in 0..10 {
            places.admit(address(9)).expect("it is a proxy");
        }
        places.state().remove(first.id);
        places.admit(address(1)).expect("one has gone");
    }
}
