//! The installed PostgreSQL programs.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::os::is_roots_alone;

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
    /// The programs for a new cluster: the first on the PATH, otherwise the newest installation. 14 or later.
    pub fn preferred() -> Option<Self> {
        let good = |programs: &Self| programs.version >= OLDEST;
        installed(path_dirs()).find(good).or_else(|| all().filter(good).max_by_key(|programs| programs.version))
    }

    /// The installation of one major version: a cluster works only with that.
    pub fn of_version(version: u32) -> Option<Self> {
        all().find(|programs| programs.version == version)
    }

    /// The path of one program.
    pub fn path(&self, program: &str) -> PathBuf {
        self.dir.join(program)
    }
}

/// The folders of the PATH, in their order.
fn path_dirs() -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "PATH says where programs are; it is not a setting")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

/// The installations in these folders.
fn installed(dirs: Vec<PathBuf>) -> impl Iterator<Item = Programs> {
    let is_root = nix::unistd::geteuid().is_root();
    dirs.into_iter().filter_map(move |dir| programs_in(&dir, is_root))
}

/// The installations on the PATH, and in the places of Debian and Ubuntu, Red Hat, and Homebrew on either kind of Mac,
/// which do not put `postgres` there.
fn all() -> impl Iterator<Item = Programs> {
    let is_root = nix::unistd::geteuid().is_root();
    let mut dirs = path_dirs();
    if let Some(pg_config) = dirs.iter().map(|dir| dir.join("pg_config")).find(|program| may_run(program, is_root))
        && let Ok(output) = Command::new(pg_config).arg("--bindir").stderr(Stdio::null()).output()
        && output.status.success()
    {
        dirs.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    dirs.extend(children("/usr/lib/postgresql", "").map(|version| version.join("bin")));
    dirs.extend(children("/usr", "pgsql-").map(|version| version.join("bin")));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        dirs.extend(children(prefix, "postgresql").map(|version| version.join("bin")));
    }
    installed(dirs)
}

/// Root runs only programs that no other user could have put there.
fn may_run(program: &Path, is_root: bool) -> bool {
    program.is_file() && (!is_root || is_roots_alone(program))
}

fn children(dir: &str, prefix: &'static str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(move |path| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(prefix)))
}

fn programs_in(dir: &Path, is_root: bool) -> Option<Programs> {
    if !["postgres", "initdb", "pg_ctl"].iter().all(|program| may_run(&dir.join(program), is_root)) {
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
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn root_runs_nothing_that_another_user_could_have_put_there() {
        let dir = tempfile::tempdir().expect("a folder can be made");
        for program in ["postgres", "initdb", "pg_ctl"] {
            let script = format!("#!/bin/sh\ntouch {}/ran\necho 'postgres (PostgreSQL) 99.1'\n", dir.path().display());
            fs::write(dir.path().join(program), script).expect("it can be written");
            fs::set_permissions(dir.path().join(program), fs::Permissions::from_mode(0o755)).expect("it is ours");
        }
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        assert_eq!(programs_in(dir.path(), true), None);
        assert!(!dir.path().join("ran").exists());
        assert_eq!(programs_in(dir.path(), false).map(|programs| programs.version), Some(99));
        assert!(may_run(Path::new("/bin/sh"), true));
    }

    #[test]
    fn versions_are_read_from_every_distribution() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 17.2 (Homebrew)"), Some(17));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_version("postgres (Other) 15"), None);
    }
}
