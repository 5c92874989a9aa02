//! Each alert rule of `ops/alerts.yml`, fired in a real Prometheus by what happens to a real service.
//! `script/try-alerts` runs this.
//!
//! The rules run in fast motion: where they say minutes, seconds pass; an hour is ten seconds, a day twenty.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Days;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::documents::read;
use crate::harness::outage::one;
use crate::harness::postgres::make_days;
use crate::harness::process::{polysink, works};
use crate::harness::{Delivery, Outage, Prometheus, SmallDisk, eventually, record};
use crate::tls::Certificate;

/// How long an alert may take.
const PATIENCE: Duration = Duration::from_secs(150);

/// The rules in fast motion.
fn fast(rules: &str) -> String {
    let mut fast = String::new();
    let mut rest = rules;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        fast.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        let is_duration = ["for: ", "offset ", "["].iter().any(|opening| before.ends_with(opening));
        let seconds = |factor: u64| format!("{}s", factor * number.parse::<u64>().expect("it has digits"));
        let unit = after.chars().next().filter(|_| is_duration);
        let (text, after) = match unit {
            Some('m') => (seconds(1), &after[1..]),
            Some('h') => (seconds(10), &after[1..]),
            Some('d') => (seconds(20), &after[1..]),
            _ if before.ends_with("> ") && ["900", "600", "300"].contains(&number) => {
                ((number.parse::<u64>().expect("it has digits") / 60).to_string(), after)
            }
            _ => (number.to_owned(), after),
        };
        fast.push_str(&text);
        rest = after;
    }
    fast + rest
}

#[test]
fn fast_motion_changes_durations_and_nothing_else() {
    let rules = "expr: a:b:seconds > 900 and increase(x{status=\"5xx\"}[10m]) > 10 and y offset 1d > 0.5\nfor: 6h";
    let expected = "expr: a:b:seconds > 15 and increase(x{status=\"5xx\"}[10s]) > 10 and y offset 20s > 0.5\nfor: 60s";
    assert_eq!(fast(rules), expected);
}

/// A service, its Prometheus, and which alerts have fired.
struct Trial {
    outage: Outage,
    prometheus: Prometheus,
    fired: BTreeSet<String>,
}

impl Trial {
    /// Does something again and again until alerts fire.
    async fn until_fired(&mut self, names: &[&str], mut again: impl AsyncFnMut(&Outage)) {
        let began = Instant::now();
        loop {
            let firing = self.prometheus.firing().await;
            self.fired.extend(firing.iter().cloned());
            let missing: Vec<&&str> = names.iter().filter(|name| !self.fired.contains(**name)).collect();
            if missing.is_empty() {
                eprintln!("{:>4} s: {}", began.elapsed().as_secs(), names.join(", "));
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{missing:?} do not fire; {firing:?} do");
            again(&self.outage).await;
            sleep(Duration::from_millis(300)).await; // between two looks
        }
    }

    async fn fires(&mut self, names: &[&str]) {
        self.until_fired(names, async |_| {}).await;
    }
}

/// Clients that are refused, for their credentials, bodies and times.
async fn refused(outage: &Outage) {
    let wrong = Delivery::documented().with("authorization", "Bearer wrong-secret");
    let deliveries = [wrong.clone(), wrong, Delivery::of_body("{"), Delivery::documented().sent_ago(7_200)];
    futures_util::future::join_all(deliveries.iter().map(|delivery| outage.send(delivery))).await;
}

/// More connections than one address may have.
async fn connect_too_often(outage: &Outage) {
    let address = outage.service.url.trim_start_matches("http://").split('/').next().expect("it has one");
    let mut open = Vec::new();
    for _ in 0..60 {
        open.push(tokio::net::TcpStream::connect(address).await.expect("it listens"));
    }
    drop(open);
    // The next client waits until they are closed on the other side too.
    let live = outage.service.url.replace("/webhooks/polytomic", "/health/live");
    eventually("they are closed", async || outage.http.get(&live).send().await.is_ok()).await;
}

/// A replay has still to write a delivery of forty days ago.
const NEEDED: &str = "
    insert into polysink.replaying (rewritten, sent_at, envelope_id, received_at)
    select true, sent_at, envelope_id, received_at - interval '40 days' from polysink.envelopes limit 1";

const NO_DAYS_AHEAD: &str = "
    do $$ begin
        for ahead in 1..8 loop
            execute format('drop table if exists polysink.envelopes_%s',
            to_char((now() at time zone 'utc')::date + ahead, 'YYYYMMDD'));
        end loop;
    end $$";

/// As Polytomic's API would tell of it.
const SHORT_RUN: &str = "
    insert into polysink.runs (sync_id, source_id, execution_id, status, started_at, completed_at, counts, errors,
        expected, received_min, received_max, verdict)
    select sync_id, sync_id, 'short', 'completed', now() - interval '1 hour', now() - interval '1 minute', '{}', '{}',
        10, 7, 7, 'short' from polysink.syncs limit 1;
    insert into polysink.sync_sources (source_id, sync_id, next_execution_at, asked_at)
    select sync_id, sync_id, now() - interval '1 hour', now() from polysink.syncs limit 1";

/// The ledger takes one record only when `held` is empty.
const HELD: &str = "
    create table public.held as select 1;
    create function hold() returns trigger language plpgsql as $$
    begin
        while new.hash = 'held-0' and exists (select from public.held) loop perform pg_sleep(0.02); end loop;
        return new;
    end $$;
    create trigger hold before insert on polysink.records for each row execute function hold()";

#[tokio::test(flavor = "multi_thread")]
async fn each_alert_rule_fires_for_its_fault() {
    let disk = SmallDisk::mount(64);
    let spool = disk.as_ref().map(|disk| disk.path().join("spool"));
    let spool = spool.as_ref().and_then(|path| path.to_str());
    let settings = [
        ("POLYSINK_SPOOL", spool.unwrap_or_default()),
        ("POLYSINK_SPOOL_MAX", "4MiB"),
        ("POLYSINK_MAX_BODY", "1MiB"),
        ("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS", "40"),
    ];
    let mut outage = Outage::start_with(&settings[usize::from(disk.is_none())..]);
    let rules = read("ops/alerts.yml");
    let Some(prometheus) = Prometheus::scraping(&outage.service.metrics_url(), &fast(&rules)) else { return };
    prometheus.ready().await;
    let mut trial = Trial { outage, prometheus, fired: BTreeSet::new() };

    // All is well for half a minute.
    let began = Instant::now();
    for n in 0.. {
        assert_eq!(trial.outage.send(&one("well", n)).await.status, 200);
        let firing = trial.prometheus.firing().await;
        if trial.prometheus.scrapes().await >= 12 && firing.is_empty() {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{firing:?} fire though nothing is wrong");
        sleep(Duration::from_millis(300)).await; // between two deliveries
    }

    // Nothing arrives any more but what is refused.
    trial.until_fired(&["PolysinkConnectionsRefused"], connect_too_often).await;
    let quiet = ["PolysinkNothingArrives", "PolysinkSyncQuiet", "PolysinkOnlyRefused"];
    let bad = ["PolysinkUnauthorized", "PolysinkBodiesRejected", "PolysinkAuthenticRefused"];
    trial.until_fired(&[quiet, bad].concat(), refused).await;

    // A record that is none, and values that do not fit the type that an operator has chosen.
    let database = trial.outage.server.url();
    works(&database, &["column", "customers_to_warehouse", "id", "--type", "bigint", "--yes"]);
    let mut n = 0;
    trial
        .until_fired(&["PolysinkRecordsRejected", "PolysinkMisfits"], async |outage| {
            n += 1;
            outage
                .send(&Delivery::of(&[record(&format!("m{n}"), json!({"id": format!("no number {n}")})), json!(7)]))
                .await;
        })
        .await;

    // Tables that sessions lock; a day of the raw log that has to stay; and days ahead that are gone.
    let server = &trial.outage.server;
    // Around midnight the deliveries are of two days.
    let today = polysink::app::now().date_naive();
    make_days(&database, [40, 41].map(|n| today - Days::new(n))).await;
    server.run(&format!("{NEEDED}; {NO_DAYS_AHEAD}; {SHORT_RUN}")).await;
    let (_, said) = polysink(&database, &["prune", "--yes"]);
    assert!(said.contains("will stay"), "{said}");
    let pool = server.pool.clone();
    let hold = async |table: &str| {
        let mut holder = pool.begin().await.expect("it takes connections");
        let lock = sqlx::AssertSqlSafe(format!("lock table {table}"));
        sqlx::query(lock).execute(&mut *holder).await.expect("nothing holds it for long");
        holder
    };
    let holder = hold("synced.customers_to_warehouse").await;
    let late = Delivery::of(&[record("late", json!({"id": 1_000}))]);
    assert_eq!(trial.outage.send(&late).await.status, 200);
    trial.fires(&["PolysinkProjectionLagging"]).await;
    holder.rollback().await.expect("it is open");
    let holder = hold("polysink.retention").await;
    trial.fires(&["PolysinkMetricsStale"]).await;
    holder.rollback().await.expect("it is open");
    trial
        .fires(&["PolysinkPartitionsMissing", "PolysinkRetentionStuck", "PolysinkRunShort", "PolysinkSyncOverdue"])
        .await;

    // A delivery that the database does not take although it answers, and one that it never takes.
    trial.outage.server.run(HELD).await;
    assert_eq!(trial.outage.send(&one("held", 0)).await.status, 200);
    trial
        .until_fired(&["PolysinkSpoolFailing"], async |outage| {
            assert_eq!(outage.send(&one("beside", 0)).await.status, 200);
        })
        .await;
    trial.outage.server.run("delete from public.held").await;
    trial.outage.refuse_records().await;
    trial.outage.server.stop();
    assert_eq!(trial.outage.send(&one("worst", 0)).await.status, 200);
    trial.outage.server.start_again();
    trial.fires(&["PolysinkSpoolSetAside"]).await;

    // The database is away until the spool is full, and then its disk too.
    trial.outage.server.stop();
    let mut n = 0;
    trial
        .until_fired(
            &["PolysinkDatabaseAway", "PolysinkSpoolFilling", "PolysinkSpoolDown", "PolysinkDeliveriesRefused"],
            async |outage| {
                n += 1;
                let text = "x".repeat(700_000);
                outage.send(&Delivery::of(&[record(&format!("large {n}"), json!({"id": n, "text": text}))])).await;
            },
        )
        .await;
    if let Some(disk) = &disk {
        disk.fill();
        trial.fires(&["PolysinkDiskFilling"]).await;
    }
    trial.outage.service.signal(nix::sys::signal::Signal::SIGKILL);
    trial.fires(&["PolysinkDown", "PolysinkAbsent"]).await;

    let mut all: BTreeSet<String> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect();
    all.remove("PolysinkCertificateEnds"); // below
    all.retain(|alert| disk.is_some() || alert != "PolysinkDiskFilling");
    assert_eq!(all.difference(&trial.fired).collect::<Vec<_>>(), Vec::<&String>::new(), "these were not tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_fires_its_alert() {
    let certificate = Certificate::ending_in(13);
    let app = certificate.spawn(&[]).await;
    let Some(prometheus) = Prometheus::scraping(app.metrics_url(), &fast(&read("ops/alerts.yml"))) else { return };
    prometheus.ready().await;
    let fires = async || prometheus.firing().await.iter().any(|alert| alert == "PolysinkCertificateEnds");
    eventually("PolysinkCertificateEnds fires", fires).await;
}
