//! `DATABASE_URL`, as libpq reads it. A parameter that would be ignored, or would protect less than it says, is an
//! error.

use std::fs;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

const EXPECTED: &str = "expected postgres://user:password@host:5432/database";

const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Parameters that mean something here.
const PARAMETERS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "options",
    "target_session_attrs",
];

/// Parameters of libpq that are accepted and have no effect: polysink sets its own, or it makes no difference to it.
const HARMLESS: [&str; 13] = [
    "application_name",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "sslcompression",
    "sslsni",
    "statement-cache-capacity",
    "tcp_user_timeout",
];

/// How similar a name has to be for it to be suggested, from 0 to 1.
const SIMILAR: f64 = 0.85;

/// A valid `DATABASE_URL`. `Debug` does not show it.
#[derive(Clone)]
pub struct DatabaseUrl {
    /// One for each host.
    servers: Vec<PgConnectOptions>,
    read_write: bool,
    /// For psql: the URL without its password, and the password.
    apart: (String, Option<SecretString>),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// The parts of a URL, still percent-encoded.
struct Parts<'a> {
    user: &'a str,
    password: Option<&'a str>,
    /// Hosts with ports.
    hosts: Vec<(&'a str, &'a str)>,
    database: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl DatabaseUrl {
    /// # Errors
    ///
    /// The mistake and what to write instead. It quotes nothing of the URL but names of parameters, modes, ports and
    /// files.
    pub fn parse(text: &SecretString) -> Result<Self, String> {
        let url = text.expose_secret();
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or_else(|| format!("is not a PostgreSQL URL; {EXPECTED}"))?;
        let parts = split(rest).ok_or_else(|| format!("is not a valid URL; {}", advice(rest)))?;
        let mut kept = Vec::new();
        let mut read_write = false;
        let (mut host, mut port) = (None, None);
        for (name, value) in parts.parameters {
            let value = decoded(value).ok_or_else(|| format!("has a value of {name} that is not UTF-8"))?;
            match check(name, &value)? {
                Use::Keep => kept.push((name, value)),
                Use::Host => host = Some(value),
                Use::Port => port = Some(value),
                Use::ReadWrite => read_write = true,
                Use::Nothing => {}
            }
        }
        check_tls(&mut kept)?;
        let hosts = hosts(&parts.hosts, host.as_deref(), port.as_deref())?;
        let servers = hosts.iter().map(|(host, port)| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("user", Some(parts.user)), ("password", parts.password)] {
                let value = value.filter(|value| !value.is_empty()).and_then(decoded);
                value.map(|value| query.append_pair(name, &value));
            }
            let place = [("host", host), ("port", port)];
            query.extend_pairs(place.into_iter().filter(|(_, value)| !value.is_empty()));
            query.extend_pairs(&kept);
            // sqlx's message can quote a part of the URL, so it is left out.
            let url = format!("postgres:///{}?{}", parts.database, query.finish());
            url.parse::<PgConnectOptions>().map_err(|_| format!("is not a valid URL; {}", advice(rest)))
        });
        let servers = servers.collect::<Result<_, _>>()?;
        let parameter = kept.iter().find(|(name, _)| *name == "password").map(|(_, value)| value.clone());
        let password = parameter.or_else(|| parts.password.and_then(decoded)).map(SecretString::from);
        Ok(Self { servers, read_write, apart: (without_password(url), password) })
    }

    /// The options for sqlx, one for each server, in the order in which they are tried.
    pub fn servers(&self) -> &[PgConnectOptions] {
        &self.servers
    }

    /// `target_session_attrs=read-write`: only a server that takes writes will do.
    pub fn read_write(&self) -> bool {
        self.read_write
    }

    /// The URL without its password, as psql takes it, and the password.
    pub fn apart(&self) -> (&str, Option<&str>) {
        (&self.apart.0, self.apart.1.as_ref().map(ExposeSecret::expose_secret))
    }
}

fn split(rest: &str) -> Option<Parts<'_>> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').map_or((credentials, None), |(user, rest)| (user, Some(rest)));
    // A part that should have been percent-encoded moves the borders of all parts.
    let is_cut = |part: &&str| part.contains(['#', ' ', '@']);
    if [user, password.unwrap_or_default(), hosts, database].iter().any(is_cut)
        || database.contains('/')
        || !authority.contains('@') && query.contains('@')
    {
        return None;
    }
    let hosts: Option<Vec<_>> = hosts.split(',').map(host_and_port).collect();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let parameters: Option<Vec<_>> = pairs.map(|pair| pair.split_once('=')).collect();
    [user, password.unwrap_or_default(), database].into_iter().all(|part| decoded(part).is_some()).then_some(())?;
    Some(Parts { user, password, hosts: hosts?, database, parameters: parameters? })
}

/// `host`, `host:5432`, `[::1]:5432`, `%2Fsocket`
fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    (port.is_empty() || port.parse::<u16>().is_ok()).then_some((host, port))
}

/// The hosts with their ports: those of the parameters win. An empty host is libpq's default, an empty port 5432.
fn hosts(authority: &[(&str, &str)], host: Option<&str>, port: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let invalid = |()| format!("is not a valid URL; {EXPECTED}");
    let mut hosts: Vec<(String, String)> = match host {
        Some(list) => list.split(',').map(|host| (host.to_owned(), String::new())).collect(),
        None => authority
            .iter()
            .map(|(host, port)| Ok((decoded(host).ok_or(()).map_err(invalid)?, (*port).to_owned())))
            .collect::<Result<_, String>>()?,
    };
    let own = authority.first().map(|(_, port)| *port).filter(|port| host.is_some() && !port.is_empty());
    if let Some(list) = port.or(own) {
        let ports: Vec<&str> = list.split(',').collect();
        if ports.len() != 1 && ports.len() != hosts.len() {
            return Err(format!(
                "has {} ports for {} hosts; give each host its own, or all the same",
                ports.len(),
                hosts.len()
            ));
        }
        for (n, (_, port)) in hosts.iter_mut().enumerate() {
            ports[n % ports.len()].clone_into(port);
        }
    }
    if let Some((_, port)) = hosts.iter().find(|(_, port)| !port.is_empty() && port.parse::<u16>().is_err()) {
        let shown: String = port.chars().filter(char::is_ascii_graphic).take(20).collect();
        return Err(format!("has the port `{shown}`, which is not a number up to 65535"));
    }
    Ok(hosts)
}

/// The purpose of a parameter.
enum Use {
    /// sqlx knows it.
    Keep,
    Host,
    Port,
    ReadWrite,
    Nothing,
}

/// Checks one parameter.
fn check(name: &str, value: &str) -> Result<Use, String> {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
    match (&*name, value) {
        ("sslmode", mode) if !MODES.contains(&mode) => {
            let shown: String = mode.chars().filter(char::is_ascii_graphic).take(20).collect();
            Err(format!("is not a valid URL; sslmode `{shown}` is not one of {}", MODES.join(", ")))
        }
        ("sslrootcert", "system") => Ok(Use::Keep),
        ("sslrootcert" | "sslcert" | "sslkey", path) => match fs::read(path) {
            Ok(content) if content.windows(11).any(|window| window == b"-----BEGIN ") => Ok(Use::Keep),
            Ok(_) => Err(format!("names the file {path} as {name}, which is not in PEM format (`-----BEGIN …`)")),
            Err(error) => Err(format!("names the file {path} as {name}, which cannot be read: {error}")),
        },
        ("host" | "hostaddr", host) if host.contains('@') => {
            Err("is not a valid URL; percent-encode an @ in user or password: %40".to_owned())
        }
        ("host" | "hostaddr", _) => Ok(Use::Host),
        ("port", _) => Ok(Use::Port),
        ("target_session_attrs", "any") => Ok(Use::Nothing),
        ("target_session_attrs", "read-write" | "primary") => Ok(Use::ReadWrite),
        ("target_session_attrs", _) => {
            Err("has a target_session_attrs that is not any, read-write or primary; polysink writes".to_owned())
        }
        ("channel_binding" | "gssencmode", "disable" | "prefer") | ("load_balance_hosts", "disable") => {
            Ok(Use::Nothing)
        }
        ("channel_binding", _) => Err("asks for channel_binding, which polysink does not support; remove it, and \
                                       verify the server with sslmode=verify-full"
            .to_owned()),
        ("pgbouncer", _) => {
            Err("has the parameter `pgbouncer`; remove it, and set POLYSINK_POOLER=transaction".to_owned())
        }
        (known, _) if PARAMETERS.contains(&known) || known.starts_with("options[") => Ok(Use::Keep),
        (known, _) if HARMLESS.contains(&known) => Ok(Use::Nothing),
        (unknown, _) => {
            let nearest = nearest(unknown).map_or("remove it".to_owned(), |nearest| format!("did you mean {nearest}?"));
            Err(format!("has the parameter `{unknown}`, which polysink does not support; {nearest}"))
        }
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    let plain = name.to_lowercase().replace(['_', '-'], "");
    let similarity = |known: &str| strsim::jaro_winkler(&plain, &known.replace('_', ""));
    PARAMETERS
        .into_iter()
        .map(|known| (similarity(known), known))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// A root certificate verifies nothing with the weaker modes. libpq takes `require` with one for `verify-ca`.
fn check_tls(parameters: &mut Vec<(&str, String)>) -> Result<(), String> {
    let of = |name: &str| parameters.iter().position(|(known, _)| *known == name);
    let Some(root) = of("sslrootcert") else { return Ok(()) };
    let mode = of("sslmode");
    let is_system = parameters[root].1 == "system";
    match mode.map(|mode| &*parameters[mode].1) {
        Some("verify-full") => {}
        Some("verify-ca") if !is_system => {}
        Some("require") if !is_system => {
            let mode = mode.expect("it was found");
            "verify-ca".clone_into(&mut parameters[mode].1);
        }
        _ => {
            return Err("has an sslrootcert and no sslmode that verifies with it; add sslmode=verify-full".to_owned());
        }
    }
    if is_system {
        parameters.remove(root); // the system's certificates are the default
    }
    Ok(())
}

fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// The probable mistake in the text after the scheme.
fn advice(rest: &str) -> String {
    let before_host = rest.rsplit_once('@').map_or("", |(credentials, _)| credentials);
    if before_host.contains(['/', '?', '#', '@', '[', ']', ' ']) {
        return "in the user and password, write @ as %40, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D".to_owned();
    }
    EXPECTED.to_owned()
}

/// A valid URL without its password and without the parameter that only sqlx knows.
fn without_password(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut text = place.to_owned();
    if let Some((credentials, rest)) = place.rsplit_once('@')
        && let Some((user, _)) = credentials.split_once("//").map_or("", |(_, user)| user).split_once(':')
    {
        let scheme = &place[..place.find("//").map_or(0, |at| at + 2)];
        text = format!("{scheme}{user}@{rest}");
    }
    let kept = query.split('&').filter(|pair| {
        !pair.is_empty() && !["statement-cache-capacity=", "password="].iter().any(|name| pair.starts_with(name))
    });
    let kept: Vec<&str> = kept.collect();
    if kept.is_empty() { text } else { format!("{text}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        let error = DatabaseUrl::parse(&url.into()).err().unwrap_or_default();
        assert!(!error.contains("hunter"), "{error}");
        error
    }

    /// Host or socket, port, user and database of each server.
    fn servers(url: &str) -> Vec<String> {
        let url = DatabaseUrl::parse(&url.into()).unwrap_or_else(|error| panic!("{url}: {error}"));
        let shown = |server: &PgConnectOptions| {
            let host = server.get_socket().map_or(server.get_host().to_owned(), |socket| socket.display().to_string());
            let (user, database) = (server.get_username(), server.get_database().unwrap_or_default());
            format!("{host}:{} {user} {database}", server.get_port())
        };
        url.servers().iter().map(shown).collect()
    }

    #[test]
    fn the_error_says_what_to_change() {
        assert!(error("mysql://u:hunter2@h/d").contains("is not a PostgreSQL URL"));
        assert!(error("postgres://u:hunter2@h/d?sslmode=verify").contains("sslmode `verify` is not one of disable,"));
        for password in ["hunter/2", "hunter#2", "hunter?2"] {
            let error = error(&format!("postgres://u:{password}@host:5432/d"));
            assert!(error.contains("@ as %40") && error.contains("/ as %2F"), "{password}: {error}");
        }
        assert!(error("postgres://u:hunter2@host:port/d").contains("expected postgres://user:password@host"));
        assert_eq!(error("postgres://u:hunter%2F2@host:5432/d?sslmode=require"), "");
    }

    #[test]
    fn parameters_that_would_be_ignored_are_refused() {
        for (parameter, says) in [
            ("ssl_mode=require", "did you mean sslmode?"),
            ("sslmod=require", "did you mean sslmode?"),
            ("ssl-root-cert=/x", "did you mean sslrootcert?"),
            ("passfile=/x", "`passfile`, which polysink does not support; remove it"),
            ("pgbouncer=true", "POLYSINK_POOLER=transaction"),
            ("channel_binding=require", "sslmode=verify-full"),
            ("target_session_attrs=standby", "polysink writes"),
            (
                "sslrootcert=/no/such/file&sslmode=verify-full",
                "/no/such/file as sslrootcert, which cannot be read: No such file",
            ),
            ("sslcert=/etc/hostname&sslkey=/no/key", "/etc/hostname as sslcert, which is not in PEM format"),
            ("port=1,2", "has 2 ports for 1 hosts"),
            ("port=many", "has the port `many`"),
        ] {
            let error = error(&format!("postgres://u:hunter2@h/d?{parameter}"));
            assert!(error.contains(says), "{parameter}: {error}");
        }
        assert_eq!(error("postgres://u:hunter2@h/d?connect_timeout=10&application_name=x&channel_binding=prefer"), "");
    }

    #[test]
    fn a_root_certificate_is_used_or_refused() {
        let root = tempfile::NamedTempFile::new().expect("there is a temporary folder");
        fs::write(root.path(), "-----BEGIN CERTIFICATE-----").expect("it can be written");
        let with = |parameters: &str| {
            let url = format!("postgres://u@h/d?sslrootcert={}{parameters}", root.path().display());
            DatabaseUrl::parse(&url.into()).map(|url| format!("{:?}", url.servers()[0]))
        };
        let require = with("&sslmode=require").expect("libpq verifies with it");
        assert!(require.contains("VerifyCa"), "{require}");
        for weak in ["", "&sslmode=prefer", "&sslmode=disable"] {
            let error = with(weak).expect_err("it would not be used");
            assert!(error.contains("add sslmode=verify-full"), "{error}");
        }
        assert!(error("postgres://u@h/d?sslrootcert=system&sslmode=require").contains("add sslmode=verify-full"));
        assert_eq!(error("postgres://u@h/d?sslrootcert=system&sslmode=verify-full"), "");
    }

    #[test]
    fn hosts_are_read_as_libpq_reads_them() {
        assert_eq!(servers("postgres://u:pw@/db?host=/run/pg"), ["/run/pg:5432 u db"]);
        assert_eq!(servers("postgres://u:pw@/db?host=/run/pg&port=5433"), ["/run/pg:5433 u db"]);
        assert_eq!(servers("postgres://u@%2Frun%2Fpg/db"), ["/run/pg:5432 u db"]);
        assert_eq!(servers("postgresql://u@[::1]:5433/db"), ["::1:5433 u db"]);
        assert_eq!(servers("postgres://u@a:1,b:2/db?target_session_attrs=read-write"), ["a:1 u db", "b:2 u db"]);
        assert_eq!(servers("postgres://u@a,b/db"), ["a:5432 u db", "b:5432 u db"]);
        assert_eq!(servers("postgres://u@/db?host=a,b&port=1,2"), ["a:1 u db", "b:2 u db"]);
        assert_eq!(servers("postgres://u@localhost:6000/db?host=/run/pg"), ["/run/pg:6000 u db"]);
        let one = DatabaseUrl::parse(&"postgres://u@a,b/db?target_session_attrs=read-write".into());
        assert!(one.expect("it is valid").read_write());
    }

    /// A part of it must not be taken for another part, which is shown.
    #[test]
    fn a_password_that_is_not_encoded_is_shown_nowhere() {
        for special in ["/", "?", "#", "@", ":", "[", "]", "%", " ", "&", "=", "?a=", "/?sslmode=", ",", "@x/?host="] {
            for password in [format!("hunter{special}2"), format!("1{special}hunter2"), format!("1{special}hunter=2")] {
                let url = format!("postgres://u:{password}@host:5432/d");
                match DatabaseUrl::parse(&url.as_str().into()) {
                    Err(error) => assert!(!error.contains("hunter"), "{url}: {error}"),
                    Ok(parsed) => {
                        let shown = format!("{:?}", servers(&url));
                        assert!(!shown.contains("hunter") && !parsed.apart().0.contains("hunter"), "{url}: {shown}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_password_leaves_the_url() {
        let url = "postgres://u:p%40ss@db:5433/app?sslmode=require&statement-cache-capacity=0";
        let url = DatabaseUrl::parse(&url.into()).expect("it is a good URL");
        assert_eq!(url.apart(), ("postgres://u@db:5433/app?sslmode=require", Some("p@ss")));
        let url = DatabaseUrl::parse(&"postgres://u:pw@a:1,b:2/app".into()).expect("it is a good URL");
        assert_eq!(url.apart(), ("postgres://u@a:1,b:2/app", Some("pw")));
    }
}
