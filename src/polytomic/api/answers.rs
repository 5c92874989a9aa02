//! The answers of Polytomic's API, read leniently: a member that makes no sense is left out and named, and one odd run
//! does not hide the others.
//!
//! Source: the reference of version 2025-09-18 and the types of the Python SDK. All members but `id` are optional
//! there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunPage<T> {
    pub items: Vec<T>,
    /// Opaque; `None` on the last page.
    pub next: Option<String>,
}

impl<T> RunPage<T> {
    /// * `read`: reads an element; those that it cannot read are left out
    pub(super) fn read(answer: &Value, read: impl Fn(&Value) -> Option<T>) -> Result<Self, String> {
        let items = answer["data"].as_array().ok_or("`data` is not an array")?;
        let next = answer["pagination"]["next_page_token"].as_str().filter(|token| !token.is_empty());
        Ok(Self { items: items.iter().filter_map(read).collect(), next: next.map(str::to_owned) })
    }
}

/// A run of a sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    pub id: String,
    /// Its values are not documented.
    pub kind: Option<String>,
    pub status: ExecutionStatus,
    pub created_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub errors: Vec<String>,
    pub counts: RunCounts,
    /// Members that could not be read, each with what was wrong.
    pub odd: Vec<String>,
}

impl Execution {
    /// Reads the answer to a question about one.
    pub(super) fn read_answer(answer: &Value) -> Result<Self, String> {
        Self::read(&answer["data"]).ok_or_else(|| "`data` is not a run".to_owned())
    }

    /// Reads one; `None` without an id.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let id = object.get("id")?.as_str().filter(|id| !id.is_empty())?.to_owned();
        let mut odd = Vec::new();
        let mut time = |name| time(object, name, &mut odd);
        let (created_at, started_at, completed_at) = (time("created_at"), time("started_at"), time("completed_at"));
        let counts = RunCounts::read(object.get("counts").unwrap_or(&Value::Null), &mut odd);
        Some(Self {
            id,
            kind: text(object, "type"),
            status: ExecutionStatus::of(object.get("status").and_then(Value::as_str).unwrap_or_default()),
            created_at,
            started_at,
            completed_at,
            errors: texts(object.get("errors")),
            counts,
            odd,
        })
    }
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// Not begun, or in progress.
    Open(String),
    Completed,
    /// Ended without everything sent.
    Failed(String),
    /// One that the reference does not have.
    Other(String),
}

impl ExecutionStatus {
    /// * `word`: as it is sent
    pub fn of(word: &str) -> Self {
        match word {
            "completed" => Self::Completed,
            "failed" | "canceled" | "interrupted" => Self::Failed(word.to_owned()),
            "created" | "scheduled" | "queued" | "waiting" | "running" | "processing" | "canceling" => {
                Self::Open(word.to_owned())
            }
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word that was sent.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Completed => "completed",
            Self::Open(word) | Self::Failed(word) | Self::Other(word) => word,
        }
    }

    /// Whether it will not change.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed(_))
    }
}

/// The counts of a run. Their meaning for a webhook is not documented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    pub total: Option<u64>,
    pub insert: Option<u64>,
    pub update: Option<u64>,
    pub upserts: Option<u64>,
    pub delete: Option<u64>,
    pub error: Option<u64>,
    pub warnings: Option<u64>,
}

impl RunCounts {
    /// * `odd`: takes the counts that make no sense
    pub fn read(value: &Value, odd: &mut Vec<String>) -> Self {
        let object = match value {
            Value::Object(object) => object,
            Value::Null => return Self::default(),
            _ => {
                odd.push("counts is not an object".to_owned());
                return Self::default();
            }
        };
        let mut count = |name: &str| match object.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let count = value.as_u64();
                if count.is_none() {
                    odd.push(format!("counts.{name} is not a whole number from 0"));
                }
                count
            }
        };
        Self {
            total: count("total"),
            insert: count("insert"),
            update: count("update"),
            upserts: count("upserts"),
            delete: count("delete"),
            error: count("error"),
            warnings: count("warnings"),
        }
    }

    /// Those that there are, by the names of the API.
    pub fn known(&self) -> BTreeMap<&'static str, u64> {
        let all = [
            ("total", self.total),
            ("insert", self.insert),
            ("update", self.update),
            ("upserts", self.upserts),
            ("delete", self.delete),
            ("error", self.error),
            ("warnings", self.warnings),
        ];
        all.into_iter().filter_map(|(name, count)| Some((name, count?))).collect()
    }
}

/// A sync's run in progress and its next one.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncStatus {
    pub current: Option<Execution>,
    pub last: Option<Execution>,
    /// When the next run begins; `None` if it is started by hand.
    pub next_execution_time: Option<DateTime<Utc>>,
}

impl SyncStatus {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let data = object(&answer["data"])?;
        let execution = |name: &str| data.get(name).and_then(Execution::read);
        let next_execution_time = time(data, "next_execution_time", &mut Vec::new());
        Ok(Self { current: execution("current_execution"), last: execution("last_execution"), next_execution_time })
    }
}

/// The configuration of a sync, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncConfig {
    pub id: String,
    pub name: Option<String>,
    /// `None` if it is not said.
    pub active: Option<bool>,
    /// Whether every run sends every record.
    pub sync_all_records: Option<bool>,
    /// The frequency of its schedule: `manual`, `continuous`, `hourly`, …
    pub frequency: Option<String>,
    /// The models of its fields, each once.
    pub models: Vec<String>,
    /// The field of the model that identifies an entity: model and field.
    pub identity: Option<(String, String)>,
    /// The fields that are sent: the name in the target, model and field.
    pub fields: Vec<SyncField>,
}

/// A field of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncField {
    pub target: String,
    pub model: String,
    pub field: String,
    /// Whether Polytomic encrypts its values.
    pub encrypted: bool,
}

impl SyncConfig {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let data = object(&answer["data"])?;
        let source = |value: &Value| {
            let source = value["source"].as_object()?;
            Some((text(source, "model_id")?, text(source, "field")?))
        };
        let fields: Vec<SyncField> = elements(data.get("fields"))
            .filter_map(|field| {
                let (model, name) = source(field)?;
                let target = field["target"].as_str().unwrap_or(&name).to_owned();
                let encrypted = field["encryption_enabled"].as_bool().unwrap_or(false);
                Some(SyncField { target, model, field: name, encrypted })
            })
            .collect();
        let mut models: Vec<String> = fields.iter().map(|field| field.model.clone()).collect();
        models.sort_unstable();
        models.dedup();
        Ok(Self {
            id: text(data, "id").ok_or("`data.id` is not a text")?,
            name: text(data, "name"),
            active: data.get("active").and_then(Value::as_bool),
            sync_all_records: data.get("sync_all_records").and_then(Value::as_bool),
            frequency: data.get("schedule").and_then(|schedule| schedule["frequency"].as_str()).map(str::to_owned),
            models,
            identity: data.get("identity").and_then(source),
            fields,
        })
    }
}

/// A model: where a sync's records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncModel {
    pub id: String,
    pub name: Option<String>,
    /// The field that identifies a record.
    pub identifier: Option<String>,
    pub fields: Vec<ModelField>,
}

/// A field of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelField {
    pub name: String,
    pub label: Option<String>,
    pub description: Option<String>,
    /// Polytomic's word for its type.
    pub kind: Option<String>,
    pub unique: bool,
}

impl SyncModel {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let data = object(&answer["data"])?;
        let field = |value: &Value| {
            let field = value.as_object()?;
            Some(ModelField {
                name: text(field, "name")?,
                label: text(field, "label"),
                description: text(field, "description"),
                kind: text(field, "type"),
                unique: field.get("unique").and_then(Value::as_bool).unwrap_or(false),
            })
        };
        Ok(Self {
            id: text(data, "id").ok_or("`data.id` is not a text")?,
            name: text(data, "name"),
            identifier: text(data, "identifier").filter(|identifier| !identifier.is_empty()),
            fields: elements(data.get("fields")).filter_map(field).collect(),
        })
    }
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub organization: Option<String>,
    /// The user's address; an organization's key has none.
    pub email: Option<String>,
}

impl Me {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let data = object(&answer["data"])?;
        Ok(Self { organization: text(data, "organization_name"), email: text(data, "email") })
    }
}

/// The logs of a run's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LogKind {
    Records,
    Errors,
    Warnings,
    Inserts,
    Updates,
    Deletes,
}

/// Signed URLs of a run's log.
#[derive(Clone, PartialEq, Eq)]
pub struct LogUrls {
    pub urls: Vec<String>,
    pub expires: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for LogUrls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogUrls").field("urls", &self.urls.len()).field("expires", &self.expires).finish()
    }
}

impl LogUrls {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let data = object(&answer["data"])?;
        let urls = texts(data.get("urls"));
        Ok(Self { urls, expires: time(data, "expires", &mut Vec::new()) })
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "`data` is not an object".to_owned())
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn elements(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// The texts of an array; other elements as JSON.
fn texts(value: Option<&Value>) -> Vec<String> {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    elements(value).map(shown).collect()
}

fn time(object: &Map<String, Value>, name: &str, odd: &mut Vec<String>) -> Option<DateTime<Utc>> {
    let value = object.get(name).filter(|value| !value.is_null())?;
    // The reference shows the zero time of Go where there is none.
    let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    if time.is_none() {
        odd.push(format!("{name} is not a time"));
    }
    time.map(|time| time.to_utc()).filter(|time| time.timestamp() > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_read_with_its_counts() {
        let run = Execution::read(&json!({
            "id": "248df4b7-aa70-47b8-a036-33ac447e668d", "type": "manual", "status": "completed",
            "created_at": "2026-04-01T10:00:00Z", "started_at": "2026-04-01T10:00:01.5+02:00",
            "completed_at": "2026-04-01T10:05:00Z", "errors": ["one", {"message": "two"}],
            "counts": {"total": 100, "insert": 80, "update": 15, "error": 5, "upserts": null}
        }))
        .expect("it is a run");
        assert_eq!(run.started_at.expect("it has begun").to_rfc3339(), "2026-04-01T08:00:01.500+00:00");
        assert!(run.status.is_final());
        assert_eq!(run.errors, ["one", r#"{"message":"two"}"#]);
        assert_eq!(
            run.counts,
            RunCounts { total: Some(100), insert: Some(80), update: Some(15), error: Some(5), ..RunCounts::default() }
        );
        assert_eq!(run.odd, [] as [&str; 0]);
    }

    #[test]
    fn members_that_make_no_sense_are_left_out_and_named() {
        let run = Execution::read(&json!({
            "id": "x", "status": "paused", "started_at": "yesterday", "completed_at": "0001-01-01T00:00:00Z",
            "errors": "none", "counts": {"total": -1, "insert": "80", "update": 1.5, "error": 5, "more": 1}
        }))
        .expect("it is a run");
        assert_eq!(run.counts.known(), [("error", 5)].into());
        assert_eq!(run.status, ExecutionStatus::Other("paused".to_owned()));
        assert_eq!((run.started_at, run.completed_at), (None, None));
        assert_eq!(
            run.odd,
            [
                "started_at is not a time",
                "counts.total is not a whole number from 0",
                "counts.insert is not a whole number from 0",
                "counts.update is not a whole number from 0"
            ]
        );
        assert_eq!(
            Execution::read(&json!({"id": "x", "counts": [1]})).expect("a run").odd,
            ["counts is not an object"]
        );
    }

    #[test]
    fn one_odd_run_does_not_hide_the_others() {
        let answer =
            json!({"data": [{"id": 7}, "x", {"id": "good"}, {"id": ""}], "pagination": {"next_page_token": ""}});
        let page = RunPage::read(&answer, Execution::read).expect("it is a page");
        assert_eq!(page.items.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["good"]);
        assert_eq!(page.next, None);
        RunPage::read(&json!({"data": {}}), Execution::read).expect_err("it is not an array");
    }
}
