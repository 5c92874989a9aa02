//! The settings themselves, in the order of `.env.example`.

use super::Setting;

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $ident:ident = $name:literal { $($key:ident: $value:expr),* $(,)? })+) => {
        $(
            $(#[doc = $doc])+
            pub static $ident: Setting = Setting {
                name: $name,
                doc: concat!($($doc),+).trim_ascii(),
                ..Setting { $($key: $value,)* ..EMPTY }
            };
        )+

        /// Every setting.
        pub static ALL: &[&Setting] = &[$(&$ident),+];
    };
}

const EMPTY: Setting = Setting { name: "", placeholder: "VALUE", default: None, example: "", doc: "", secret: false };

settings! {
    /// The database, as a PostgreSQL URL. Without it, `serve` starts a private PostgreSQL in the data folder.
    DATABASE_URL = "DATABASE_URL" {
        placeholder: "URL", example: "postgres://polysink:password@localhost:5432/polysink", secret: true,
    }
    /// `transaction` if the database is reached through a transaction pooler, such as PgBouncer with
    /// `pool_mode=transaction`. Statements then have no names, and nothing relies on a session. A pooler in session
    /// mode needs no setting.
    POOLER = "POLYSINK_POOLER" { placeholder: "MODE", default: Some("session") }
    /// With `POLYSINK_POOLER=transaction`: the database without the pooler, for migrations, indexes, retention and
    /// commands. Without it, these go through the pooler too; then an index is built in a transaction, and its sync is
    /// not projected meanwhile.
    DIRECT_URL = "POLYSINK_DIRECT_URL" {
        placeholder: "URL", example: "postgres://polysink:password@localhost:5432/polysink", secret: true,
    }
    /// The secrets of the Polytomic connections: one or more, comma-separated, each `name=secret`, at least 6
    /// characters; the first may have no name. A comma in a secret is written twice. All are accepted, so that secrets
    /// can be rotated without downtime. Each delivery is stored with the name of its secret.
    SECRETS = "POLYSINK_SECRETS" { placeholder: "LIST", example: "prod=change-me-please", secret: true }
    /// Credentials of Polytomic connections with basic auth: comma-separated, each `name=user:password`.
    BASIC = "POLYSINK_BASIC" { placeholder: "LIST", example: "prod=polytomic:change-me-please", secret: true }
    /// Credentials of Polytomic connections with a custom header: comma-separated, each `name=Header-Name:value`.
    HEADER = "POLYSINK_HEADER" { placeholder: "LIST", example: "prod=X-Api-Key:change-me-please", secret: true }
    /// Credentials of Polytomic connections with query parameters: comma-separated, each `name=parameter:value`,
    /// several parameters joined by &, all of which a request has to have. An & in a value is written twice. Proxies
    /// may log the URL: prefer one of the others.
    QUERY = "POLYSINK_QUERY" { placeholder: "LIST", example: "prod=token:change-me-please", secret: true }
    /// OAuth 2.0 clients, for connections that use client credentials: `name=client_id:client_secret`. They get a token
    /// for an hour by POST /oauth/token, which any replica with the same setting accepts. A comma is written twice.
    OAUTH = "POLYSINK_OAUTH" { placeholder: "LIST", example: "prod=polytomic:change-me-please", secret: true }
    /// The address of the webhook and the health checks.
    LISTEN = "POLYSINK_LISTEN" { placeholder: "ADDRESS", default: Some("127.0.0.1:8080") }
    /// The file with the certificate of the webhook's address, in PEM, followed by those between it and its root. With
    /// it and its key, that address speaks HTTPS. Changed files are read again, and open connections stay.
    TLS_CERT = "POLYSINK_TLS_CERT" { placeholder: "FILE", example: "/etc/polysink/tls.crt" }
    /// The file with the certificate's private key, in PEM, without a password.
    TLS_KEY = "POLYSINK_TLS_KEY" { placeholder: "FILE", example: "/etc/polysink/tls.key" }
    /// The address of the admin listener, with the status page and the metrics; `off` or empty for none. An address
    /// that is not loopback needs a token.
    ADMIN_LISTEN = "POLYSINK_ADMIN_LISTEN" { placeholder: "ADDRESS", default: Some("127.0.0.1:7465") }
    /// The token of the admin listener: asked for by its pages, a bearer token, or the password of any user.
    ADMIN_TOKEN = "POLYSINK_ADMIN_TOKEN" { placeholder: "TOKEN", example: "change-me-please", secret: true }
    /// The maximum number of connections. At the limit, a new connection replaces the one that has waited longest for
    /// its client.
    MAX_CONNECTIONS = "POLYSINK_MAX_CONNECTIONS" { placeholder: "COUNT", default: Some("2000") }
    /// The maximum number of connections per client address. It does not apply to trusted proxies.
    MAX_CONNECTIONS_PER_ADDRESS = "POLYSINK_MAX_CONNECTIONS_PER_ADDRESS" { placeholder: "COUNT", default: Some("500") }
    /// The path of the webhook.
    WEBHOOK_PATH = "POLYSINK_WEBHOOK_PATH" { placeholder: "PATH", default: Some("/webhooks/polytomic") }
    /// How far the Polytomic-Signature-Timestamp header may differ from this machine's clock, in the past and in the
    /// future. 0 turns the check off; otherwise a missing or invalid header is refused.
    TIMESTAMP_TOLERANCE = "POLYSINK_TIMESTAMP_TOLERANCE" { placeholder: "DURATION", default: Some("300s") }
    /// The maximum size of a body, on the wire and decompressed.
    MAX_BODY = "POLYSINK_MAX_BODY" { placeholder: "SIZE", default: Some("32MiB") }
    /// The maximum number of records in a delivery. It bounds the cost of a delivery, whatever its content.
    MAX_RECORDS = "POLYSINK_MAX_RECORDS" { placeholder: "COUNT", default: Some("100000") }
    /// The maximum memory for all deliveries in flight, from the first byte of a body to its answer. Beyond it,
    /// deliveries are answered with 503. A single delivery is always accepted.
    MAX_INFLIGHT = "POLYSINK_MAX_INFLIGHT" { placeholder: "SIZE", default: Some("128MiB") }
    /// The addresses that may post to the webhook: addresses and CIDRs, comma-separated; `polytomic` stands for the
    /// published addresses of Polytomic's cloud. Without it, all addresses may post. Does not apply to the health
    /// checks.
    ALLOWED_IPS = "POLYSINK_ALLOWED_IPS" { placeholder: "LIST", example: "polytomic,10.0.0.0/8" }
    /// The proxies whose X-Forwarded-For and Forwarded headers are trusted: addresses and CIDRs, comma-separated.
    TRUSTED_PROXIES = "POLYSINK_TRUSTED_PROXIES" { placeholder: "LIST", example: "127.0.0.1,10.0.0.0/8" }
    /// The number of concurrent write transactions.
    WRITERS = "POLYSINK_WRITERS" { placeholder: "COUNT", default: Some("4") }
    /// The folder where deliveries wait while the database does not take them. It must outlive the service: in a
    /// container, a volume. `off` refuses them with 503 instead. The default is `spool` in the data folder.
    SPOOL = "POLYSINK_SPOOL" { placeholder: "FOLDER", example: "/var/lib/polysink/spool" }
    /// The maximum size of all deliveries in the spool. Beyond it, deliveries are answered with 503. The disk should
    /// have room for 1.2 times as much.
    SPOOL_MAX = "POLYSINK_SPOOL_MAX" { placeholder: "SIZE", default: Some("1GiB") }
    /// How long raw deliveries, resolved rejections and Polytomic's events are kept, in whole UTC days: `30d`. 0 keeps
    /// all. Deliveries that are not in the query tables yet stay. The ledger, the query tables and their histories keep
    /// everything.
    RETENTION = "POLYSINK_RETENTION" { placeholder: "DURATION", default: Some("30d") }
    /// How long the head of a delivery is kept, which is everything but its body and metadata, in whole UTC days. The
    /// records that arrived of a sync's runs are counted by it. 0 keeps all; so does `POLYSINK_RETENTION=0`.
    RETENTION_HEADERS = "POLYSINK_RETENTION_HEADERS" { placeholder: "DURATION", default: Some("90d") }
    /// The key of Polytomic's API, a user's or an organization's. Several are comma-separated, each `name=key`, with
    /// the names of their connections' secrets. With it, polysink compares what arrived of each run with what Polytomic
    /// sent (`polysink runs`). Without one, Polytomic is not asked.
    POLYTOMIC_KEY = "POLYSINK_POLYTOMIC_KEY" { placeholder: "LIST", example: "change-me-please", secret: true }
    /// Polytomic's cloud, or a self-hosted one.
    POLYTOMIC_URL = "POLYSINK_POLYTOMIC_URL" { placeholder: "URL", default: Some("https://app.polytomic.com") }
    /// Whether a new sync gets its identity, types and comments from its model in Polytomic, as `polysink identity set
    /// SYNC --from-polytomic` does: `true` or `false`. Needs `POLYSINK_POLYTOMIC_KEY`.
    AUTO_IDENTITY = "POLYSINK_AUTO_IDENTITY" { placeholder: "BOOLEAN", default: Some("false") }
    /// The secret of Polytomic's organization webhook, which posts events to `/webhooks/polytomic/events`: a run that
    /// has ended is looked at then, and not up to a minute later. Several are comma-separated, one for each
    /// organization. Without one, that address does not exist.
    EVENTS_SECRET = "POLYSINK_EVENTS_SECRET" { placeholder: "LIST", example: "change-me-please", secret: true }
    /// The sinks for notices of problems and changes: comma-separated, each `name=KEY@URL`, with a key from `openssl
    /// rand -base64 32` that signs as Standard Webhooks says, or `name=slack@URL` for an incoming webhook of Slack. A
    /// comma in a URL is written twice. `polysink notify test` shows whether they work. Without one, nobody is
    /// notified.
    NOTIFY = "POLYSINK_NOTIFY" {
        placeholder: "LIST", example: "team=slack@https://hooks.slack.com/services/change-me-please", secret: true,
    }
    /// The kinds of notices, comma-separated; docs/notices.md describes them.
    NOTIFY_KINDS = "POLYSINK_NOTIFY_KINDS" {
        placeholder: "LIST", default: Some("quiet,runs,schema,misfits,rejections,spool,disk"),
    }
    /// How long a stop accepts deliveries after `/health/ready` has turned to 503, so that a load balancer can turn
    /// away first: its probes' interval times the failures that it wants to see.
    SHUTDOWN_DELAY = "POLYSINK_SHUTDOWN_DELAY" { placeholder: "DURATION", default: Some("0s") }
    /// The time limit for a graceful stop: the delay, requests in flight, the writer, the database connections and the
    /// private PostgreSQL. Deliveries that are not stored in the first half of it are spooled.
    SHUTDOWN_TIMEOUT = "POLYSINK_SHUTDOWN_TIMEOUT" { placeholder: "DURATION", default: Some("30s") }
    /// The folder of the private PostgreSQL and its generated secret. The default is /var/lib/polysink for root, and
    /// the platform's folder for user data, such as ~/.local/share/polysink, for other users.
    DATA_DIR = "POLYSINK_DATA_DIR" { placeholder: "FOLDER", example: "/var/lib/polysink" }
    /// The log level: error, warn, info, debug, trace, or a filter such as `polysink=debug,info`.
    LOG = "POLYSINK_LOG" { placeholder: "FILTER", default: Some("info") }
    /// The log format: text or json. Without it, text on a terminal and json otherwise.
    LOG_FORMAT = "POLYSINK_LOG_FORMAT" { placeholder: "FORMAT", example: "json" }
}
