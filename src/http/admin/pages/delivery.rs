//! The page of a delivery, and of a body that was refused; the button that replays it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::TimeDelta;
use serde::Deserialize;
use uuid::Uuid;

use super::words::{self, counted, grouped};
use super::{Visitor, html, message, not_found, unavailable};
use crate::http::admin::Shared;
use crate::http::admin::replays::{ReplayRequest, Requested};
use crate::model::SyncId;
use crate::query_tables::deliveries::{self, DeliveryLife, DeliveryProjection, RecordLife, RecordOutcome};
use crate::store::tables::rejections;
use crate::store::{RejectionRow, ReplayFilter};

/// How many records are shown.
const MOST_RECORDS: usize = 200;

/// A longer body is not read.
const MOST_BYTES: usize = 8 << 20;

/// How many bytes of a body are shown.
const SHOWN_BYTES: usize = 64 << 10;

/// How many bytes of a record are shown.
const SHOWN_RECORD: usize = 4 << 10;

#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryPage<'a> {
    visitor: &'a Visitor,
    id: Uuid,
    life: &'a DeliveryLife,
    facts: Vec<(&'static str, String)>,
    times: Vec<(&'static str, String)>,
    records: Vec<RecordLine<'a>>,
    more_records: Option<String>,
    body: Option<Shown>,
    /// Marks the form of the replay; `None` if there is nothing to replay.
    form: Option<String>,
}

struct RecordLine<'a> {
    record: &'a RecordLife,
    outcome: String,
    is_well: bool,
    /// The delivery that brought it first.
    first: Option<Uuid>,
    json: Shown,
}

/// A text, cut to a size.
struct Shown {
    text: String,
    /// How much is left out, in words.
    left_out: Option<String>,
}

impl Shown {
    fn of(text: &str, most: usize) -> Self {
        if text.len() <= most {
            return Self { text: text.to_owned(), left_out: None };
        }
        let cut = &text[..text.floor_char_boundary(most)];
        let left_out = counted(i64::try_from(text.len() - cut.len()).unwrap_or(i64::MAX), "more byte", "more bytes");
        Self { text: cut.to_owned(), left_out: Some(left_out) }
    }
}

#[derive(Template)]
#[template(path = "rejection.html")]
struct RejectionPage<'a> {
    visitor: &'a Visitor,
    row: &'a RejectionRow,
    facts: Vec<(&'static str, String)>,
    payload: Shown,
    form: Option<String>,
}

pub async fn page(shared: web::Data<Shared>, visitor: Visitor, id: web::Path<Uuid>) -> HttpResponse {
    let id = id.into_inner();
    let found = shared.read(async move |store| deliveries::find(&store, id, MOST_RECORDS, MOST_BYTES).await).await;
    match found {
        None => unavailable(),
        Some(Some(life)) => {
            let form = is_replayable(&life).then(|| shared.form(&visitor, &path_of(id)));
            html(&DeliveryPage::of(&life, &visitor, form))
        }
        Some(None) => match shared.read(async move |store| rejections::find(&store, id).await).await {
            None => unavailable(),
            Some(None) => not_found("No delivery with this id is kept."),
            Some(Some((row, payload))) => {
                let form = row.settled_at.is_none().then(|| shared.form(&visitor, &path_of(id)));
                html(&RejectionPage::of(&row, &payload, &visitor, form))
            }
        },
    }
}

fn path_of(id: Uuid) -> String {
    format!("/deliveries/{id}/replay")
}

/// Whether the raw log has it, with records.
fn is_replayable(life: &DeliveryLife) -> bool {
    life.head.bytes.is_some() && life.head.sync_id.is_some() && life.head.outcome == "stored"
}

/// The fields of a form that changes something.
#[derive(Debug, Deserialize)]
pub struct MarkedForm {
    mark: String,
}

/// Starts a replay of the delivery, or of the rejection with that id.
pub async fn replay(
    shared: web::Data<Shared>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<Uuid>,
    form: web::Form<MarkedForm>,
) -> HttpResponse {
    let id = id.into_inner();
    let back = format!("/deliveries/{id}");
    if !shared.is_own_form(&request, &visitor, &path_of(id), &form.mark) {
        let text =
            "The form is not from this page, or is too old. Nothing was done. Go back, and press the button again.";
        return message(StatusCode::FORBIDDEN, "Not replayed", text, &back, "To the delivery");
    }
    let found = shared.read(async move |store| deliveries::find(&store, id, 0, 0).await).await;
    let Some(found) = found else { return unavailable() };
    let request = match found {
        Some(life) if is_replayable(&life) => {
            let since = life.head.received_at;
            let until = Some(since + TimeDelta::microseconds(1));
            let filter = ReplayFilter { sync_id: life.head.sync_id.map(SyncId), since: Some(since), until };
            ReplayRequest::Deliveries(filter)
        }
        Some(_) => {
            let text = "The raw log does not have its records any more.";
            return message(StatusCode::CONFLICT, "Not replayed", text, &back, "To the delivery");
        }
        None => ReplayRequest::Rejection(id),
    };
    match shared.options.replays.request(request, visitor.actor()) {
        Requested::Started => {
            let text = "The replay has begun. It writes the records again that are missing, and projects them; what is \
                        there already stays as it is.";
            message(StatusCode::ACCEPTED, "Replaying", text, &back, "To the delivery")
        }
        Requested::Busy => {
            let text = "Another replay is running. Try again when it has ended.";
            message(StatusCode::CONFLICT, "Not replayed", text, &back, "To the delivery")
        }
    }
}

impl<'a> DeliveryPage<'a> {
    fn of(life: &'a DeliveryLife, visitor: &'a Visitor, form: Option<String>) -> Self {
        let head = &life.head;
        let none = || "none".to_owned();
        let mut facts = vec![
            ("Event", head.event.clone()),
            ("Connection", head.connection.clone()),
            ("Address", head.source_ip.clone().unwrap_or_else(|| "not known".to_owned())),
            ("User agent", head.user_agent.clone().unwrap_or_else(none)),
            ("Metadata", head.metadata.as_ref().map_or_else(none, ToString::to_string)),
            ("Outcome", head.outcome.clone()),
            ("Records", grouped(head.records.into())),
        ];
        if head.erased > 0 {
            facts.push(("Erased", counted(head.erased.into(), "record", "records")));
        }
        if let Some(bytes) = head.bytes {
            facts.push(("Size", counted(bytes.into(), "byte", "bytes")));
        }
        let after = |at: chrono::DateTime<chrono::Utc>| {
            format!(
                "{}, {} ms after it was received",
                words::millis(at),
                grouped((at - head.received_at).num_milliseconds())
            )
        };
        let mut times = vec![("Sent", words::second(head.sent_at)), ("Received", words::millis(head.received_at))];
        if head.spooled {
            times.push(("Spooled", "while the database was away; it was answered then".to_owned()));
        }
        if let Some(stored_at) = head.stored_at {
            times.push(("Stored", after(stored_at)));
            if !head.spooled {
                times.push(("Acknowledged", "with the commit that stored it".to_owned()));
            }
        }
        times.push((
            "Projected",
            match life.projection {
                DeliveryProjection::None => "it has nothing for the query tables".to_owned(),
                DeliveryProjection::Waiting { since } => {
                    format!("not yet; it has waited since {}", words::millis(since))
                }
                DeliveryProjection::Projected { at: None } => "yes; when is not known any more".to_owned(),
                DeliveryProjection::Projected { at: Some(at) } => after(at),
            },
        ));
        let all = usize::try_from(head.records).unwrap_or_default();
        let left_out = all.saturating_sub(life.records_shown.len());
        let more_records = (left_out > 0 && !life.records_shown.is_empty()).then(|| {
            format!(
                "{} more; `polysink deliveries show {} --limit {all}` shows them.",
                grouped(i64::try_from(left_out).unwrap_or(i64::MAX)),
                head.envelope_id
            )
        });
        Self {
            visitor,
            id: head.envelope_id,
            life,
            facts,
            times,
            records: life.records_shown.iter().map(RecordLine::of).collect(),
            more_records,
            body: life.body.as_ref().map(|body| Shown::of(body, SHOWN_BYTES)),
            form,
        }
    }
}

impl<'a> RecordLine<'a> {
    fn of(record: &'a RecordLife) -> Self {
        let first = match record.outcome {
            RecordOutcome::Duplicate { first, .. } => Some(first),
            _ => None,
        };
        let outcome = match &record.outcome {
            RecordOutcome::Duplicate { times_received, .. } => {
                format!("duplicate, received {}", counted(*times_received, "time", "times"))
            }
            RecordOutcome::Rejected { detail, .. } => format!("{}: {detail}", record.outcome.in_words()),
            other => other.in_words(),
        };
        let is_well = matches!(record.outcome, RecordOutcome::New | RecordOutcome::Duplicate { .. });
        Self { record, outcome, is_well, first, json: Shown::of(&record.json, SHOWN_RECORD) }
    }
}

impl<'a> RejectionPage<'a> {
    fn of(row: &'a RejectionRow, payload: &[u8], visitor: &'a Visitor, form: Option<String>) -> Self {
        let facts = vec![
            ("Received", words::millis(row.received_at)),
            ("Connection", row.connection.clone()),
            ("Reason", row.reason.clone()),
            ("Detail", row.detail.clone()),
            ("Sync", row.sync_id.map_or_else(|| "not known".to_owned(), |id| id.to_string())),
            ("Size", counted(row.payload_bytes.into(), "byte", "bytes")),
            (
                "State",
                row.settled_at.map_or_else(
                    || "open".to_owned(),
                    |at| format!("{} {}", row.settlement.as_deref().unwrap_or("resolved"), words::second(at)),
                ),
            ),
        ];
        Self { visitor, row, facts, payload: Shown::of(&String::from_utf8_lossy(payload), SHOWN_BYTES), form }
    }
}
