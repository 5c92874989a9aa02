//! A database further away: a proxy that holds every byte back for half a round trip, and counts round trips.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::figures::Figure;
use crate::load::{Deliveries, Shape, Source};
use crate::measure::{Database, Measured, median};
use crate::service::Polysink;

/// Round trips that are measured, in microseconds.
/// The first is the cost of the proxy alone.
const DISTANCES: [u64; 4] = [0, 100, 2_500, 12_000];

/// With the default, and with more.
const WRITERS: [usize; 2] = [4, 16];

/// How a session of the writers is told from others, and how often each group shows.
const OF_WRITERS: &[u8] = b"into polysink.envelopes";
const COMMIT: &[u8] = b"commit\0";

/// Bytes of a statement in which these are.
const MARKED: usize = 256;

/// What is sent at each distance.
const FIGURES: [Figure; 2] = [
    Figure { name: "batches of 100, 8 connections", shape: Shape::batches(100), connections: 8, peers: &[] },
    Figure { name: "single records, 32 connections", shape: Shape::batches(1), connections: 32, peers: &[] },
];

/// One run.
pub struct Far {
    pub figure: &'static str,
    pub writers: usize,
    /// The round trip of an empty statement, as measured.
    pub round_trip: Duration,
    pub measured: Measured,
    /// Round trips of the writers' sessions for each of their transactions, and the records of one.
    pub round_trips: f64,
    pub records: f64,
}

/// Measures all figures at all distances.
pub async fn measure(database: &Database, records: usize) -> Vec<Far> {
    let mut all = Vec::new();
    for distance in DISTANCES {
        let link = Link::start(database.server.socket(), Duration::from_micros(distance) / 2).expect("it can listen");
        let url = link.url();
        let round_trip = round_trip(&url).await;
        for writers in WRITERS {
            let polysink = Polysink::start(database, &url, writers).await;
            for figure in &FIGURES {
                let source = Source::new(2_000_000 + all.len());
                // So that its statements are prepared, and its table is there.
                let more = (records..records + 100).map(|n| (n, n));
                polysink.store(database, &Deliveries::of(&source, &Shape::batches(10), more), 8).await;
                database.checkpoint().await;
                let deliveries = Deliveries::make(&source, &figure.shape, figure.shape.records(records));
                let before = link.counts();
                let measured = polysink.measure(database, &deliveries, figure.connections).await;
                let after = link.counts();
                let [trips, commits] = [after.of_writers - before.of_writers, after.commits - before.commits]
                    .map(|count| count.max(1) as f64);
                eprintln!("{}, {writers} writers, {round_trip:?} away: {measured}", figure.name);
                all.push(Far {
                    figure: figure.name,
                    writers,
                    round_trip,
                    measured,
                    round_trips: trips / commits,
                    records: deliveries.records as f64 / commits,
                });
            }
        }
    }
    all
}

/// Counts the round trips of a figure's records.
///
/// * `records`: how many at most
pub async fn round_trips(database: &Database, figure: &Figure, number: usize, records: usize) -> f64 {
    let link = Link::start(database.server.socket(), Duration::ZERO).expect("it can listen");
    let polysink = Polysink::start(database, &link.url(), WRITERS[0]).await;
    let source = Source::new(5_000_000 + number);
    let deliveries = Deliveries::make(&source, &figure.shape, figure.shape.records(records));
    polysink.prepare(database, figure, &deliveries).await;
    let before = link.counts();
    polysink.store(database, &deliveries, figure.connections).await;
    (link.counts().of_all - before.of_all) as f64 / deliveries.records as f64
}

async fn round_trip(url: &str) -> Duration {
    let mut connection = PgConnection::connect(url).await.expect("it takes connections");
    let mut times = Vec::new();
    for _ in 0..30 {
        let began = Instant::now();
        connection.ping().await.expect("it answers");
        times.push(began.elapsed());
    }
    median(times)
}

/// The proxy. Each direction of a connection has two threads, because tokio's timers are too coarse.
pub struct Link {
    address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    of_all: AtomicU64,
    of_writers: AtomicU64,
    commits: AtomicU64,
}

/// Counts since the proxy began.
#[derive(Debug, Clone, Copy)]
pub struct Trips {
    /// Round trips of all sessions.
    pub of_all: u64,
    /// Round trips and commits of the writers' sessions.
    of_writers: u64,
    commits: u64,
}

/// What both directions of a connection know.
#[derive(Default)]
struct Session {
    is_writer: AtomicBool,
    /// Whether the last bytes went to the client.
    was_answered: AtomicBool,
}

impl Link {
    /// * `delay`: of each direction
    pub fn start(socket: PathBuf, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let counts = Arc::<Counts>::default();
        let all = Arc::clone(&counts);
        thread::spawn(move || {
            for client in listener.incoming() {
                // A connection that breaks here is one that the client tries again.
                let _ = client.and_then(|client| connect(client, UnixStream::connect(&socket)?, delay, &all));
            }
        });
        Ok(Self { address, counts })
    }

    pub fn url(&self) -> String {
        format!("postgres://polysink@{}/polysink", self.address)
    }

    pub fn counts(&self) -> Trips {
        Trips {
            of_all: self.counts.of_all.load(Ordering::Relaxed),
            of_writers: self.counts.of_writers.load(Ordering::Relaxed),
            commits: self.counts.commits.load(Ordering::Relaxed),
        }
    }
}

fn connect(client: TcpStream, server: UnixStream, delay: Duration, counts: &Arc<Counts>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let session = Arc::<Session>::default();
    let (counts, of_client) = (Arc::clone(counts), Arc::clone(&session));
    let asked = move |bytes: &[u8]| {
        // Both are at the begin of what a statement sends.
        let head = &bytes[..bytes.len().min(MARKED)];
        let has = |mark: &[u8]| head.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark));
        if !of_client.is_writer.load(Ordering::Relaxed) && has(OF_WRITERS) {
            of_client.is_writer.store(true, Ordering::Relaxed);
        }
        let is_turn = of_client.was_answered.swap(false, Ordering::Relaxed);
        counts.of_all.fetch_add(u64::from(is_turn), Ordering::Relaxed);
        if of_client.is_writer.load(Ordering::Relaxed) {
            counts.of_writers.fetch_add(u64::from(is_turn), Ordering::Relaxed);
            counts.commits.fetch_add(u64::from(has(COMMIT)), Ordering::Relaxed);
        }
    };
    let answered = move |_: &[u8]| session.was_answered.store(true, Ordering::Relaxed);
    let (from_client, from_server) = (client.try_clone()?, server.try_clone()?);
    let (to_client, to_server) = (client.try_clone()?, server.try_clone()?);
    forward(from_client, to_server, delay, asked, move || drop(server.shutdown(Shutdown::Both)));
    forward(from_server, to_client, delay, answered, move || drop(client.shutdown(Shutdown::Both)));
    Ok(())
}

/// Forwards one direction.
///
/// * `seen`: called with all bytes, as they come
/// * `close`: called at the end
fn forward(
    mut from: impl io::Read + Send + 'static,
    mut to: impl io::Write + Send + 'static,
    delay: Duration,
    seen: impl Fn(&[u8]) + Send + 'static,
    close: impl FnOnce() + Send + 'static,
) {
    let (queue, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 256 << 10];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            seen(&buffer[..read]);
            if queue.send((Instant::now() + delay, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in due {
            thread::sleep(due.saturating_duration_since(Instant::now())); // the link's delay
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        close();
    });
}
