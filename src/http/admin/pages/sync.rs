//! The page of a sync.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::attention::Severity;
use super::chart::Chart;
use super::read::{self, SyncDetails};
use super::words::{self, counted, grouped};
use super::{Visitor, html, not_found, unavailable};
use crate::columns::{ColumnType, Field, ValueKind, column_name};
use crate::http::admin::Shared;
use crate::model::SyncId;
use crate::query_tables::Ident;
use crate::store::RejectionRow;
use crate::store::tables::changes::ChangeRow;
use crate::store::tables::envelopes::life::DeliveryRow;
use crate::store::tables::runs::RunRow;

/// How many columns the example query names.
const NAMED: usize = 6;

#[derive(Template)]
#[template(path = "sync.html")]
struct SyncPage<'a> {
    visitor: &'a Visitor,
    title: &'a str,
    facts: Vec<(&'static str, String)>,
    attention: Vec<(Severity, String)>,
    chart: Chart,
    fields: Vec<FieldLine<'a>>,
    deliveries: Vec<DeliveryLine<'a>>,
    runs: Vec<RunLine<'a>>,
    changes: Vec<ChangeLine<'a>>,
    rejections: Vec<RejectionLine<'a>>,
    query: String,
}

struct FieldLine<'a> {
    field: &'a Field,
    column: &'a str,
    column_type: &'static str,
    values: String,
    nulls: String,
    misfits: String,
    note: String,
    /// Repairs what does not fit.
    command: Option<String>,
}

struct DeliveryLine<'a> {
    row: &'a DeliveryRow,
    received: String,
    records: String,
    rejected: i64,
}

struct RunLine<'a> {
    run: &'a RunRow,
    started: String,
    expected: String,
    received: String,
    is_well: bool,
}

struct ChangeLine<'a> {
    change: &'a ChangeRow,
    at: String,
    before: String,
    after: String,
}

struct RejectionLine<'a> {
    row: &'a RejectionRow,
    /// Its delivery, or itself for a whole body.
    link: Uuid,
    received: String,
    records: String,
}

pub async fn page(shared: web::Data<Shared>, visitor: Visitor, id: web::Path<Uuid>) -> HttpResponse {
    let now = (shared.options.now)();
    let sync_id = SyncId(id.into_inner());
    match shared.read(async move |store| read::sync(&store, sync_id, now).await).await {
        Some(Some(details)) => html(&SyncPage::of(&details, &visitor, now)),
        Some(None) => not_found("No sync has this id."),
        None => unavailable(),
    }
}

impl<'a> SyncPage<'a> {
    fn of(details: &'a SyncDetails, visitor: &'a Visitor, now: DateTime<Utc>) -> Self {
        let SyncDetails { sync, catalogue, counts, latest, runs, changes, rejections } = details;
        let counted_rows = |count: Option<i64>| count.map_or_else(|| "not counted yet".to_owned(), grouped);
        let identity = sync
            .identity
            .as_ref()
            .map_or_else(|| "none: one row per distinct record".to_owned(), |identity| identity.join(", "));
        let facts = vec![
            ("Table", format!("synced.{}", sync.table_name)),
            ("Identity", identity),
            ("Rows", counted_rows(sync.rows)),
            ("Distinct records", counted_rows(sync.records)),
            (
                "Last delivery",
                format!("{}, {}", words::second(sync.last_received_at), words::ago(sync.last_received_at, now)),
            ),
            ("Freshness", sync.freshness(now).0),
            ("Lag", sync.lag(now).map_or_else(|| "0 s".to_owned(), words::span)),
            ("Id", sync.sync_id.to_string()),
        ];
        Self {
            visitor,
            title: sync.title(),
            facts,
            attention: sync.attention(now),
            chart: if sync.records.is_none() {
                Chart::of(counts, now).not_counted_yet()
            } else {
                Chart::of(counts, now)
            },
            fields: catalogue.fields().iter().map(|field| FieldLine::of(field, &sync.table_name)).collect(),
            deliveries: latest.iter().map(|(row, rejected)| DeliveryLine::of(row, *rejected)).collect(),
            runs: runs.iter().map(RunLine::of).collect(),
            changes: changes.iter().map(ChangeLine::of).collect(),
            rejections: rejections.iter().map(RejectionLine::of).collect(),
            query: query(&sync.table_name, catalogue.fields()),
        }
    }
}

/// A query to copy.
fn query(table: &str, fields: &[Field]) -> String {
    let columns = fields.iter().filter(|field| field.column_type.is_some());
    let named: Vec<String> = columns.take(NAMED).map(|field| identifier(&field.column_name)).collect();
    let list = if named.is_empty() { "*".to_owned() } else { named.join(", ") };
    format!("select {list}\nfrom synced.{}\norder by _last_received_at desc\nlimit 20;", identifier(table))
}

/// A name, quoted only if that is needed.
fn identifier(name: &str) -> String {
    if column_name(name) == name { name.to_owned() } else { Ident(name).to_string() }
}

impl<'a> FieldLine<'a> {
    fn of(field: &'a Field, table: &str) -> Self {
        let nulls = field.kinds.of(ValueKind::Null);
        let seen = field.kinds.values() + nulls;
        let note = if field.hidden {
            "hidden".to_owned()
        } else if let Some(blocked) = &field.blocked {
            blocked.clone()
        } else if field.needs_backfill.is_some() {
            "being backfilled".to_owned()
        } else if field.pinned {
            "type set by an operator".to_owned()
        } else {
            String::new()
        };
        let command = field.type_for_misfits().map(|column_type| {
            format!("polysink column {table} {} --type {}", field.column_name, column_type.as_str())
        });
        Self {
            field,
            column: if field.hidden { "" } else { &field.column_name },
            column_type: field.column_type.map(ColumnType::as_str).unwrap_or_default(),
            values: grouped(i64::try_from(field.kinds.values()).unwrap_or(i64::MAX)),
            nulls: words::percent(nulls, seen),
            misfits: grouped(i64::try_from(field.misfits).unwrap_or(i64::MAX)),
            note,
            command,
        }
    }
}

impl<'a> DeliveryLine<'a> {
    fn of(row: &'a DeliveryRow, rejected: i64) -> Self {
        Self { row, received: words::second(row.received_at), records: grouped(row.records.into()), rejected }
    }
}

impl<'a> RunLine<'a> {
    fn of(run: &'a RunRow) -> Self {
        let number = |number: Option<i64>| number.map_or_else(String::new, grouped);
        Self {
            run,
            started: run.started_at.map_or_else(String::new, words::second),
            expected: number(run.expected),
            received: number(run.received),
            is_well: matches!(run.verdict.as_str(), "complete" | "running" | "settling"),
        }
    }
}

impl<'a> ChangeLine<'a> {
    fn of(change: &'a ChangeRow) -> Self {
        let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        Self { change, at: words::second(change.changed_at), before: text(&change.before), after: text(&change.after) }
    }
}

impl<'a> RejectionLine<'a> {
    fn of(row: &'a RejectionRow) -> Self {
        let records = match row.records {
            Some(records) => counted(records.into(), "record", "records"),
            None => "the whole body".to_owned(),
        };
        let link = row.envelope_id.unwrap_or(row.rejection_id);
        Self { row, link, received: words::second(row.received_at), records }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_quotes_names_that_need_it() {
        assert_eq!(
            query("customers", &[]),
            "select *\nfrom synced.customers\norder by _last_received_at desc\nlimit 20;"
        );
        assert_eq!(identifier("a_1"), "a_1");
        assert_eq!([identifier("1a"), identifier("Ä\"")], ["\"1a\"", "\"Ä\"\"\""]);
    }
}
