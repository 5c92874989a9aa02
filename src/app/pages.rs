//! The admin listener, and work for its pages: the checks of `doctor`, and replays.

use std::net::{SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::notices::watched_folders;
use super::{Availability, now, polytomic_clients_of};
use crate::config::{AdminConfig, Database, ServeConfig};
use crate::doctor::{self, Level, Subject};
use crate::http::PublicUse;
use crate::http::admin::{AdminOptions, Examine, ReplayRequest, Replays, Warning};
use crate::ledger::{Replayed, replay};
use crate::maintenance;
use crate::metrics::Metrics;
use crate::polytomic::api::ApiClients;
use crate::store::tables::adoptions;
use crate::store::{Role, Store, StoreError};
use crate::writer::Queue;

/// Binds the admin listener; `None` if another program has the default address, which is that of Prometheus too.
pub(super) fn bind_admin(config: &AdminConfig) -> anyhow::Result<Option<TcpListener>> {
    match TcpListener::bind(config.listen) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if config.is_default => {
            tracing::warn!(
                address = %config.listen, %error,
                "cannot listen for metrics; set POLYSINK_ADMIN_LISTEN to another address, or to `off`"
            );
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {} (POLYSINK_ADMIN_LISTEN)", config.listen)),
    }
}

/// Describes the parts of the machine that `doctor` examines.
///
/// * `polytomic`: the clients of Polytomic's API, if it is asked
pub fn subject(config: &ServeConfig, polytomic: Option<ApiClients>) -> Subject {
    let is_local = matches!(config.data.database, Database::Local);
    Subject {
        placeholders: config
            .policy
            .credentials
            .placeholders()
            .map(|(setting, name)| (setting, name.to_owned()))
            .collect(),
        exposed_admin: config.admin.as_ref().map(|admin| admin.listen).filter(|listen| !listen.ip().is_loopback()),
        health: super::own_url(config.listen, config.tls.is_some(), "/health/ready"),
        tls: config.tls.clone(),
        spool: config.spool.as_ref().map(|spool| spool.folder.clone()),
        data_dir: is_local.then(|| config.data.data_dir.clone()),
        retention: config.retention.as_ref().map(|retention| retention.bodies),
        polytomic,
    }
}

/// The parts of the admin listener that only `app` knows.
pub(super) struct AdminParts<'a> {
    pub config: &'a ServeConfig,
    /// That of the public listener.
    pub address: SocketAddr,
    pub store: &'a Store,
    pub replays: Replays,
}

impl AdminParts<'_> {
    pub fn options(self, metrics: &Metrics, queue: Queue, public_use: PublicUse) -> AdminOptions {
        let Self { config, address, store, replays } = self;
        // A client that cannot be made is one that the start refuses.
        let subject = subject(config, polytomic_clients_of(config).ok().flatten());
        let health = super::own_url(address, config.tls.is_some(), "/health/ready");
        let subject = Subject { health, ..subject };
        AdminOptions {
            token: config.admin.as_ref().and_then(|admin| admin.token.clone()),
            metrics: metrics.clone(),
            queue,
            store: store.clone(),
            public_use,
            folders: watched_folders(config),
            spool_max: config.spool.as_ref().map_or(0, |spool| spool.max),
            examine: examine(subject, store),
            replays,
            now,
        }
    }
}

/// Runs the checks on the service's own connections.
fn examine(subject: Subject, store: &Store) -> Examine {
    let (subject, store) = (Arc::new(subject), store.for_role(Role::Operator));
    Examine::new(move || {
        let (subject, store) = (Arc::clone(&subject), store.clone());
        async move {
            let findings = doctor::examine(&subject, &store, now).await;
            let warnings = findings.into_iter().filter(|finding| finding.level != Level::Ok);
            let warning = |finding: doctor::Finding| Warning {
                check: finding.check,
                is_failure: finding.level == Level::Fail,
                found: finding.found,
                advice: finding.advice,
            };
            warnings.map(warning).collect()
        }
    })
}

/// Why a replay that a page asked for was not done.
#[derive(Debug, thiserror::Error)]
enum NotReplayed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("another process is replaying")]
    Busy,
    #[error("a replay was interrupted; finish it first: `polysink replay` says how")]
    Unfinished,
    #[error("an adoption was interrupted; finish it first: `polysink doctor` says how")]
    UnfinishedAdoption,
}

/// Does the replays that the pages ask for, one after another. If it is dropped, the one in progress stops after its
/// current part.
pub(super) async fn replay_on_request(
    store: Store,
    availability: Availability,
    mut requests: mpsc::Receiver<(ReplayRequest, String)>,
) {
    availability.until_prepared().await;
    let stop = StopOnDrop::default();
    while let Some((request, actor)) = requests.recv().await {
        let store = store.for_role(Role::Operator).acting_as(&actor);
        let (runtime, stop) = (Handle::current(), Arc::clone(&stop.0));
        // The futures of a replay borrow its closures, so they cannot move between threads.
        let replay = move || {
            let work = async |store: Store| do_replay(&store, request, &stop).await;
            runtime.block_on(store.watched(None, work))
        };
        match tokio::task::spawn_blocking(replay).await {
            Ok(Ok(())) => tracing::info!(?request, actor, "replayed what a page asked for"),
            Ok(Err(error)) => tracing::warn!(?request, actor, %error, "could not replay what a page asked for"),
            Err(error) => tracing::error!(?request, actor, %error, "a replay panicked"),
        }
    }
}

/// Says to stop when it is dropped.
#[derive(Debug, Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn do_replay(store: &Store, request: ReplayRequest, stop: &AtomicBool) -> Result<(), NotReplayed> {
    let _lock = maintenance::lock_replay(store).await?.ok_or(NotReplayed::Busy)?;
    if !adoptions::unfinished(store).await?.is_empty() {
        return Err(NotReplayed::UnfinishedAdoption);
    }
    if replay::unfinished(store).await?.is_some() {
        return Err(NotReplayed::Unfinished);
    }
    match request {
        ReplayRequest::Deliveries(filter) => {
            replay::start(store, filter, now()).await?;
            let at = |_: &Replayed| {
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            maintenance::replay(store, now, at).await?;
        }
        ReplayRequest::Rejection(id) => {
            let mut sum = maintenance::RejectionsReplayed::default();
            sum.add(maintenance::replay_rejection(store, id, None, now()).await?);
            sum.note(store, None).await?;
        }
    }
    Ok(())
}
