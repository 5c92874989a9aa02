//! Compares what was acknowledged with the ledger, the ledger with the raw log, and the query tables with the ledger,
//! row by row, for the sync of the load.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::PgPool;

use super::load::{Counts, Tally};

/// What is wrong in the database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Acknowledged records that are not in the ledger, or counted less often than they were acknowledged.
    pub lost: i64,
    /// Records that are counted more often than they were sent.
    pub twice: i64,
    /// Records of stored envelopes that the ledger does not count.
    pub torn: i64,
    /// Rows of the query tables that are not what the ledger says, or are missing.
    pub differ: i64,
}

/// What is left to project, or to change in the query tables.
const UNPROJECTED: &str = "
    select (select count(*) from polysink.backlog) + (select count(*) from polysink.backfills)
         + (select count(*) from polysink.fields where unsettled is not null
         or column_type is distinct from wanted_type)";

/// Entities of the ledger whose row in the query table is missing, or not that of their newest sighting. Without an
/// identity, each record is an entity.
const CURRENT: &str = "
    with sightings as (
        select case when s.identity is null then r.hash else jsonb_build_array(r.fields->>'id')::text end as key, r.*
        from polysink.records r join polysink.syncs s using (sync_id) where table_name = 'customers_to_warehouse'
    ), newest as (
        select distinct on (key) * from sightings order by key, last_sent_at desc, last_envelope_id desc,
        last_position desc
    ), oldest as (
        select distinct on (key) * from sightings order by key, first_sent_at, first_envelope_id, first_position
    )
    select count(*), (array_agg(format('ledger: %s; table: %s; identity: %s',
    to_jsonb(n) || jsonb_build_object('oldest', o), to_jsonb(t),
                                       (select identity from polysink.syncs
                                       where table_name = 'customers_to_warehouse'))))[1:3]
    from newest n join oldest o using (key) full join synced.customers_to_warehouse t on t._key = key
    where (key, n.hash, n.fields->>'id', n.fields->>'n', null::jsonb, n.last_received_at, n.last_sent_at,
    n.last_envelope_id,
           n.last_position, o.first_received_at)
          is distinct from
          (t._key, t._hash, t.id, t.n::text, t._unfit, t._last_received_at, t._sent_at, t._envelope_id,
           t._position, t._first_received_at)";

/// Contents that no version has, current rows without an open version, versions whose end is not the next one's
/// beginning, and versions after one of the same content.
const HISTORY: &str = "
    with versions as (
        select _key, _hash, _valid_to,
               lead(_valid_from) over following as next, lead(_hash) over following as next_hash
        from synced.customers_to_warehouse_history
        window following as (partition by _key order by _sent_at, _envelope_id, _position)
    )
    select (select count(*) from polysink.records r join polysink.syncs s using (sync_id)
            where table_name = 'customers_to_warehouse' and not exists (select from versions
            where _key = jsonb_build_array(r.fields->>'id')::text and _hash = r.hash))
         + (select count(*) from synced.customers_to_warehouse t
            full join (select * from versions where _valid_to is null) v using (_key, _hash)
            where v is null or t is null)
         + (select count(*) from versions where _valid_to is distinct from next or _hash = next_hash)";

impl Tally {
    /// Checks that every acknowledged record was stored, no record twice, and that the query tables show them.
    pub async fn check(&self, pool: &PgPool) {
        assert!(!self.records.is_empty(), "nothing was sent");
        assert!(self.acknowledged() > 0, "nothing was acknowledged");
        assert_eq!(self.compare(pool).await, Compared::default());
    }

    /// Waits until the query tables are up to date, and compares.
    pub async fn compare(&self, pool: &PgPool) -> Compared {
        projected(pool).await;
        let mut compared = self.compare_ledger(pool).await;
        compared.torn = count(
            pool,
            "select coalesce((select sum(record_count)::bigint from polysink.envelopes where sync_id = s.sync_id), 0)
                  - coalesce((select sum(times_received)::bigint from polysink.records where sync_id = s.sync_id), 0)
             from polysink.syncs s where table_name = 'customers_to_warehouse'",
        )
        .await;
        let (differ, some): (i64, Option<Vec<String>>) =
            sqlx::query_as(CURRENT).fetch_one(pool).await.expect("the statement is good");
        some.iter().flatten().for_each(|row| eprintln!("differs: {row}"));
        compared.differ = differ;
        if count(
            pool,
            "select count(*) from polysink.syncs where table_name = 'customers_to_warehouse' and identity is not null",
        )
        .await
            > 0
        {
            let wrong = count(pool, HISTORY).await;
            if wrong > 0 {
                eprintln!("{wrong} rows of the history differ");
            }
            compared.differ += wrong;
        }
        compared
    }

    /// Records that are not in the tally count as sent once.
    async fn compare_ledger(&self, pool: &PgPool) -> Compared {
        let mut compared = Compared::default();
        let mut missing = self.records.clone();
        let counted = "select hash, times_received from polysink.records join polysink.syncs using (sync_id)
                       where table_name = 'customers_to_warehouse'";
        let mut rows = sqlx::query_as::<_, (String, i64)>(counted).fetch(pool);
        while let Some((hash, received)) = rows.try_next().await.expect("the statement is good") {
            let Counts { sent, acknowledged } = missing.remove(&hash).unwrap_or(Counts { sent: 1, acknowledged: 0 });
            compared.lost += (acknowledged - received).max(0);
            compared.twice += (received - sent).max(0);
        }
        compared.lost += missing.values().map(|counts| counts.acknowledged).sum::<i64>();
        compared
    }
}

/// Waits until every delivery is in the query tables.
async fn projected(pool: &PgPool) {
    let looks = async {
        while count(pool, UNPROJECTED).await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await; // between two looks
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(300), looks).await.is_ok();
    assert!(in_time, "{} deliveries and changes are not projected", count(pool, UNPROJECTED).await);
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap_or_else(|error| panic!("{error}: {sql}"))
}
