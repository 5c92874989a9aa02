//! Settings that are valid, and not wise.

use super::{Finding, Subject};

pub fn check(subject: &Subject) -> Vec<Finding> {
    let secrets = if subject.placeholders.is_empty() {
        Finding::ok("secrets", "none is from an example", "secrets of your own")
    } else {
        let names: Vec<String> =
            subject.placeholders.iter().map(|(setting, name)| format!("{name} in {setting}")).collect();
        let advice = "set a secret of your own: `openssl rand -hex 32`, here and in the Polytomic connection";
        Finding::fail("secrets", format!("from an example: {}", names.join(", ")), "secrets of your own", advice)
    };
    let admin = match subject.exposed_admin {
        None => Finding::ok("admin-listener", "on this machine, or off", "not open to networks without TLS"),
        Some(address) => Finding::warn(
            "admin-listener",
            format!("{address}, with a token, without TLS"),
            "not open to networks without TLS",
            "bind it to an address of a private network, or to 127.0.0.1 behind a proxy that speaks TLS",
        ),
    };
    vec![secrets, admin]
}
