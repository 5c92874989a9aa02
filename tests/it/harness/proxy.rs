//! A TCP proxy before a test's PostgreSQL. It can fall silent, as a middlebox does that has forgotten its connections:
//! nothing is forwarded any more, and nothing is closed. And it can cut connections in the middle of a commit.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::TestDatabase;
use super::postgres::socket;

pub struct Proxy {
    address: SocketAddr,
    /// The socket of the server that new connections lead to.
    server: watch::Sender<PathBuf>,
    network: watch::Sender<Network>,
    _tasks: JoinSet<()>,
}

/// What is forwarded.
#[derive(Debug, Clone, Copy)]
struct Network {
    /// Connections made before this one are dead.
    alive_from: usize,
    /// Nothing is forwarded.
    down: bool,
    /// How many connections were made.
    connections: usize,
    /// Where commits are cut, and how many.
    cuts: Option<(Cut, usize)>,
}

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of the commit.
    BeforeCommit,
    /// The client never hears that it was done.
    AfterCommit,
}

impl Cut {
    /// What it is recognized by, in the direction in which it goes.
    fn mark(self) -> &'static [u8] {
        match self {
            Self::BeforeCommit => b"commit\0",
            Self::AfterCommit => b"COMMIT\0",
        }
    }
}

impl Proxy {
    pub async fn start() -> Arc<Self> {
        Self::start_with_delay(Duration::ZERO).await
    }

    /// One that holds each piece back for a while, in either direction.
    pub async fn start_with_delay(delay: Duration) -> Arc<Self> {
        Self::start_to(socket(), delay).await
    }

    /// One before a server of the test's own.
    pub async fn start_to(socket: PathBuf, delay: Duration) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (network, _) = watch::channel(Network { alive_from: 0, down: false, connections: 0, cuts: None });
        let mut tasks = JoinSet::new();
        let server = watch::Sender::new(socket);
        tasks.spawn(accept(listener, server.subscribe(), network.clone(), delay));
        Arc::new(Self { address, server, network, _tasks: tasks })
    }

    /// Leads new connections to another server; those that there are stay where they are.
    pub fn lead_to(&self, socket: PathBuf) {
        self.server.send_replace(socket);
    }

    /// Host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `DATABASE_URL` for the way through the proxy.
    pub fn url(&self, db: &TestDatabase) -> String {
        format!("postgres://polysink@{}/{}", self.address, db.name)
    }

    /// The connections that there are fall silent for good; new ones work.
    pub fn forget(&self) {
        self.network.send_modify(|network| network.alive_from = network.connections);
    }

    /// Nothing is forwarded any more, for new connections neither.
    pub fn down(&self) {
        self.network.send_modify(|network| network.down = true);
    }

    /// Forwards for new connections again; those from before stay dead.
    pub fn up(&self) {
        self.network.send_modify(|network| {
            network.down = false;
            network.alive_from = network.connections;
        });
    }

    /// Cuts the connections of the next commits.
    pub fn cut(&self, cut: Cut, commits: usize) {
        self.network.send_modify(|network| network.cuts = Some((cut, commits)));
    }

    /// How many commits are still to be cut.
    pub fn uncut(&self) -> usize {
        self.network.borrow().cuts.map_or(0, |(_, left)| left)
    }
}

async fn accept(
    listener: TcpListener,
    server: watch::Receiver<PathBuf>,
    network: watch::Sender<Network>,
    delay: Duration,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let mut n = 0;
        network.send_modify(|network| {
            n = network.connections;
            network.connections += 1;
        });
        let socket = server.borrow().clone();
        let link = Link { n, network: network.clone(), delay, cut: Notify::new() };
        connections.spawn(async move {
            let Ok(server) = UnixStream::connect(socket).await else { return };
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let both = async {
                tokio::join!(
                    link.forward(from_client, to_server, Cut::BeforeCommit),
                    link.forward(from_server, to_client, Cut::AfterCommit),
                )
            };
            tokio::select! { _ = both => {}, () = link.cut.notified() => {} }
        });
    }
}

/// One connection.
struct Link {
    n: usize,
    network: watch::Sender<Network>,
    delay: Duration,
    cut: Notify,
}

impl Link {
    /// Forwards one direction, while the network does.
    ///
    /// * `cut`: the one that can happen in this direction
    async fn forward(&self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, cut: Cut) {
        let mut network = self.network.subscribe();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let dead = async {
                let _ = network.wait_for(|network| network.down || self.n < network.alive_from).await;
            };
            let read = tokio::select! {
                biased;
                () = dead => None,
                read = from.read(&mut buffer) => Some(read),
            };
            // The ends stay open for as long as the test runs.
            let Some(read) = read else { return std::future::pending().await };
            match read {
                Ok(bytes) if bytes > 0 => {
                    if self.is_cut(cut, &buffer[..bytes]) {
                        self.cut.notify_one();
                        return;
                    }
                    tokio::time::sleep(self.delay).await; // the link's delay
                    if to.write_all(&buffer[..bytes]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    fn is_cut(&self, cut: Cut, bytes: &[u8]) -> bool {
        let mark = cut.mark();
        if !bytes.windows(mark.len()).any(|window| window == mark) {
            return false;
        }
        let mut is_cut = false;
        self.network.send_modify(|network| {
            if let Some((wanted, left)) = &mut network.cuts
                && *wanted == cut
                && *left > 0
            {
                *left -= 1;
                is_cut = true;
            }
        });
        is_cut
    }
}
