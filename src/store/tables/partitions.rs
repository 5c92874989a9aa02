//! The daily partitions of `polysink.envelopes`: created ahead, and on demand for a delivery without one.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sqlx::AssertSqlSafe;

use crate::store::{Connection, Store, StoreError, wait_for_lock};

/// How many days beyond today have a partition: a service that cannot create any for a week does no harm.
const DAYS_AHEAD: u64 = 7;

/// How many days ahead are counted.
const MOST_COUNTED: u64 = 4 * DAYS_AHEAD;

/// The lock for creating partitions, one session at a time; "polyday" in ASCII.
const LOCK: i64 = 0x0070_6f6c_7964_6179;

/// A UTC day, and the only source of its partition's name: digits, so that nothing needs quoting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition(NaiveDate);

impl Partition {
    pub(super) fn of(day: NaiveDate) -> Self {
        Self(day)
    }

    /// The partition with this name; `None` for another table.
    pub(super) fn named(name: &str) -> Option<Self> {
        let partition = Self(NaiveDate::parse_from_str(name.strip_prefix("envelopes_")?, "%Y%m%d").ok()?);
        (partition.name() == name).then_some(partition)
    }

    pub(super) fn name(self) -> String {
        format!("envelopes_{}", self.0.format("%Y%m%d"))
    }

    pub(super) fn day(self) -> NaiveDate {
        self.0
    }

    fn end(self) -> NaiveDate {
        self.0 + Days::new(1)
    }

    pub(super) fn begins_at(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    pub(super) fn ends_at(self) -> DateTime<Utc> {
        self.end().and_time(NaiveTime::MIN).and_utc()
    }

    /// Attaches its table, which exists, and says in its comment what it has.
    pub(super) async fn attach(self, connection: &mut Connection) -> Result<(), StoreError> {
        let (name, start, end) = (self.name(), self.0, self.end());
        let comment = format!("comment on table polysink.{name} is 'The envelopes received on {start}, UTC.'");
        sqlx::raw_sql(AssertSqlSafe(comment)).execute(&mut *connection).await?;
        // By itself, because Citus sends the nodes the whole text that it is a part of.
        let attach = format!(
            "alter table polysink.envelopes attach partition polysink.{name}
                 for values from ('{start} 00:00:00+00') to ('{end} 00:00:00+00')"
        );
        sqlx::raw_sql(AssertSqlSafe(attach)).execute(connection).await?;
        Ok(())
    }
}

/// Creates the missing partitions of today (by `now`) and of the days ahead. Returns why those of coming days could not
/// be created: a delivery creates its own, so they are worth a warning.
///
/// # Errors
///
/// If no partition takes the deliveries of today.
pub async fn make_ahead(store: &Store, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
    let today = now.date_naive();
    let mut warnings = Vec::new();
    for partition in missing_days(store, (0..=DAYS_AHEAD).map(|ahead| today + Days::new(ahead)).collect()).await? {
        let day = partition.day();
        match make_alone(store, partition).await {
            Ok(()) => {}
            // Without the server, the others fail too.
            Err(error) if !error.is_from_server() => return Err(error),
            Err(error) if day == today && !takes(store, now).await? => return Err(error),
            Err(error) => warnings.push(format!("cannot create the partition of {day}: {error}")),
        }
    }
    Ok(warnings)
}

/// The names of a table's partitions, in their order.
///
/// * `table`: of schema `polysink`
pub(super) async fn names_of(connection: &mut Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"select c.relname::text as "name!" from pg_catalog.pg_inherits i
           join pg_catalog.pg_class c on c.oid = i.inhrelid
           where i.inhparent = to_regclass('polysink.' || $1)
           order by c.relname"#,
        table,
    );
    Ok(names.fetch_all(connection).await?)
}

/// Whether an attached partition takes a delivery that is received at `now`; a DBA may have made one.
async fn takes(store: &Store, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let constraints = sqlx::query_scalar!(
        r#"select pg_get_partition_constraintdef(i.inhrelid) as "constraint!"
           from pg_catalog.pg_inherits i
           where i.inhparent = 'polysink.envelopes'::regclass and not i.inhdetachpending
             and pg_get_partition_constraintdef(i.inhrelid) is not null"#
    )
    .fetch_all(&mut *session)
    .await?;
    let each = constraints.iter().map(|constraint| format!("({constraint})"));
    let any = each.chain(["false".to_owned()]).collect::<Vec<_>>().join(" or ");
    let sql = format!("select {any} from (select $1::timestamptz as received_at) as e");
    let takes = sqlx::query_scalar(AssertSqlSafe(sql)).bind(now).fetch_one(&mut *session).await?;
    session.commit().await?;
    Ok(takes)
}

/// How many days after today (by `now`) have a partition, without a gap.
pub async fn days_ahead(store: &Store, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let today = now.date_naive();
    let mut session = store.begin().await?;
    let mut ahead = 0;
    while ahead < MOST_COUNTED && exists(&mut session, Partition(today + Days::new(ahead + 1))).await? {
        ahead += 1;
    }
    session.commit().await?;
    Ok(ahead)
}

/// Creates the missing partitions of these days.
pub async fn make_days(store: &Store, days: BTreeSet<NaiveDate>) -> Result<(), StoreError> {
    for partition in missing_days(store, days).await? {
        make_alone(store, partition).await?;
    }
    Ok(())
}

/// The partitions of these days that are missing, in their order.
async fn missing_days(store: &Store, days: BTreeSet<NaiveDate>) -> Result<Vec<Partition>, StoreError> {
    let mut missing = Vec::new();
    let mut session = store.begin().await?;
    for partition in days.into_iter().map(Partition) {
        if !exists(&mut session, partition).await? {
            missing.push(partition);
        }
    }
    session.commit().await?;
    Ok(missing)
}

async fn make_alone(store: &Store, partition: Partition) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let done = make(&mut session, partition).await;
    session.conclude(done).await
}

async fn exists(connection: &mut Connection, partition: Partition) -> Result<bool, StoreError> {
    // Reads the catalogue: `to_regclass` can answer from a cache that does not have another session's commit yet.
    let row = sqlx::query!(
        r#"select exists (
               select from pg_catalog.pg_class
               where relnamespace = to_regnamespace('polysink') and relname = $1 and relispartition
           ) as "exists!""#,
        partition.name(),
    )
    .fetch_one(connection)
    .await?;
    Ok(row.exists)
}

/// Creates a table and attaches it: unlike `create table … partition of`, that takes a lock which deliveries do not
/// wait for.
async fn make(connection: &mut Connection, partition: Partition) -> Result<(), StoreError> {
    wait_for_lock(connection, LOCK).await?;
    if !exists(connection, partition).await? {
        let create = format!("create table polysink.{} (like polysink.envelopes including all)", partition.name());
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await?;
        partition.attach(connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_named_after_its_utc_day() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 31).expect("it is a day");
        assert_eq!(Partition(day).name(), "envelopes_20261231");
        assert_eq!(Partition(day).end().to_string(), "2027-01-01");
        assert_eq!(Partition(day).ends_at().to_rfc3339(), "2027-01-01T00:00:00+00:00");
        assert_eq!(Partition::named("envelopes_20261231"), Some(Partition(day)));
        for other in ["envelopes", "envelopes_2026123", "envelopes_20261332", "envelopes_20261231_old", "records"] {
            assert_eq!(Partition::named(other), None, "{other}");
        }
    }
}
