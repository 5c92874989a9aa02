//! Looks in the database for what a person should be told of. Names and types are read, never values of fields.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::model::{Freshness, NoticeKind, Rhythm};
use crate::store::tables::notices::{KindFound, NoticeFound};
use crate::store::tables::runs;
use crate::store::{Session, Store, StoreError};

/// How many open rejections are looked at.
const MOST_REJECTIONS: i64 = 10_000;

/// How far back changes of columns are looked for: those that came while no service ran are older.
const CHANGES_FOR: TimeDelta = TimeDelta::hours(24);

/// How many columns of a change are listed.
const MOST_COLUMNS: usize = 20;

/// Characters of a name that are shown: a field's may be as long as a record.
const NAME: usize = 80;

/// A look for some kinds.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub kinds: &'a [NoticeKind],
    pub now: DateTime<Utc>,
    /// Whether syncs that are late are worth a notice: not while deliveries wait in the spool, nor soon after the
    /// service has started.
    pub tells_of_quiet: bool,
}

/// Everything that is so, by kind.
pub async fn look(store: &Store, look: Look<'_>) -> Result<Vec<(NoticeKind, KindFound)>, StoreError> {
    let mut session = store.begin().await?;
    let mut all = Vec::new();
    for kind in look.kinds {
        let found = match kind {
            NoticeKind::Quiet => quiet(&mut session, look).await?,
            NoticeKind::Runs => bad_runs(&mut session, look.now).await?,
            NoticeKind::Schema => changed_columns(&mut session, look.now).await?,
            NoticeKind::Misfits => misfits(&mut session).await?,
            NoticeKind::Rejections => rejections(&mut session).await?,
            // The process itself knows those.
            NoticeKind::Spool | NoticeKind::Disk => continue,
        };
        all.push((*kind, found));
    }
    session.commit().await?;
    Ok(all)
}

async fn quiet(session: &mut Session, look: Look<'_>) -> Result<KindFound, StoreError> {
    let rows = sqlx::query!(
        r#"select s.sync_id, s.name, s.table_name, s.last_received_at, n.next_run_at as "next_run_at?",
                  extract(epoch from c.usual_pause)::float8 as usual_pause
           from polysink.syncs s
           left join polysink.sync_summaries c on c.sync_id = s.sync_id
           left join polysink.next_runs n on n.sync_id = s.sync_id
           order by s.table_name"#,
    )
    .fetch_all(&mut **session)
    .await?;
    let found = rows.into_iter().filter_map(|row| {
        let rhythm = Rhythm {
            last_received_at: row.last_received_at,
            next_run_at: row.next_run_at,
            usual_pause: row.usual_pause,
        };
        let why = match rhythm.freshness(look.now) {
            Freshness::Overdue(due) => format!("a run was due at {}", minute(due)),
            Freshness::Quiet(usual) => format!("it usually sends at least every {}", span(usual)),
            _ => return None,
        };
        let title = title(row.name.as_deref(), &row.table_name);
        Some(NoticeFound {
            subject: row.sync_id.to_string(),
            sync_id: Some(row.sync_id),
            said: format!("{title} is late: nothing since {}, and {why}", minute(row.last_received_at)),
            advice: Some("look at the sync in Polytomic: whether it is paused, and how its last run ended".to_owned()),
            is_due: look.tells_of_quiet,
        })
    });
    Ok(KindFound { found: found.collect(), lasts: true, is_complete: true })
}

async fn bad_runs(session: &mut Session, now: DateTime<Utc>) -> Result<KindFound, StoreError> {
    let rows = sqlx::query!(
        r#"select sync_id as "sync_id!", name, table_name as "table_name!", execution_id as "execution_id!",
                  verdict as "verdict!", missing as "missing!", expected
           from polysink.run_status
           where completed_at > $1 and settled_at is not null and (missing > 0 or verdict = 'failed')
           order by completed_at, execution_id"#,
        now - runs::SHORT_FOR,
    )
    .fetch_all(&mut **session)
    .await?;
    let found = rows.into_iter().map(|row| {
        let title = title(row.name.as_deref(), &row.table_name);
        let (said, advice) = if row.verdict == "failed" {
            let advice = format!("`polysink runs {}`, and the run in Polytomic", row.table_name);
            (format!("{title}: Polytomic says that run {} failed", row.execution_id), advice)
        } else {
            let of = row.expected.map(|expected| format!(" of {expected}")).unwrap_or_default();
            let said = format!("{title}: of run {}, {}{of} records are missing", row.execution_id, row.missing);
            (said, format!("`polysink repair {}` has Polytomic send them again", row.table_name))
        };
        NoticeFound {
            subject: format!("{} {}", row.sync_id, row.execution_id),
            sync_id: Some(row.sync_id),
            said,
            advice: Some(advice),
            is_due: true,
        }
    });
    Ok(KindFound { found: found.collect(), lasts: true, is_complete: true })
}

async fn changed_columns(session: &mut Session, now: DateTime<Utc>) -> Result<KindFound, StoreError> {
    let rows = sqlx::query!(
        r#"select c.change_id, c.sync_id as "sync_id!", s.name, s.table_name, c.before, c.after as "after!",
                  not exists (select from polysink.changes o
                              where o.sync_id = c.sync_id and o.action = 'columns' and o.change_id < c.change_id)
                      as "is_first!"
           from polysink.changes c
           join polysink.syncs s on s.sync_id = c.sync_id
           where c.changed_at > $1 and c.changed_by = 'polysink' and c.action = 'columns' and c.after is not null
           order by c.change_id"#,
        now - CHANGES_FOR,
    )
    .fetch_all(&mut **session)
    .await?;
    let found = rows.into_iter().map(|row| {
        let title = title(row.name.as_deref(), &row.table_name);
        let columns = columns(row.before.as_ref(), &row.after, if row.is_first { "" } else { " (new)" }).join(", ");
        let table = &row.table_name;
        let (said, advice) = if row.is_first {
            let said = format!("{title} is new: table synced.{table} has {columns}");
            (said, format!("`polysink identity set {table} FIELD` gives it one row per entity"))
        } else {
            let accept = "nothing has to be done to accept it";
            let undo = format!(
                "`polysink column {table} FIELD --hide` leaves a field out again, and `--type TYPE` gives it another \
                 type"
            );
            (format!("{title}: synced.{table} has changed: {columns}"), format!("{accept}; {undo}"))
        };
        NoticeFound {
            subject: row.change_id.to_string(),
            sync_id: Some(row.sync_id),
            said,
            advice: Some(advice),
            is_due: true,
        }
    });
    Ok(KindFound { found: found.collect(), lasts: false, is_complete: true })
}

async fn misfits(session: &mut Session) -> Result<KindFound, StoreError> {
    let rows = sqlx::query!(
        r#"select f.sync_id, s.name as sync_name, s.table_name, f.name, f.column_name, f.column_type
           from polysink.fields f
           join polysink.syncs s on s.sync_id = f.sync_id
           where f.misfits > 0 and not f.hidden
           order by f.sync_id, f.ordinal, f.name"#,
    )
    .fetch_all(&mut **session)
    .await?;
    let found = rows.into_iter().map(|row| {
        let title = title(row.sync_name.as_deref(), &row.table_name);
        let (table, column) = (&row.table_name, &row.column_name);
        let column_type = row.column_type.map(|name| format!(" ({name})")).unwrap_or_default();
        NoticeFound {
            subject: format!("{} {}", row.sync_id, row.name),
            sync_id: Some(row.sync_id),
            said: format!(
                "{title}: a value of field {} does not fit column {column}{column_type}; such values are in _unfit",
                shortened(&row.name)
            ),
            advice: Some(format!("`polysink column {table} {column}` shows them; `--type text` takes every value")),
            is_due: true,
        }
    });
    Ok(KindFound { found: found.collect(), lasts: true, is_complete: true })
}

async fn rejections(session: &mut Session) -> Result<KindFound, StoreError> {
    let rows = sqlx::query!(
        r#"select r.reason, r.sync_id, s.name as "name?", s.table_name as "table_name?", count(*) as "count!"
           from (select reason, sync_id from polysink.rejections
                 where settled_at is null order by received_at desc, rejection_id desc limit $1) as r
           left join polysink.syncs s on s.sync_id = r.sync_id
           group by r.reason, r.sync_id, s.name, s.table_name
           order by r.reason, r.sync_id"#,
        MOST_REJECTIONS,
    )
    .fetch_all(&mut **session)
    .await?;
    let looked_at: i64 = rows.iter().map(|row| row.count).sum();
    let found = rows.into_iter().map(|row| {
        let of = row
            .table_name
            .as_deref()
            .map_or_else(|| "of no known sync".to_owned(), |table| format!("of {}", title(row.name.as_deref(), table)));
        let only = row.sync_id.map(|sync_id| format!(" --sync {sync_id}")).unwrap_or_default();
        NoticeFound {
            subject: format!("{} {}", row.reason, row.sync_id.map(|id| id.to_string()).unwrap_or_default()),
            sync_id: row.sync_id,
            said: format!("Rejected deliveries or records {of}: {} ({})", row.reason, row.count),
            advice: Some(format!("`polysink rejections list{only} --reason {}` lists them", row.reason)),
            is_due: true,
        }
    });
    Ok(KindFound { found: found.collect(), lasts: true, is_complete: looked_at < MOST_REJECTIONS })
}

/// A change of columns in words.
///
/// * `mark`: follows columns that were not there before
fn columns(before: Option<&Value>, after: &Value, mark: &str) -> Vec<String> {
    let none = Map::new();
    let before = before.and_then(Value::as_object).unwrap_or(&none);
    let after = after.as_object().unwrap_or(&none);
    let text = |value: &Value, key: &str| value[key].as_str().map(shortened);
    let mut all: Vec<String> = Vec::new();
    for (field, now) in after.iter().take(MOST_COLUMNS) {
        let was = before.get(field);
        let (Some(column), Some(column_type)) = (text(now, "column"), text(now, "type")) else {
            all.push(format!("{} has no column any more", shortened(field)));
            continue;
        };
        all.push(match was.and_then(|was| text(was, "type")) {
            Some(former) if former != column_type => format!("{column} is {column_type}, and was {former}"),
            Some(_) => format!("{column} {column_type} in another way"),
            None => format!("{column} {column_type}{mark}"),
        });
    }
    if after.len() > MOST_COLUMNS {
        all.push(format!("{} more", after.len() - MOST_COLUMNS));
    }
    all
}

/// The name of a sync for people.
fn title(name: Option<&str>, table: &str) -> String {
    shortened(name.unwrap_or(table))
}

/// A name on one line.
fn shortened(name: &str) -> String {
    let mut characters = name.chars().map(|character| if character.is_control() { ' ' } else { character });
    let start: String = characters.by_ref().take(NAME).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A duration to the minute: `1h 30m`.
fn span(time: TimeDelta) -> String {
    let whole_minutes = TimeDelta::minutes(time.num_minutes().max(1));
    humantime::format_duration(whole_minutes.to_std().unwrap_or_default()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_of_columns_in_words() {
        let before =
            json!({ "price": { "column": "price", "type": "bigint" }, "gone": { "column": "gone", "type": "text" } });
        let after = json!({
            "price": { "column": "price", "type": "numeric" },
            "new\nfield": { "column": "new_field", "type": "text" },
            "gone": { "hidden": true },
        });
        let said = columns(Some(&before), &after, " (new)");
        assert_eq!(said, ["gone has no column any more", "new_field text (new)", "price is numeric, and was bigint"]);
        let many: Map<String, Value> =
            (0..25).map(|n| (format!("f{n:02}"), json!({ "column": format!("f{n:02}"), "type": "text" }))).collect();
        assert_eq!(columns(None, &Value::Object(many), "").last().map(String::as_str), Some("5 more"));
    }

    #[test]
    fn a_long_name_is_cut_and_stays_on_its_line() {
        assert_eq!(shortened("a\nb\u{1b}c"), "a b c");
        assert_eq!(shortened(&"ä".repeat(81)).chars().count(), 81);
        assert_eq!(span(TimeDelta::seconds(5_400)), "1h 30m");
    }
}
