//! The database of the benchmark, and what a run costs: time, CPU, WAL.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::Server;
use crate::harness::proc::children;

/// Pages that PostgreSQL keeps in memory.
const SHARED_BUFFERS: &str = "512MB";

/// The server that all contenders share.
pub struct Database {
    pub server: Server,
    pub pool: PgPool,
    postmaster: u32,
}

impl Database {
    /// * `statements`: whether the server counts what each statement costs
    pub async fn start(statements: bool) -> Self {
        let mut server = Server::start();
        server.run(&format!("alter system set shared_buffers = '{SHARED_BUFFERS}'")).await;
        server.run("alter system set max_wal_size = '4GB'").await;
        if statements {
            server.run("alter system set shared_preload_libraries = 'pg_stat_statements'").await;
        }
        server.run("checkpoint").await;
        server.stop();
        server.start_again();
        let pool = server.pool.clone();
        if statements {
            server.run("create extension pg_stat_statements").await;
        }
        let postmaster = server.postmaster();
        Self { server, pool, postmaster }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Ends the work that a run has left to the server, so that the next one does not pay for it.
    pub async fn checkpoint(&self) {
        self.server.run("checkpoint").await;
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    /// Prints the statements that took the most time since the last look, and what they cost a record.
    pub async fn print_statements(&self, records: usize) {
        const MOST: &str = "select left(regexp_replace(query, '\\s+', ' ', 'g'), 90), calls, rows,
             total_exec_time * 1000 as micros, wal_bytes::float8
             from pg_stat_statements where calls > 1 or total_exec_time > 1 order by total_exec_time desc limit 24";
        let rows: Vec<(String, i64, i64, f64, f64)> =
            sqlx::query_as(MOST).fetch_all(&self.pool).await.expect("the extension is there");
        let each = |used: f64| used / records as f64;
        for (text, calls, rows, micros, wal) in rows {
            eprintln!(
                "{:7.2} µs {:5.0} B WAL a record, {calls:7} calls, {rows:8} rows  {text}",
                each(micros),
                each(wal)
            );
        }
        self.server.run("select pg_stat_statements_reset()").await;
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> usize {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the table is there");
        usize::try_from(rows).expect("a count is not negative")
    }

    /// The counters now.
    ///
    /// * `own`: the receiver's processes
    pub async fn counters(&self, own: &[u32]) -> Counters {
        let wal = self.number("select (pg_current_wal_lsn() - '0/0')::bigint").await;
        let own = own.iter().map(|pid| cpu(*pid, false)).sum();
        let backends: Duration = children(self.postmaster).into_iter().map(|pid| cpu(pid, false)).sum();
        Counters { own, postgres: backends + cpu(self.postmaster, true), wal: wal.unsigned_abs() }
    }
}

/// What has been used so far.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    own: Duration,
    postgres: Duration,
    wal: u64,
}

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub records: usize,
    /// Until the last delivery was answered.
    pub acknowledged: Duration,
    /// Until the last record was a row.
    pub end_to_end: Duration,
    /// CPU of the receiver and of PostgreSQL, in microseconds a record.
    pub own: f64,
    pub postgres: f64,
    /// Bytes of WAL a record.
    pub wal: f64,
}

impl Measured {
    pub fn of(records: usize, acknowledged: Duration, end_to_end: Duration, before: Counters, after: Counters) -> Self {
        let each = |used: Duration| used.as_secs_f64() * 1e6 / records as f64;
        Self {
            records,
            acknowledged,
            end_to_end,
            own: each(after.own.saturating_sub(before.own)),
            postgres: each(after.postgres.saturating_sub(before.postgres)),
            wal: (after.wal - before.wal) as f64 / records as f64,
        }
    }

    /// Records a second until the last delivery was answered.
    pub fn rate(&self) -> f64 {
        self.records as f64 / self.acknowledged.as_secs_f64()
    }

    /// Records a second until the last record was a row.
    pub fn rate_end_to_end(&self) -> f64 {
        self.records as f64 / self.end_to_end.as_secs_f64()
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0}/s acknowledged, {:.0}/s end to end, CPU µs {:.1} own {:.1} PostgreSQL, {:.0} bytes of WAL",
            self.rate(),
            self.rate_end_to_end(),
            self.own,
            self.postgres,
            self.wal
        )
    }
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The CPU time of a process, in the unit of `/proc` (10 ms).
///
/// * `with_ended`: and of its children that have ended
fn cpu(pid: u32, with_ended: bool) -> Duration {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
    // The name, in parentheses, may have spaces.
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let ticks: u64 = fields.iter().skip(10).take(if with_ended { 4 } else { 2 }).sum();
    Duration::from_millis(ticks * 10)
}
