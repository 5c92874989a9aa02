//! Why the spool's file cannot be used.

use std::io;

use rusqlite::ErrorCode;

/// Why the file cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// Not a spool, a newer one, or a damaged one. It will never be readable.
    #[error("{0}")]
    Damaged(String),
    /// Another process uses the folder.
    #[error("another process is using it")]
    InUse,
    /// There is an entry of an earlier version, which this one does not read.
    #[error("{0} is of an earlier version of polysink")]
    Old(String),
    #[error("the disk is full")]
    Full,
    /// The disk, for now.
    #[error("{0}")]
    Io(String),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for FileError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted
                | ErrorCode::ApiMisuse
                | ErrorCode::TooBig,
            ) => Self::Io(error.to_string()),
            // Also what a damaged schema or a value of another type leads to.
            _ => Self::Damaged(error.to_string()),
        }
    }
}
