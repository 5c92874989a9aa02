//! The status page: is all well, and what is not.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::attention::{self, Attention, Severity};
use super::chart::Chart;
use super::read::{MOST_REJECTIONS, OpenReason, Overview, SyncSummary};
use super::words::{self, counted, grouped};
use super::{Visitor, html};
use crate::disk::DiskSpace;
use crate::http::admin::Shared;
use crate::http::admin::examination::Warning;
use crate::store::tables::summaries;

/// The checks of `doctor` on what the page shows by itself.
const SHOWN_HERE: [&str; 8] =
    ["backlog", "misfits", "rejections", "runs", "spool", "set-aside", "service", "reachable"];

/// The page.
#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    visitor: &'a Visitor,
    /// `trouble`, `attention` or nothing.
    class: &'static str,
    headline: String,
    attention: Vec<Attention>,
    chart: Chart,
    syncs: Vec<SyncLine<'a>>,
    open: Vec<OpenLine<'a>>,
    service: Vec<(&'static str, String)>,
    replicas: Vec<ReplicaLine>,
    warnings: Vec<Warning>,
    examined: String,
}

/// A sync's row.
struct SyncLine<'a> {
    sync: &'a SyncSummary,
    title: &'a str,
    rows: String,
    records: String,
    lag: String,
    last: String,
    freshness: String,
    is_late: bool,
    state: String,
    is_well: bool,
}

/// Open rejections with one reason.
struct OpenLine<'a> {
    open: &'a OpenReason,
    count: String,
    latest: String,
}

struct ReplicaLine {
    host: String,
    version: String,
    started: String,
    seen: String,
    id: Uuid,
}

pub async fn page(shared: web::Data<Shared>, visitor: Visitor) -> HttpResponse {
    let now = (shared.options.now)();
    let (overview, is_current) = shared.overview(now).await;
    let examination = shared.examination.latest();
    let mut attention = of_service(&shared, is_current, overview.as_deref());
    if let Some(overview) = &overview {
        attention.extend(attention::of_overview(overview, now));
    }
    let further = examination.warnings.iter().filter(|warning| !SHOWN_HERE.contains(&warning.check));
    attention.extend(further.map(|warning| {
        let severity = if warning.is_failure { Severity::Trouble } else { Severity::Attention };
        let link = Some("#doctor".to_owned());
        Attention { severity, text: format!("doctor, {}: {}", warning.check, warning.found), link }
    }));
    attention.sort_by_key(|attention| std::cmp::Reverse(attention.severity));
    let (class, headline) = headline(&attention);
    let empty = Vec::new();
    let syncs = overview.as_ref().map_or(&empty, |overview| &overview.syncs);
    let page = StatusPage {
        visitor: &visitor,
        class,
        headline,
        attention,
        chart: chart(overview.as_deref(), now),
        syncs: syncs.iter().map(|sync| SyncLine::of(sync, now)).collect(),
        open: overview
            .iter()
            .flat_map(|overview| &overview.open_rejections)
            .map(|open| OpenLine::of(open, now))
            .collect(),
        service: service(&shared, overview.as_deref(), is_current),
        replicas: overview
            .iter()
            .flat_map(|overview| &overview.replicas)
            .map(|replica| ReplicaLine {
                host: replica.host.clone(),
                version: replica.version.clone(),
                started: words::ago(replica.started_at, now),
                seen: words::ago(replica.seen_at, now),
                id: replica.id,
            })
            .collect(),
        examined: examination.at.map_or_else(
            || "The checks run now; this page shows them in a moment.".to_owned(),
            |at| format!("Checked {}; they run again while someone looks at this page.", words::ago(at, now)),
        ),
        warnings: examination.warnings,
    };
    html(&page)
}

/// The deliveries of all syncs. The first ones take some seconds to be counted.
fn chart(overview: Option<&Overview>, now: DateTime<Utc>) -> Chart {
    let Some(overview) = overview else { return Chart::of(&[], now) };
    let chart = Chart::of(&overview.deliveries, now);
    let is_recent = |sync: &SyncSummary| now - sync.last_received_at < summaries::COUNTED;
    if chart.bars.is_empty() && overview.syncs.iter().any(is_recent) { chart.not_counted_yet() } else { chart }
}

/// The state in one sentence.
fn headline(attention: &[Attention]) -> (&'static str, String) {
    let count = i64::try_from(attention.len()).unwrap_or(i64::MAX);
    match attention.first().map(|first| first.severity) {
        None => ("", "All is well".to_owned()),
        Some(Severity::Attention) => {
            ("attention", format!("Data arrives; {}", counted(count, "thing needs attention", "things need attention")))
        }
        Some(Severity::Trouble) => ("trouble", counted(count, "thing needs attention", "things need attention")),
    }
}

/// The problems of this process, without a question to the database.
fn of_service(shared: &Shared, is_current: bool, overview: Option<&Overview>) -> Vec<Attention> {
    let queue = &shared.options.queue;
    let mut all = Vec::new();
    if !is_current {
        let text = overview
            .map_or_else(|| "The database does not answer.".to_owned(), |overview| attention::as_of(overview.read_at));
        all.push(Attention::new(Severity::Trouble, text));
    }
    let spooled = queue.spooled();
    if spooled.entries > 0 {
        let count = counted(i64::try_from(spooled.entries).unwrap_or(i64::MAX), "delivery waits", "deliveries wait");
        all.push(Attention::new(Severity::Trouble, format!("{count} in the spool for the database")));
    } else if queue.is_away() {
        all.push(Attention::new(Severity::Trouble, "deliveries are spooled: the database does not take them"));
    }
    let aside = i64::try_from(queue.set_aside()).unwrap_or(i64::MAX);
    if aside > 0 {
        let files = counted(aside, "file was", "files were");
        all.push(Attention::new(
            Severity::Trouble,
            format!("{files} moved aside in the spool's folder; see `polysink spool`"),
        ));
    }
    if queue.spool_failing_since().is_some() {
        all.push(Attention::new(Severity::Trouble, "the spool cannot be written"));
    }
    all
}

/// The service and its surroundings: name and value.
fn service(shared: &Shared, overview: Option<&Overview>, is_current: bool) -> Vec<(&'static str, String)> {
    let options = &shared.options;
    let spooled = options.queue.spooled();
    let mut all = vec![("Version", env!("CARGO_PKG_VERSION").to_owned())];
    let server = overview.map(|overview| format!(", PostgreSQL {}", overview.server_version)).unwrap_or_default();
    let state = if is_current { "answers" } else { "does not answer" };
    all.push(("Database", format!("{}{server}: {state}", options.store.address())));
    let spool = match options.queue.spool_status() {
        None => "off".to_owned(),
        Some(_) if spooled.entries == 0 => "empty".to_owned(),
        Some(_) => format!(
            "{}, {} of {}",
            counted(i64::try_from(spooled.entries).unwrap_or(i64::MAX), "delivery", "deliveries"),
            size(spooled.bytes),
            size(options.spool_max)
        ),
    };
    all.push(("Spool", spool));
    for (of, folder) in &options.folders {
        if let Some(DiskSpace { free, size: all_of }) = DiskSpace::of(folder) {
            let name = if *of == "spool" { "Disk of the spool" } else { "Disk of the data" };
            all.push((name, format!("{} free of {}", size(free), size(all_of))));
        }
    }
    let in_flight = options.queue.in_flight();
    all.push(("In flight", counted(in_flight.into(), "delivery", "deliveries")));
    all
}

fn size(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

impl<'a> SyncLine<'a> {
    fn of(sync: &'a SyncSummary, now: DateTime<Utc>) -> Self {
        let count = |count: Option<i64>| count.map_or_else(|| "…".to_owned(), grouped);
        let attention = sync.attention(now);
        let state = match attention.as_slice() {
            [] => "well".to_owned(),
            all => all.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("; "),
        };
        let (freshness, is_late) = sync.freshness(now);
        Self {
            sync,
            title: sync.title(),
            rows: count(sync.rows),
            records: count(sync.records),
            lag: sync.lag(now).map_or_else(|| "0 s".to_owned(), words::span),
            last: words::ago(sync.last_received_at, now),
            freshness,
            is_late,
            is_well: attention.is_empty(),
            state,
        }
    }
}

impl<'a> OpenLine<'a> {
    fn of(open: &'a OpenReason, now: DateTime<Utc>) -> Self {
        let more = if open.count >= MOST_REJECTIONS { " or more" } else { "" };
        Self { open, count: format!("{}{more}", grouped(open.count)), latest: words::ago(open.latest, now) }
    }
}
