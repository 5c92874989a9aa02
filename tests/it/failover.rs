//! A standby takes over from its primary.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::harness::outage::{ROWS, acknowledged, healed, one};
use crate::harness::{Delivery, Proxy, Server, Service, app::http_client, record};

/// Waits until the standby has applied everything that the primary has.
async fn caught_up(primary: &Server, standby: &Server) {
    let at = primary.text("select pg_current_wal_lsn()::text").await;
    let sql: &'static str = format!("select (pg_last_wal_replay_lsn() >= '{at}')::text").leak();
    standby.becomes(sql, "true").await;
}

async fn promote(standby: &Server) {
    standby.run("select pg_promote()").await;
    standby.becomes("select pg_is_in_recovery()::text", "false").await;
}

/// A primary with its standby, and a service whose connections a proxy leads to the primary.
struct Pair {
    old: Server,
    new: Server,
    proxy: Arc<Proxy>,
    service: Service,
    http: reqwest::Client,
    _data: tempfile::TempDir,
}

impl Pair {
    async fn start() -> Self {
        let mut old = Server::start();
        let new = old.standby();
        let proxy = Proxy::start_to(old.socket(), Duration::ZERO).await;
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let url = format!("postgres://polysink@{}/polysink", proxy.address());
        let service = Service::start(Service::on(&url, data.path())).prepared();
        Self { old, new, proxy, service, http: http_client(), _data: data }
    }
}

/// What Aurora does until its DNS has changed, and a proxy that leaves the connections there are.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_stays_up_read_only_is_left_for_the_new_one() {
    let Pair { old, new, proxy, service, http, _data } = Pair::start().await;
    for n in 0..5 {
        assert_eq!(acknowledged(&[one("before", n).post(&http, &service.url).await]), 0);
    }
    caught_up(&old, &new).await;
    proxy.lead_to(new.socket());
    promote(&new).await;
    old.run("alter system set default_transaction_read_only = on").await;
    old.run("select pg_reload_conf()").await;
    old.becomes("select current_setting('transaction_read_only')", "on").await;
    for n in 0..20 {
        acknowledged(&[one("after", n).post(&http, &service.url).await]);
    }
    new.becomes(ROWS, "25 25").await;
    healed(&http, &service.url).await;
    new.becomes("select count(*)::text from synced.customers_to_warehouse", "25").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_hosts_the_one_that_takes_writes_is_used_and_a_promoted_one_is_found() {
    let mut old = Server::start();
    let new = old.standby();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    // The standby stands first.
    let hosts = format!("{},{}", new.host(), old.host());
    let url = format!("postgres://polysink@/polysink?host={hosts}&target_session_attrs=read-write");
    let service = Service::start(Service::on(&url, data.path())).prepared();
    let http = http_client();
    for n in 0..5 {
        assert_eq!(acknowledged(&[one("before", n).post(&http, &service.url).await]), 0);
    }
    caught_up(&old, &new).await;
    old.stop();
    promote(&new).await;
    for n in 0..20 {
        acknowledged(&[one("after", n).post(&http, &service.url).await]);
    }
    new.becomes(ROWS, "25 25").await;
    healed(&http, &service.url).await;
}

/// The transaction that made a sync's row did not reach the standby.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_whose_row_was_lost_in_a_failover_is_made_again() {
    let Pair { mut old, new, proxy, service, http, _data } = Pair::start().await;
    let of = |id: u8, n: usize| {
        let id = format!("1ea8f90a-b22e-4218-86d5-c3c109e1fb{id:02x}");
        Delivery::of_sync(&id, &format!("Sync {id}"), &[record(&format!("r{n}"), json!({"id": n}))])
    };
    of(1, 0).post(&http, &service.url).await.counts();
    caught_up(&old, &new).await;
    // The standby is promoted without the next transactions.
    new.run("alter system set primary_conninfo = ''").await;
    new.run("select pg_reload_conf()").await;
    new.becomes("select count(*)::text from pg_stat_wal_receiver", "0").await;
    of(2, 1).post(&http, &service.url).await.counts();
    of(3, 2).post(&http, &service.url).await.counts();
    proxy.lead_to(new.socket());
    old.stop();
    promote(&new).await;
    let syncs = "select count(*)::text from polysink.syncs";
    // The process knows both syncs; only one of them sends again.
    acknowledged(&[of(2, 3).post(&http, &service.url).await]);
    healed(&http, &service.url).await;
    new.becomes(syncs, "2").await;
    // Deliveries without a sync, as an earlier version left them.
    let orphan = of(4, 4);
    orphan.post(&http, &service.url).await;
    new.becomes(syncs, "3").await;
    new.becomes("select count(*)::text from polysink.backlog", "0").await;
    new.run(
        "begin; insert into polysink.backlog (envelope_id, received_at, sent_at, sync_id)
             select envelope_id, received_at, sent_at, sync_id from polysink.envelopes
             where sync_id = '1ea8f90a-b22e-4218-86d5-c3c109e1fb04';
             delete from polysink.syncs where sync_id = '1ea8f90a-b22e-4218-86d5-c3c109e1fb04';
             drop table synced.sync_1ea8f90a_b22e_4218_86d5_c3c109e1fb04; commit",
    )
    .await;
    new.becomes(syncs, "3").await;
    new.becomes("select count(*)::text from polysink.backlog", "0").await;
}
