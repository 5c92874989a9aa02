//! Tells the program which commit it is built from, for `--version`.

#![expect(clippy::disallowed_methods, reason = "a build asks its environment")]

use std::process::Command;

fn main() {
    // For builds without the repository, such as that of the image.
    println!("cargo::rerun-if-env-changed=POLYSINK_BUILD_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let mut version = env!("CARGO_PKG_VERSION").to_owned();
    if let Some(commit) = commit() {
        version = format!("{version} ({commit})");
    }
    println!("cargo::rustc-env=POLYSINK_BUILD_VERSION={version}");
}

/// A short hash; `None` if it is not known, and in debug builds, which would be built again after each commit.
fn commit() -> Option<String> {
    if let Some(given) = std::env::var("POLYSINK_BUILD_COMMIT").ok().filter(|given| !given.is_empty()) {
        return Some(given.chars().take(12).collect());
    }
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let is_changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changes| !changes.is_empty());
    Some(if is_changed { format!("{commit}, changed") } else { commit })
}
