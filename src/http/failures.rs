//! Refusals of clients that have not shown a secret: delays the answers to repeated ones, and limits their lines in the
//! log. Those of clients with a secret are never delayed.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many addresses are told apart. Two addresses in one slot delay each other's failures, nothing else. Memory stays
/// constant.
const SLOTS: usize = 1_024;

/// Failures answered without a delay: a typo, or a rotation that is half done.
const FREE: u32 = 3;

/// The delay after the first further failure; doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How many lines an address gets at once. After that it gets one a second, with the number of lines that were left
/// out.
const LINES: f64 = 10.0;
const LINES_PER_SECOND: f64 = 1.0;

/// After this long without a failure, an address starts over.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// Advice about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// How long to delay the answer.
    pub pause: Duration,
    pub line: LogLine,
}

/// Whether a failure has a line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLine {
    /// With how many failures of the address were left out since its last line.
    Written {
        left_out: u64,
    },
    LeftOut,
}

/// Failed attempts by address.
#[derive(Debug)]
pub struct Failures {
    slots: Mutex<Box<[Option<Slot>]>>,
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    failures: u32,
    latest: Instant,
    /// How many lines may be written now.
    lines: f64,
    left_out: u64,
}

impl Default for Failures {
    fn default() -> Self {
        Self { slots: Mutex::new(vec![None; SLOTS].into_boxed_slice()), hasher: RandomState::new() }
    }
}

impl Failures {
    /// Notes a failure. Returns what to do about it.
    pub fn note(&self, client: IpAddr, now: Instant) -> Failure {
        let slot = usize::try_from(self.hasher.hash_one(network(client)) % SLOTS as u64).expect("it is below SLOTS");
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slots[slot].filter(|slot| now.duration_since(slot.latest) < FORGOTTEN);
        let mut noted = known.unwrap_or(Slot { failures: 0, latest: now, lines: LINES, left_out: 0 });
        let pause = match noted.failures.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(further) => FIRST_PAUSE.saturating_mul(1_u32 << further.min(10)).min(LONGEST_PAUSE),
        };
        let since = now.duration_since(noted.latest).as_secs_f64();
        noted.lines = (noted.lines + since * LINES_PER_SECOND).min(LINES);
        let line = if noted.lines >= 1.0 {
            noted.lines -= 1.0;
            LogLine::Written { left_out: std::mem::take(&mut noted.left_out) }
        } else {
            noted.left_out += 1;
            LogLine::LeftOut
        };
        (noted.failures, noted.latest) = (noted.failures.saturating_add(1), now);
        slots[slot] = Some(noted);
        Failure { pause, line }
    }
}

/// A single IPv6 client has at least a /64 of addresses.
pub fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_second_and_are_forgotten() {
        let failures = Failures::default();
        let client = IpAddr::from([192, 0, 2, 1]);
        let now = Instant::now();
        let pauses: Vec<u128> = (0..10).map(|_| failures.note(client, now).pause.as_millis()).collect();
        assert_eq!(pauses, [0, 0, 0, 50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(failures.note(client, now + FORGOTTEN).pause, Duration::ZERO);
    }

    #[test]
    fn an_address_has_a_line_a_second_with_the_number_left_out() {
        let failures = Failures::default();
        let client = IpAddr::from([192, 0, 2, 1]);
        let now = Instant::now();
        let line = |millis| failures.note(client, now + Duration::from_millis(millis)).line;
        for _ in 0..10 {
            assert_eq!(line(0), LogLine::Written { left_out: 0 });
        }
        // Two thousand in two seconds.
        let lines: Vec<LogLine> = (0..2_000).map(line).filter(|line| *line != LogLine::LeftOut).collect();
        assert_eq!(lines, [LogLine::Written { left_out: 1_000 }]);
        assert_eq!(line(2_000), LogLine::Written { left_out: 999 });
        assert_eq!(failures.note(IpAddr::from([192, 0, 2, 2]), now).line, LogLine::Written { left_out: 0 });
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let failures = Failures::default();
        let now = Instant::now();
        for host in 0..3_u128 {
            failures.note(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + host)), now);
        }
        let fourth = failures.note(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + 99)), now);
        assert_eq!(fourth.pause, FIRST_PAUSE);
    }
}
