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
    /// Where the data lands: a PostgreSQL URL. Without it, `serve` starts a private PostgreSQL in the data folder.
    DATABASE_URL = "DATABASE_URL" {
        placeholder: "URL", example: "postgres://polysink:password@localhost:5432/polysink", secret: true,
    }
    /// The secrets of the Polytomic connections that may post: one or more, comma-separated, each `secret` or
    /// `name=secret`, at least 6 characters. All are accepted, so that a rotation drops nothing; the name of the one that
    /// matched is stored with each delivery.
    SECRETS = "POLYSINK_SECRETS" { placeholder: "LIST", example: "prod=change-me-please", secret: true }
    /// HTTP basic credentials, where the Polytomic connection is set to basic auth: comma-separated, each
    /// `name=user:password`.
    BASIC = "POLYSINK_BASIC" { placeholder: "LIST", example: "prod=polytomic:change-me-please", secret: true }
    /// Header credentials, where the Polytomic connection sends a header of its own: comma-separated, each
    /// `name=Header-Name:value`.
    HEADER = "POLYSINK_HEADER" { placeholder: "LIST", example: "prod=X-Api-Key:change-me-please", secret: true }
    /// Where the webhook and the health checks listen.
    LISTEN = "POLYSINK_LISTEN" { placeholder: "ADDRESS", default: Some("127.0.0.1:8080") }
    /// How many connections the public listener holds at once. A further one takes the place of the one that has waited
    /// longest for its client.
    MAX_CONNECTIONS = "POLYSINK_MAX_CONNECTIONS" { placeholder: "COUNT", default: Some("2000") }
    /// How many of them one address may have. Trusted proxies have no such limit.
    MAX_CONNECTIONS_PER_ADDRESS = "POLYSINK_MAX_CONNECTIONS_PER_ADDRESS" { placeholder: "COUNT", default: Some("500") }
    /// The path of the webhook.
    WEBHOOK_PATH = "POLYSINK_WEBHOOK_PATH" { placeholder: "PATH", default: Some("/webhooks/polytomic") }
    /// How far the Polytomic-Signature-Timestamp header may be from this machine's clock, in the past and in the future.
    /// 0 turns the check off; while it is on, a missing or unreadable header is refused.
    TIMESTAMP_TOLERANCE = "POLYSINK_TIMESTAMP_TOLERANCE" { placeholder: "DURATION", default: Some("300s") }
    /// The largest body that is taken, on the wire and after decompression.
    MAX_BODY = "POLYSINK_MAX_BODY" { placeholder: "SIZE", default: Some("32MiB") }
    /// The most records of one delivery; more are refused with 413. It bounds what a delivery costs, whatever is in it.
    MAX_RECORDS = "POLYSINK_MAX_RECORDS" { placeholder: "COUNT", default: Some("100000") }
    /// How many bytes all deliveries together may hold in memory, from the first byte of a body to its answer; past it, 503.
    /// One that is alone is always taken.
    MAX_INFLIGHT = "POLYSINK_MAX_INFLIGHT" { placeholder: "SIZE", default: Some("128MiB") }
    /// Who may post to the webhook: addresses and CIDRs, comma-separated; the word `polytomic` stands for the list that
    /// Polytomic publishes for its cloud. Without it, anybody with a secret. Health checks stay open.
    ALLOWED_IPS = "POLYSINK_ALLOWED_IPS" { placeholder: "LIST", example: "polytomic,10.0.0.0/8" }
    /// The proxies whose X-Forwarded-For and Forwarded headers are believed: addresses and CIDRs, comma-separated.
    TRUSTED_PROXIES = "POLYSINK_TRUSTED_PROXIES" { placeholder: "LIST", example: "127.0.0.1,10.0.0.0/8" }
    /// How many write transactions run at a time.
    WRITERS = "POLYSINK_WRITERS" { placeholder: "COUNT", default: Some("4") }
    /// How long a stop may take, all of it: requests in flight, the writer, the database connections, the private PostgreSQL.
    SHUTDOWN_TIMEOUT = "POLYSINK_SHUTDOWN_TIMEOUT" { placeholder: "DURATION", default: Some("30s") }
    /// The folder of the private PostgreSQL and of the secret that is made for it. The default is /var/lib/polysink for
    /// root, and the platform's folder for a user's data for anybody else, such as ~/.local/share/polysink.
    DATA_DIR = "POLYSINK_DATA_DIR" { placeholder: "FOLDER", example: "/var/lib/polysink" }
    /// What is logged: error, warn, info, debug, trace, or a filter such as `polysink=debug,info`.
    LOG = "POLYSINK_LOG" { placeholder: "FILTER", default: Some("info") }
    /// How log lines are written: text or json. Without it, text on a terminal and json elsewhere.
    LOG_FORMAT = "POLYSINK_LOG_FORMAT" { placeholder: "FORMAT", example: "json" }
}
