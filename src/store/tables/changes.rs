//! `polysink.changes`: what operators changed, and which columns the service itself added or changed.
//!
//! A change is written in the transaction that makes it, so that none is missing and none is invented. It holds names,
//! types and counts, never values of fields: erasures need not reach it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use strum::IntoStaticStr;
use uuid::Uuid;

use crate::model::SyncId;
use crate::store::hints::{self, Hint};
use crate::store::{Session, Store, StoreError};

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ChangeAction {
    Columns,
    Identity,
    Rebuild,
    Deletes,
    Resolve,
    Replay,
    Prune,
    Forget,
    Adopt,
    Distribute,
    Repair,
}

/// A change as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow {
    pub changed_at: DateTime<Utc>,
    pub changed_by: String,
    pub action: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Notes a change by the session's actor, and gives a hint of it to the running services.
///
/// * `sync_id`: `None` if it concerns all syncs
pub async fn insert(
    session: &mut Session,
    sync_id: Option<SyncId>,
    action: ChangeAction,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), StoreError> {
    let actor = session.actor().to_owned();
    sqlx::query!(
        "insert into polysink.changes (change_id, changed_by, sync_id, action, before, after)
         values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        actor,
        sync_id.map(|sync_id| sync_id.0),
        <&str>::from(action),
        before,
        after,
    )
    .execute(&mut **session)
    .await?;
    hints::tell(session, Hint::Changes).await
}

/// Notes a change that has no transaction of its own.
pub async fn note(
    store: &Store,
    sync_id: Option<SyncId>,
    action: ChangeAction,
    after: Value,
) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let done = insert(&mut session, sync_id, action, None, Some(after)).await;
    session.conclude(done).await
}

/// The last changes of a sync, the latest first.
pub async fn list(store: &Store, sync_id: SyncId, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query_as!(
        ChangeRow,
        "select changed_at, changed_by, action, before, after from polysink.changes
         where sync_id = $1
         order by changed_at desc, change_id desc limit $2",
        sync_id.0,
        limit,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows)
}
