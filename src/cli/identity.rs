//! `polysink identity`

use std::process::ExitCode;

use crate::cli::support::output::{out, outln, shell_word};
use crate::columns::{Catalogue, ColumnType, Field, MAX_IDENTITY_FIELDS};
use crate::maintenance::configure::{self, ProposedType};
use crate::model::SyncId;
use crate::projector::RebuildPlan;
use crate::query_tables::{Candidate, QueryTables, candidates};
use crate::store::Store;
use crate::store::tables::source_models::{self, SourceModel};
use crate::store::tables::{fields, syncs};

use super::rebuild::{plan_when_free, print_summary, print_unknown, with_progress};
use super::support::confirm::confirm;
use super::support::connect::{DataScope, find_projected_sync, find_sync, with_database};
use super::support::settings::Settings;
use super::support::table::{Align, grouped, render};

/// Set the fields that identify an entity. The table then has one row per entity, and a history table
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Set(Set),
    Clear(Clear),
    Suggest(Suggest),
}

/// Set the identity and rebuild the sync's tables
///
/// Deliveries continue meanwhile. Readers see the old rows until the new ones are complete.
#[derive(Debug, clap::Args)]
struct Set {
    /// The sync: its id, its table or its name
    sync: String,

    /// The fields: their names in Polytomic or their columns
    #[arg(required_unless_present = "from_polytomic")]
    fields: Vec<String>,

    /// The field by which Polytomic knows the records. The types of columns and their comments are taken from the
    /// sync's model too; types that an operator set, and comments that are not polysink's, stay
    #[arg(long, conflicts_with = "fields")]
    from_polytomic: bool,

    /// Which change makes a new version of an entity: another hash, or other values, however they are written [default:
    /// as before; hash at first]
    #[arg(long, value_enum)]
    compare: Option<Compare>,

    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Compare {
    Hash,
    Values,
}

/// Go back to one row per distinct record; the history table stays, empty
#[derive(Debug, clap::Args)]
struct Clear {
    /// The sync: its id, its table or its name
    sync: String,

    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// Rank the fields by how well they would identify an entity
#[derive(Debug, clap::Args)]
struct Suggest {
    /// The sync: its id, its table or its name
    sync: String,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.command {
        Command::Set(options) => set(options).await?,
        Command::Clear(options) => clear(options).await?,
        Command::Suggest(options) => suggest(options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn set(options: Set) -> anyhow::Result<()> {
    with_database(&options.settings, async |store| {
        let sync_id = find_projected_sync(&store, &options.sync).await?;
        let model = if options.from_polytomic { Some(known_model(&store, sync_id).await?) } else { None };
        if let Some(model) = &model {
            set_types(&store, sync_id, model, options.yes).await?;
        }
        let given = model.as_ref().and_then(|model| model.identity.clone()).unwrap_or(options.fields);
        let catalogue = fields::catalogue(&store, sync_id).await?;
        if given.len() > MAX_IDENTITY_FIELDS {
            anyhow::bail!("an identity has at most {MAX_IDENTITY_FIELDS} fields");
        }
        let mut identity: Vec<String> = Vec::new();
        for text in &given {
            let field = find_field(&catalogue, text)?;
            if field.hidden {
                anyhow::bail!(
                    "{text:?} is hidden, and keys would show its values; show it again with `polysink column` first"
                );
            }
            if identity.contains(&field.name) {
                anyhow::bail!("{text:?} is given twice");
            }
            identity.push(field.name.clone());
        }
        let current = syncs::find(&store, sync_id).await?;
        let compared_by_values = current.as_ref().is_some_and(|sync| sync.by_values);
        let by_values = options.compare.map_or(compared_by_values, |compare| compare == Compare::Values);
        if current.and_then(|sync| sync.identity).as_ref() == Some(&identity) && by_values == compared_by_values {
            outln!("That is already the sync's identity.");
        } else {
            let plan = plan_when_free(&store, sync_id, |_| Some(identity.clone())).await?;
            rebuild(plan.comparing(by_values), options.yes).await?;
        }
        if let Some(model) = &model {
            configure::finish(&store, sync_id, model).await?;
        }
        Ok(())
    })
    .await
}

/// The model of a sync, with an identity.
async fn known_model(store: &Store, sync_id: SyncId) -> anyhow::Result<SourceModel> {
    let Some(model) = source_models::find(store, sync_id).await? else {
        anyhow::bail!(
            "the sync's model is not known yet: with POLYSINK_POLYTOMIC_KEY set, `polysink serve` asks Polytomic's API \
             about it. Or name the fields"
        )
    };
    if model.identity.is_none() {
        anyhow::bail!(
            "Polytomic does not say which field identifies a record, or does not send that field. Name the fields; \
             `polysink identity suggest` ranks them"
        );
    }
    Ok(model)
}

/// Sets the types that the model gives, as far as all values fit.
async fn set_types(store: &Store, sync_id: SyncId, model: &SourceModel, yes: bool) -> anyhow::Result<()> {
    let proposed = configure::proposed_types(&fields::catalogue(store, sync_id).await?, model);
    if proposed.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = proposed.iter().map(in_words).collect();
    let question = format!("These columns get the types of Polytomic's model: {}.", all.join(", "));
    confirm(&question, yes)?;
    let (_, unfit) = configure::set_types(store, sync_id, proposed).await?;
    for unfit in &unfit {
        outln!("{} stays as it is: not all of its values fit.", in_words(unfit));
    }
    Ok(())
}

fn in_words(proposed: &ProposedType) -> String {
    let ProposedType { field, column_type, learned, kind } = proposed;
    format!("{field} {} (a {kind} there, {} here)", column_type.as_str(), learned.as_str())
}

async fn clear(options: Clear) -> anyhow::Result<()> {
    with_database(&options.settings, async |store| {
        let sync_id = find_sync(&store, &options.sync).await?;
        if syncs::find(&store, sync_id).await?.is_some_and(|sync| sync.identity.is_none()) {
            outln!("The sync has no identity.");
            return Ok(());
        }
        let plan = plan_when_free(&store, sync_id, |_| None).await?;
        rebuild(plan, options.yes).await
    })
    .await
}

async fn rebuild(plan: RebuildPlan, yes: bool) -> anyhow::Result<()> {
    if plan.lost_versions > 0 {
        let question = format!(
            "{} versions of the history began before the oldest kept delivery. They cannot be rebuilt for another \
             identity and will be lost.",
            grouped(plan.lost_versions.unsigned_abs())
        );
        confirm(&question, yes)?;
    }
    print_unknown(&plan);
    let summary = with_progress(plan).await?;
    print_summary(&summary);
    Ok(())
}

/// How many fields an error lists.
const LISTED: usize = 50;

/// Finds the field that an argument names: by its name, or by its column; `field:` or `column:` before it says which.
///
/// # Errors
///
/// There is none, or `text` is the name of one field and the column of another.
pub fn find_field<'a>(catalogue: &'a Catalogue, text: &str) -> anyhow::Result<&'a Field> {
    let by_column = |column: &str| catalogue.fields().iter().find(|field| field.column_name == column);
    let (named, shown) = (catalogue.field(text), by_column(text));
    if let (Some(named), Some(shown)) = (named, shown)
        && named.name != shown.name
    {
        anyhow::bail!(
            "{text:?} is two fields: the field {:?}, whose column is {}, and the field {:?}, whose column is {}. Write \
             field:{text} for the first, or column:{text} for the second",
            named.name,
            named.column_name,
            shown.name,
            shown.column_name
        );
    }
    let prefixed = || {
        let named = text.strip_prefix("field:").and_then(|name| catalogue.field(name));
        named.or_else(|| text.strip_prefix("column:").and_then(by_column))
    };
    named.or(shown).or_else(prefixed).ok_or_else(|| {
        let known: Vec<&str> = catalogue.fields().iter().map(|field| field.name.as_str()).take(LISTED).collect();
        let more = match catalogue.fields().len() - known.len() {
            0 => String::new(),
            more => format!(", and {more} more; `polysink column` lists them"),
        };
        anyhow::anyhow!("the sync has no field {text:?}; it has: {}{more}", known.join(", "))
    })
}

async fn suggest(options: Suggest) -> anyhow::Result<()> {
    with_database(&options.settings, async |store| {
        let sync_id = find_projected_sync(&store, &options.sync).await?;
        let model = source_models::find(&store, sync_id).await?.unwrap_or_default();
        let candidates = candidates(&store, sync_id, &model).await?;
        if candidates.is_empty() {
            outln!("The sync's table has no rows yet.");
            return Ok(());
        }
        let heading = [
            ("FIELD", Align::Left),
            ("TYPE", Align::Left),
            ("DISTINCT", Align::Right),
            ("NULLS", Align::Right),
            ("DUPLICATES", Align::Right),
            ("WHY", Align::Left),
        ];
        let count = |number: i64| grouped(number.max(0).unsigned_abs());
        let rows: Vec<Vec<String>> = candidates
            .iter()
            .map(|(candidate, why)| {
                vec![
                    candidate.field.clone(),
                    candidate.column_type.as_str().to_owned(),
                    count(candidate.distinct),
                    count(candidate.nulls),
                    count(candidate.duplicates()),
                    why.clone(),
                ]
            })
            .collect();
        out!("{}", render(&heading, &rows));
        let sampled = candidates.iter().map(|(candidate, _)| candidate.rows).max().unwrap_or_default();
        outln!(
            "\nOf {} rows, best first. Then: polysink identity set {} FIELD…",
            count(sampled),
            shell_word(&options.sync)
        );
        let current = syncs::find(&store, sync_id).await?.and_then(|sync| sync.identity);
        if let Some(identity) = model.identity.as_ref().filter(|identity| current.as_ref() != Some(identity)) {
            outln!(
                "Polytomic knows its records by {}: polysink identity set {} --from-polytomic",
                identity.join(", "),
                shell_word(&options.sync)
            );
        }
        for proposed in configure::proposed_types(&fields::catalogue(&store, sync_id).await?, &model) {
            outln!("By its model there: {}.", in_words(&proposed));
        }
        Ok(())
    })
    .await
}

/// The fields with their counts, best first.
async fn candidates(store: &Store, sync_id: SyncId, model: &SourceModel) -> anyhow::Result<Vec<(Candidate, String)>> {
    let is_there = |field: &String| model.identity.as_ref().is_some_and(|identity| identity.contains(field));
    let Some(sync) = syncs::find(store, sync_id).await? else { return Ok(Vec::new()) };
    let catalogue = fields::catalogue(store, sync_id).await?;
    let tables = QueryTables::synced(&sync.table_name);
    let mut candidates: Vec<Candidate> = candidates::find(store, &tables, &catalogue).await?;
    candidates.retain(|candidate| candidate.rows > candidate.nulls);
    let mut judged: Vec<(f64, Candidate, String)> = candidates
        .into_iter()
        .map(|candidate| {
            let (merit, why) = judge(&candidate, sync.identity.is_some());
            if is_there(&candidate.field) {
                let why = if why.is_empty() { why } else { format!("; {why}") };
                return (f64::INFINITY, candidate, format!("Polytomic knows the records by it{why}"));
            }
            (merit, candidate, why)
        })
        .collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(judged.into_iter().map(|(_, candidate, why)| (candidate, why)).collect())
}

/// How well a field would identify an entity, from 0 up, and the reason.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
fn judge(candidate: &Candidate, has_identity: bool) -> (f64, String) {
    let present = (candidate.rows - candidate.nulls).max(1);
    let unique = candidate.distinct as f64 / present as f64;
    let share_present = present as f64 / candidate.rows.max(1) as f64;
    let named = names_an_id(&candidate.field);
    // People change their addresses, and things their labels; ids stay.
    let bonus = if !named {
        1.0
    } else if matches!(candidate.column_type, ColumnType::Bigint | ColumnType::Uuid)
        || !candidate.field.to_lowercase().contains("mail")
    {
        1.5
    } else {
        1.3
    };
    let fit = match candidate.column_type {
        ColumnType::Bigint | ColumnType::Uuid | ColumnType::Text => 1.0,
        ColumnType::Date | ColumnType::Timestamp | ColumnType::Timestamptz => 0.4,
        ColumnType::Numeric => 0.3,
        ColumnType::Boolean | ColumnType::Jsonb => 0.1,
    };
    let score = unique * share_present * share_present * fit * bonus;
    let mut why = Vec::new();
    if candidate.nulls > 0 {
        why.push("records without a value would have no row".to_owned());
    }
    match candidate.column_type {
        ColumnType::Date | ColumnType::Timestamp | ColumnType::Timestamptz => {
            why.push("a time rarely identifies a thing".to_owned());
        }
        ColumnType::Numeric => why.push("probably an amount".to_owned()),
        ColumnType::Boolean => why.push("has only two values".to_owned()),
        _ => {}
    }
    if candidate.duplicates() == 0 {
        why.push(
            if candidate.nulls == 0 { "unique and never null" } else { "unique where there is a value" }.to_owned(),
        );
    } else if unique > 0.5 && !has_identity {
        why.push("its duplicates may be edits: without an identity, each version of an entity is a row".to_owned());
    } else if unique <= 0.5 {
        why.push("many rows share a value".to_owned());
    }
    if named {
        why.push("its name says so".to_owned());
    }
    (score, why.join("; "))
}

/// Whether the field's name looks like that of an identifier.
fn names_an_id(field: &str) -> bool {
    let name = field.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let camel = field.ends_with("Id") || field.ends_with("ID");
    words.len() <= 2
        && (camel || words.last().is_some_and(|word| ["id", "uuid", "guid", "key", "email", "sku"].contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(field: &str, column_type: ColumnType, rows: i64, nulls: i64, distinct: i64) -> Candidate {
        Candidate { field: field.to_owned(), column_type, rows, nulls, distinct }
    }

    #[test]
    fn unique_fields_with_an_identifying_name_come_first() {
        let score = |candidate| judge(&candidate, false).0;
        let id = score(candidate("id", ColumnType::Bigint, 100, 0, 100));
        assert!(id > score(candidate("email", ColumnType::Text, 100, 0, 100)));
        let phone = score(candidate("phone", ColumnType::Text, 100, 0, 100));
        let sometimes = score(candidate("external id", ColumnType::Text, 100, 40, 60));
        let updated = score(candidate("updated_at", ColumnType::Timestamptz, 100, 0, 100));
        let edited_id = score(candidate("id", ColumnType::Bigint, 100, 0, 70));
        let plan = score(candidate("plan", ColumnType::Text, 100, 0, 4));
        assert!(id > phone && phone > sometimes && sometimes > updated, "{id} {phone} {sometimes} {updated}");
        assert!(edited_id > updated && updated > plan, "{edited_id} {updated} {plan}");
    }

    #[test]
    fn names_of_ids_are_known() {
        for name in ["id", "ID", "customer_id", "User ID", "accountId", "Email", "uuid"] {
            assert!(names_an_id(name), "{name}");
        }
        for name in ["paid", "plan", "referred by customer id", "keyboard"] {
            assert!(!names_an_id(name), "{name}");
        }
    }
}
