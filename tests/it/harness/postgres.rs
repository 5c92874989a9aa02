//! One PostgreSQL for the whole run, and a database for each test, made from one migrated template and dropped after.
//!
//! The server is polysink's own private one. It has to end with the test process, however that ends, so a shell waits
//! for the end of a pipe that only this process holds open, and then stops it.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use chrono::NaiveDate;
use polysink::local_pg::{self, LocalPostgres};
use polysink::store::Store;
use polysink::store::migrations;
use polysink::store::tables::partitions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::{citus, eventually, is_in_time};

const TEMPLATE: &str = "polysink_template";

struct Shared {
    options: PgConnectOptions,
    socket_dir: String,
    /// Its input is closed by the system when this process ends: the signal to it.
    _shell: Child,
}

/// The folder of the PostgreSQL programs that the tests were asked to use; otherwise they use those that polysink
/// finds.
pub fn programs() -> Option<std::path::PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "an option of the person who runs the test")]
    std::env::var_os("POLYSINK_TEST_POSTGRES").map(Into::into)
}

/// A temporary folder for a server's data.
pub fn folder() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("polysink-test-").tempdir().expect("there is a temporary folder");
    // Root's PostgreSQL runs as another user, who has to get to it.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    std::fs::set_permissions(dir.path(), open).expect("the folder is ours");
    dir
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| std::thread::spawn(start).join().expect("the tests' PostgreSQL starts"))
}

/// On a thread of its own, because it needs a runtime and may be called inside one.
fn start() -> Shared {
    let dir = folder().keep();
    let data_dir = dir.join("data");
    let local = LocalPostgres::start(&data_dir).expect("the private PostgreSQL starts");
    let running = local_pg::running(&data_dir).expect("it runs");
    let pid_file = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).expect("a running server has one");
    let pid = pid_file.lines().next().expect("its first line is the process").to_owned();
    let script = format!(
        "cat >/dev/null; kill -INT {pid}; while kill -0 {pid} 2>/dev/null && [ -e '{dir}/data/postgres/postmaster.pid' \
         ]; do sleep 0.1; done; rm -rf '{dir}'",
        dir = dir.display()
    );
    let shell = Command::new("sh")
        .args(["-c", &script])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell");
    std::mem::forget(local); // the shell stops it

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let mut admin = PgConnection::connect_with(&running.options).await.expect("it takes connections");
        // Nothing here has to survive a crash; the tests of durability bring their own server.
        for sql in ["alter system set fsync = off", "select pg_reload_conf()"] {
            sqlx::raw_sql(sql).execute(&mut admin).await.expect("the superuser may");
        }
        sqlx::raw_sql(AssertSqlSafe(format!("create database {TEMPLATE}")))
            .execute(&mut admin)
            .await
            .expect("it is new");
        let store = Store::new(running.options.clone().database(TEMPLATE), 1);
        migrations::migrate(&store, polysink::app::now()).await.expect("the migrations are good");
        store.close().await;
    });
    let socket_dir = running.socket_dir.to_str().expect("it is text").to_owned();
    Shared { options: running.options, socket_dir, _shell: shell }
}

/// The path of the server's socket.
pub fn socket() -> std::path::PathBuf {
    let shared = shared();
    std::path::Path::new(&shared.socket_dir).join(format!(".s.PGSQL.{}", shared.options.get_port()))
}

/// A database of one test's own.
pub struct TestDatabase {
    pub name: String,
    pub pool: PgPool,
    url: String,
    /// The servers that have it; of a cluster, the coordinator first.
    servers: Vec<PgConnectOptions>,
}

impl TestDatabase {
    /// A migrated one; on a Citus cluster, a distributed one.
    pub async fn create() -> Self {
        let Some(cluster) = citus::cluster() else { return Self::create_from(TEMPLATE).await };
        let name = format!("test_{}", Uuid::new_v4().simple());
        citus::run_on(&cluster.nodes, &citus::create(&name, &cluster.template)).await;
        let pool = PgPoolOptions::new().max_connections(4).connect_lazy_with(cluster.nodes[0].clone().database(&name));
        Self { url: cluster.url(&name), name, pool, servers: cluster.nodes.clone() }
    }

    /// One that polysink has never seen.
    pub async fn create_empty() -> Self {
        Self::create_from("template0").await
    }

    /// One whose encoding is LATIN1.
    pub async fn create_latin1() -> Self {
        let mut admin = PgConnection::connect_with(&shared().options).await.expect("the server runs");
        let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int")
            .fetch_one(&mut admin)
            .await
            .expect("every server has one");
        // Before 15, every locale is the C library's.
        let provider = if version < 150_000 { "" } else { " locale_provider libc" };
        Self::create_from(&format!("template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'{provider}")).await
    }

    async fn create_from(template: &str) -> Self {
        let shared = shared();
        let name = format!("test_{}", Uuid::new_v4().simple());
        let mut admin = PgConnection::connect_with(&shared.options).await.expect("the server runs");
        let sql = format!("create database {name} template {template}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.expect("the template is there");
        let options = shared.options.clone().database(&name);
        let pool = PgPoolOptions::new().max_connections(4).connect_lazy_with(options);
        let url = format!("postgres://polysink@localhost/{name}?host={}", shared.socket_dir);
        Self { name, pool, url, servers: vec![shared.options.clone()] }
    }

    /// As `DATABASE_URL` would have it.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Its store, with connections of its own.
    pub fn store(&self, writers: usize) -> Store {
        store_on(&self.url(), writers)
    }

    /// The number that a statement selects.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the statement is good")
    }

    /// The text that a statement selects.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the statement is good")
    }

    /// Waits until a statement of the service waits for a lock, and tells its server process.
    pub async fn blocked(&self) -> i32 {
        let mut blocked = None;
        eventually("a statement of the service waits for a lock", async || {
            let waiting = sqlx::query_scalar(
                "select pid from pg_stat_activity
                 where datname = current_database() and application_name like 'polysink%' and wait_event_type = 'Lock'",
            );
            blocked = waiting.fetch_optional(&self.pool).await.expect("the statement is good");
            blocked.is_some()
        })
        .await;
        blocked.expect("it was found")
    }

    /// Waits until everything that was acknowledged is in the query tables.
    pub async fn projected(&self) {
        let waiting = "select (select count(*) from polysink.backlog)
                            + (select count(*) from polysink.split_versions)
                            + (select count(*) from polysink.fields where unsettled is not null)";
        self.until(waiting, |waiting: i64| waiting == 0).await;
    }

    /// Waits until a statement selects this text.
    pub async fn becomes(&self, sql: &'static str, text: &str) {
        let mut last = String::new();
        let is_so = async || {
            last = self.text(sql).await;
            last == text
        };
        let in_time = is_in_time(is_so).await;
        assert!(in_time, "not within two minutes: {sql}: {last} is not {text}");
    }

    /// Waits until what a statement selects is good; a test that would wait forever fails instead.
    pub async fn until<T>(&self, sql: &'static str, good: impl Fn(T) -> bool)
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let is_good =
            async || good(sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the statement is good"));
        eventually(sql, is_good).await;
    }

    /// Whether the server was built with lz4; Debian's is.
    pub async fn has_lz4(&self) -> bool {
        self.count(
            "select count(*) from pg_settings where name = 'default_toast_compression' and 'lz4' = any(enumvals)",
        )
        .await
            == 1
    }

    /// Runs a script.
    pub async fn run(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.expect("the script is good");
    }
}

fn store_on(url: &str, writers: usize) -> Store {
    Store::new(url.parse::<PgConnectOptions>().expect("it is a URL"), writers)
}

/// Makes partitions of the raw log for these days, in a database with this URL.
pub async fn make_days(url: &str, days: impl IntoIterator<Item = NaiveDate>) {
    let store = store_on(url, 1);
    partitions::make_days(&store, days.into_iter().collect()).await.expect("they can be made");
    store.close().await;
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (servers, name) = (self.servers.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it can be made");
            runtime.block_on(async {
                for server in &servers {
                    let mut admin = PgConnection::connect_with(server).await?;
                    let sql = format!("drop database if exists {name} with (force)");
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await?;
                }
                Ok::<_, sqlx::Error>(())
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the database {} was left behind", self.name);
        }
    }
}
