//! Which database this is.

use uuid::Uuid;

use crate::store::{Store, StoreError};

/// The id of the database, which a copy of it shares.
pub async fn id(store: &Store) -> Result<Uuid, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!("select installation_id from polysink.installation").fetch_one(&mut *session).await?;
    session.commit().await?;
    Ok(row.installation_id)
}
