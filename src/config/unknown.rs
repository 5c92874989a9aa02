//! Names of settings that do not exist: a typo, or a setting of another version.

use super::{ALL, SettingError};

/// The prefix of all settings.
const PREFIX: &str = "POLYSINK_";

/// Used by this project's scripts, tests and benchmarks.
const DEVELOPMENT: [&str; 4] = ["POLYSINK_BUILD_", "POLYSINK_BENCH_", "POLYSINK_BLESS", "POLYSINK_TEST_"];

/// How similar a name has to be for it to be suggested, from 0 to 1.
const SIMILAR: f64 = 0.8;

/// An error for each variable that looks like a setting and is none.
pub fn unknown_settings(variables: impl IntoIterator<Item = String>) -> Vec<SettingError> {
    let mut unknown: Vec<String> =
        variables.into_iter().filter(|name| name.starts_with(PREFIX) && !is_known(name)).collect();
    unknown.sort_unstable();
    unknown
        .into_iter()
        .map(|name| {
            let message = match nearest(&name) {
                Some(nearest) => format!("is not a setting; did you mean {nearest}?"),
                None => "is not a setting; `polysink serve --help` lists them all".to_owned(),
            };
            SettingError { name, message }
        })
        .collect()
}

fn is_known(name: &str) -> bool {
    let setting = |name: &str| ALL.iter().find(|setting| setting.name == name);
    setting(name).is_some()
        || name.strip_suffix("_FILE").and_then(setting).is_some_and(|setting| setting.secret)
        || DEVELOPMENT.iter().any(|prefix| name.starts_with(prefix))
        || is_service_link(name)
}

/// Kubernetes sets these for every service in the namespace, and a service can be called `polysink`
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_service_link(name: &str) -> bool {
    ["SERVICE_HOST", "SERVICE_PORT", "PORT"].iter().any(|link| {
        name.strip_prefix(PREFIX)
            .and_then(|name| name.strip_prefix(link))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

fn nearest(name: &str) -> Option<&'static str> {
    let similarity = |other: &str| strsim::jaro_winkler(&name[PREFIX.len()..], &other[PREFIX.len()..]);
    let candidates = ALL.iter().filter(|setting| setting.name.starts_with(PREFIX));
    candidates
        .map(|setting| (similarity(setting.name), setting.name))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> Option<String> {
        unknown_settings([name.to_owned()]).pop().map(|error| error.message)
    }

    #[test]
    fn the_nearest_setting_is_suggested() {
        for (name, nearest) in [
            ("POLYSINK_SECRET", "POLYSINK_SECRETS"),
            ("POLYSINK_MAXBODY", "POLYSINK_MAX_BODY"),
            ("POLYSINK_LISTEN_ADDRESS", "POLYSINK_LISTEN"),
            ("POLYSINK_DATADIR", "POLYSINK_DATA_DIR"),
        ] {
            let message = message(name).expect("it is unknown");
            assert!(message.contains(&format!("did you mean {nearest}?")), "{name}: {message}");
        }
        assert!(message("POLYSINK_XYZ").expect("it is unknown").contains("--help"));
    }

    #[test]
    fn settings_and_variables_of_others_are_left_alone() {
        for name in [
            "POLYSINK_SECRETS",
            "POLYSINK_SECRETS_FILE",
            "POLYSINK_SERVICE_HOST",
            "POLYSINK_SERVICE_PORT_HTTP",
            "POLYSINK_PORT",
            "POLYSINK_PORT_8080_TCP_ADDR",
            "POLYSINK_BENCH_ROWS",
            "DATABASE_URL",
            "PATH",
        ] {
            assert_eq!(message(name), None, "{name}");
        }
        assert!(message("POLYSINK_LISTEN_FILE").is_some(), "only secrets can come from files");
    }
}
