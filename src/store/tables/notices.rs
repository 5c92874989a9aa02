//! `polysink.notices` and `polysink.notice_messages`: what a person is told of, and to whom it was sent.
//!
//! One process at a time writes them, the holder of [`hold_lock`]. A message is stored before it is sent, so that none
//! is lost, and has one id for all its tries.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{NoticeKind, SyncId};
use crate::store::{Connection, HeldLock, Store, StoreError};

/// The key of the lock of the process that sends. Any number that nothing else uses; "polynote" in ASCII.
const LOCK: i64 = 0x706f_6c79_6e6f_7465;

/// Something that is so, or has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeFound {
    /// The thing within its kind. Two with the same are one.
    pub subject: String,
    pub sync_id: Option<Uuid>,
    pub said: String,
    pub advice: Option<String>,
    /// Whether it is worth a notice by now. Otherwise it only keeps an open one open.
    pub is_due: bool,
}

/// The things of one kind that a look found.
#[derive(Debug, Clone)]
pub struct KindFound {
    pub found: Vec<NoticeFound>,
    /// Whether it lasts. Otherwise it happened once, and is over when it is noticed.
    pub lasts: bool,
    /// Whether `found` has all that is so, so that everything else is over.
    pub is_complete: bool,
}

/// A notice as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Notice {
    pub kind: String,
    pub sync_id: Option<Uuid>,
    /// The sync's name in Polytomic.
    #[serde(rename = "sync")]
    pub sync_name: Option<String>,
    #[serde(rename = "table")]
    pub table_name: Option<String>,
    #[serde(rename = "text")]
    pub said: String,
    pub advice: Option<String>,
    pub noticed_at: DateTime<Utc>,
    /// When it was over, if it was before it could be sent; `None` for what happened once.
    pub over_at: Option<DateTime<Utc>>,
}

/// A message that has to be sent.
#[derive(Debug, Clone)]
pub struct DueMessage {
    pub message_id: Uuid,
    /// The name of the sink.
    pub sink: String,
    /// How often it was tried in vain.
    pub tries: i32,
    /// When the first of its notices was noticed.
    pub noticed_at: DateTime<Utc>,
}

/// A sink that does not take its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingSink {
    pub sink: String,
    pub messages: i64,
    pub error: Option<String>,
}

/// Keeps other processes from noticing and sending; `None` if one does.
pub async fn hold_lock(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, LOCK).await
}

/// Stores what is new in what was found, as one message for the sinks, and notes what is over.
pub async fn store_found(
    store: &Store,
    kinds: &[(NoticeKind, KindFound)],
    sinks: &[&str],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let message_id = Uuid::now_v7();
    let mut session = store.begin().await?;
    let mut new = 0;
    for (kind, of_kind) in kinds {
        if of_kind.lasts && of_kind.is_complete {
            let subjects: Vec<&str> = of_kind.found.iter().map(|found| found.subject.as_str()).collect();
            sqlx::query!(
                "update polysink.notices set over_at = $3
                 where kind = $1 and over_at is null
                   and not exists (select from unnest($2::text[]) as f (subject) where f.subject = notices.subject)",
                kind.as_str(),
                &subjects as _,
                now,
            )
            .execute(&mut *session)
            .await?;
        }
        new += insert(&mut session, *kind, of_kind, message_id, now).await?;
    }
    if new > 0 {
        sqlx::query!(
            "insert into polysink.notice_messages (message_id, sink, try_at)
             select $1, sink, $3 from unnest($2::text[]) as s (sink)",
            message_id,
            sinks as _,
            now,
        )
        .execute(&mut *session)
        .await?;
    }
    session.commit().await
}

/// Returns how many are new.
async fn insert(
    connection: &mut Connection,
    kind: NoticeKind,
    of_kind: &KindFound,
    message_id: Uuid,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let due: Vec<&NoticeFound> = of_kind.found.iter().filter(|found| found.is_due).collect();
    let ids: Vec<Uuid> = due.iter().map(|_| Uuid::now_v7()).collect();
    let subjects: Vec<&str> = due.iter().map(|found| found.subject.as_str()).collect();
    let syncs: Vec<Option<Uuid>> = due.iter().map(|found| found.sync_id).collect();
    let said: Vec<&str> = due.iter().map(|found| found.said.as_str()).collect();
    let advice: Vec<Option<&str>> = due.iter().map(|found| found.advice.as_deref()).collect();
    let done = sqlx::query!(
        "insert into polysink.notices
             (notice_id, message_id, kind, subject, sync_id, said, advice, noticed_at, over_at)
         select f.notice_id, $1, $2, f.subject, f.sync_id, f.said, f.advice, $3::timestamptz,
                case when not $4::boolean then $3 end
         from unnest($5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::text[])
              as f (notice_id, subject, sync_id, said, advice)
         where not exists (select from polysink.notices n
                           where n.kind = $2 and n.subject = f.subject and (n.over_at is null or not $4))
         on conflict do nothing",
        message_id,
        kind.as_str(),
        now,
        of_kind.lasts,
        &ids,
        &subjects as _,
        &syncs as _,
        &said as _,
        &advice as _,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The messages that are due, the oldest first.
///
/// * `sinks`: those that exist
/// * `limit`: how many at most
pub async fn due(store: &Store, sinks: &[&str], now: DateTime<Utc>, limit: i64) -> Result<Vec<DueMessage>, StoreError> {
    let mut session = store.begin().await?;
    let due = sqlx::query_as!(
        DueMessage,
        r#"select m.message_id, m.sink, m.tries, min(n.noticed_at) as "noticed_at!"
           from polysink.notice_messages m
           join polysink.notices n on n.message_id = m.message_id
           where m.sent_at is null and m.try_at <= $2 and m.sink = any($1)
           group by m.message_id, m.sink, m.tries
           order by m.message_id, m.sink
           limit $3"#,
        sinks as _,
        now,
        limit,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(due)
}

/// The notices of a message.
pub async fn of_message(store: &Store, message_id: Uuid) -> Result<Vec<Notice>, StoreError> {
    let mut session = store.begin().await?;
    let notices = sqlx::query_as!(
        Notice,
        r#"select n.kind, n.sync_id, s.name as sync_name, s.table_name as "table_name?", n.said, n.advice,
                  n.noticed_at, nullif(n.over_at, n.noticed_at) as over_at
           from polysink.notices n
           left join polysink.syncs s on s.sync_id = n.sync_id
           where n.message_id = $1
           order by n.notice_id"#,
        message_id,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(notices)
}

/// Notes that a sink has taken a message.
pub async fn sent(store: &Store, message: &DueMessage, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "update polysink.notice_messages set sent_at = $3, error = null where message_id = $1 and sink = $2",
        message.message_id,
        message.sink,
        now,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Notes that a sink has not taken a message, and when it is tried again.
pub async fn failed(store: &Store, message: &DueMessage, error: &str, try_at: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "update polysink.notice_messages set tries = tries + 1, try_at = $4, error = $3
         where message_id = $1 and sink = $2",
        message.message_id,
        message.sink,
        error,
        try_at,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Gives up messages that a sink should have taken.
///
/// * `before`: that were noticed before this time
pub async fn give_up(store: &Store, before: DateTime<Utc>) -> Result<Vec<FailingSink>, StoreError> {
    let mut session = store.begin().await?;
    let given_up = sqlx::query_as!(
        FailingSink,
        r#"with given_up as (
               delete from polysink.notice_messages m
               where m.sent_at is null
                 and not exists (select from polysink.notices n
                                 where n.message_id = m.message_id and n.noticed_at >= $1)
               returning m.sink, m.error
           )
           select sink as "sink!", count(*) as "messages!", max(error) as error from given_up group by sink"#,
        before,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(given_up)
}

/// The sinks that did not take a message when it was last tried.
pub async fn failing(store: &Store) -> Result<Vec<FailingSink>, StoreError> {
    let mut session = store.begin().await?;
    let failing = sqlx::query_as!(
        FailingSink,
        r#"select sink, count(*) as "messages!", max(error) as error from polysink.notice_messages
           where sent_at is null and tries > 0 group by sink order by sink"#,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(failing)
}

/// Removes notices that were over before a time, and messages without any.
pub async fn delete_old(store: &Store, before: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!("delete from polysink.notices where over_at < $1", before).execute(&mut *session).await?;
    sqlx::query!(
        "delete from polysink.notice_messages m
         where not exists (select from polysink.notices n where n.message_id = m.message_id)"
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Removes the notices of a sync.
pub async fn delete(connection: &mut Connection, sync_id: SyncId) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.notices where sync_id = $1", sync_id.0).execute(connection).await?;
    Ok(())
}
