//! Folds the records of many envelopes into rows of the ledger, one per key, in key order.

use std::collections::HashMap;

use uuid::Uuid;

use crate::envelope::Envelope;
use crate::store::tables::records::LedgerRow;

/// Folds equal keys, so that a statement has each row once, and sorts by key, so that concurrent statements lock rows
/// in the same order.
pub fn fold<'a>(envelopes: &[&'a Envelope]) -> Vec<LedgerRow<'a>> {
    let total = envelopes.iter().map(|envelope| envelope.records.len()).sum();
    let mut rows: Vec<LedgerRow<'a>> = Vec::with_capacity(total);
    let mut index: HashMap<(Uuid, &str), usize> = HashMap::with_capacity(total);
    for (n, envelope) in envelopes.iter().enumerate() {
        let Some(sync_id) = envelope.sync_id else { continue };
        for record in &envelope.records {
            let sighting = envelope.sighting(record);
            let row = LedgerRow {
                sync_id: sync_id.0,
                hash: record.hash.as_str(),
                fields: record.fields(&envelope.body),
                altered: record.altered(),
                revised: false,
                first: sighting,
                last: sighting,
                times: 1,
                envelope: n,
            };
            match index.entry((row.sync_id, row.hash)) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(rows.len());
                    rows.push(row);
                }
                std::collections::hash_map::Entry::Occupied(entry) => rows[*entry.get()].absorb(&row),
            }
        }
    }
    // The ledger's hashes are collated "C": by their bytes, as Rust orders strings.
    rows.sort_unstable_by(|a, b| (a.sync_id, a.hash).cmp(&(b.sync_id, b.hash)));
    rows
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::envelope::{Receipt, parse, receipt};

    fn envelope(n: u128, sent_at: i64, records: &str) -> Envelope {
        let body = format!(
            r#"{{"event":"sync.records","object":{{"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7","records":{records}}}}}"#
        );
        let time = |seconds| DateTime::from_timestamp(seconds, 0).expect("it is a real time");
        let receipt =
            Receipt { envelope_id: Uuid::from_u128(n), received_at: time(1000), sent_at: time(sent_at), ..receipt() };
        parse(body, receipt, usize::MAX).expect("it is a good envelope")
    }

    #[test]
    fn equal_hashes_fold_to_the_newest_and_count_all() {
        let one = envelope(
            1,
            10,
            r#"[{"hash":"b","fields":{"v":1}},{"hash":"a","fields":{}},{"hash":"b","fields":{"v":2}}]"#,
        );
        let older = envelope(2, 9, r#"[{"hash":"b","fields":{"v":0}}]"#);
        let rows = fold(&[&one, &older]);
        let keys: Vec<_> = rows.iter().map(|row| row.hash).collect();
        assert_eq!(keys, ["a", "b"], "in key order");
        let b = &rows[1];
        assert_eq!((b.times, b.fields, b.envelope), (3, r#"{"v":2}"#, 0));
        assert_eq!((rows[0].revised, b.revised), (false, true));
        assert_eq!((b.last.envelope_id, b.last.position), (Uuid::from_u128(1), 2));
        assert_eq!((b.first.envelope_id, b.first.position), (Uuid::from_u128(2), 0));
    }

    #[test]
    fn within_one_second_the_later_receipt_is_newer() {
        let one = envelope(1, 10, r#"[{"hash":"a","fields":{"v":1}}]"#);
        let two = envelope(2, 10, r#"[{"hash":"a","fields":{"v":2}}]"#);
        for order in [[&one, &two], [&two, &one]] {
            assert_eq!(fold(&order)[0].fields, r#"{"v":2}"#);
        }
    }
}
