//! Which database this is.

use uuid::Uuid;

use crate::store::{Store, StoreError};

impl Store {
    /// The id of the database, which a copy of it shares.
    pub async fn installation(&self) -> Result<Uuid, StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!("select installation_id from polysink.installation").fetch_one(&mut *session).await?;
        session.commit().await?;
        Ok(row.installation_id)
    }
}
