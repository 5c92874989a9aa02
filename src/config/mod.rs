//! Every setting: its name, default, meaning and bounds. Nothing else in the crate reads the environment.
//!
//! Settings are looked up through a closure, so that tests leave the environment alone: [`Reader::read`] takes the
//! closure, reads the groups below and reports every invalid setting at once. Only `main`, `cli` and `app` use this
//! module; everything else gets the values.

mod data;
mod database_url;
mod document;
mod dotenv;
mod logging;
mod notify;
mod polytomic;
mod reader;
mod serve;
mod settings;
mod target;
mod tls;
mod unknown;
mod value;

pub use data::{DATA_SETTINGS, DataConfig, Database, ServerUrls};
pub use database_url::DatabaseUrl;
pub use document::{env_example, markdown_table};
pub use dotenv::load_dotenv;
pub use logging::{LOGGING, LogConfig, LogFormat};
pub use notify::{NOTIFY_SETTINGS, NotifyConfig, SinkConfig};
pub use polytomic::{POLYTOMIC_SETTINGS, PolytomicConfig};
pub use reader::{Reader, SettingError, SettingErrors};
pub use serve::{
    AdminConfig, RETENTION_SETTINGS, RetentionConfig, SERVE, SPOOL_SETTINGS, ServeConfig, ServeLimits, SpoolConfig,
    retention, spool_folder,
};
pub use settings::ALL;
pub use target::{TARGET, Target};
pub use unknown::unknown_settings;

/// One setting, as `--help`, `.env.example` and error messages show it.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The placeholder for the value in `--help`.
    pub placeholder: &'static str,
    /// The default as text; `None` if there is none.
    pub default: Option<&'static str>,
    /// An example for the commented line of `.env.example`, if there is no default.
    pub example: &'static str,
    /// The meaning, in a sentence or two.
    pub doc: &'static str,
    /// Never shown; can also be read from the file that `NAME_FILE` names.
    pub secret: bool,
}

impl Setting {
    /// The flag of the same name: `POLYSINK_MAX_BODY` is `--max-body`.
    pub fn flag(&self) -> String {
        self.name.strip_prefix("POLYSINK_").unwrap_or(self.name).to_lowercase().replace('_', "-")
    }
}

/// The names of all variables of the process's environment.
pub fn environment_names() -> impl Iterator<Item = String> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned())
}

/// A variable of the process's environment, into which `.env` has been loaded. U+FFFD stands for bytes that are not
/// UTF-8, and [`Reader`] refuses it.
#[expect(clippy::disallowed_methods, reason = "this module is the owner of the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn serve(pairs: &[(&str, &str)]) -> Result<ServeConfig, SettingErrors> {
        let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Reader::read(&lookup, ServeConfig::read)
    }

    const URL: (&str, &str) = ("DATABASE_URL", "postgres://u:hunter2@db/app");
    const SECRET: (&str, &str) = ("POLYSINK_SECRETS", "prod=hunter2-hunter2");

    #[test]
    fn nothing_set_means_the_local_database_and_the_documented_defaults() {
        let config = serve(&[]).expect("every default is good");
        assert!(matches!(config.data.database, Database::Local));
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.webhook_path, "/webhooks/polytomic");
        assert_eq!(config.limits.max_body, 32 << 20);
        assert_eq!(config.policy.timestamp_tolerance, TimeDelta::seconds(300));
    }

    #[test]
    fn a_database_without_a_secret_is_refused() {
        let errors = serve(&[URL]).expect_err("anyone could write");
        assert_eq!(errors.0.len(), 1);
        assert_eq!(errors.0[0].name, "POLYSINK_SECRETS");
        serve(&[URL, SECRET]).expect("both are there");
        serve(&[URL, ("POLYSINK_BASIC", "a=user:password")]).expect("basic is a credential too");
    }

    #[test]
    fn every_bad_setting_is_reported_at_once_by_name() {
        let errors = serve(&[
            ("DATABASE_URL", "mysql://u:hunter2@db/app"),
            ("POLYSINK_SECRETS", "a"),
            ("POLYSINK_LISTEN", "here"),
            ("POLYSINK_MAX_BODY", "many"),
            ("POLYSINK_TIMESTAMP_TOLERANCE", "-3"),
            ("POLYSINK_WRITERS", "0"),
            ("POLYSINK_WEBHOOK_PATH", "no-slash"),
            ("POLYSINK_ALLOWED_IPS", "10.0.0.0/8,home"),
            ("POLYSINK_BASIC_FILE", "/nowhere/at/all"),
        ])
        .expect_err("nine settings are bad");
        let mut names: Vec<_> = errors.0.iter().map(|error| error.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "DATABASE_URL",
                "POLYSINK_ALLOWED_IPS",
                "POLYSINK_BASIC_FILE",
                "POLYSINK_LISTEN",
                "POLYSINK_MAX_BODY",
                "POLYSINK_SECRETS",
                "POLYSINK_TIMESTAMP_TOLERANCE",
                "POLYSINK_WEBHOOK_PATH",
                "POLYSINK_WRITERS",
            ]
        );
        assert!(!errors.to_string().contains("hunter2"), "{errors}");
    }

    #[test]
    fn secrets_can_come_from_files() {
        let file = tempfile::NamedTempFile::new().expect("there is a temporary folder");
        // With a mark of the byte order, as editors of Windows write it.
        std::fs::write(file.path(), "\u{feff}one=hunter2-hunter2\ntwo=hunter3-hunter3\n").expect("it can be written");
        let path = file.path().to_str().expect("it is text");
        let config = serve(&[URL, ("POLYSINK_SECRETS_FILE", path)]).expect("the file is good");
        let presented = |name: &str| (name == "authorization").then_some(&b"Bearer hunter2-hunter2"[..]);
        assert_eq!(
            config.policy.credentials.matching(presented, "", chrono::DateTime::UNIX_EPOCH).expect("it is right"),
            "one"
        );
        assert_eq!(config.policy.credentials.names().collect::<Vec<_>>(), ["one", "two"]);
        serve(&[URL, SECRET, ("POLYSINK_SECRETS_FILE", path)]).expect_err("both at once is a mistake");
    }

    #[test]
    fn a_setting_that_is_not_text_is_an_error() {
        let errors =
            serve(&[URL, SECRET, ("POLYSINK_ALLOWED_IPS", "203.0.113.7\u{fffd}")]).expect_err("it is not text");
        assert_eq!(errors.0[0].name, "POLYSINK_ALLOWED_IPS");
        serve(&[("POLYSINK_SECRETS", "abc\u{fffd}abc")]).expect_err("a secret of ours would take its place");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", serve(&[URL, SECRET, ("POLYSINK_HEADER", "k=X-Key:hunter2")]).expect("it is good"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn each_default_is_a_good_value_and_each_setting_has_a_place() {
        for setting in ALL {
            assert!(setting.default.is_some() || !setting.example.is_empty(), "{}", setting.name);
            assert!(setting.doc.ends_with('.'), "{}", setting.name);
        }
        let used: Vec<_> = SERVE.iter().chain(LOGGING).map(|setting| setting.name).collect();
        assert!(ALL.iter().all(|setting| used.contains(&setting.name)), "`serve` takes every setting");
    }
}
