//! The problems that a process itself knows: of its spool, and of its disks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::disk::DiskSpace;
use crate::model::NoticeKind;
use crate::writer::Queue;

/// Something that is wrong with this process or its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessProblem {
    pub kind: NoticeKind,
    /// The thing within its kind.
    pub subject: String,
    pub said: String,
    pub advice: &'static str,
}

/// A problem that was seen.
#[derive(Debug)]
struct Seen {
    since: Instant,
    last: Instant,
    is_told: bool,
}

/// Which problems are there, and which of them were told of.
#[derive(Debug, Default)]
pub struct ProblemWatch(BTreeMap<(NoticeKind, String), Seen>);

impl ProblemWatch {
    /// The problems that are to be told of now. Each is told of once.
    ///
    /// * `problems`: those that are there
    /// * `lasting`: how long a problem has to be there: a lock that is waited for is none
    pub fn look(&mut self, problems: Vec<ProcessProblem>, lasting: Duration, now: Instant) -> Vec<ProcessProblem> {
        let mut due = Vec::new();
        for problem in problems {
            let key = (problem.kind, problem.subject.clone());
            let seen = self.0.entry(key).or_insert(Seen { since: now, last: now, is_told: false });
            seen.last = now;
            if !seen.is_told && now.duration_since(seen.since) >= lasting {
                seen.is_told = true;
                due.push(problem);
            }
        }
        self.0.retain(|(kind, _), seen| {
            let gone = now.duration_since(seen.last);
            if seen.is_told { gone < same_within(*kind) } else { gone.is_zero() }
        });
        due
    }
}

/// A problem that comes again within this time is the same one. The free space of a disk goes up and down.
fn same_within(kind: NoticeKind) -> Duration {
    Duration::from_secs(if kind == NoticeKind::Disk { 86_400 } else { 600 })
}

/// The problems of the spool.
pub fn of_spool(queue: &Queue) -> Vec<ProcessProblem> {
    let mut all = Vec::new();
    let mut add = |subject: &str, said: String, advice| {
        all.push(ProcessProblem { kind: NoticeKind::Spool, subject: subject.to_owned(), said, advice });
    };
    let waiting = queue.spooled().entries;
    let has_spool = queue.spool_status().is_some();
    if waiting > 0 || queue.is_away() && has_spool {
        let said = format!("The database does not take deliveries; {waiting} wait in the spool");
        add("use", said, "bring the database back: they are stored then by themselves");
    } else if queue.is_away() {
        let said = "The database does not take deliveries, and without a spool they are refused".to_owned();
        add("use", said, "bring the database back; set POLYSINK_SPOOL for the next time");
    }
    if has_spool && queue.spool_status().is_some_and(|status| !status.takes_deliveries()) {
        let said = "The spool takes no deliveries; while the database is away, they are refused".to_owned();
        add("full", said, "make room on its disk, or raise POLYSINK_SPOOL_MAX; the service's log has the reason");
    }
    let aside = queue.set_aside();
    if aside > 0 {
        let said = format!("Deliveries that were answered 200 are not stored: {aside} files were moved aside");
        add("aside", said, "see `polysink spool`");
    }
    if queue.spool_failing_since().is_some() {
        let said = "A spooled delivery cannot be stored, although the database answers".to_owned();
        add("failing", said, "the service's log has its envelope_id and the reason");
    }
    all
}

/// The disks that are nearly full.
///
/// * `folders`: what each is for, and where it is
pub fn of_disks(folders: &[(&'static str, PathBuf)]) -> Vec<ProcessProblem> {
    let problem = |(of, folder): &(&'static str, PathBuf)| {
        let space = DiskSpace::of(folder)?;
        space.is_low().then(|| ProcessProblem {
            kind: NoticeKind::Disk,
            subject: (*of).to_owned(),
            said: format!("The disk of the {of} folder is nearly full: {space}"),
            advice: "make room on the disk, or enlarge it",
        })
    };
    folders.iter().filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_of_once_when_it_lasts_and_again_when_it_was_gone_for_a_while() {
        let (start, lasting) = (Instant::now(), Duration::from_secs(30));
        let problem =
            || ProcessProblem { kind: NoticeKind::Spool, subject: "use".to_owned(), said: "x".to_owned(), advice: "y" };
        let mut watch = ProblemWatch::default();
        let mut told = |seconds: u64, is_there: bool| {
            let problems = if is_there { vec![problem()] } else { Vec::new() };
            watch.look(problems, lasting, start + Duration::from_secs(seconds)).len()
        };
        assert_eq!(told(0, true), 0, "it may be over in a moment");
        assert_eq!(told(10, false), 0);
        assert_eq!(told(30, true), 0, "it begins again");
        assert_eq!(told(60, true), 1);
        assert_eq!(told(90, true), 0, "once");
        assert_eq!(told(120, false), 0);
        assert_eq!(told(600, true), 0, "it is the same one");
        assert_eq!(told(1_200, false), 0);
        assert_eq!(told(1_210, true), 0);
        assert_eq!(told(1_240, true), 1, "it was gone for ten minutes");
    }
}
