//! Schema `polysink`: migrations, privileges, the raw log.

use super::Finding;
use super::schema_facts::{MissingPrivilege, SchemaFacts, SchemaState};
use crate::columns::MAX_COLUMNS;
use crate::store::ExpiredPartition;

/// From this many columns for fields on, the limit is near.
pub const WIDE: usize = MAX_COLUMNS * 9 / 10;

/// Returns whether the tables are those of this version.
pub fn migrations(facts: &SchemaFacts, findings: &mut Vec<Finding>) -> bool {
    let (check, expected) = ("schema-version", "the tables of this version");
    let finding = if !facts.migrated {
        Finding::fail(
            check,
            "polysink's tables are missing",
            expected,
            "run `polysink migrate`, or start `polysink serve`",
        )
    } else if !facts.missing.is_empty() {
        Finding::fail(check, format!("missing: {}", facts.missing.join(", ")), expected, "run `polysink migrate`")
    } else if let Some(newest) = facts.unknown.iter().max() {
        Finding::fail(check, format!("it has migration {newest}"), expected, "run a newer polysink")
    } else {
        Finding::ok(check, "up to date", expected)
    };
    let is_ready = finding.level == super::Level::Ok;
    findings.push(finding);
    is_ready
}

pub fn privileges(missing: &[MissingPrivilege]) -> Finding {
    let expected = "all that the service needs";
    if missing.is_empty() {
        return Finding::ok("privileges", "all exist", expected);
    }
    let what: Vec<&str> = missing.iter().map(|missing| missing.what.as_str()).collect();
    let grants: Vec<&str> = missing.iter().map(|missing| missing.grant.as_str()).collect();
    Finding::fail("privileges", format!("missing: {}", what.join(", ")), expected, format!("`{};`", grants.join("; ")))
}

pub fn check(state: &SchemaState) -> Vec<Finding> {
    vec![
        compression(state),
        foreign_partitions(state),
        detached_days(state),
        blocked(state),
        columns(state),
        reader(state),
        erasures(state),
    ]
}

fn compression(state: &SchemaState) -> Finding {
    let expected = "lz4";
    if state.lz4 {
        Finding::ok("lz4", "raw deliveries are compressed with lz4", expected)
    } else {
        let advice = "use a server that is built with lz4: it takes a fraction of the time for bodies. Then `alter \
                      table polysink.envelopes alter column body set compression lz4`";
        Finding::warn("lz4", "raw deliveries are compressed with pglz", expected, advice)
    }
}

fn foreign_partitions(state: &SchemaState) -> Finding {
    let expected = "none but polysink's own";
    if state.foreign_partitions.is_empty() {
        return Finding::ok("foreign-partitions", "none", expected);
    }
    let names = state.foreign_partitions.join(", ");
    let advice = "detach them: `alter table polysink.envelopes detach partition …`. With a default partition, days \
                  cannot be removed while deliveries continue, and new days may not be attached";
    Finding::fail("foreign-partitions", names, expected, advice)
}

fn detached_days(state: &SchemaState) -> Finding {
    let expected = "every day from today on is attached, or has no table yet";
    if state.detached_days.is_empty() {
        return Finding::ok("detached-days", "none", expected);
    }
    let advice = "while such a table has its name, deliveries of that day are spooled: drop it if it is empty, rename \
                  it, or attach it again";
    Finding::fail("detached-days", state.detached_days.join(", "), expected, advice)
}

fn blocked(state: &SchemaState) -> Finding {
    let expected = "none";
    let Some((table, field, why)) = state.blocked.first() else {
        return Finding::ok("blocked-changes", "none", expected);
    };
    let found = format!("{}; the first is {field:?} of {table}: {why}", state.blocked.len());
    Finding::warn("blocked-changes", found, expected, format!("`polysink column {table}` lists them"))
}

fn columns(state: &SchemaState) -> Finding {
    let expected = "less than nine tenths of 400 columns for fields";
    let Some((table, columns)) = state.wide.first() else {
        return Finding::ok("columns", "none is near the limit", expected);
    };
    let found = format!("{} near the limit, {table} with {columns}", state.wide.len());
    let advice =
        format!("hide fields that are not needed: `polysink column {table} FIELD --hide`; further ones stay in _unfit");
    Finding::warn("columns", found, expected, advice)
}

fn reader(state: &SchemaState) -> Finding {
    let expected = "the role polysink_reader may read the query tables";
    if state.reader {
        Finding::ok("reader", "it may", expected)
    } else {
        let advice = "as an administrator: `create role polysink_reader nologin`, then start polysink again; \
                      docs/querying.md has the grants";
        Finding::warn("reader", "it is missing, or may not", expected, advice)
    }
}

fn erasures(state: &SchemaState) -> Finding {
    let expected = "every erasure ended";
    let Some((table, started_at)) = state.unfinished_erasures.first() else {
        return Finding::ok("erasures", "none was interrupted", expected);
    };
    let found = format!(
        "{} not ended; the first started at {} on {table}",
        state.unfinished_erasures.len(),
        started_at.format("%Y-%m-%d %H:%M UTC")
    );
    Finding::warn(
        "erasures",
        found,
        expected,
        format!("unless it is running, run `polysink forget {table}` again with its keys"),
    )
}

/// * `due`: days that should have been removed
pub fn retention(due: &[ExpiredPartition]) -> Finding {
    let expected = "no day older than POLYSINK_RETENTION";
    let Some(oldest) = due.first() else { return Finding::ok("retention", "nothing is due", expected) };
    let needed = due.iter().filter(|day| day.needed > 0).count();
    let found =
        format!("{} days are due since {}, {needed} of them with deliveries that are needed", due.len(), oldest.day);
    Finding::warn("retention", found, expected, "`polysink prune` removes them, or says why one has to stay")
}
