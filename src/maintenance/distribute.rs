//! Distributes the tables over the nodes of a Citus cluster.
//!
//! A table is a transaction of its own, so it can be interrupted and resumed. While a table is copied, nothing else
//! uses it: deliveries are spooled, and stored after it.

use std::time::Duration;

use serde_json::json;
use tokio::time::{interval, sleep};

use crate::query_tables::QueryTables;
use crate::store::citus::{self, CitusCluster, Distribution, QUERY_TABLES, TABLES, Undistributed};
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::syncs;
use crate::store::{Store, StoreError};

/// Between two requests for a table's lock, so that what waits behind one gets its turn.
const PAUSE: Duration = Duration::from_secs(2);

/// How often to look how far a copy is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Why tables cannot be distributed.
#[derive(Debug, thiserror::Error)]
pub enum DistributeError {
    #[error(
        "the database has no extension citus: the tables stay on one server. Install Citus on each node, run `create \
         extension citus` in this database on each, and `select citus_add_node(…)` on the coordinator"
    )]
    NoExtension,
    #[error(
        "the nodes do not know the coordinator: run `select citus_set_coordinator_host('HOST', PORT)` with its address \
         as the other nodes reach it"
    )]
    NoCoordinator,
    #[error(
        "the coordinator has no nodes: run `select citus_set_coordinator_host('HOST', PORT)` and `select \
         citus_add_node('HOST', PORT)` for each node, in this database"
    )]
    NoNodes,
    #[error("distributing {relation} failed")]
    Table {
        relation: String,
        #[source]
        source: StoreError,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The tables that are left to distribute.
#[derive(Debug)]
pub struct DistributePlan {
    pub cluster: CitusCluster,
    /// In this order.
    pub tables: Vec<Undistributed>,
    store: Store,
    shards: Option<u16>,
}

/// Finds out which tables are not distributed yet.
///
/// * `shards`: how many each table gets; `None` for the server's setting
pub async fn plan_distribution(store: &Store, shards: Option<u16>) -> Result<DistributePlan, DistributeError> {
    let mut tables: Vec<(String, String, Distribution)> =
        TABLES.iter().map(|(name, how)| ("polysink".to_owned(), (*name).to_owned(), *how)).collect();
    for sync in syncs::list_tables(store).await? {
        let QueryTables { table, history } = QueryTables::synced(&sync);
        for relation in [table, history] {
            let (schema, name) = relation.parts();
            tables.push((schema.to_owned(), name.to_owned(), QUERY_TABLES));
        }
    }
    let mut session = store.begin().await?;
    let Some(cluster) = citus::cluster(&mut session).await? else {
        session.rollback().await?;
        return Err(DistributeError::NoExtension);
    };
    if !cluster.has_coordinator || cluster.nodes == 0 {
        session.rollback().await?;
        return Err(if cluster.nodes == 0 { DistributeError::NoNodes } else { DistributeError::NoCoordinator });
    }
    let tables = citus::undistributed(&mut session, &tables).await?;
    session.commit().await?;
    Ok(DistributePlan { cluster, tables, store: store.clone(), shards })
}

impl DistributePlan {
    /// The size of all that is to be copied, in bytes.
    pub fn bytes(&self) -> i64 {
        self.tables.iter().map(|table| table.bytes).sum()
    }

    /// Does it. Returns how many tables were distributed.
    ///
    /// * `at`: called now and then with the table in progress and the bytes that were copied; after a table, returns
    ///   whether to continue
    pub async fn run(self, mut at: impl FnMut(&str, i64) -> bool) -> Result<usize, DistributeError> {
        let (mut before, mut distributed) = (0, 0);
        for table in &self.tables {
            let failed = |source| DistributeError::Table { relation: table.relation.clone(), source };
            let copying = self.distribute(table);
            tokio::pin!(copying);
            let mut look = interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    done = &mut copying => break done.map_err(failed)?,
                    _ = look.tick() => {
                        let copied = citus::copied(&self.store).await.unwrap_or(0);
                        at(&table.relation, before + copied.min(table.bytes));
                    }
                }
            }
            before += table.bytes;
            distributed += 1;
            if !at(&table.relation, before) {
                break;
            }
        }
        Ok(distributed)
    }

    /// One table. Waits for its lock as long as that takes.
    async fn distribute(&self, table: &Undistributed) -> Result<(), StoreError> {
        loop {
            match self.try_distribute(table).await {
                Err(error) if error.is_lock_timeout() => sleep(PAUSE).await,
                done => break done?,
            }
        }
        // The copy is complete; what is left of the rows here only takes space.
        let mut session = self.store.begin_ddl().await?;
        let done = citus::truncate_local(&mut session, &table.relation).await;
        if let Err(error) = session.conclude(done).await {
            tracing::warn!(%error, table = table.relation, "the space of the rows that were copied is not free yet");
        }
        Ok(())
    }

    async fn try_distribute(&self, table: &Undistributed) -> Result<(), StoreError> {
        let mut session = self.store.begin_ddl().await?;
        let done = async {
            citus::distribute(&mut session, &table.relation, table.distribution, self.shards).await?;
            let after = json!({ "distributed": table.relation });
            changes::insert(&mut session, None, ChangeAction::Distribute, None, Some(after)).await
        };
        let done = done.await;
        session.conclude(done).await
    }
}
