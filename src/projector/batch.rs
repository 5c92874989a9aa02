//! Turns envelopes into records, grouped by entity.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use rayon::prelude::*;
use uuid::Uuid;

use super::apply::Misfit;
use crate::columns::{Catalogue, Entries, NoKey};
use crate::envelope::Envelope;
use crate::history::RecordSighting;
use crate::model::Sighting;
use crate::store::{RejectedRecord, StoredDelivery, SyncState, Uncatalogued};

/// One record of a batch.
#[derive(Debug)]
pub struct Parsed<'a> {
    pub hash: &'a str,
    /// The hash that tells its version from others: its own, or that of the first record with its values.
    pub same_as: Cow<'a, str>,
    pub at: Sighting,
    /// Its fields, as a JSON object.
    pub json: &'a str,
    pub entries: Entries<'a>,
    /// The index of its envelope in the batch; unused for a record of the ledger.
    pub envelope: usize,
}

/// The sightings of one entity in a batch, in order.
#[derive(Debug)]
pub struct EntityGroup<'a> {
    pub key: String,
    pub records: Vec<&'a Parsed<'a>>,
}

impl<'a> EntityGroup<'a> {
    pub fn seen(&self) -> Vec<RecordSighting<'a>> {
        self.records.iter().map(|record| RecordSighting { hash: &record.same_as, at: record.at }).collect()
    }
}

/// Parses stored bodies. They were parsed before they were stored, so each is an envelope.
pub fn envelopes(delivered: Vec<StoredDelivery>) -> Vec<Envelope> {
    delivered
        .into_par_iter()
        .filter_map(|delivered| {
            let id = delivered.receipt.envelope_id;
            let parsed = delivered.parse();
            parsed
                .inspect_err(|error| tracing::error!(envelope_id = %id, %error, "a stored body is not an envelope"))
                .ok()
        })
        .collect()
}

/// The records that the ledger has, in the order of sending.
///
/// * `catalogue`: gets the new fields
/// * `unstorable`: the records that the ledger refused
pub fn records<'a>(
    envelopes: &'a [Envelope],
    unstorable: &HashSet<(Uuid, i32)>,
    catalogue: &mut Catalogue,
) -> Vec<Parsed<'a>> {
    let known = &*catalogue;
    let read = |(n, envelope): (usize, &'a Envelope)| {
        envelope.records.iter().filter_map(move |record| {
            let at = envelope.sighting(record);
            let (hash, json) = (record.hash.as_str(), record.fields(&envelope.body));
            let is_stored = !unstorable.contains(&(at.envelope_id, at.position));
            is_stored.then(|| Parsed {
                hash,
                same_as: hash.into(),
                at,
                json,
                entries: known.read_known(json),
                envelope: n,
            })
        })
    };
    let mut records: Vec<Parsed<'a>> = envelopes.par_iter().enumerate().flat_map_iter(read).collect();
    for record in records.iter_mut().filter(|record| record.entries.further().is_some()) {
        record.entries = catalogue.read(record.json, record.at.received_at);
    }
    records
}

/// The sightings of a record of the ledger, those that are given.
///
/// * `json`: its fields
/// * `catalogue`: gets the new fields
pub fn sightings<'a>(
    hash: &'a str,
    json: &'a str,
    at: [Option<Sighting>; 2],
    catalogue: &mut Catalogue,
) -> Vec<Parsed<'a>> {
    let Some(first) = at.into_iter().flatten().next() else { return Vec::new() };
    let entries = catalogue.read(json, first.received_at);
    let parsed = |at| Parsed { hash, same_as: hash.into(), at, json, entries: entries.clone(), envelope: 0 };
    at.into_iter().flatten().map(parsed).collect()
}

/// Learns types from the records.
///
/// * `is_new`: whether a record has not been learned from before
pub fn learn(records: &[Parsed<'_>], catalogue: &mut Catalogue, is_new: impl Fn(&Parsed<'_>) -> bool) {
    for record in records {
        if is_new(record) {
            catalogue.learn(&record.entries, record.at.received_at);
        } else {
            catalogue.learn_again(&record.entries, record.at.received_at);
        }
    }
}

/// Counts the records with fields beyond the catalogue's limit.
///
/// * `counts`: whether a record has not been counted before
pub fn uncatalogued(records: &[Parsed<'_>], counts: impl Fn(&Parsed<'_>) -> bool) -> Uncatalogued {
    const NAME_CHARS: usize = 100;
    let mut found = Uncatalogued::default();
    let counted = records.iter().filter(|record| counts(record));
    for (record, field) in counted.filter_map(|record| Some((record, record.entries.further()?))) {
        found.records += 1;
        found.at = found.at.max(Some(record.at.received_at));
        found.field.get_or_insert_with(|| field.chars().take(NAME_CHARS).collect());
    }
    found
}

/// Counts the records' values that do not fit their columns.
///
/// * `counts`: whether a record has not been counted before
pub fn count_misfits(records: &[Parsed<'_>], catalogue: &mut Catalogue, counts: impl Fn(&Parsed<'_>) -> bool) {
    for record in records.iter().filter(|record| counts(record)) {
        catalogue.count_misfits(&record.entries, record.at.received_at);
    }
}

/// Groups records by entity, in the order of the keys; without an identity, by hash. Leaves out records without a key,
/// and returns those whose key is too large.
pub fn group<'a>(
    records: &'a [Parsed<'a>],
    catalogue: &Catalogue,
    sync: &SyncState,
) -> (Vec<EntityGroup<'a>>, Vec<Misfit<'a>>) {
    let identity = sync.identity.as_ref().map(|identity| {
        let columns = sync.key_columns.clone().unwrap_or_else(|| catalogue.key_columns(identity));
        (identity, columns)
    });
    let key = |record: &'a Parsed<'a>| match &identity {
        None => Ok(record.hash.to_owned()),
        Some((identity, columns)) => catalogue.key(&record.entries, identity, columns),
    };
    let keys: Vec<Result<String, NoKey>> = records.par_iter().map(key).collect();
    let mut keyed: Vec<(String, &'a Parsed<'a>)> = Vec::with_capacity(records.len());
    let mut too_large = Vec::new();
    for (record, key) in records.iter().zip(keys) {
        match key {
            Ok(key) => keyed.push((key, record)),
            Err(NoKey::Missing) => {}
            Err(NoKey::TooLarge) => too_large.push(Misfit::key_too_large(record)),
        }
    }
    keyed.sort_by(|(one, first), (other, second)| (one, first.at).cmp(&(other, second.at)));
    let mut groups: Vec<EntityGroup<'a>> = Vec::with_capacity(keyed.len());
    for (key, record) in keyed {
        match groups.last_mut() {
            Some(group) if group.key == key => group.records.push(record),
            _ => groups.push(EntityGroup { key, records: vec![record] }),
        }
    }
    (groups, too_large)
}

/// The rejections of records of these envelopes.
pub fn rejections<'e>(envelopes: &'e [Envelope], misfits: Vec<Misfit<'_>>) -> Vec<RejectedRecord<'e>> {
    let mut raw: HashMap<usize, BTreeMap<u32, Range<usize>>> = HashMap::new();
    let rejection = |misfit: Misfit<'_>| {
        let envelope = &envelopes[misfit.record.envelope];
        let records = raw.entry(misfit.record.envelope).or_insert_with(|| envelope.raw_records());
        let position = misfit.record.at.position;
        let payload = records.get(&position.cast_unsigned()).cloned().unwrap_or_default();
        RejectedRecord {
            receipt: &envelope.receipt,
            sync_id: envelope.sync_id,
            reason: misfit.reason,
            detail: misfit.detail.into(),
            position,
            payload: Cow::Borrowed(&envelope.body[payload]),
        }
    };
    misfits.into_iter().map(rejection).collect()
}
