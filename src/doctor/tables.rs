//! The query tables: lag, misfits, and whether they are as the catalogue says. And the notices about them.

use chrono::{DateTime, Utc};

use super::Finding;
use crate::metrics::{Observed, ObservedSync};
use crate::store::tables::notices::FailingSink;
use crate::store::{Adoption, MadeAgain};

/// Seconds that a delivery may wait for its query table.
const LAG_WARNS: i64 = 60;
const LAG_FAILS: i64 = 3_600;

/// Days ahead with a partition.
const AHEAD: u64 = 3;

/// * `missing_syncs`: whose deliveries wait, and which have no row
pub fn check(observed: &Observed, missing_syncs: u64, now: DateTime<Utc>) -> Vec<Finding> {
    vec![partitions(observed), backlog(observed, missing_syncs, now), misfits(observed), rejections(observed)]
}

fn partitions(observed: &Observed) -> Finding {
    let (found, expected) = (format!("{} days ahead", observed.partitions_ahead), "at least 3 days ahead");
    if observed.partitions_ahead >= AHEAD {
        Finding::ok("partitions", found, expected)
    } else {
        Finding::warn("partitions", found, expected, "`polysink migrate` makes them, or says why it cannot")
    }
}

fn backlog(observed: &Observed, missing_syncs: u64, now: DateTime<Utc>) -> Finding {
    let expected = "less than a minute behind";
    if missing_syncs > 0 {
        let syncs = if missing_syncs == 1 { "sync" } else { "syncs" };
        let found = format!("deliveries of {missing_syncs} {syncs} wait whose rows are not in polysink.syncs");
        let advice = "start `polysink serve`: it makes the rows again within half a minute. A failover or a restore \
                      that lost the newest transactions leaves this behind";
        return Finding::fail("backlog", found, expected, advice);
    }
    let late = |sync: &ObservedSync| Some(((now - sync.waiting_since?).num_seconds(), sync.table.clone()));
    let Some((seconds, table)) = observed.syncs.iter().filter_map(late).max() else {
        return Finding::ok("backlog", "every delivery is in its query table", expected);
    };
    let found = format!("{table} is {seconds} seconds behind");
    let advice = "the service's log says why; another session may hold the table's lock (pg_stat_activity)";
    match seconds {
        LAG_FAILS.. => Finding::fail("backlog", found, expected, advice),
        LAG_WARNS.. => Finding::warn("backlog", found, expected, advice),
        _ => Finding::ok("backlog", found, expected),
    }
}

fn misfits(observed: &Observed) -> Finding {
    let expected = "none";
    let most = observed.syncs.iter().max_by_key(|sync| sync.misfits).filter(|sync| sync.misfits > 0);
    let Some(sync) = most else { return Finding::ok("misfits", "every value fits its column", expected) };
    let all: u64 = observed.syncs.iter().map(|sync| sync.misfits).sum();
    let found = match all {
        1 => format!("1 value does not fit its column, in {}", sync.table),
        _ => format!("{all} values do not fit their columns, {} of them in {}", sync.misfits, sync.table),
    };
    Finding::warn("misfits", found, expected, format!("`polysink column {}` shows them by field", sync.table))
}

/// Open ones are not an error, but an operator should look at them.
fn rejections(observed: &Observed) -> Finding {
    let expected = "none open";
    if observed.open_rejections == 0 {
        Finding::ok("rejections", "none", expected)
    } else {
        let found = format!("{} open", observed.open_rejections);
        Finding::warn("rejections", found, expected, "`polysink rejections list --open` shows them")
    }
}

/// * `drift`: tables that are not as the catalogue says, and how
pub fn drift(drift: &[(String, String)]) -> Finding {
    let expected = "as the catalogue says";
    let Some((table, what)) = drift.first() else { return Finding::ok("query-tables", "they are", expected) };
    let found = match drift.len() {
        1 => format!("{table}: {what}"),
        n => format!("{n} differences; the first: {table}: {what}"),
    };
    let advice = "polysink repairs it with the sync's next delivery; `polysink rebuild SYNC` does so now";
    Finding::warn("query-tables", found, expected, advice)
}

/// * `tables`: those without the index of their identity
pub fn indexes(tables: &[String]) -> Finding {
    let expected = "an index on each identity";
    let Some(first) = tables.first() else { return Finding::ok("identity-indexes", "each has one", expected) };
    let found = match tables.len() {
        1 => format!("{first} has none, or that of an earlier identity"),
        n => format!("{n} tables have none, or that of an earlier identity, such as {first}"),
    };
    let advice =
        "the service makes it within five minutes, but waits for older transactions: end those that are in the way";
    Finding::warn("identity-indexes", found, expected, advice)
}

/// * `syncs`: which seem to have been made again in Polytomic
pub fn made_again(syncs: &[MadeAgain]) -> Finding {
    let expected = "each sync has a name of its own, or is continued by those of the same name";
    let Some(first) = syncs.first() else { return Finding::ok("made-again", "each does", expected) };
    let MadeAgain { table_name, earlier_table, .. } = first;
    let more = if syncs.len() > 1 { format!(", and {} more", syncs.len() - 1) } else { String::new() };
    let found = format!("{first}{more}");
    let advice = format!(
        "if the sync was made again in Polytomic, it has a new id: its rows go to {table_name}, and {earlier_table} \
         stays as it is. `polysink adopt {table_name} {earlier_table}` continues it there; otherwise give it another \
         name"
    );
    Finding::warn("made-again", found, expected, advice)
}

/// * `adoptions`: which were interrupted
pub fn unfinished(adoptions: &[Adoption]) -> Finding {
    let expected = "none was interrupted";
    let Some(Adoption { adopted_id, sync_id, .. }) = adoptions.first() else {
        return Finding::ok("adoptions", "none was", expected);
    };
    let found = format!("that of {adopted_id} was: some of its records and deliveries are not in the tables");
    Finding::warn("adoptions", found, expected, format!("`polysink adopt {adopted_id} {sync_id}` finishes it"))
}

/// From this many columns, with those that were dropped, a table should be made new soon. PostgreSQL takes 1,600.
pub const WORN: i16 = 1_200;

/// * `tables`: which have had [`WORN`] columns, and how many
pub fn worn(tables: &[(String, i16)]) -> Finding {
    let expected = "less than 1,200 columns on each table, with those that were dropped; PostgreSQL takes 1,600";
    let Some((first, columns)) = tables.first() else {
        return Finding::ok("dropped-columns", "each has less", expected);
    };
    let found = match tables.len() {
        1 => format!("{first} has had {columns}"),
        n => format!("{n} tables have had more, {first} {columns}"),
    };
    let advice = format!("`polysink rebuild {first} --new-tables` makes its tables new; it says before what is lost");
    Finding::warn("dropped-columns", found, expected, advice)
}

/// * `failing`: sinks that did not take a message of notices
pub fn sinks(failing: &[FailingSink]) -> Finding {
    let expected = "each sink takes its messages";
    if failing.is_empty() {
        return Finding::ok("notices", "none waits for a sink that failed", expected);
    }
    let found = failing.iter().map(|FailingSink { sink, messages, error }| {
        let waits = if *messages == 1 { "message waits" } else { "messages wait" };
        format!("{sink}: {messages} {waits}: {}", error.as_deref().unwrap_or("it was not reached"))
    });
    let found: Vec<String> = found.collect();
    Finding::warn("notices", found.join("; "), expected, "`polysink notify test` tries again now; see POLYSINK_NOTIFY")
}

/// * `tables`: which polysink made and no sync has
pub fn left_over(tables: &[String]) -> Finding {
    let expected = "each query table is a sync's";
    let Some(first) = tables.first() else { return Finding::ok("other-tables", "each is", expected) };
    let found = match tables.len() {
        1 => format!("no sync has {first}"),
        n => format!("no sync has {n} of the tables, such as {first}"),
    };
    let advice = "polysink does not write it any more: if it was renamed, its sync has a new one. Point views at that, \
                  and drop it";
    Finding::warn("other-tables", found, expected, advice)
}
