//! Refused credentials: delays the answers to repeated ones. Valid ones are never delayed.

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

/// After this long without a failure, an address starts over.
const FORGOTTEN: Duration = Duration::from_secs(60);

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
}

impl Default for Failures {
    fn default() -> Self {
        Self { slots: Mutex::new(vec![None; SLOTS].into_boxed_slice()), hasher: RandomState::new() }
    }
}

impl Failures {
    /// Notes a failure. Returns how long to delay the answer.
    pub fn pause(&self, client: IpAddr, now: Instant) -> Duration {
        let slot = usize::try_from(self.hasher.hash_one(network(client)) % SLOTS as u64).expect("it is below SLOTS");
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let before =
            slots[slot].filter(|slot| now.duration_since(slot.latest) < FORGOTTEN).map_or(0, |slot| slot.failures);
        slots[slot] = Some(Slot { failures: before.saturating_add(1), latest: now });
        match before.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(further) => FIRST_PAUSE.saturating_mul(1_u32 << further.min(10)).min(LONGEST_PAUSE),
        }
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
        let pauses: Vec<u128> = (0..10).map(|_| failures.pause(client, now).as_millis()).collect();
        assert_eq!(pauses, [0, 0, 0, 50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(failures.pause(client, now + FORGOTTEN), Duration::ZERO);
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let failures = Failures::default();
        let now = Instant::now();
        for host in 0..3_u128 {
            failures.pause(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + host)), now);
        }
        let fourth = failures.pause(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) + 99)), now);
        assert_eq!(fourth, FIRST_PAUSE);
    }
}
