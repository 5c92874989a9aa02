//! Makes the database ready for deliveries: connects, checks, migrates. The service listens meanwhile if that takes
//! long.

use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::try_connection;
use crate::backoff::Backoff;
use crate::store::tables::installation;
use crate::store::{Store, StoreError};
use crate::writer::Availability;
use crate::writer::spool::{Spool, SpoolError};

/// How long a start waits for the database, and for migrations, before it listens: longer than a connection may take.
const BEFORE_LISTENING: Duration = Duration::from_secs(5);

/// Delays between tries of a database that was away at the start; how often the log says why.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(2);
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// Preparation of the database, before deliveries can be stored.
#[derive(Debug, Clone)]
pub struct Preparation {
    pub store: Store,
    pub migrate: bool,
    /// Their deliveries are for this database.
    pub spools: Vec<Spool>,
}

impl Preparation {
    /// Connects, migrates the schema or checks it, and makes sure that the spools are for this database.
    async fn run(self) -> anyhow::Result<()> {
        let Self { store, migrate, spools } = self;
        try_connection(&store).await?;
        store.check_pooler().await.context("cannot use the database")?;
        let prepare = async |store: Store| {
            if migrate {
                super::migrate(&store).await?.iter().for_each(|warning| tracing::warn!("{warning}"));
            }
            store.check().await.context("cannot use the database")?;
            installation::id(&store).await.context("cannot use the database")
        };
        let installation = store.watched(None, prepare).await?;
        for spool in spools {
            // The database can be used although the spool's disk fails; the spool is not drained until the disk works.
            match spool.claim(installation).await {
                Err(error @ SpoolError::OtherDatabase { .. }) => return Err(error.into()),
                Err(error) => tracing::warn!(%error, "cannot note in the spool which database it is for"),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

/// Whether a database may be as it should be after a while.
fn is_outage(error: &anyhow::Error) -> bool {
    is_caused_by(error, StoreError::is_outage)
}

/// Whether a migration waits for another session's lock.
pub fn is_blocked(error: &anyhow::Error) -> bool {
    is_caused_by(error, |cause| matches!(cause, StoreError::Blocked(_)))
}

/// Whether a migration waits until services of earlier versions have stopped.
fn is_unsafe(error: &anyhow::Error) -> bool {
    is_caused_by(error, |cause| matches!(cause, StoreError::Unsafe { .. }))
}

fn is_caused_by(error: &anyhow::Error, is_it: impl Fn(&StoreError) -> bool) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<StoreError>()).any(is_it)
}

/// A try in progress.
pub type Preparing = JoinSet<anyhow::Result<()>>;

/// Begins to prepare the database. Returns whether it is prepared, and the try that is still in progress, if one is.
///
/// * `spools`: whether there is a spool, so that the service can start without its database
///
/// # Errors
///
/// If the database cannot be used, and waiting does not change that.
pub async fn start(preparation: &Preparation, spools: bool) -> anyhow::Result<(bool, Option<Preparing>)> {
    let mut preparing = Preparing::new();
    preparing.spawn(preparation.clone().run());
    match timeout(BEFORE_LISTENING, joined(&mut preparing)).await {
        Ok(Ok(())) => Ok((true, None)),
        Ok(Err(error)) if is_outage(&error) && spools || is_blocked(&error) || is_unsafe(&error) => {
            let error = format!("{error:#}");
            tracing::warn!(error, "the database cannot be used yet; spooling deliveries until it can");
            Ok((false, None))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            tracing::warn!("the database is not ready yet; listening meanwhile, and spooling deliveries");
            Ok((false, Some(preparing)))
        }
    }
}

/// Waits until the database is prepared, and tries again until it is. Meanwhile deliveries are spooled, or refused.
///
/// * `first`: the try of [`start`], if it is in progress
pub async fn go_on(preparation: Preparation, first: Option<Preparing>, availability: Availability) {
    let mut backoff = Backoff::new(FIRST_PAUSE);
    let mut said: Option<(String, Instant)> = None;
    let mut tried = if let Some(mut first) = first {
        joined(&mut first).await
    } else {
        // It has just failed.
        sleep(backoff.fail(MAX_PAUSE)).await;
        preparation.clone().run().await
    };
    while let Err(error) = tried {
        let error = format!("{error:#}");
        let repeated = said.as_ref().is_some_and(|(last, at)| *last == error && at.elapsed() < REPORT_EVERY);
        if !repeated {
            tracing::error!(error, "cannot use the database yet; deliveries are spooled if there is a spool");
            said = Some((error, Instant::now()));
        }
        sleep(backoff.fail(MAX_PAUSE)).await;
        tried = preparation.clone().run().await;
    }
    tracing::info!("the database can be used");
    availability.prepared();
}

/// The result of the only task.
async fn joined(task: &mut Preparing) -> anyhow::Result<()> {
    let ended = task.join_next().await.context("there is one task")?;
    ended.context("preparing the database panicked")?
}
