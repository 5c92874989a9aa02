//! Before a pass writes rows: creates the tables, brings them in line with the catalogue, and comments on them.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::state::PassState;
use super::{Begun, Pass};
use crate::columns::{Catalogue, Field};
use crate::model::SyncId;
use crate::query_tables::{By, DueChanges, Projection, Reshaped};
use crate::store::StoreError;
use crate::store::tx::savepoint;

/// Continues if the tables are as good as possible for now. Otherwise ends the pass, and says how.
///
/// * `has_records`: whether there are rows to write; the catalogue has learned from them
pub async fn ready(
    Begun(mut projection, mut catalogue): Begun,
    state: &mut PassState,
    has_records: bool,
) -> Result<ControlFlow<Pass, Begun>, StoreError> {
    if !projection.tables_exist().await? {
        let had_columns = catalogue.columns().next().is_some();
        if had_columns {
            projection.session.rollback().await?;
            return Ok(ControlFlow::Break(Pass::Dropped));
        }
        if !has_records {
            return Ok(ControlFlow::Continue(Begun(projection, catalogue)));
        }
        create(&mut projection, &mut catalogue).await?;
    } else if let Some(changes) = state.ddl.due(&catalogue) {
        if reshape(&mut projection, &mut catalogue, state, changes).await? == Reshaped::Locked {
            projection.session.rollback().await?;
            return Ok(ControlFlow::Break(Pass::Prepared)); // the next pass continues without
        }
    } else {
        return Ok(ControlFlow::Continue(Begun(projection, catalogue)));
    }
    log_look_alikes(projection.sync.sync_id, &catalogue);
    catalogue.unlearn();
    projection.save(&mut catalogue).await?;
    state.commit(projection, catalogue).await?;
    Ok(ControlFlow::Break(Pass::Prepared))
}

async fn create(projection: &mut Projection, catalogue: &mut Catalogue) -> Result<(), StoreError> {
    if !projection.has_a_table().await? {
        projection.take_free_name().await?;
    }
    catalogue.give_columns();
    projection.create_tables(catalogue).await?;
    if let Some(identity) = projection.sync.identity.clone() {
        let key_columns = catalogue.key_columns(&identity);
        let by_values = projection.sync.by_values;
        projection.set_identity(Some(&identity), Some(&key_columns), by_values).await?;
    }
    Ok(())
}

async fn reshape(
    projection: &mut Projection,
    catalogue: &mut Catalogue,
    state: &mut PassState,
    changes: DueChanges,
) -> Result<Reshaped, StoreError> {
    let sync_id = projection.sync.sync_id;
    let wait = state.ddl.lock_wait();
    let reshaped = projection.reshape(catalogue, By::Projector, changes, wait).await?;
    if reshaped == Reshaped::Locked {
        let pause = state.ddl.locked(wait);
        tracing::info!(
            %sync_id, again_in = ?pause,
            "another session uses the query table; retrying its change of columns later"
        );
        return Ok(reshaped);
    }
    state.ddl.reshaped(changes);
    let is_news = |before: Option<&Field>, now: &Field| {
        now.blocked.is_some() && before.is_none_or(|before| before.blocked != now.blocked)
    };
    let blocked = catalogue.changed().filter(|(_, before, now)| is_news(*before, now));
    let blocked: Vec<&Field> = blocked.map(|(_, _, field)| field).collect();
    if let [first, ..] = blocked[..] {
        tracing::warn!(%sync_id, fields = blocked.len(), first = first.name, why = first.blocked,
            "columns cannot be changed; `polysink column` shows why");
    }
    Ok(reshaped)
}

/// Logs fields that have got a column of their own, though they look like another one.
fn log_look_alikes(sync_id: SyncId, catalogue: &Catalogue) {
    let has_gained = |(_, before, now): &(usize, Option<&Field>, &Field)| {
        now.column_type.is_some() && before.is_none_or(|before| before.column_type.is_none())
    };
    let gained: HashSet<&str> =
        catalogue.changed().filter(has_gained).map(|(_, _, field)| field.name.as_str()).collect();
    for (one, other) in catalogue.alike() {
        if [one, other].iter().any(|field| gained.contains(field.name.as_str())) {
            let columns = [&one.column_name, &other.column_name];
            tracing::warn!(
                %sync_id, ?columns,
                "the names of two fields look alike, but are written with different characters; each has a column"
            );
        }
    }
}

/// Updates the tables' comments if the sync's name or identity has changed.
pub async fn describe(projection: &mut Projection, state: &mut PassState) -> Result<(), StoreError> {
    let now = Some((projection.sync.name.clone(), projection.sync.identity.clone()));
    if state.described == now || !projection.has_a_table().await? {
        return Ok(());
    }
    savepoint::mark(&mut projection.session).await?;
    let described = projection.describe_tables().await;
    let is_expected = |error: &StoreError| error.is_lock_timeout() || error.is_refusal();
    match savepoint::conclude_if(&mut projection.session, described, is_expected).await? {
        // A vacuum holds the lock, for example. The next pass tries again.
        Err(error) if error.is_lock_timeout() => {}
        Err(error) => {
            tracing::warn!(sync_id = %projection.sync.sync_id, %error, "cannot comment on the sync's query tables");
            state.described = now;
        }
        Ok(()) => state.described = now,
    }
    Ok(())
}
