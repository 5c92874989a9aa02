//! Errors of the database, by how to react to them.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

use super::session::Role;
use super::tables::replicas;

/// An error of the database or of the connection.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The message is complete: as a source it would be printed twice.
    #[error("{}", described(.0))]
    Sql(sqlx::Error),
    #[error("{}", migration_described(.0))]
    Migrate(MigrateError),
    #[error(
        "the database's encoding is {0}, which cannot hold every text; make one with `create database … encoding \
         'UTF8' template template0`"
    )]
    Encoding(String),
    #[error("the database is read-only: a standby, or set to read-only")]
    ReadOnly,
    #[error("the database has no polysink tables; run `polysink migrate`")]
    NotMigrated,
    /// The migrations that are missing.
    #[error("the database schema is older than this polysink: {0} is missing; run `polysink migrate`")]
    Outdated(String),
    /// The sessions that hold the lock, as far as they are known.
    #[error("a migration waits for a lock that another session holds{}",
        if .0.is_empty() { String::new() } else { format!(": {}", .0) })]
    Blocked(String),
    /// The migration, and the services that run, in words.
    #[error(
        "it is not safe to apply migration {migration:04} yet: it takes away what earlier versions use, and these \
         services run: {services}. Upgrade or stop them; one that was killed counts for another {} seconds",
        replicas::RUNS.num_seconds()
    )]
    Unsafe { migration: i64, services: String },
    #[error(
        "a transaction pooler such as PgBouncer stands between polysink and the database: set \
         POLYSINK_POOLER=transaction, or pool_mode=session in pgbouncer.ini"
    )]
    TransactionPooler,
    #[error("the database did not answer in time")]
    TimedOut,
    #[error("the connection to the database was lost")]
    Lost,
    #[error("timed out waiting for a database connection: all connections of the {} are in use", .0.name())]
    Busy(Role),
    /// A query table, and the system column that is missing.
    #[error("{0} has no system column {1}; drop the table, and polysink rebuilds it")]
    Damaged(String, String),
    /// The name of a query table, and the kind of relation that has it.
    #[error("{0} is a {1} that polysink did not create; rename or drop it")]
    Occupied(String, String),
    /// The sessions, in words.
    #[error("an index has to wait for {0}")]
    OldSnapshot(String),
    /// A query table, and its index of an identity that the sync no longer has.
    #[error(
        "{0} has the index {1} of an earlier identity, which does not take a row, and cannot be dropped while other \
         sessions use the table"
    )]
    OldIndex(String, String),
}

/// The classes of SQLSTATE for data that a statement does not take: data exceptions, constraints, limits such as the
/// parser's stack or an index row's size.
const DATA: [&str; 4] = ["21", "22", "23", "54"];

/// Insufficient privilege.
const NO_PRIVILEGE: &str = "42501";

/// PostgreSQL's functions that report a row without a partition, and an exception of PL/pgSQL.
const ROUTING: &str = "ExecFindPartition";
const RAISE: &str = "exec_stmt_raise";

/// Whether a node of a Citus cluster has no partition for a row: the coordinator passes the message on, and not the
/// function's name.
fn is_unrouted_elsewhere(message: &str, routine: Option<&str>) -> bool {
    routine != Some(RAISE) && message.starts_with("no partition of relation ")
}

/// Whether a function of the database raised an error. It can have any code.
fn is_exception(code: &str, routine: Option<&str>) -> bool {
    code.starts_with("P0") || routine == Some(RAISE)
}

/// How to react to an error. One variant per reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Two transactions collided; a retry will succeed.
    TryAgain,
    /// The row has no partition: create it, then retry.
    MissingPartition,
    /// The statement will never take this data.
    Data,
    /// The database is away, or nearly: the data is not at fault.
    Unavailable,
}

impl StoreError {
    /// How to react to the error. The only place that reads SQLSTATE codes
    /// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    pub fn kind(&self) -> ErrorKind {
        let error = match self {
            Self::Sql(sqlx::Error::Database(error)) => error,
            Self::Sql(sqlx::Error::Encode(_)) => return ErrorKind::Data,
            _ => return ErrorKind::Unavailable,
        };
        let Some(code) = error.code() else { return ErrorKind::Unavailable };
        let routine = error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine);
        match &*code {
            // Serialization failure, deadlock, lock or statement timeout.
            "40001" | "40P01" | "55P03" | "57014" => ErrorKind::TryAgain,
            // A grant or another change of a catalog's row, which another session changed first. PostgreSQL has no code
            // for it.
            "XX000" if error.message().starts_with("tuple concurrently ") => ErrorKind::TryAgain,
            // Two new syncs chose the same table name at once; on the retry, the second sees the first.
            "23505" if error.constraint() == Some("syncs_table_name_key") => ErrorKind::TryAgain,
            // A failed check has the same code, and so can an exception of a function.
            "23514" if routine == Some(ROUTING) || is_unrouted_elsewhere(error.message(), routine) => {
                ErrorKind::MissingPartition
            }
            code if DATA.contains(&&code[..2]) || is_exception(code, routine) => ErrorKind::Data,
            _ => ErrorKind::Unavailable,
        }
    }
}

impl StoreError {
    /// Whether the server, or its absence, says that no delivery can be stored now: to wait a moment does not help.
    pub fn is_refusal_of_service(&self) -> bool {
        match self {
            Self::ReadOnly => true,
            Self::Sql(sqlx::Error::Io(error)) => {
                // No server at the address, or no socket.
                [std::io::ErrorKind::ConnectionRefused, std::io::ErrorKind::NotFound].contains(&error.kind())
            }
            // Read-only; starting up or shutting down; disk full, out of memory or connections.
            _ => self.code().is_some_and(|code| ["25006", "57P03"].contains(&code.as_str()) || code.starts_with("53")),
        }
    }

    /// Whether the database may be as it should be after a while, without anybody's doing: it cannot be reached, is
    /// starting, is full, or is read-only.
    pub fn is_outage(&self) -> bool {
        let connection = |error: &sqlx::Error| match error {
            // A certificate that the client does not accept, or the server.
            sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
            error => matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_)),
        };
        match self {
            Self::Sql(error) if connection(error) => true,
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
                if connection(error) =>
            {
                true
            }
            Self::TimedOut | Self::Lost | Self::Busy(_) | Self::Blocked(_) | Self::Unsafe { .. } => true,
            _ if self.is_refused_for_good() => false,
            _ => {
                self.is_refusal_of_service()
                    || self.code().is_some_and(|code| ["08", "55", "57", "58"].contains(&&code[..2]))
            }
        }
    }

    /// Whether a pooler refuses the connection and always will. PgBouncer has one SQLSTATE, 08P01, for all that it
    /// says.
    fn is_refused_for_good(&self) -> bool {
        const REFUSALS: [&str; 5] = [
            "unsupported startup parameter",
            "no such database",
            "no such user",
            "authentication failed",
            "auth failed",
        ];
        let Some(error) = self.database() else { return false };
        error.code().as_deref() == Some("08P01") && REFUSALS.iter().any(|refusal| error.message().contains(refusal))
    }

    /// The server's error.
    fn database(&self) -> Option<&dyn DatabaseError> {
        match self {
            Self::Sql(sqlx::Error::Database(error))
            | Self::Migrate(
                MigrateError::Execute(sqlx::Error::Database(error))
                | MigrateError::ExecuteMigration(sqlx::Error::Database(error), _),
            ) => Some(&**error),
            _ => None,
        }
    }

    fn code(&self) -> Option<String> {
        self.database()?.code().map(std::borrow::Cow::into_owned)
    }

    /// Whether a statement on a table that people build on was refused because of its rows: by a constraint, or by what
    /// a trigger, a rule or a publication makes of them. The server is well, and other rows may be good.
    pub fn is_about_rows(&self) -> bool {
        // The connection, the session or the server.
        const ELSEWHERE: [&str; 9] = ["08", "25", "26", "28", "3D", "53", "57", "58", "XX"];
        match self.kind() {
            ErrorKind::Data | ErrorKind::MissingPartition => true,
            ErrorKind::TryAgain => false,
            ErrorKind::Unavailable => {
                self.code().is_some_and(|code| !ELSEWHERE.contains(&&code[..2]) && code != NO_PRIVILEGE)
            }
        }
    }

    /// Whether the ledger has a record already that was inserted as a new one.
    pub fn is_known_record(&self) -> bool {
        let constraint = self.database().and_then(DatabaseError::constraint);
        constraint.is_some_and(|name| name.starts_with("records_pkey"))
    }

    /// Whether the connection is as good as before: the server answered, or was not involved.
    pub fn is_from_server(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                // Sent by an operator's command, a shutdown or a session timeout, and the connection ends with it.
                error.code().is_none_or(|code| {
                    !code.starts_with("57P") && !code.starts_with("25P03") && !code.starts_with("08")
                })
            }
            Self::Sql(sqlx::Error::Encode(_) | sqlx::Error::RowNotFound) => true,
            Self::Sql(_) | Self::TimedOut | Self::Lost | Self::Busy(_) => false,
            _ => true,
        }
    }

    /// Whether this server, or this session, does not take writes, or is shutting down: another one may.
    pub fn is_refused_by_this_server(&self) -> bool {
        matches!(self, Self::ReadOnly) || self.code().is_some_and(|code| code == "25006" || code.starts_with("57P"))
    }

    /// The work did not end in its time: the caller's, or the server's for a statement.
    pub fn is_too_slow(&self) -> bool {
        matches!(self, Self::TimedOut) || self.code().as_deref() == Some("57014")
    }

    /// A row does not fit: an index, for example.
    pub fn is_too_large(&self) -> bool {
        self.code().is_some_and(|code| code.starts_with("54"))
    }

    /// A lock did not come in time.
    pub fn is_lock_timeout(&self) -> bool {
        self.code().as_deref() == Some("55P03")
    }

    /// A table is not as expected: an operator changed its columns or its keys.
    pub fn is_drift(&self) -> bool {
        self.code().is_some_and(|code| code.starts_with("42") && code != NO_PRIVILEGE)
    }

    /// A view or a rule uses the column that should change.
    pub fn is_dependent(&self) -> bool {
        self.code().as_deref() == Some("0A000")
    }

    /// DDL that is refused: something depends on the column, its values do not allow it, an event trigger forbids it,
    /// or the table is another role's.
    pub fn is_refusal(&self) -> bool {
        self.is_about_rows() || self.code().as_deref() == Some(NO_PRIVILEGE)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        Self::Migrate(error)
    }
}

fn migration_described(error: &MigrateError) -> String {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => described(error),
        MigrateError::VersionMissing(version) => {
            format!("the database schema is newer than this polysink: it has migration {version}; run a newer polysink")
        }
        other => other.to_string(),
    }
}

/// The marks that values stand in, in the languages that a server may speak.
const QUOTES: [char; 14] = ['"', '\'', '«', '»', '‹', '›', '„', '“', '”', '‚', '‘', '’', '「', '」'];

/// PostgreSQL's report of an error, without the data that caused it: no log, trace or reason gets people's rows.
///
/// A failed constraint is named, and the detail quotes the row. A value that a type does not take stands in quotes in
/// the message. A function can raise any text, under any code.
///
/// * `is_raised`: a function of the database raised it
fn without_data(code: &str, is_raised: bool, message: &str, detail: Option<&str>) -> String {
    let class = &code[..2];
    if is_raised {
        return "a function of the database raised an exception; the server's log may have its text".to_owned();
    }
    let quoted = message.find(QUOTES).zip(message.rfind(QUOTES)).filter(|(first, last)| first < last);
    if let Some((first, last)) = quoted
        && class == "22"
    {
        return format!("{}\"…\"{}", &message[..first], message[last..].trim_start_matches(QUOTES));
    }
    match detail.filter(|_| !DATA.contains(&class)) {
        None => message.to_owned(),
        Some(detail) => format!("{message}: {detail}"),
    }
}

/// Whether a function of the database, such as a trigger of an operator, raised an error. PL/pgSQL names the routine
/// that does; of other languages only the context tells, which errors of PostgreSQL in a function have too.
fn is_raised(error: &PgDatabaseError) -> bool {
    let class = &error.code()[..2];
    is_exception(error.code(), error.routine())
        || DATA.contains(&class) && error.r#where().is_some_and(|context| context.contains(" function "))
}

/// sqlx's message, with PostgreSQL's detail if it has no data.
fn described(error: &sqlx::Error) -> String {
    if let sqlx::Error::Database(database) = error
        && let Some(postgres) = database.try_downcast_ref::<PgDatabaseError>()
    {
        let told = without_data(postgres.code(), is_raised(postgres), postgres.message(), postgres.detail());
        let mut text = format!("{told} ({})", postgres.code());
        if postgres.code() == "42501" && postgres.message().contains("database") {
            text.push_str("; polysink's role must be able to create schemas: `grant create on database … to …`");
        }
        if postgres.code() == "08P01"
            && let Some(parameter) = postgres.message().strip_prefix("unsupported startup parameter: ")
        {
            let line = format!("; write `ignore_startup_parameters = {parameter}` into pgbouncer.ini");
            text.push_str(&line);
        }
        if ["42P05", "26000"].contains(&postgres.code()) {
            text.push_str("; behind a transaction pooler such as PgBouncer, set POLYSINK_POOLER=transaction");
        }
        if postgres.code() == "55P03" {
            text.push_str("; another session holds the lock: try again, or look for it in pg_stat_activity");
        }
        if let Some(hint) = postgres.hint().filter(|_| postgres.code().starts_with("53")) {
            text.extend(["; ", hint]);
        }
        return text;
    }
    match error {
        // The problems that rustls reports with the server's certificate.
        sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData => {
            format!("{error}; check sslrootcert, and that the host in the URL is a name in the certificate")
        }
        sqlx::Error::Tls(_) => format!("{error}; check sslmode in the URL, and `ssl` in the server's settings"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_contains_the_data_that_caused_it() {
        for (code, message, detail, told) in [
            (
                "23514",
                "new row violates check constraint \"n\"",
                Some("Failing row contains (jane)."),
                "new row violates check constraint \"n\"",
            ),
            (
                "23505",
                "duplicate key value violates unique constraint \"u\"",
                Some("Key (mail)=(jane) already exists."),
                "duplicate key value violates unique constraint \"u\"",
            ),
            (
                "22P02",
                "invalid input syntax for type integer: \"ja\"ne\"",
                None,
                "invalid input syntax for type integer: \"…\"",
            ),
            (
                "22P02",
                "ungültige Eingabesyntax für Typ integer: »jane«",
                None,
                "ungültige Eingabesyntax für Typ integer: \"…\"",
            ),
            (
                "22003",
                "value \"12345678901\" is out of range for type integer",
                None,
                "value \"…\" is out of range for type integer",
            ),
            ("22003", "numeric field overflow", Some("A field with precision 3 must round."), "numeric field overflow"),
            (
                "2BP01",
                "cannot drop column a",
                Some("view v depends on column a"),
                "cannot drop column a: view v depends on column a",
            ),
        ] {
            assert_eq!(without_data(code, false, message, detail), told);
        }
        assert!(!without_data("23514", true, "jane is not welcome", Some("jane")).contains("jane"));
    }
}
