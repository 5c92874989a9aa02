//! Hints that the processes on one database give each other through it, so that none has to wait for its next look.
//!
//! A hint may be lost, or never come: behind a transaction pooler nothing can be heard. Whatever it leads to is also
//! looked for regularly.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::session::Listener;
use super::{Session, Store, StoreError};

/// The channel of notifications.
const CHANNEL: &str = "polysink";

/// The subject of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Hint {
    /// Deliveries were stored.
    Deliveries,
    /// Columns, an identity or something else was changed; see `polysink.changes`.
    Changes,
}

impl Hint {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Gives a hint as soon as the transaction is committed; never, if it is rolled back.
///
/// Commits of transactions with a hint wait for each other. So a delivery's transaction gives none.
pub(crate) async fn tell(session: &mut Session, hint: Hint) -> Result<(), StoreError> {
    let hint = format!("{} {}", hint.as_str(), session.process());
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, hint).execute(&mut **session).await?;
    Ok(())
}

/// Gives a hint that has no transaction of its own.
pub async fn give(store: &Store, hint: Hint) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let done = tell(&mut session, hint).await;
    session.conclude(done).await
}

/// Hears the hints of other processes.
#[derive(Debug)]
pub struct HintListener {
    listener: Listener,
    process: String,
}

impl HintListener {
    /// Connects. Hints that were given before are not heard.
    pub async fn connect(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { listener: store.listen(CHANNEL).await?, process: store.process().to_string() })
    }

    /// Waits for the next hint of another process.
    ///
    /// # Errors
    ///
    /// If the connection is lost.
    pub async fn next(&mut self) -> Result<Hint, StoreError> {
        loop {
            let said = self.listener.next().await?;
            let (hint, process) = said.split_once(' ').unwrap_or((&said, ""));
            // Others may use the channel, or a later version says something else.
            if let (Ok(hint), true) = (hint.parse(), process != self.process) {
                return Ok(hint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_read_as_it_is_said() {
        for hint in Hint::VARIANTS {
            assert_eq!(hint.as_str().parse(), Ok(*hint));
        }
        assert!("something else".parse::<Hint>().is_err());
    }
}
