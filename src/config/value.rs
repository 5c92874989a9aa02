//! Parsers of single values. An error completes the sentence "`x` …".

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use chrono::TimeDelta;

use super::LogFormat;
use crate::verify::Networks;

pub fn networks(text: &str) -> Result<Networks, String> {
    text.parse().map_err(|error| format!("not a list of addresses: {error}"))
}

/// `300s`, `5m`, `1h 30m`; also a bare `0`.
pub fn duration(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text).map_err(|_| "not a valid duration; expected 300s, 5m or 1h, for example".to_owned())
}

pub fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "neither `true` nor `false`".to_owned())
}

/// `None` for 0, which keeps all.
pub fn retention(text: &str) -> Result<Option<TimeDelta>, String> {
    let delta =
        tolerance(text).map_err(|_| "not a valid retention; expected 30d, for example, or 0 to keep all".to_owned())?;
    match delta {
        delta if delta.is_zero() => Ok(None),
        delta if delta < TimeDelta::days(1) => Err("too short; expected at least 1d, or 0 to keep all".to_owned()),
        delta => Ok(Some(delta)),
    }
}

pub fn tolerance(text: &str) -> Result<TimeDelta, String> {
    let duration = duration(text)?;
    TimeDelta::from_std(duration)
        .ok()
        .filter(|delta| *delta <= TimeDelta::days(36_500))
        .ok_or_else(|| "too long; expected at most 100 years, or 0 for no check".to_owned())
}

/// `32MiB`, `1GB`, plain bytes.
pub fn size(text: &str, min: usize, max: usize) -> Result<usize, String> {
    let expected = || format!("not a valid size; expected {} to {}, such as 32MiB", shown(min), shown(max));
    let size: bytesize::ByteSize = text.parse().map_err(|_| expected())?;
    usize::try_from(size.as_u64()).ok().filter(|size| (min..=max).contains(size)).ok_or_else(expected)
}

fn shown(bytes: usize) -> String {
    bytesize::ByteSize::b(bytes as u64).display().iec().to_string()
}

pub fn count(text: &str, min: usize, max: usize) -> Result<usize, String> {
    let number = text.replace([',', '_'], "").parse().ok().filter(|count| (min..=max).contains(count));
    number.ok_or_else(|| format!("not a whole number from {min} to {max}"))
}

/// An address and a port; a host name such as `localhost` is resolved once, when the settings are read.
pub fn listen(text: &str) -> Result<SocketAddr, String> {
    let expected = || "not a valid address to listen on; expected 127.0.0.1:8080 or [::]:8080, for example".to_owned();
    text.parse().or_else(|_| text.to_socket_addrs().map_err(|_| expected())?.next().ok_or_else(expected))
}

pub fn path(text: &str) -> Result<String, String> {
    let parts = text.split('/').filter(|part| !part.is_empty()).map(|part| format!("/{part}"));
    let path: String = parts.collect();
    let good = text.starts_with('/')
        && !path.is_empty()
        && !path.starts_with("/health")
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
    good.then_some(path).ok_or_else(|| {
        "not a valid path for the webhook; expected /webhooks/polytomic, for example: letters, digits and -._~, not \
         under /health"
            .to_owned()
    })
}

pub fn log_filter(text: &str) -> Result<String, String> {
    // `EnvFilter` takes any word as the name of a module, and then logs nothing else: `WARNING`, for example.
    let levels = ["error", "warn", "info", "debug", "trace", "off"];
    let is_good = |directive: &str| {
        directive.contains(['=', '[']) || levels.contains(&directive.trim().to_ascii_lowercase().as_str())
    };
    let read = text.split(',').all(is_good).then(|| text.parse::<tracing_subscriber::EnvFilter>().ok()).flatten();
    read.map(|_| text.to_owned()).ok_or_else(|| {
        "not a valid log filter; expected error, warn, info, debug, trace or off, or polysink=debug,info".to_owned()
    })
}

pub fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("not a valid log format; expected text or json".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("300s"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for bad in ["300", "-5s", "soon", ""] {
            duration(bad).expect_err(bad);
        }
    }

    #[test]
    fn a_retention_is_a_day_at_least_or_none() {
        assert_eq!(retention("0"), Ok(None));
        assert_eq!(retention("30d"), Ok(Some(TimeDelta::days(30))));
        for bad in ["30", "1h", "never", "-1d", "1000y"] {
            retention(bad).expect_err(bad);
        }
    }

    #[test]
    fn sizes_have_bounds() {
        assert_eq!(size("32MiB", 1, 1 << 30), Ok(32 << 20));
        assert_eq!(size("1000", 1, 1 << 30), Ok(1000));
        for bad in ["32", "2GiB", "many", "-1"] {
            size(bad, 100, 1 << 30).expect_err(bad);
        }
    }

    #[test]
    fn a_log_filter_is_levels_for_modules() {
        for good in ["info", "WARN", "polysink=debug,info", "off"] {
            log_filter(good).expect(good);
        }
        for bad in ["WARNING", "polysink", "info,verbose", "polysink=loud"] {
            log_filter(bad).expect_err(bad);
        }
    }

    #[test]
    fn addresses_to_listen_on_have_a_port() {
        assert_eq!(listen("[::1]:80").expect("it is an address").port(), 80);
        assert!(listen("localhost:8080").expect("it can be looked up").ip().is_loopback());
        for bad in ["127.0.0.1", "8080", "nowhere", ":"] {
            listen(bad).expect_err(bad);
        }
    }

    #[test]
    fn webhook_paths_are_plain() {
        for bad in ["webhooks", "/", "//", "/health/x", "//health/x", "/a b", "/{a}", "/a?b"] {
            path(bad).expect_err(bad);
        }
        for same in ["/in/polytomic-1", "/in/polytomic-1/", "//in//polytomic-1"] {
            assert_eq!(path(same), Ok("/in/polytomic-1".to_owned()));
        }
    }
}
