//! The server: version, state, clock, and settings that slow a busy ledger down.

use std::collections::BTreeSet;

use bytesize::ByteSize;
use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use super::server_facts::ServerFacts;
use crate::store::tables::replicas::Replica;

/// The versions of PostgreSQL that polysink is made for.
const OLDEST: i32 = 14;
const NEWEST: i32 = 18;

/// A difference of clocks that is worth a look, and one that puts deliveries on the wrong day or refuses them.
const CLOCK_WARNS: i64 = 2;
const CLOCK_FAILS: i64 = 60;

/// From here on, a full page goes to the log after each checkpoint seldom enough.
const MAX_WAL: i64 = 4 << 30;
const CHECKPOINT_SECONDS: i64 = 15 * 60;

/// * `before`, `after`: this machine's time before and after the server was asked
pub fn check(facts: &ServerFacts, before: DateTime<Utc>, after: DateTime<Utc>) -> Vec<Finding> {
    vec![
        version(facts),
        writable(facts),
        encoding(facts),
        durability(facts),
        clock(facts, before, after),
        connections(facts),
        wal(facts),
        snapshots(facts),
        replicas(facts),
    ]
}

fn version(facts: &ServerFacts) -> Finding {
    let (major, expected) = (facts.version / 10_000, "PostgreSQL 14 to 18");
    let found = format!("PostgreSQL {}", facts.version_text);
    if major < OLDEST {
        Finding::fail("server-version", found, expected, "upgrade the server")
    } else if major > NEWEST {
        Finding::warn("server-version", found, expected, "look for a newer polysink; this one was not tested with it")
    } else {
        Finding::ok("server-version", found, expected)
    }
}

fn writable(facts: &ServerFacts) -> Finding {
    let expected = "takes writes";
    if facts.read_only {
        let advice =
            "point DATABASE_URL at the primary, or set default_transaction_read_only = off for polysink's role";
        Finding::fail("read-only", "it is a standby, or read-only", expected, advice)
    } else {
        Finding::ok("read-only", "it takes writes", expected)
    }
}

fn encoding(facts: &ServerFacts) -> Finding {
    let (found, expected) = (facts.encoding.clone(), "UTF8");
    if facts.encoding == "UTF8" {
        Finding::ok("encoding", found, expected)
    } else {
        let advice = "make a database with `create database … encoding 'UTF8' template template0`, and move there";
        Finding::fail("encoding", found, expected, advice)
    }
}

fn durability(facts: &ServerFacts) -> Finding {
    let expected = "fsync and full_page_writes on: a 200 means that the delivery is on disk";
    let off: Vec<&str> = [("fsync", facts.fsync), ("full_page_writes", facts.full_page_writes)]
        .into_iter()
        .filter_map(|(name, on)| (!on).then_some(name))
        .collect();
    if off.is_empty() {
        Finding::ok("durability", "both are on", expected)
    } else {
        let advice = "set it to on in postgresql.conf; a crash of the machine loses what was answered 200";
        Finding::fail("durability", format!("{} off", off.join(" and ")), expected, advice)
    }
}

fn clock(facts: &ServerFacts, before: DateTime<Utc>, after: DateTime<Utc>) -> Finding {
    // The server's time lies between these two if the clocks agree.
    let off = if facts.time < before { before - facts.time } else { (facts.time - after).max(TimeDelta::zero()) };
    let found = format!("{}.{:03} s apart", off.num_seconds(), off.subsec_nanos() / 1_000_000);
    let (expected, advice) = ("less than 2 s apart", "run a time service (chrony, systemd-timesyncd) on both machines");
    match off.num_seconds() {
        seconds if seconds >= CLOCK_FAILS => Finding::fail("clock", found, expected, advice),
        seconds if seconds >= CLOCK_WARNS => Finding::warn("clock", found, expected, advice),
        _ => Finding::ok("clock", found, expected),
    }
}

fn connections(facts: &ServerFacts) -> Finding {
    let found = format!("{} of {} in use", facts.connections, facts.max_connections);
    let expected = "less than nine tenths in use";
    if facts.connections * 10 >= i64::from(facts.max_connections) * 9 {
        let advice = "raise max_connections, or put a pooler in front of the other users";
        Finding::warn("connections", found, expected, advice)
    } else {
        Finding::ok("connections", found, expected)
    }
}

fn wal(facts: &ServerFacts) -> Finding {
    let best = &facts.best_wal_compression;
    let expected = "wal_compression on, by lz4 if the server has it, max_wal_size of 4 GiB and checkpoint_timeout of \
                    15 min or more";
    let mut found = Vec::new();
    let mut advice = Vec::new();
    // After a checkpoint, pglz takes a fifth of the CPU of small deliveries.
    if facts.wal_compression == "off" || facts.wal_compression == "pglz" && best == "lz4" {
        found.push(format!("wal_compression {}", facts.wal_compression));
        advice.push(format!("alter system set wal_compression = {best}"));
    }
    if facts.max_wal_bytes < MAX_WAL {
        found.push(format!("max_wal_size {}", shown(facts.max_wal_bytes)));
        advice.push("alter system set max_wal_size = '4GB'".to_owned());
    }
    if facts.checkpoint_seconds < CHECKPOINT_SECONDS {
        found.push(format!("checkpoint_timeout {} s", facts.checkpoint_seconds));
        advice.push("alter system set checkpoint_timeout = '15min'".to_owned());
    }
    if found.is_empty() {
        return Finding::ok("wal", "as expected", expected);
    }
    let why = "each record touches a random index page, and after a checkpoint its full image is written to the \
               WAL again";
    Finding::warn("wal", found.join(", "), expected, format!("{why}. `{}; select pg_reload_conf()`", advice.join("; ")))
}

fn snapshots(facts: &ServerFacts) -> Finding {
    let expected = "no snapshot older than ten minutes";
    let [oldest, others @ ..] = &facts.old_snapshots[..] else {
        return Finding::ok("old-snapshots", "there is none", expected);
    };
    let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
    let advice = "end it: while it lasts, PostgreSQL keeps every row version that is newer, in all tables, and the \
                  index of an identity waits for it";
    Finding::warn("old-snapshots", format!("{oldest}{more}"), expected, advice)
}

/// The ledger's indexes against the server's memory.
pub fn buffers(facts: &ServerFacts, ledger_index_bytes: i64) -> Finding {
    let expected = "the ledger's indexes fit in shared_buffers";
    let found = format!(
        "shared_buffers {}, the ledger's indexes {}",
        shown(facts.shared_buffers_bytes),
        shown(ledger_index_bytes)
    );
    if ledger_index_bytes <= facts.shared_buffers_bytes {
        return Finding::ok("shared-buffers", found, expected);
    }
    let advice = "raise shared_buffers, to a quarter of the server's memory as a rule, and restart it: a new record \
                  looks for its place in an index at random, and reads it from the disk otherwise";
    Finding::warn("shared-buffers", found, expected, advice)
}

/// Locks that a statement over the whole raw log takes for each day: the table, its two indexes, and its out-of-line
/// storage.
const LOCKS_PER_DAY: i64 = 5;

/// How many of these statements must fit at once.
const STATEMENTS: i64 = 2;

/// The days of the raw log against the server's room for locks.
pub fn locks(facts: &ServerFacts, days: i64) -> Finding {
    let expected = "room for the locks of two statements over the whole raw log";
    let needed = days * LOCKS_PER_DAY * STATEMENTS;
    let found = format!("{days} days of raw log need {needed} locks, and the server has room for {}", facts.max_locks);
    if needed <= facts.max_locks {
        return Finding::ok("locks", found, expected);
    }
    // Twice of what is needed: the next years come too.
    let enough = facts.max_locks_per_transaction * (2 * needed / facts.max_locks.max(1) + 1);
    let advice = format!(
        "`alter system set max_locks_per_transaction = {enough}` and restart the server, or set POLYSINK_RETENTION: a \
         rebuild, a replay, an erasure or a backup fails with \"out of shared memory\" otherwise"
    );
    Finding::warn("locks", found, expected, advice)
}

fn replicas(facts: &ServerFacts) -> Finding {
    let expected = "all polysinks have this version";
    let own = env!("POLYSINK_BUILD_VERSION");
    let services: Vec<String> = facts.services.iter().map(|service| described(service, facts.time)).collect();
    let services = if services.is_empty() { "no service runs".to_owned() } else { services.join("; ") };
    let running = facts.services.iter().map(|service| service.version.as_str()).filter(|version| *version != own);
    // A connection's name has no commit.
    let connected = facts.polysinks.iter().map(String::as_str).filter(|version| *version != env!("CARGO_PKG_VERSION"));
    let others: BTreeSet<&str> = running.chain(connected).collect();
    if others.is_empty() {
        Finding::ok("replicas", format!("version {own}; {services}"), expected)
    } else {
        let others: Vec<&str> = others.into_iter().collect();
        let found = format!("this one is {own}; connected are also {}; {services}", others.join(", "));
        Finding::warn("replicas", found, expected, "finish the upgrade")
    }
}

/// A running service in words.
fn described(service: &Replica, now: DateTime<Utc>) -> String {
    let Replica { id, host, version, seen_at, .. } = service;
    format!("{host} ({version}, {id}), seen {} s ago", (now - seen_at).num_seconds())
}

fn shown(bytes: i64) -> String {
    ByteSize::b(bytes.unsigned_abs()).display().iec().to_string()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::doctor::Level;

    fn good() -> ServerFacts {
        ServerFacts {
            version: 170_002,
            version_text: "17.2".to_owned(),
            read_only: false,
            encoding: "UTF8".to_owned(),
            fsync: true,
            full_page_writes: true,
            wal_compression: "lz4".to_owned(),
            best_wal_compression: "lz4".to_owned(),
            max_wal_bytes: 4 << 30,
            checkpoint_seconds: 900,
            shared_buffers_bytes: 256 << 20,
            max_connections: 100,
            connections: 20,
            max_locks_per_transaction: 64,
            max_locks: 6_400,
            time: DateTime::UNIX_EPOCH,
            old_snapshots: Vec::new(),
            polysinks: vec![env!("CARGO_PKG_VERSION").to_owned()],
            services: Vec::new(),
        }
    }

    /// The checks that are not ok.
    fn found(facts: &ServerFacts) -> Vec<(&'static str, Level)> {
        let now = DateTime::UNIX_EPOCH;
        let bad = check(facts, now, now).into_iter().filter(|finding| finding.level != Level::Ok);
        bad.map(|finding| (finding.check, finding.level)).collect()
    }

    #[test]
    fn a_good_server_has_nothing_to_look_at() {
        assert_eq!(found(&good()), []);
        assert_eq!(buffers(&good(), 200 << 20).level, Level::Ok);
        assert_eq!(locks(&good(), 400).level, Level::Ok);
    }

    #[test]
    fn each_of_its_states_is_found() {
        let version = |version| found(&ServerFacts { version, ..good() });
        assert_eq!(version(130_018), [("server-version", Level::Fail)]);
        assert_eq!(version(140_000), []);
        assert_eq!(version(180_001), []);
        assert_eq!(version(190_000), [("server-version", Level::Warn)]);
        assert_eq!(found(&ServerFacts { read_only: true, ..good() }), [("read-only", Level::Fail)]);
        assert_eq!(found(&ServerFacts { encoding: "LATIN1".to_owned(), ..good() }), [("encoding", Level::Fail)]);
        assert_eq!(found(&ServerFacts { fsync: false, ..good() }), [("durability", Level::Fail)]);
        assert_eq!(found(&ServerFacts { full_page_writes: false, ..good() }), [("durability", Level::Fail)]);
        assert_eq!(found(&ServerFacts { connections: 95, ..good() }), [("connections", Level::Warn)]);
        let others = vec![env!("CARGO_PKG_VERSION").to_owned(), "0.0.9".to_owned()];
        assert_eq!(found(&ServerFacts { polysinks: others, ..good() }), [("replicas", Level::Warn)]);
        let service = |version: &str| Replica {
            id: Uuid::nil(),
            host: "one".to_owned(),
            version: version.to_owned(),
            started_at: DateTime::UNIX_EPOCH,
            seen_at: DateTime::UNIX_EPOCH,
        };
        let own = service(env!("POLYSINK_BUILD_VERSION"));
        assert_eq!(found(&ServerFacts { services: vec![own.clone()], ..good() }), []);
        let both = vec![own, service("0.0.9")];
        assert_eq!(found(&ServerFacts { services: both, ..good() }), [("replicas", Level::Warn)]);
        let old = |snapshots: &[&str]| ServerFacts {
            old_snapshots: snapshots.iter().map(|&snapshot| snapshot.to_owned()).collect(),
            ..good()
        };
        assert_eq!(found(&old(&["process 7"])), [("old-snapshots", Level::Warn)]);
        assert_eq!(snapshots(&old(&["process 7", "slot b", "slot c"])).found, "process 7, and 2 more");
        assert_eq!(buffers(&good(), 300 << 20).level, Level::Warn);
    }

    #[test]
    fn doctor_says_how_many_locks_years_of_days_need() {
        let finding = locks(&good(), 1_100);
        assert_eq!(finding.level, Level::Warn);
        let advice = finding.advice.expect("it has one");
        assert!(advice.contains("max_locks_per_transaction = 256"), "{advice}");
        assert_eq!(locks(&ServerFacts { max_locks: 25_600, ..good() }, 1_100).level, Level::Ok);
    }

    #[test]
    fn the_clock_may_be_off_by_a_second_in_either_direction() {
        let clock =
            |seconds| found(&ServerFacts { time: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds), ..good() });
        for near in [-1, 0, 1] {
            assert_eq!(clock(near), [], "{near}");
        }
        assert_eq!((clock(5), clock(-5)), (vec![("clock", Level::Warn)], vec![("clock", Level::Warn)]));
        assert_eq!((clock(90), clock(-90)), (vec![("clock", Level::Fail)], vec![("clock", Level::Fail)]));
    }

    #[test]
    fn settings_that_are_dear_come_with_the_statements_that_change_them() {
        let facts = ServerFacts {
            wal_compression: "off".to_owned(),
            max_wal_bytes: 1 << 30,
            checkpoint_seconds: 300,
            ..good()
        };
        let finding = wal(&facts);
        assert_eq!(finding.level, Level::Warn);
        assert_eq!(finding.found, "wal_compression off, max_wal_size 1.0 GiB, checkpoint_timeout 300 s");
        let advice = finding.advice.expect("it has one");
        for part in
            ["wal_compression = lz4", "max_wal_size = '4GB'", "checkpoint_timeout = '15min'", "pg_reload_conf()"]
        {
            assert!(advice.contains(part), "{advice}");
        }
        // Where lz4 is not built in, or before PostgreSQL 15.
        for (setting, best, level) in [
            ("pglz", "lz4", Level::Warn),
            ("pglz", "on", Level::Ok),
            ("on", "on", Level::Ok),
            ("zstd", "lz4", Level::Ok),
        ] {
            let (wal_compression, best_wal_compression) = (setting.to_owned(), best.to_owned());
            assert_eq!(wal(&ServerFacts { wal_compression, best_wal_compression, ..good() }).level, level, "{setting}");
        }
    }
}
