//! The PostgreSQL programs that are installed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest version that polysink works with.
const OLDEST: u32 = 14;

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    pub version: u32,
    /// Holds `postgres`, `initdb` and `pg_ctl`.
    pub dir: PathBuf,
}

impl Programs {
    /// The newest installation, 14 or later.
    pub fn newest() -> Option<Self> {
        found().into_iter().filter(|programs| programs.version >= OLDEST).max_by_key(|programs| programs.version)
    }

    /// The installation of one major version: a cluster works with no other.
    pub fn of_version(version: u32) -> Option<Self> {
        found().into_iter().find(|programs| programs.version == version)
    }

    /// The path of one program.
    pub fn path(&self, program: &str) -> PathBuf {
        self.dir.join(program)
    }
}

fn found() -> Vec<Programs> {
    let mut dirs = Vec::new();
    let bindir = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output();
    if let Ok(output) = bindir
        && output.status.success()
    {
        dirs.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    #[expect(clippy::disallowed_methods, reason = "PATH says where programs are; it is no setting")]
    if let Some(path) = std::env::var_os("PATH") {
        dirs.extend(std::env::split_paths(&path));
    }
    // Debian and Ubuntu, Red Hat, Homebrew on either kind of Mac: none of them puts `postgres` on the PATH.
    dirs.extend(children("/usr/lib/postgresql", "").map(|version| version.join("bin")));
    dirs.extend(children("/usr", "pgsql-").map(|version| version.join("bin")));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        dirs.extend(children(prefix, "postgresql").map(|version| version.join("bin")));
    }
    dirs.into_iter().filter_map(|dir| programs_in(&dir)).collect()
}

fn children(dir: &str, prefix: &'static str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(move |path| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(prefix)))
}

fn programs_in(dir: &Path) -> Option<Programs> {
    if !["postgres", "initdb", "pg_ctl"].iter().all(|program| dir.join(program).is_file()) {
        return None;
    }
    let output = Command::new(dir.join("postgres")).arg("--version").stderr(Stdio::null()).output().ok()?;
    let version = parse_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Programs { version, dir: dir.to_owned() })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15
fn parse_version(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("(PostgreSQL)")?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_every_distribution() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 17.2 (Homebrew)"), Some(17));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_version("postgres (Other) 15"), None);
    }
}
