//! The private PostgreSQL's whole life, with the real binary: as this user, and where this user is root, as an ordinary
//! one.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, chown, geteuid};
use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{Delivery, Service, binary, record, run, skip};

/// Who runs polysink, and where.
struct Setting {
    folder: tempfile::TempDir,
    data: PathBuf,
    /// The user to run as; `None` for this one.
    other: Option<User>,
}

impl Setting {
    fn new(name: &str, other: Option<User>) -> Self {
        let folder = tempfile::Builder::new().prefix("polysink-life-").tempdir().expect("there is a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        if let Some(user) = &other {
            chown(folder.path(), Some(user.uid), Some(user.gid)).expect("root may");
        }
        let data = folder.path().join(name);
        Self { folder, data, other }
    }

    fn command(&self) -> Command {
        let mut command = match &self.other {
            None => binary(),
            Some(user) => {
                // The build's folder may be closed to others.
                let copy = self.folder.path().join("polysink");
                if !copy.exists() {
                    fs::copy(env!("CARGO_BIN_EXE_polysink"), &copy).expect("there is room");
                }
                let mut command = Command::new("setpriv");
                crate::harness::process::clean(&mut command);
                command.args([format!("--reuid={}", user.uid), format!("--regid={}", user.gid)]);
                command.arg("--clear-groups").arg(copy);
                command
            }
        };
        command.env("POLYSINK_DATA_DIR", &self.data).env("POLYSINK_LISTEN", "127.0.0.1:0");
        command
    }

    fn serve(&self) -> Service {
        let mut command = self.command();
        command.arg("serve");
        Service::start(command)
    }

    fn secret(&self) -> String {
        fs::read_to_string(self.data.join("secret")).expect("there is one").trim().to_owned()
    }

    async fn send(&self, service: &Service, hash: &str) -> [u64; 4] {
        let delivery = Delivery::of(&[record(hash, json!({"hash": hash}))]);
        let delivery = delivery.with("authorization", &format!("Bearer {}", self.secret()));
        delivery.post(&http_client(), &service.url).await.counts()
    }

    fn psql(&self, sql: &str) -> Output {
        run(self.command().args(["psql", "--no-psqlrc", "-Atc", sql]))
    }

    fn select(&self, sql: &str) -> String {
        let output = self.psql(sql);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it is text").trim().to_owned()
    }

    fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.data.join("postgres/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
    }
}

/// Whether a process still runs; a zombie does not.
fn runs(pid: Pid) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await; // between two looks
    }
    panic!("after a minute, still not: {what}");
}

async fn whole_life(setting: Setting) {
    // The first start makes everything.
    let service = setting.serve();
    let secret = setting.secret();
    assert_eq!(setting.send(&service, "first").await, [1, 1, 0, 0]);
    let mode = |path: &str| fs::metadata(setting.data.join(path)).expect("it is there").mode() & 0o777;
    assert_eq!((mode("secret"), mode("run"), mode("postgres")), (0o600, 0o700, 0o700));
    let settings = "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings
                    where name in ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit',
                    'server_encoding')";
    assert_eq!(
        setting.select(settings),
        "fsync=on full_page_writes=on listen_addresses= server_encoding=UTF8 synchronous_commit=on"
    );

    // A second service on the folder is turned away.
    let second = run(setting.command().arg("serve"));
    assert_eq!(second.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        errors.contains("another polysink is using the data folder") && errors.contains("POLYSINK_DATA_DIR"),
        "{errors}"
    );

    // A stop leaves no process behind, and the commands say what to do.
    let postmaster = setting.postmaster().expect("it runs");
    let (status, greeting) = service.stop();
    assert!(status.success(), "{status}");
    assert!(greeting.contains("curl http://127.0.0.1:") && greeting.contains("psql -c"), "{greeting}");
    assert!(!runs(postmaster) && setting.postmaster().is_none());
    let asleep = setting.psql("select 1");
    assert!(!asleep.status.success() && String::from_utf8_lossy(&asleep.stderr).contains("polysink serve"));

    // Everything is there at the next start, the secret too.
    let service = setting.serve();
    assert_eq!(setting.secret(), secret);
    assert_eq!(setting.send(&service, "first").await, [1, 0, 1, 0]);

    // A service that is killed leaves its PostgreSQL, and the next one adopts it.
    let postmaster = setting.postmaster().expect("it runs");
    service.kill();
    assert!(runs(postmaster));
    let service = setting.serve();
    assert_eq!(setting.postmaster(), Some(postmaster));
    assert_eq!(setting.send(&service, "second").await, [1, 1, 0, 0]);

    // A PostgreSQL that is killed is started again.
    kill(postmaster, Signal::SIGKILL).expect("it runs");
    until("PostgreSQL is started again", async || {
        setting.postmaster().is_some_and(|pid| pid != postmaster && runs(pid))
    })
    .await;
    until("psql gets through", async || setting.psql("select 1").status.success()).await;
    assert_eq!(setting.send(&service, "second").await, [1, 0, 1, 0]);

    // The machine dies, and after it another process has the number in the lock files.
    let postmaster = setting.postmaster().expect("it runs");
    service.kill();
    kill(postmaster, Signal::SIGKILL).expect("it runs");
    until("PostgreSQL's processes are gone", async || !runs(postmaster)).await;
    for file in ["postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"] {
        let path = setting.data.join(file);
        let text = fs::read_to_string(&path).expect("a server that was killed leaves it");
        let rest = text.split_once('\n').expect("it has several lines").1;
        fs::write(&path, format!("{}\n{rest}", std::process::id())).expect("it can be written");
    }
    let service = setting.serve();
    assert_eq!(setting.send(&service, "third").await, [1, 1, 0, 0]);
    assert_eq!(setting.select("select count(*), sum(times_received) from polysink.records"), "3|5");

    let postmaster = setting.postmaster().expect("it runs");
    assert!(service.stop().0.success());
    // It removes its lock file a moment before its process ends.
    until("PostgreSQL's process ends", async || !runs(postmaster)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_whole_life_as_this_user() {
    whole_life(Setting::new("data", None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_whole_life_as_an_ordinary_user() {
    if !geteuid().is_root() {
        return; // then the test above is this one
    }
    let nobody = User::from_name("nobody").expect("users can be looked up").expect("every machine has one");
    whole_life(Setting::new("data", Some(nobody))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_a_long_and_odd_name_works() {
    let setting = Setting::new(&format!("it's $HOME \"{}\"", "d".repeat(90)), None);
    let service = setting.serve();
    assert_eq!(setting.send(&service, "first").await, [1, 1, 0, 0]);
    assert_eq!(setting.select("select count(*) from polysink.records"), "1");
    assert!(service.stop().0.success());
}

#[test]
fn a_closed_folder_above_the_data_is_a_clear_error() {
    if !geteuid().is_root() {
        return; // only root's PostgreSQL runs as another user
    }
    let setting = Setting::new("closed/data", None);
    let closed = setting.folder.path().join("closed");
    fs::create_dir(&closed).expect("it is ours");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let output = run(setting.command().arg("serve"));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let named = format!("cannot enter the folder {} above {}", closed.display(), setting.data.display());
    assert!(errors.contains(&named) && errors.contains("POLYSINK_DATA_DIR"), "{errors}");
    assert_eq!(fs::metadata(&closed).expect("it is there").mode() & 0o777, 0o700, "what is not ours stays as it is");
}

#[test]
fn without_postgresql_programs_the_error_names_three_ways_on() {
    // A machine without them, as far as the binary can see: their folder is covered in a mount namespace of its own.
    let setting = Setting::new("data", None);
    let script = "for dir in /usr/lib/postgresql /usr/local/pgsql; do
                      [ ! -d $dir ] || mount -t tmpfs none $dir || exit 77
                  done
                  exec \"$0\" serve";
    let binary: &Path = env!("CARGO_BIN_EXE_polysink").as_ref();
    let mut command = Command::new("unshare");
    crate::harness::process::clean(&mut command);
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("POLYSINK_DATA_DIR", &setting.data);
    let root = if geteuid().is_root() { None } else { Some("--map-root-user") };
    command.arg("--mount").args(root).args(["sh", "-c", script]).arg(binary);
    command.env("POLYSINK_LISTEN", "127.0.0.1:0");
    let output = run(&mut command);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(77) || errors.contains("unshare") {
        return skip(&format!("this machine allows no mount namespaces: {errors}")).unwrap_or_default();
    }
    assert_eq!(output.status.code(), Some(1), "{errors}");
    for way in ["apt-get install postgresql", "docker compose up", "DATABASE_URL"] {
        assert!(errors.contains(way), "{way} is missing in: {errors}");
    }
}

#[test]
fn a_folder_that_is_no_cluster_is_left_alone() {
    let setting = Setting::new("data", None);
    let foreign = setting.data.join("postgres");
    fs::create_dir_all(&foreign).expect("it can be made");
    fs::set_permissions(&setting.data, fs::Permissions::from_mode(0o711)).expect("it is ours");
    fs::write(foreign.join("diary"), "not polysink's").expect("it can be written");
    let refused = run(setting.command().arg("serve"));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not a PostgreSQL cluster"), "{refused:?}");
    assert_eq!(fs::read_dir(&foreign).expect("it is there").count(), 1);
}

#[test]
fn a_foreign_folder_keeps_its_mode() {
    if !geteuid().is_root() {
        return; // an ordinary user's folders are never opened for others
    }
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o7777;
    let file = Setting::new("a file", None);
    fs::write(&file.data, "not polysink's").expect("it can be written");
    fs::set_permissions(&file.data, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let refused = run(file.command().arg("serve"));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not a folder"), "{refused:?}");
    assert_eq!(mode(&file.data), 0o644);

    let closed = Setting::new("closed", None);
    fs::create_dir(&closed.data).expect("it can be made");
    fs::write(closed.data.join("diary"), "not polysink's").expect("it can be written");
    fs::set_permissions(&closed.data, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let refused = run(closed.command().arg("serve"));
    assert!(!refused.status.success());
    assert_eq!(mode(&closed.data), 0o700);

    // As /tmp is: open, and with a sticky bit.
    let shared = Setting::new("shared", None);
    fs::create_dir(&shared.data).expect("it can be made");
    fs::set_permissions(&shared.data, fs::Permissions::from_mode(0o1777)).expect("it is ours");
    let (status, _) = shared.serve().stop();
    assert!(status.success());
    assert_eq!(mode(&shared.data), 0o1777);

    // As mktemp makes it: empty, ours, and closed.
    let fresh = Setting::new("fresh", None);
    fs::create_dir(&fresh.data).expect("it can be made");
    fs::set_permissions(&fresh.data, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let (status, _) = fresh.serve().stop();
    assert!(status.success());
    assert_eq!(mode(&fresh.data), 0o711);
}
