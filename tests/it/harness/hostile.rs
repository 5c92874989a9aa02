//! Malformed and hostile requests, as bytes on a connection.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::app::http_client;
use super::delivery::{gzip, timestamp};
use super::load::Tally;
use super::{Delivery, SECRET, SYNC, record};

/// The sync that hostile bodies name.
const OTHER_SYNC: &str = "00000000-1111-4222-8333-444444444444";

/// How many connections at once.
const AT_ONCE: usize = 128;

/// How long an answer to a request whose sender has ended may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of hostile requests.
#[derive(Debug, Default)]
pub struct Attacked {
    /// The good deliveries among them.
    pub tally: Tally,
    /// How many requests of each kind were answered with each status, 0 for none.
    pub answers: BTreeMap<(&'static str, u16), usize>,
}

/// Sends hostile requests, and a good delivery among every few of them. Panics if a good one is not stored at once, or
/// if a hostile one is answered with a 500 or with something that is not HTTP.
///
/// * `webhook`: its URL, of a service that takes bodies of less than 40 MB
pub async fn attack(webhook: &str, requests: usize, seed: u64) -> Attacked {
    let address = webhook.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("it is plain HTTP");
    let http = http_client();
    let mut attacked = Attacked::default();
    let mut sent = 0;
    while sent < requests {
        let batch: Vec<_> = (sent..requests.min(sent + AT_ONCE)).map(|n| hostile(n, seed)).collect();
        let hash = format!("good-{seed}-{sent}");
        let good = Delivery::of(&[record(&hash, serde_json::json!({"id": hash, "n": sent}))]);
        let answers = batch.iter().map(|(_, request)| answer(address, request));
        let (answers, good) = tokio::join!(futures_util::future::join_all(answers), good.try_post(&http, webhook));
        for ((kind, request), statuses) in batch.iter().zip(answers) {
            for status in statuses.unwrap_or_else(|fault| panic!("{kind}: {fault}: {}", shown(&request.bytes))) {
                *attacked.answers.entry((kind, status)).or_default() += 1;
            }
        }
        assert_eq!(good.expect("the service answers").counts(), [1, 1, 0, 0], "among hostile requests");
        attacked.tally.stored += 1;
        attacked.tally.note(&hash);
        sent += batch.len();
    }
    attacked
}

/// A request, and how its sender ends.
struct Request {
    bytes: Vec<u8>,
    end: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    /// It sends no more, and reads what is answered.
    Reads,
    /// It resets the connection.
    Resets,
}

/// Sends a request; returns the statuses of all answers, `[0]` if there are none.
async fn answer(address: &str, request: &Request) -> Result<Vec<u16>, String> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| format!("cannot connect: {error}"))?;
    // The service may close the connection before it has read all of it.
    let sent = tokio::time::timeout(PATIENCE, stream.write_all(&request.bytes)).await;
    let _ = sent.map_err(|_| format!("not read in {PATIENCE:?}"))?;
    if request.end == End::Resets {
        let _ = stream.set_zero_linger();
        return Ok(vec![0]);
    }
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.map_err(|_| format!("no end in {PATIENCE:?}"))?.ok();
    let text = String::from_utf8_lossy(&answer);
    if !text.is_empty() && !text.starts_with("HTTP/1.") {
        return Err(format!("answered {text:?}"));
    }
    let heads = text.match_indices("HTTP/1.").filter(|(at, _)| *at == 0 || text[..*at].ends_with(['\n', '}']));
    let statuses = heads.map(|(at, _)| text[at..].split(' ').nth(1).and_then(|status| status.parse().ok()));
    let statuses: Option<Vec<u16>> = statuses.collect();
    match statuses {
        Some(statuses) if statuses.is_empty() => Ok(vec![0]),
        Some(statuses) if statuses.iter().all(|status| *status != 500) => Ok(statuses),
        _ => Err(format!("answered {text:?}")),
    }
}

fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(2_000)].escape_ascii().to_string()
}

/// A kind of hostile requests: its name, and what makes one.
type Kind = (&'static str, fn(&mut Make) -> Vec<u8>);

const KINDS: [Kind; 14] = [
    ("noise", Make::noise),
    ("another protocol", Make::another_protocol),
    ("request line", Make::request_line),
    ("header syntax", Make::header_syntax),
    ("huge headers", Make::huge_headers),
    ("length", Make::length),
    ("smuggling", Make::smuggling),
    ("chunks", Make::chunks),
    ("pipelining", Make::pipelining),
    ("HTTP/1.0", Make::http_1_0),
    ("credentials", Make::credentials),
    ("not JSON", Make::not_json),
    ("nesting", Make::nesting),
    ("gzip", Make::gzip),
];

/// * `n`: makes its hashes distinct
fn hostile(n: usize, seed: u64) -> (&'static str, Request) {
    let (kind, make) = KINDS[n % KINDS.len()];
    let mut maker = Make { n, random: StdRng::seed_from_u64(seed.wrapping_add(n as u64)) };
    let mut bytes = make(&mut maker);
    let random = &mut maker.random;
    if random.random_bool(0.05) {
        bytes.truncate(random.random_range(0..=bytes.len()));
    }
    // Another byte could make two good requests of what is smuggled.
    let framed = ["smuggling", "chunks"].contains(&kind);
    if random.random_bool(0.1) && !framed && !bytes.is_empty() {
        let at = random.random_range(0..bytes.len());
        bytes[at] = random.random();
    }
    let end = if random.random_bool(0.05) { End::Resets } else { End::Reads };
    (kind, Request { bytes, end })
}

/// Makes requests of one kind.
struct Make {
    n: usize,
    random: StdRng,
}

/// A body of 40 MB after decompression.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b' '; 40_000_000]));

impl Make {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.choose(&mut self.random).expect("there are some")
    }

    fn body(&self, name: &str) -> String {
        let records = format!(r#"[{{"hash":"{name}-{}","fields":{{"id":{}}}}}]"#, self.n, self.n);
        format!(r#"{{"event":"sync.records","object":{{"id":"{OTHER_SYNC}","name":"Hostile","records":{records}}}}}"#)
    }

    /// A request with good credentials.
    fn post(headers: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST /webhooks/polytomic HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SECRET}\r\n\
             Content-Type: application/json\r\nPolytomic-Signature-Timestamp: {}\r\n{headers}\r\n",
            timestamp(0)
        );
        [head.as_bytes(), body].concat()
    }

    /// The same, with the length of its body.
    fn sized(body: &[u8]) -> Vec<u8> {
        Self::post(&format!("Content-Length: {}\r\n", body.len()), body)
    }

    /// A delivery that must not be stored, because what comes before it leaves open where it begins.
    fn smuggled(&self) -> Vec<u8> {
        let body = self.body("smuggled").replace(OTHER_SYNC, SYNC);
        Self::sized(body.as_bytes())
    }

    fn noise(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; self.random.random_range(1..5_000)];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    fn another_protocol(&mut self) -> Vec<u8> {
        let of = [
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
            "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03",
            "SSH-2.0-OpenSSH_9.6\r\n",
            "\0\0\0\x08\x04\u{d2}\x16/",
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \
             AAMAAABkAAQAAP__\r\n\r\n",
            "GET /webhooks/polytomic HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n",
        ];
        self.one(&of).chars().map(|c| u8::try_from(u32::from(c)).expect("each is one byte")).collect()
    }

    fn request_line(&mut self) -> Vec<u8> {
        let long = format!("/{}", "a".repeat(100_000));
        let method = self.one(&["POST", "post", "TRACE", "CONNECT", "DELETE", "OPTIONS", "P\0ST", "", "POST POST"]);
        let path = self.one(&[
            "/webhooks/polytomic",
            "/webhooks/polytomic/..",
            "//webhooks//polytomic",
            "/webhooks/polytomic?\0",
            "*",
            "",
            "http://elsewhere/webhooks/polytomic",
            "/%00%ff",
            "/health/ready#x",
            "/\u{e9}",
            &long,
        ]);
        let version = self.one(&["HTTP/1.1", "HTTP/9.9", "HTTP/1.", "http/1.1", "HTTP/0.9", "", "HTTP/1.1 x"]);
        format!("{method} {path} {version}\r\nHost: x\r\n\r\n").into_bytes()
    }

    fn header_syntax(&mut self) -> Vec<u8> {
        let header = self.one(&[
            "No-Colon\r\n",
            "Space : x\r\n",
            " Folded: x\r\n",
            "X: a\r\n folded\r\n",
            "X: \0\r\n",
            "X: a\rb\r\n",
            ": x\r\n",
            "X: a\n",
            "H\u{e9}: x\r\n",
            "Host: other\r\n",
            "Host: a b\r\n",
            "Expect: 100-continue\r\n",
            "Expect: 200-maybe\r\n",
            "Expect: \r\n",
            "Connection: close, keep-alive\r\n",
            "Content-Encoding: br\r\n",
            "Content-Encoding: gzip, gzip\r\n",
            "Content-Type: \r\n",
            "Polytomic-Signature-Timestamp: never\r\n",
        ]);
        let body = self.body("header");
        Self::post(&format!("{header}Content-Length: {}\r\n", body.len()), body.as_bytes())
    }

    fn huge_headers(&mut self) -> Vec<u8> {
        let headers = match self.random.random_range(0..4) {
            0 => format!("X: {}\r\n", "x".repeat(1_000_000)),
            1 => "X: x\r\n".repeat(10_000),
            2 => format!("{}: x\r\n", "X".repeat(100_000)),
            _ => format!("Authorization: Bearer {}\r\n", "x".repeat(50_000)).repeat(3),
        };
        Self::post(&format!("{headers}Content-Length: 2\r\n"), b"{}")
    }

    fn length(&mut self) -> Vec<u8> {
        let body = self.body("length");
        let size = body.len();
        let length = match self.random.random_range(0..10) {
            0 => "-1".to_owned(),
            1 => format!("+{size}"),
            2 => format!("{size:#x}"),
            3 => "99999999999999999999999999".to_owned(),
            4 => (size + 100).to_string(),
            5 => "18446744073709551615".to_owned(),
            6 => format!("{size}\r\nContent-Length: {}", size + 1),
            7 => format!("{size}, {size}"),
            8 => format!("{size} {size}"),
            _ => String::new(),
        };
        Self::post(&format!("Content-Length: {length}\r\n"), body.as_bytes())
    }

    fn smuggling(&mut self) -> Vec<u8> {
        let smuggled = self.smuggled();
        let chunked = [b"0\r\n\r\n".as_slice(), &smuggled].concat();
        let size = chunked.len();
        let headers = match self.random.random_range(0..9) {
            0 => format!("Content-Length: {size}\r\nTransfer-Encoding: chunked\r\n"),
            1 => format!("Transfer-Encoding: chunked\r\nContent-Length: {size}\r\n"),
            2 => format!("Content-Length: {size}\r\nTransfer-Encoding: xchunked\r\n"),
            3 => format!("Content-Length: {size}\r\nTransfer-Encoding : chunked\r\n"),
            4 => format!("Content-Length: {size}\r\nTransfer-Encoding:\x0bchunked\r\n"),
            5 => format!("Content-Length: {size}\r\nTransfer-Encoding: identity, chunked\r\n"),
            6 => format!("Content-Length: {size}\r\nX: x\r\n Transfer-Encoding: chunked\r\n"),
            7 => format!("Content-Length: {size}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
            _ => format!("Content-Length: 0\r\nContent-Length: {size}\r\n"),
        };
        Self::post(&headers, &chunked)
    }

    fn chunks(&mut self) -> Vec<u8> {
        let body = self.body("chunks");
        let (size, smuggled) = (body.len(), String::from_utf8(self.smuggled()).expect("it is text"));
        let chunked = match self.random.random_range(0..9) {
            0 => format!("fffffffffffffffff\r\n{body}\r\n0\r\n\r\n"),
            1 => format!("-{size:x}\r\n{body}\r\n0\r\n\r\n"),
            2 => format!("{size:x}{}\r\n{body}\r\n0\r\n\r\n", ";x=y".repeat(5_000)),
            3 => format!("{size:x}\n{body}\n0\n\n"),
            4 => format!("{size:x}\r\n{body}\r\n"),
            5 => format!("{:x}\r\n{body}\r\n0\r\n\r\n{smuggled}", size - 5),
            6 => format!(" {size:x} \r\n{body}\r\n0\r\n\r\n"),
            7 => format!("{size:x}\r\n{body}\r\n0\r\nX: {}\r\n\r\n", "x".repeat(100_000)),
            _ => "1\r\n{\r\n".repeat(2_000),
        };
        Self::post("Transfer-Encoding: chunked\r\n", chunked.as_bytes())
    }

    /// Requests that are sent before the first is answered, one of them bad.
    fn pipelining(&mut self) -> Vec<u8> {
        let good = Self::sized(self.body("pipelined").as_bytes());
        let bad = Self::post("Content-Length: x\r\n", b"{}");
        let mut all = vec![good; self.random.random_range(2..30)];
        let at = self.random.random_range(0..all.len());
        all[at] = bad;
        all.concat()
    }

    fn http_1_0(&mut self) -> Vec<u8> {
        let body = self.body("old");
        let headers = match self.random.random_range(0..4) {
            0 => format!("Content-Length: {}\r\n", body.len()),
            1 => format!("Content-Length: {}\r\nConnection: keep-alive\r\n", body.len()),
            2 => "Transfer-Encoding: chunked\r\n".to_owned(),
            _ => String::new(),
        };
        let request = Self::post(&headers, body.as_bytes());
        let text = String::from_utf8(request).expect("it is text");
        text.replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes()
    }

    fn credentials(&mut self) -> Vec<u8> {
        let authorization = self.one(&[
            "Authorization: Bearer wrong\r\n",
            "Authorization: Basic Og==\r\n",
            "Authorization: \r\n",
            "Authorization: Bearer \u{e9}\r\n",
            "Authorization: Bearer wrong\r\nAuthorization: Bearer correct-horse-battery\r\n",
            "X-Api-Key: correct-horse-battery\r\n",
            "Authorization: Bearer correct-horse-battery, Bearer wrong\r\n",
            "Forwarded: for=\"\r\nX-Forwarded-For: ,,,\r\n",
        ]);
        let body = self.body("stranger");
        format!(
            "POST /webhooks/polytomic HTTP/1.1\r\nHost: x\r\n{authorization}Content-Type: \
             application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn not_json(&mut self) -> Vec<u8> {
        let good = self.body("json");
        let mut body = match self.random.random_range(0..6) {
            0 => good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => good.replace("Hostile", "\\ud800\\u0000").into_bytes(),
            2 => good.replace("\"id\"", "\"id\":1,\"id\"").into_bytes(),
            3 => [good.as_bytes(), b"\0trailing"].concat(),
            4 => format!("[{}]", "null,".repeat(50_000)).into_bytes(),
            _ => good.into_bytes(),
        };
        for _ in 0..self.random.random_range(0..4) {
            let at = self.random.random_range(0..body.len());
            body[at] = self.random.random();
        }
        Self::sized(&body)
    }

    fn nesting(&mut self) -> Vec<u8> {
        let depth = self.random.random_range(10..50_000);
        let (open, close) = if self.random.random_bool(0.5) { ("[", "]") } else { ("{\"a\":", "}") };
        let closed = if self.random.random_bool(0.7) { close.repeat(depth) } else { String::new() };
        let deep = format!("{}1{closed}", open.repeat(depth));
        let body = match self.random.random_range(0..3) {
            0 => deep,
            1 => self.body("deep").replacen(&format!("\"id\":{}", self.n), &format!("\"id\":{deep}"), 1),
            _ => self.body("deep").replacen("\"Hostile\"", &deep, 1),
        };
        Self::sized(body.as_bytes())
    }

    fn gzip(&mut self) -> Vec<u8> {
        let good = gzip(self.body("gzip").as_bytes());
        let body = match self.random.random_range(0..40) {
            0 => BOMB.clone(),
            1..10 => good[..self.random.random_range(2..good.len())].to_vec(),
            10..20 => [&good[..], b"trailing"].concat(),
            20..30 => gzip(&good),
            _ => {
                let mut damaged = good;
                let at = self.random.random_range(2..damaged.len());
                damaged[at] ^= 1 << self.random.random_range(0..8);
                damaged
            }
        };
        Self::post(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", body.len()), &body)
    }
}
