//! A TCP proxy before a test's PostgreSQL that can fall silent, as a middlebox does that has forgotten its connections: nothing is
//! forwarded any more, and nothing is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::TestDatabase;
use super::postgres::socket;

pub struct Proxy {
    address: SocketAddr,
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
}

impl Proxy {
    pub async fn start() -> Arc<Self> {
        Self::start_with_delay(Duration::ZERO).await
    }

    /// One that holds each piece back for a while, in either direction.
    pub async fn start_with_delay(delay: Duration) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (network, _) = watch::channel(Network { alive_from: 0, down: false, connections: 0 });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, network.clone(), delay));
        Arc::new(Self { address, network, _tasks: tasks })
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
}

async fn accept(listener: TcpListener, network: watch::Sender<Network>, delay: Duration) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let mut n = 0;
        network.send_modify(|network| {
            n = network.connections;
            network.connections += 1;
        });
        let network = network.subscribe();
        connections.spawn(async move {
            let Ok(server) = UnixStream::connect(socket()).await else { return };
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::join!(
                forward(from_client, to_server, n, network.clone(), delay),
                forward(from_server, to_client, n, network, delay),
            );
        });
    }
}

/// Forwards one direction, while the network does.
async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    n: usize,
    mut network: watch::Receiver<Network>,
    delay: Duration,
) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let dead = async {
            let _ = network.wait_for(|network| network.down || n < network.alive_from).await;
        };
        let read = tokio::select! {
            biased;
            () = dead => None,
            read = from.read(&mut buffer) => Some(read),
        };
        let Some(read) = read else { return std::future::pending().await }; // the ends stay open for as long as the test runs
        match read {
            Ok(bytes) if bytes > 0 => {
                tokio::time::sleep(delay).await; // the link's delay
                if to.write_all(&buffer[..bytes]).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}
