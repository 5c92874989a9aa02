//! Problems in words: those of the service, and of each sync. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::read::{MOST_WAITING, Overview, SyncSummary};
use super::words::{ago, counted, grouped, second, span};
use crate::model::{Freshness, Rhythm};

/// A query table that is further behind is worth a word.
const BEHIND: TimeDelta = TimeDelta::seconds(60);

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Someone should look at it some time.
    Attention,
    /// Data is late, or may be missing.
    Trouble,
}

/// One thing that needs attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    pub severity: Severity,
    pub text: String,
    /// The page that says more.
    pub link: Option<String>,
}

impl Attention {
    pub fn new(severity: Severity, text: impl Into<String>) -> Self {
        Self { severity, text: text.into(), link: None }
    }
}

impl SyncSummary {
    /// The name for people.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.table_name)
    }

    /// How long its query table is behind; `None` if nothing waits.
    pub fn lag(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        self.waiting_since.map(|since| (now - since).max(TimeDelta::zero()))
    }

    /// How fresh it is, by its schedule or its own rhythm, and whether that is late.
    pub fn freshness(&self, now: DateTime<Utc>) -> (String, bool) {
        let Self { last_received_at, next_run_at, usual_pause, .. } = *self;
        let freshness = Rhythm { last_received_at, next_run_at, usual_pause }.freshness(now);
        let text = match freshness {
            Freshness::Due(due) => format!("due {}", ago(due, now)),
            Freshness::Overdue(due) => format!("overdue: due {}", ago(due, now)),
            Freshness::Usual(usual) => format!("usually every {} or sooner", span(usual)),
            Freshness::Quiet(usual) => format!("quiet: usually a delivery at least every {}", span(usual)),
            Freshness::Unknown => "its rhythm is not known yet".to_owned(),
        };
        (text, freshness.is_late())
    }

    /// Its problems.
    pub fn attention(&self, now: DateTime<Utc>) -> Vec<(Severity, String)> {
        let mut all = Vec::new();
        if let Some(lag) = self.lag(now).filter(|lag| *lag > BEHIND) {
            all.push((Severity::Trouble, format!("its table is {} behind, {}", span(lag), self.waiting_in_words())));
        }
        let (freshness, is_late) = self.freshness(now);
        if is_late {
            all.push((Severity::Trouble, freshness));
        }
        if self.missing > 0 {
            let records = counted(self.missing, "record is", "records are");
            all.push((Severity::Trouble, format!("{records} missing from runs of the last week")));
        }
        if self.rejected > 0 {
            all.push((Severity::Attention, counted(self.rejected, "open rejection", "open rejections")));
        }
        if self.misfits > 0 {
            all.push((Severity::Attention, counted(self.misfits, "value does not fit", "values do not fit")));
        }
        all
    }

    fn waiting_in_words(&self) -> String {
        if self.waiting > MOST_WAITING {
            return format!("more than {} deliveries wait", grouped(MOST_WAITING));
        }
        counted(self.waiting, "delivery waits", "deliveries wait")
    }
}

/// The problems of everything in the database.
pub fn of_overview(overview: &Overview, now: DateTime<Utc>) -> Vec<Attention> {
    let mut all = Vec::new();
    for sync in &overview.syncs {
        all.extend(sync.attention(now).into_iter().map(|(severity, text)| Attention {
            severity,
            text: format!("{}: {text}", sync.title()),
            link: Some(format!("/syncs/{}", sync.sync_id)),
        }));
    }
    let of_none: i64 =
        overview.open_rejections.iter().filter(|open| open.table_name.is_none()).map(|open| open.count).sum();
    if of_none > 0 {
        let text = counted(of_none, "open rejection of no known sync", "open rejections of no known sync");
        all.push(Attention::new(Severity::Attention, text));
    }
    let versions: std::collections::BTreeSet<&str> =
        overview.replicas.iter().map(|replica| replica.version.as_str()).collect();
    if versions.len() > 1 {
        let versions: Vec<&str> = versions.into_iter().collect();
        let text = format!("services of several versions run: {}", versions.join(", "));
        all.push(Attention::new(Severity::Attention, text));
    }
    all
}

/// Says when something was read, if that is not now.
pub fn as_of(read_at: DateTime<Utc>) -> String {
    format!("The database does not answer. The rest of this page is of {}.", second(read_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sync() -> SyncSummary {
        SyncSummary {
            sync_id: uuid::Uuid::nil(),
            name: Some("Customers".to_owned()),
            table_name: "customers".to_owned(),
            identity: None,
            last_received_at: DateTime::UNIX_EPOCH,
            records: None,
            rows: None,
            usual_pause: None,
            waiting: 0,
            waiting_since: None,
            misfits: 0,
            next_run_at: None,
            missing: 0,
            rejected: 0,
        }
    }

    #[test]
    fn freshness_in_words() {
        let after = |hours: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        assert_eq!(sync().freshness(after(10_000)), ("its rhythm is not known yet".to_owned(), false));
        let hourly = SyncSummary { usual_pause: Some(3_600.0), ..sync() };
        assert_eq!(hourly.freshness(after(3)), ("quiet: usually a delivery at least every 60 min".to_owned(), true));
        let due = SyncSummary { next_run_at: Some(after(5)), ..hourly };
        assert_eq!(due.freshness(after(4)), ("due in 60 min".to_owned(), false));
        assert_eq!(due.freshness(after(6)), ("overdue: due 60 min ago".to_owned(), true));
    }

    #[test]
    fn what_is_wrong_with_a_sync_is_said_and_nothing_else() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(10);
        assert_eq!(sync().attention(now), []);
        let bad = SyncSummary {
            waiting: 1_001,
            waiting_since: Some(DateTime::UNIX_EPOCH),
            misfits: 1,
            missing: 2,
            rejected: 3,
            ..sync()
        };
        let texts: Vec<String> = bad.attention(now).into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            texts,
            [
                "its table is 10 min behind, more than 1,000 deliveries wait",
                "2 records are missing from runs of the last week",
                "3 open rejections",
                "1 value does not fit"
            ]
        );
    }
}
