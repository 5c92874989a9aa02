//! The rows that changes of entities write, with their contents.

use std::collections::HashMap;

use rayon::prelude::*;

use super::batch::{EntityGroup, Parsed};
use crate::columns::{Catalogue, Content, Layout};
use crate::history::{self, EntityChanges, Row, VersionBounds};
use crate::query_tables::{HistoryRow, Projection, TableRow};
use crate::store::StoreError;
use crate::store::tables::records::FieldPages;

/// About how many bytes the contents of the rows have that are written at a time.
const CONTENT_BYTES: usize = 8 << 20;

/// How many contents are made at a time, by all cores. Each can be far larger than its record.
const CONTENTS: usize = 64;

/// A row to write, and the record of the batch that has its content; without one, the ledger has it.
#[derive(Debug, Clone, Copy)]
pub struct Write<'a> {
    pub row: WrittenRow<'a>,
    pub record: Option<&'a Parsed<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub enum WrittenRow<'a> {
    Version(VersionBounds<&'a str>),
    /// A row of the current table.
    Existing(Row<&'a str>),
    New(Row<&'a str>),
}

impl<'a> Write<'a> {
    /// Whether it has the same content as another one.
    fn has_content_of(&self, other: &Self) -> bool {
        match (self.record, other.record) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            (None, None) => self.row.hash() == other.row.hash(),
            _ => false,
        }
    }

    /// The rows that the changes of an entity write, with their contents.
    pub fn all_of(group: &'a EntityGroup<'a>, changes: &EntityChanges<'a>, current: Option<&Row<String>>) -> Vec<Self> {
        let rows = written(changes, current);
        if let [record] = group.records[..] {
            return rows.map(|row| Self { row, record: (row.hash() == record.hash).then_some(record) }).collect();
        }
        let mut by_hash = group.records.clone();
        by_hash.sort_by_key(|record| (record.hash, record.at));
        let last = |hash: &str| {
            let end = by_hash.partition_point(|record| record.hash <= hash);
            by_hash[..end].last().filter(|record| record.hash == hash).copied()
        };
        rows.map(|row| Self { row, record: last(row.hash()) }).collect()
    }
}

/// The rows that an entity's changes write with contents: its new versions, and then its row, unless that keeps its
/// content.
pub fn written<'a>(changes: &EntityChanges<'a>, current: Option<&Row<String>>) -> impl Iterator<Item = WrittenRow<'a>> {
    let versions = changes.new.clone().into_iter().map(WrittenRow::Version);
    let row = changes.row.filter(|_| seen_again(changes, current).is_none());
    let row = row.map(|row| if current.is_some() { WrittenRow::Existing(row) } else { WrittenRow::New(row) });
    versions.chain(row)
}

/// The entity's row, if it changes and keeps its content.
pub fn seen_again<'a>(changes: &EntityChanges<'a>, current: Option<&Row<String>>) -> Option<Row<&'a str>> {
    changes.row.filter(|row| current.is_some_and(|current| current.hash == row.hash))
}

impl WrittenRow<'_> {
    fn hash(&self) -> &str {
        match self {
            Self::Version(version) => version.hash,
            Self::Existing(row) | Self::New(row) => row.hash,
        }
    }
}

/// Where the content of a row is.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Record(&'a Parsed<'a>),
    /// The fields of a record of the ledger, as JSON.
    Ledger(&'a str),
}

impl<'a> Source<'a> {
    fn content(self, catalogue: &Catalogue, layout: &Layout<'_>) -> Content<'a> {
        match self {
            Self::Record(record) => layout.content(&record.entries),
            Self::Ledger(json) => layout.content(&catalogue.read_known(json)),
        }
    }
}

/// Inserts a row for each group, without an identity. Returns false if one is there already, and the rest has to be
/// written after a look.
pub async fn insert_all(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'_>],
) -> Result<bool, StoreError> {
    let row = |group| Write::all_of(group, &history::record(&group.key, None, &group.seen()), None);
    let writes: Vec<Write<'_>> = tokio::task::block_in_place(|| groups.iter().flat_map(row).collect());
    write_rows(projection, catalogue, &writes, IfThere::Stop).await
}

/// Writes the rows.
pub async fn write(projection: &mut Projection, catalogue: &Catalogue, writes: &[Write<'_>]) -> Result<(), StoreError> {
    write_rows(projection, catalogue, writes, IfThere::Replace).await.map(drop)
}

/// The step after a row that should be new is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfThere {
    Replace,
    Stop,
}

/// Writes the rows, as many at a time as have contents of a bounded size. Returns whether all are written.
async fn write_rows(
    projection: &mut Projection,
    catalogue: &Catalogue,
    writes: &[Write<'_>],
    if_there: IfThere,
) -> Result<bool, StoreError> {
    let layout = catalogue.layout();
    let missing = writes.iter().filter(|write| write.record.is_none()).map(|write| write.row.hash()).collect();
    let mut pages = FieldPages::of(projection.sync.sync_id, missing);
    // The page of the ledger, and for how many of the rows to come it is the answer.
    let (mut ledger, mut answered): (HashMap<String, String>, usize) = (HashMap::new(), 0);
    let mut rest = writes;
    while !rest.is_empty() {
        if answered == 0
            && let Some((page, fields)) = pages.next(&mut projection.session).await?
        {
            (ledger, answered) = (fields, page.len());
        }
        let (contents, which) =
            tokio::task::block_in_place(|| contents(rest, &ledger, &mut answered, catalogue, &layout));
        let (now, further) = rest.split_at(which.len());
        let (mut versions, mut existing, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for (write, content) in now.iter().zip(which.iter().map(|n| &contents[*n])) {
            match write.row {
                WrittenRow::Version(bounds) => versions.push(HistoryRow { bounds, content }),
                WrittenRow::Existing(row) => existing.push(TableRow { row, content }),
                WrittenRow::New(row) => new.push(TableRow { row, content }),
            }
        }
        let (connection, tables) = (&mut projection.session, &projection.tables);
        tables.insert_versions(connection, catalogue, &versions).await?;
        tables.replace(connection, catalogue, &existing).await?;
        match if_there {
            IfThere::Replace => tables.insert(connection, catalogue, &new).await?,
            IfThere::Stop if tables.insert_unseen(connection, catalogue, &new).await? => {}
            IfThere::Stop => return Ok(false),
        }
        rest = further;
    }
    Ok(true)
}

/// Makes the contents of the next rows, up to a bounded size. Returns them, and for each of these rows the index of its
/// content.
///
/// * `ledger`: the fields of the next records that only the ledger has, by hash
/// * `answered`: for how many of these rows it is the answer
fn contents<'a>(
    rest: &[Write<'a>],
    ledger: &'a HashMap<String, String>,
    answered: &mut usize,
    catalogue: &Catalogue,
    layout: &Layout<'_>,
) -> (Vec<Content<'a>>, Vec<usize>) {
    let (mut contents, mut which): (Vec<Content<'a>>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    while bytes <= CONTENT_BYTES {
        let mut sources: Vec<Source<'a>> = Vec::with_capacity(CONTENTS);
        for (n, write) in rest.iter().enumerate().skip(which.len()).take(CONTENTS) {
            if write.record.is_none() {
                if *answered == 0 {
                    break;
                }
                *answered -= 1;
            }
            // A new version of an entity is mostly its row too.
            if n == 0 || !write.has_content_of(&rest[n - 1]) {
                sources.push(match write.record {
                    Some(record) => Source::Record(record),
                    None => Source::Ledger(ledger.get(write.row.hash()).map_or("{}", String::as_str)),
                });
            }
            which.push(contents.len() + sources.len() - 1);
        }
        if sources.is_empty() {
            break;
        }
        let made: Vec<Content<'a>> = sources.par_iter().map(|source| source.content(catalogue, layout)).collect();
        bytes += made.iter().map(Content::bytes).sum::<usize>();
        contents.extend(made);
    }
    (contents, which)
}
