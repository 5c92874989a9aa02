//! This machine: the running service, its spool and its disks.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Finding, Subject};
use crate::disk::DiskSpace;
use crate::http;
use crate::tls::{ENDS_SOON, TlsFiles};

/// Time for the running service to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A spooled delivery that could not be stored for so long, in seconds, needs a person.
const FAILING: u64 = 600;

/// * `now`: the time
pub async fn check(subject: &Subject, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let health = health(&subject.health).await;
    findings.push(service(subject, &health));
    findings.extend(subject.tls.as_ref().map(|files| certificate(files, now)));
    findings.push(spool(subject.spool.as_deref(), &health));
    findings.extend(set_aside(subject.spool.as_deref(), &health));
    let folders = [("spool", subject.spool.as_deref()), ("data folder", subject.data_dir.as_deref())];
    findings.extend(folders.into_iter().filter_map(|(what, folder)| disk(what, folder?)));
    findings
}

/// The answer of `/health/ready`.
async fn health(url: &str) -> Result<Value, String> {
    let client = http::own_client(PATIENCE).map_err(|error| error.to_string())?;
    let response = client.get(url).send().await.map_err(|_| format!("nothing answers at {url}"))?;
    response.json().await.map_err(|_| format!("what answers at {url} is not polysink"))
}

fn service(subject: &Subject, health: &Result<Value, String>) -> Finding {
    let expected = "running and ready";
    match health {
        Ok(answer) if answer["status"] == "ok" => Finding::ok("service", "it is ready", expected),
        Ok(answer) => {
            let advice = format!("see {} and the service's log", subject.health);
            Finding::fail("service", format!("it is not ready: {answer}"), expected, advice)
        }
        Err(found) => Finding::warn("service", found.clone(), expected, "start it with `polysink serve`"),
    }
}

/// The files, which a running service takes within seconds.
fn certificate(files: &TlsFiles, now: DateTime<Utc>) -> Finding {
    let expected = "a certificate with its key, for more than 14 days";
    let identity = match files.read() {
        Ok(identity) => identity,
        Err(error) => {
            let advice = "correct the files; a running service keeps the certificate of before until then";
            return Finding::fail("tls", error.to_string(), expected, advice);
        }
    };
    let (names, ends_at) = (identity.names.join(", "), identity.ends_at);
    let found = format!("{} ends on {}", if names.is_empty() { "it" } else { &names }, ends_at.format("%F"));
    let advice = "renew it; changed files are read within seconds, and no restart is needed";
    if ends_at <= now {
        return Finding::fail("tls", format!("{found}: clients refuse it"), expected, advice);
    }
    if ends_at <= now + ENDS_SOON {
        return Finding::warn("tls", found, expected, advice);
    }
    Finding::ok("tls", found, expected)
}

fn spool(folder: Option<&Path>, health: &Result<Value, String>) -> Finding {
    let expected = "on, and empty while the database answers";
    let Some(folder) = folder else {
        let advice = "set POLYSINK_SPOOL to a folder on a disk that outlives the service";
        return Finding::warn(
            "spool",
            "it is off: deliveries are refused while the database is away",
            expected,
            advice,
        );
    };
    let Ok(answer) = health else {
        // Its file is the service's own; another process could only look at its size.
        return match std::fs::metadata(folder) {
            Ok(_) => {
                Finding::ok("spool", format!("{}; only the service knows what is in it", folder.display()), expected)
            }
            Err(_) => Finding::ok("spool", format!("{} is made by the first start", folder.display()), expected),
        };
    };
    let deliveries = answer["spooled"]["deliveries"].as_u64().unwrap_or(0);
    let age = answer["spooled"]["oldest_seconds"].as_u64().unwrap_or(0);
    let failing = answer["spooled"]["failing_seconds"].as_u64().unwrap_or(0);
    if failing >= FAILING {
        let found = format!("for {failing} seconds a delivery could not be stored, although the database answered");
        let advice = "the service's log has its envelope_id and the reason; see docs/runbook.md, PolysinkSpoolFailing";
        return Finding::fail("spool", found, expected, advice);
    }
    match answer["spool"].as_str() {
        Some("ok") if deliveries == 0 => Finding::ok("spool", "it is empty", expected),
        Some("ok" | "off") if deliveries > 0 => Finding::warn(
            "spool",
            format!("{deliveries} deliveries wait, the oldest for {age} seconds"),
            expected,
            "bring the database back; they are stored then by themselves",
        ),
        Some("off") => {
            Finding::warn("spool", "the running service has none", expected, "restart it with these settings")
        }
        word => {
            let found = format!("it takes no deliveries: {}", word.unwrap_or("unknown"));
            let advice = "make room on its disk, or raise POLYSINK_SPOOL_MAX; the service's log has the reason";
            Finding::fail("spool", found, expected, advice)
        }
    }
}

/// `None` if no file was moved aside.
fn set_aside(folder: Option<&Path>, health: &Result<Value, String>) -> Option<Finding> {
    let files = folder.map(crate::writer::spool::set_aside).unwrap_or_default();
    let told = health.as_ref().ok().and_then(|answer| answer["spooled"]["set_aside"].as_u64()).unwrap_or(0);
    let count = told.max(files.len() as u64);
    let first = files.first().map(|file| format!(", such as {}", file.display())).unwrap_or_default();
    let found = format!("deliveries that were answered 200 are not stored: {count} files{first}");
    let advice = "see docs/runbook.md, PolysinkSpoolSetAside";
    (count > 0).then(|| Finding::fail("set-aside", found, "no file was moved aside", advice))
}

/// `None` for a folder that is not there yet.
fn disk(what: &str, folder: &Path) -> Option<Finding> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    let space = DiskSpace::of(existing)?;
    let found = format!("{what} {}: {space}", folder.display());
    let (expected, advice) = ("a tenth and 512 MiB free", "make room on the disk, or enlarge it");
    Some(if space.is_very_low() {
        Finding::fail("disk", found, expected, advice)
    } else if space.is_low() {
        Finding::warn("disk", found, expected, advice)
    } else {
        Finding::ok("disk", found, expected)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_delivery_that_cannot_be_stored_for_ten_minutes_is_a_failure() {
        let found = |failing: Value| {
            let spooled = json!({"deliveries": 1, "bytes": 1, "oldest_seconds": 900, "failing_seconds": failing});
            spool(Some(Path::new("/spool")), &Ok(json!({"status": "ok", "spool": "ok", "spooled": spooled})))
        };
        assert_eq!(found(json!(599)).level, Level::Warn);
        assert_eq!(found(json!(null)).level, Level::Warn);
        let failing = found(json!(600));
        assert_eq!(failing.level, Level::Fail);
        assert!(failing.found.contains("for 600 seconds"), "{failing:?}");
    }
}
