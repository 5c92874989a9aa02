//! Whether the stored values of a field fit a type.

use crate::columns::{ColumnType, Format, Reading, Value};
use crate::model::SyncId;
use crate::store::tables::records::{self, PageSize};
use crate::store::{Store, StoreError};

/// How many values are read at a time.
const VALUES_BATCH: i64 = 20_000;

/// How many misfits are shown, and how much of each.
const EXAMPLES: usize = 3;
const EXAMPLE_CHARS: usize = 60;

/// How the stored values of a field fit a type.
#[derive(Debug, Default)]
pub struct Fit {
    pub fits: u64,
    /// Times among them without an offset, which become instants.
    pub without_offset: u64,
    pub misfits: u64,
    /// JSON of different misfits, at most three, and the beginning of each.
    pub examples: Vec<String>,
}

/// Reads all values of a field that the ledger has.
///
/// * `format`: how dates and times are written; `None` for ISO 8601
pub async fn fit(
    store: &Store,
    sync_id: SyncId,
    name: &str,
    column_type: ColumnType,
    format: Option<&Format>,
) -> Result<Fit, StoreError> {
    let reading = format.map_or(Reading::Lenient, Reading::Formatted);
    let (mut fit, mut after, mut size) = (Fit::default(), String::new(), PageSize::of(VALUES_BATCH));
    loop {
        let values = records::values_of(store, sync_id, name, &after, &mut size).await?;
        let Some((last, _)) = values.last() else { return Ok(fit) };
        after.clone_from(last);
        for (_, json) in &values {
            let value = Value::read(json);
            if value.cell(json, column_type, reading).is_some() {
                fit.fits += 1;
                fit.without_offset += u64::from(column_type == ColumnType::Timestamptz && value.has_no_offset(reading));
                continue;
            }
            fit.misfits += 1;
            let example: String = json.chars().take(EXAMPLE_CHARS).collect();
            if fit.examples.len() < EXAMPLES && !fit.examples.contains(&example) {
                fit.examples.push(example);
            }
        }
    }
}
