//! `polysink adopt`

use std::process::ExitCode;

use uuid::Uuid;

use crate::app;
use crate::cli::support::output::outln;
use crate::maintenance::{self, AdoptPlan};
use crate::model::SyncId;
use crate::store::tables::adoptions;
use crate::store::{Adoption, Store};

use super::rebuild::{plan_when_free, print_summary, with_progress};
use super::support::confirm::confirm;
use super::support::connect::{DataScope, find_sync, with_database};
use super::support::progress::{self, Interrupted};
use super::support::settings::Settings;
use super::support::table::counted;

/// Let a sync that was made again in Polytomic continue with the tables of the earlier one
///
/// A sync that is deleted and made again has a new id, and so tables of its own. This moves what the new one has to the
/// earlier one, and stores there all later deliveries of the new id. The earlier one keeps its tables, with their
/// identity, types and names; those of the new one are dropped. Deliveries continue meanwhile. If it is interrupted,
/// run it again to finish it; it cannot be taken back.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The new sync: its id, its table or its name
    new: String,

    /// The earlier sync: its id, its table or its name
    old: String,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let (new, old) = match adoptions::unfinished(&store).await?.first() {
            Some(begun) if options.new.parse().is_ok_and(|id: Uuid| id == begun.adopted_id.0) => {
                (begun.adopted_id, begun.sync_id)
            }
            Some(begun) => anyhow::bail!("{}", unfinished(begun)),
            None => (find_sync(&store, &options.new).await?, find_sync(&store, &options.old).await?),
        };
        let plan = maintenance::plan_adoption(&store, new, old).await?;
        confirm(&question(&plan)?, options.yes)?;
        adopt(&store, plan).await
    })
    .await
}

/// Fails if an adoption was begun and has not ended.
pub async fn ensure_none(store: &Store) -> anyhow::Result<()> {
    match adoptions::unfinished(store).await?.first() {
        None => Ok(()),
        Some(begun) => anyhow::bail!("{}", unfinished(begun)),
    }
}

fn unfinished(begun: &Adoption) -> String {
    format!("An adoption was interrupted. Finish it first:\n\n  {}", command(begun.adopted_id, begun.sync_id))
}

fn command(new: SyncId, old: SyncId) -> String {
    format!("polysink adopt {new} {old}")
}

fn question(plan: &AdoptPlan) -> anyhow::Result<String> {
    let old = &plan.earlier.table_name;
    let Some(new) = &plan.adopted else { return Ok(format!("This finishes what was begun: the rest goes to {old}.")) };
    let table = &new.sync.table_name;
    if !new.built_on.in_the_way.is_empty() {
        anyhow::bail!(
            "the tables of {table} cannot be dropped: in the way are {}. Drop these, run this again, and create them \
             on {old}",
            new.built_on.in_the_way.join(", ")
        );
    }
    let mut sentences = vec![format!(
        "This stores {} with {} of {table} as those of {old}, and all later deliveries of {}. The tables of {table} \
         are dropped.",
        counted(new.deliveries, "delivery", "deliveries"),
        counted(new.records, "record", "records"),
        new.sync.sync_id,
    )];
    if !new.missing.is_empty() {
        let missing = new.missing.join(" and ");
        sentences.push(format!(
            "It has no {missing}, which identifies the entities of {old}: records without it have no row."
        ));
    }
    if !new.built_on.lost.is_empty() {
        let lost = new.built_on.lost.join(", ");
        sentences.push(format!("With the tables you lose what you have built on them: {lost}."));
    }
    sentences.push("It cannot be taken back.".to_owned());
    Ok(sentences.join(" "))
}

async fn adopt(store: &Store, plan: AdoptPlan) -> anyhow::Result<ExitCode> {
    let (adoption, table) = (plan.adoption, plan.earlier.table_name.clone());
    let (bar, interrupted) = (progress::bar(0, "deliveries"), Interrupted::listen());
    let done = plan
        .run(app::now, |moved, all| {
            bar.set_length(all);
            bar.set_position(moved);
            interrupted.flow()
        })
        .await;
    bar.finish_and_clear();
    done?;
    if adoption.rebuild {
        outln!("The raw log no longer has all deliveries, so the tables are rebuilt.");
        let plan = plan_when_free(store, adoption.sync_id, |sync| sync.identity.clone()).await?;
        print_summary(&with_progress(plan).await?);
    }
    adoptions::finish(store, adoption, app::now()).await?;
    outln!(
        "{} continues in {table}, which is filled next; `polysink syncs` shows how far it is behind.",
        adoption.adopted_id
    );
    Ok(ExitCode::SUCCESS)
}
