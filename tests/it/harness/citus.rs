//! A Citus cluster for the tests' databases: `CITUS_URL` is that of a database on its coordinator with the extension
//! and all nodes, for a superuser that may connect to each of them.
//!
//! A database of a cluster is one on each node. They are made from a migrated and distributed template.

use std::sync::OnceLock;

use polysink::maintenance::plan_distribution;
use polysink::store::{Store, migrations};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// The servers, the coordinator first.
pub struct Cluster {
    pub nodes: Vec<PgConnectOptions>,
    pub template: String,
    url: String,
}

/// The cluster that the tests were asked to use.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "an option of the person who runs the test")]
        let url = std::env::var("CITUS_URL").ok()?;
        // On a thread of its own, because it needs a runtime and may be called inside one.
        let start = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("it can be made");
            runtime.block_on(Cluster::start(url))
        };
        Some(std::thread::spawn(start).join().expect("the cluster takes a database"))
    });
    cluster.as_ref()
}

impl Cluster {
    async fn start(url: String) -> Self {
        let coordinator: PgConnectOptions = url.parse().expect("CITUS_URL is a URL");
        let mut admin = PgConnection::connect_with(&coordinator).await.expect("CITUS_URL leads to a database");
        let nodes: Vec<(String, i32)> = sqlx::query_as(
            "select nodename, nodeport from pg_dist_node where noderole = 'primary' order by groupid <> 0, nodeid",
        )
        .fetch_all(&mut admin)
        .await
        .expect("the database has the extension");
        let servers: Vec<PgConnectOptions> = nodes
            .iter()
            .map(|(host, port)| coordinator.clone().host(host).port(u16::try_from(*port).expect("it is a port")))
            .collect();
        let template = format!("polysink_template_{}", Uuid::new_v4().simple());
        run_on(&servers, &create(&template, "template0 encoding 'UTF8'")).await;
        let databases: Vec<PgConnectOptions> =
            servers.iter().map(|server| server.clone().database(&template)).collect();
        run_on(&databases, "create extension citus").await;
        let (host, port) = &nodes[0];
        run_on(&databases[..1], &format!("select citus_set_coordinator_host('{host}', {port})")).await;
        for (host, port) in &nodes[1..] {
            run_on(&databases[..1], &format!("select citus_add_node('{host}', {port})")).await;
        }
        let store = Store::new(databases[0].clone(), 1);
        migrations::migrate(&store, polysink::app::now()).await.expect("the migrations are good");
        let plan = plan_distribution(&store, Some(4)).await.expect("it is a cluster");
        plan.run(|_, _| true).await.expect("they can be distributed");
        store.close().await;
        // The extension's own process stays connected otherwise, and a template has no connections.
        let close = format!(
            "alter database {template} allow_connections false; select pg_terminate_backend(pid, 10000) from \
             pg_stat_activity where datname = '{template}'"
        );
        run_on(&servers, &close).await;
        Self { nodes: servers, template, url }
    }

    /// As `DATABASE_URL` would have it.
    pub fn url(&self, name: &str) -> String {
        let (before, parameters) = self.url.split_once('?').map_or((self.url.as_str(), ""), |(one, two)| (one, two));
        let (server, _) = before.rsplit_once('/').expect("it names a database");
        format!("{server}/{name}?{parameters}")
    }
}

/// The statements that create a database on one node.
pub fn create(name: &str, template: &str) -> String {
    // Each node is asked by us.
    format!("set citus.enable_create_database_propagation = off; create database {name} template {template}")
}

/// Runs statements on each of these servers, one by one.
pub async fn run_on(servers: &[PgConnectOptions], sql: &str) {
    for server in servers {
        let mut connection = PgConnection::connect_with(server).await.expect("the node runs");
        for statement in sql.split("; ") {
            let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
            done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let _ = connection.close().await;
    }
}
