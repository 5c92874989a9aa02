//! Which addresses are asked: the API's own, and those of the logs that it links to.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::verify::{Networks, is_loopback};

/// The base URL of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Url);

impl ApiUrl {
    /// * `url`: `http` or `https`, without a query
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// Whether it is on this machine, as in tests.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The URL of a path.
    ///
    /// * `segments`: of the path, each is escaped
    pub fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        url.path_segments_mut().expect("an http URL has a path").pop_if_empty().extend(segments);
        url
    }

    /// Reads a URL of a log that the API links to. It is signed, so it needs no key; and it comes from outside, so it
    /// must not lead to a place that only this machine can reach.
    ///
    /// # Errors
    ///
    /// A sentence without the URL, which is a secret.
    pub fn log_url(&self, text: &str) -> Result<LogUrl, String> {
        let url = Url::parse(text).map_err(|_| "the link to the log is not a URL".to_owned())?;
        if url.origin() == self.0.origin() {
            return Ok(LogUrl(url));
        }
        if url.scheme() != "https" {
            return Err("the link to the log is not https".to_owned());
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err("the link to the log has no host".to_owned()),
        };
        if literal.is_some_and(|address| !is_public(address)) {
            return Err("the link to the log leads into a private network".to_owned());
        }
        Ok(LogUrl(url))
    }

    /// Whether a log of this URL may be at any address: it is at the operator's own.
    pub(super) fn is_own(&self, url: &LogUrl) -> bool {
        url.0.origin() == self.0.origin()
    }
}

/// A signed URL of a log. `Debug` shows its host alone: whoever has it can read the records.
#[derive(Clone, PartialEq, Eq)]
pub struct LogUrl(Url);

impl LogUrl {
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl std::fmt::Debug for LogUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LogUrl").field(&self.0.host_str()).finish()
    }
}

/// The special-purpose networks of the IANA registries, and multicast.
static SPECIAL: LazyLock<Networks> = LazyLock::new(|| {
    let networks = "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,\
                    192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,\
                    224.0.0.0/3,::/96,64:ff9b::/96,64:ff9b:1::/48,100::/64,2001::/23,2001:db8::/32,2002::/16,fc00::/7,\
                    fe80::/10,ff00::/8";
    networks.parse().expect("they are networks")
});

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    !SPECIAL.contains(address.to_canonical())
}

/// Resolves names to public addresses alone: a name can lead into the network that this machine is in.
#[derive(Debug, Clone, Default)]
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the link to the log leads into a private network".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl PublicResolver {
    pub fn shared() -> Arc<Self> {
        Arc::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(url: &str) -> ApiUrl {
        ApiUrl::new(url.parse().expect("it is a URL"))
    }

    #[test]
    fn segments_of_a_path_cannot_leave_it() {
        let url = api("https://polytomic.example.com/base/");
        let joined = url.join(&["api", "syncs", "../me?x=1", "status"]);
        assert_eq!(joined.as_str(), "https://polytomic.example.com/base/api/syncs/..%2Fme%3Fx=1/status");
    }

    #[test]
    fn links_to_logs_lead_to_the_public_internet_or_to_the_api_itself() {
        let url = api("https://app.polytomic.com");
        for good in [
            "https://bucket.s3.amazonaws.com/log?X-Amz-Signature=1",
            "https://8.8.8.8/log",
            "https://app.polytomic.com/l",
        ] {
            url.log_url(good).expect(good);
        }
        for bad in [
            "http://bucket.s3.amazonaws.com/log",
            "https://127.0.0.1/log",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/log",
            "https://[::ffff:10.0.0.1]/log",
            "https://[fd00::1]/log",
            "https://0x7f.1/log",
            "https://2130706433/",
            "file:///etc/passwd",
            "/relative",
        ] {
            let error = url.log_url(bad).expect_err(bad);
            assert!(!error.contains("169.254"), "{error}");
        }
        let on_this_machine = api("http://127.0.0.1:8080");
        on_this_machine.log_url("http://127.0.0.1:8080/log").expect("it is the API's own");
        on_this_machine.log_url("http://127.0.0.1:8081/log").expect_err("another port is another service");
    }
}
