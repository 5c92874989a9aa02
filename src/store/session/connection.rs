//! A connection that statements run on, whether or not the server keeps a session for it.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::error::BoxDynError;
use sqlx::postgres::{
    PgArguments, PgConnectOptions, PgCopyIn, PgQueryResult, PgRow, PgStatement, PgTypeInfo, Postgres,
};
use sqlx::{AssertSqlSafe, Connection as _, Either, Execute, Executor, PgConnection, SqlStr};

use super::Pooler;

/// The settings that statements depend on, which a DBA can change for a role or a database. Each transaction sets them:
/// a session may not be ours alone.
///
/// `search_path` decides how names are printed. With `row_security` off, a policy that would hide rows is an error.
const PINNED: [(&str, &str); 9] = [
    ("search_path", "public"),
    ("datestyle", "ISO, MDY"),
    ("intervalstyle", "postgres"),
    ("timezone", "UTC"),
    ("standard_conforming_strings", "on"),
    ("row_security", "off"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("quote_all_identifiers", "off"),
];

/// The first version with `transaction_timeout`, which would end long work.
const TRANSACTION_TIMEOUT: u32 = 170_000;

/// Runs statements through sqlx. Behind a transaction pooler they have no names: a name would stay on a server
/// connection that the next transaction of another client gets.
#[derive(Debug)]
pub struct Connection {
    raw: PgConnection,
    pooler: Pooler,
}

impl Connection {
    pub(super) async fn open(options: &PgConnectOptions, pooler: Pooler) -> Result<Self, sqlx::Error> {
        Ok(Self { raw: PgConnection::connect_with(options).await?, pooler })
    }

    /// Begins a transaction that has the pinned settings.
    ///
    /// * `settings`: further statements
    pub(super) async fn begin(&mut self, settings: &str) -> Result<(), sqlx::Error> {
        let timeout = self.raw.server_version_num().is_some_and(|version| version >= TRANSACTION_TIMEOUT);
        let timeout = timeout.then_some(("transaction_timeout", "0"));
        let pins = PINNED.into_iter().chain(timeout).map(|(name, value)| format!("set local {name} = '{value}'; "));
        let sql = format!("begin isolation level read committed; {}{settings}", pins.collect::<String>());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self).await.map(drop)
    }

    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        self.raw.ping().await
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        self.raw.close().await
    }

    pub(super) fn shrink_buffers(&mut self) {
        self.raw.shrink_buffers();
    }

    /// Runs statements that are planned for the values of their parameters each time, so that the planner can leave out
    /// the partitions that those exclude. A statement with a name gets one plan for all values before long.
    pub fn planned_by_value(&mut self) -> PlannedByValue<'_> {
        PlannedByValue(&mut self.raw)
    }

    /// Begins a `copy … from stdin`.
    pub async fn copy_in(&mut self, statement: &str) -> Result<PgCopyIn<&mut PgConnection>, sqlx::Error> {
        self.raw.copy_in_raw(statement).await
    }
}

/// A statement with or without a name.
struct NamedStatement<E> {
    statement: E,
    is_named: bool,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for NamedStatement<E> {
    fn sql(self) -> SqlStr {
        self.statement.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.statement.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.statement.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.is_named && self.statement.persistent()
    }
}

/// See [`Connection::planned_by_value`].
#[derive(Debug)]
pub struct PlannedByValue<'c>(&'c mut PgConnection);

/// Implements the executor of a type.
///
/// * `raw`: the connection of an executor
/// * `is_named`: whether its statements have names
macro_rules! executor {
    ($executor:ty, $this:ident => $raw:expr, $is_named:expr) => {
        impl<'c> Executor<'c> for $executor {
            type Database = Postgres;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                statement: E,
            ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Postgres>,
            {
                let $this = self;
                let is_named = $is_named;
                $raw.fetch_many(NamedStatement { statement, is_named })
            }

            fn fetch_optional<'e, 'q: 'e, E>(self, statement: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Postgres>,
            {
                let $this = self;
                let is_named = $is_named;
                $raw.fetch_optional(NamedStatement { statement, is_named })
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [PgTypeInfo],
            ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
            where
                'c: 'e,
            {
                let $this = self;
                $raw.prepare_with(sql, parameters)
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
            where
                'c: 'e,
            {
                let $this = self;
                $raw.describe(sql)
            }
        }
    };
}

executor!(&'c mut Connection, this => this.raw, this.pooler == Pooler::Session);
executor!(PlannedByValue<'c>, this => this.0, false);
