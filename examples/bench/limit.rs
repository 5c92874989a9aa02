//! The limit: `COPY` of everything that polysink stores for the same records, and nothing else.

use std::time::Instant;

use futures_util::TryStreamExt as _;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::load::{Deliveries, Shape, Source};
use crate::measure::{Database, Measured};
use crate::service::Polysink;

/// Sessions that copy at a time.
const SESSIONS: usize = 2;

/// Bytes of a message.
const PART: usize = 256 << 10;

/// The rows of each session, table by table, in `COPY`'s text format.
pub struct Limit {
    sessions: Vec<Vec<(String, Vec<u8>)>>,
    records: usize,
}

impl Limit {
    /// Has polysink store the records once, and takes its rows.
    pub async fn prepare(database: &Database, polysink: &Polysink, records: usize) -> Self {
        let source = Source::new(0);
        polysink.store(database, &Deliveries::make(&source, &Shape::batches(100), records), 8).await;
        let Source { id, table, .. } = &source;
        database
            .server
            .run(&format!(
                "create schema bench;
                 create table bench.envelopes (like polysink.envelopes including all);
                 create table bench.records (like polysink.records including all);
                 create table bench.rows (like {table} including all)"
            ))
            .await;
        let mut sessions = Vec::new();
        for n in 0..SESSIONS {
            let part = |key: &str| format!("mod(hashtext({key}::text), {SESSIONS}) in ({n}, -{n})");
            let tables = [
                (
                    "bench.envelopes",
                    format!("select * from polysink.envelopes where sync_id = '{id}' and {}", part("envelope_id")),
                ),
                (
                    "bench.records",
                    format!(
                        "select * from polysink.records where sync_id = '{id}' and {} order by sync_id, hash",
                        part("hash")
                    ),
                ),
                ("bench.rows", format!("select * from {table} where {}", part("_key"))),
            ];
            let mut parts = Vec::new();
            for (to, rows) in tables {
                parts.push((to.to_owned(), copy_out(database, &rows).await));
            }
            sessions.push(parts);
        }
        Self { sessions, records }
    }

    /// Copies everything into empty tables.
    pub async fn run(&self, database: &Database) -> Measured {
        database.server.run("truncate bench.envelopes, bench.records, bench.rows").await;
        let mut connections = Vec::new();
        for _ in &self.sessions {
            connections.push(PgConnection::connect(&database.url()).await.expect("it takes connections"));
        }
        let before = database.counters(&[]).await;
        let began = Instant::now();
        let copies = self.sessions.iter().zip(&mut connections).map(async |(parts, connection)| {
            for (table, rows) in parts {
                let sql = format!("copy {table} from stdin");
                let mut copy = connection.copy_in_raw(&sql).await.expect("the table is there");
                for part in rows.chunks(PART) {
                    copy.send(part).await.expect("it takes rows");
                }
                copy.finish().await.expect("the rows are good");
            }
        });
        futures_util::future::join_all(copies).await;
        let took = began.elapsed();
        let after = database.counters(&[]).await;
        assert_eq!(database.rows("bench.rows").await, self.records, "every record is a row");
        Measured::of(self.records, took, took, before, after)
    }
}

async fn copy_out(database: &Database, rows: &str) -> Vec<u8> {
    let mut connection = PgConnection::connect(&database.url()).await.expect("it takes connections");
    let sql = format!("copy ({rows}) to stdout");
    let mut out = Vec::new();
    let mut stream = connection.copy_out_raw(&sql).await.expect("the statement is good");
    while let Some(part) = stream.try_next().await.expect("it can be read") {
        out.extend_from_slice(&part);
    }
    drop(stream);
    out
}
