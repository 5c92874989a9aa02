//! The values of fields in the binary format of `copy`. sqlx encodes `numeric` only from types that lose digits or
//! scale, so that is written here.

use sqlx::encode::IsNull;

use crate::columns::{Cell, Decimal};
use crate::store::CopyBuffer;

impl CopyBuffer {
    /// Writes the value of a field's column.
    pub fn cell(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Null => self.jsonb(None),
            Cell::Boolean(value) => self.value(*value),
            Cell::Bigint(value) => self.value(*value),
            Cell::Numeric(digits) => self.numeric(digits),
            Cell::Date(value) => self.value(*value),
            Cell::Timestamp(value) => self.value(*value),
            Cell::Timestamptz(value) => self.value(*value),
            Cell::Uuid(value) => self.value(*value),
            Cell::Text(text) => self.value(text.as_ref()),
            Cell::Jsonb(json) => self.jsonb(Some(json)),
        }
    }

    /// * `literal`: of a number within the limits of `numeric`
    fn numeric(&mut self, literal: &str) {
        let number = Decimal::read(literal).expect("a numeric cell is in the limits").groups();
        let count = u16::try_from(number.groups.len()).expect("a numeric has no more digits");
        let sign: u16 = if number.negative && count > 0 { 0x4000 } else { 0 };
        self.sized(|bytes| {
            bytes.extend_from_slice(&count.to_be_bytes());
            bytes.extend_from_slice(&number.weight.to_be_bytes());
            bytes.extend_from_slice(&sign.to_be_bytes());
            bytes.extend_from_slice(&number.scale.to_be_bytes());
            bytes.extend(number.groups.iter().flat_map(|group| group.to_be_bytes()));
            IsNull::No
        });
    }
}
