//! The kinds of notices.

/// The kind of a thing that a person is told of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum NoticeKind {
    /// A sync is late.
    Quiet,
    /// A run is short, or failed.
    Runs,
    /// polysink added or changed columns.
    Schema,
    /// A field has its first value that does not fit its column.
    Misfits,
    /// Deliveries or records were rejected.
    Rejections,
    /// Deliveries wait in the spool, or cannot be spooled.
    Spool,
    /// A disk is nearly full.
    Disk,
}

impl NoticeKind {
    /// The word in settings, messages and the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
