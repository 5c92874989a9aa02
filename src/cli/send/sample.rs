//! Records that look like a company's customers: mixed types, nulls, nesting, several scripts.

use chrono::{DateTime, Days, NaiveDate};
use serde_json::{Value, json};

const FIRST: &[&str] =
    &["Ada", "Grace", "Zoë", "Nguyễn", "José", "Ольга", "美咲", "Fatima", "Søren", "Chinedu", "Aoife", "李雷"];
const LAST: &[&str] =
    &["Lovelace", "Hopper", "O'Brien", "García", "Петрова", "田中", "Haddad", "Ørsted", "Okafor", "Müller", "Smith"];
const COMPANIES: &[&str] =
    &["Analytical Engines", "Fjord & Co.", "Blue \"Sky\" Ltd", "Nimbus", "Tōkyō Robotics", "Acme, Inc.", "Café Olé"];
const PLANS: &[&str] = &["free", "team", "business", "enterprise"];
const CITIES: &[(&str, &str, &str)] = &[
    ("London", "GB", "EC1A 1BB"),
    ("Dresden", "DE", "01067"),
    ("Boston", "US", "02108"),
    ("京都", "JP", "600-8216"),
    ("São Paulo", "BR", "01310-100"),
];

/// The fields of record number `n`: always the same for the same number.
pub fn fields(n: u64) -> Value {
    let mut random = Random(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
    let (first, last) = (random.of(FIRST), random.of(LAST));
    let (city, country, postcode) = *random.of(CITIES);
    let seats = random.below(500) + 1;
    let signed_up = DateTime::from_timestamp(1_577_836_800 + i64::from(random.below(150_000_000)), 0)
        .expect("it is between 2020 and 2025");
    let renewal = NaiveDate::from_ymd_opt(2026, 1, 1).expect("it is a day") + Days::new(random.below(365).into());
    json!({
        "id": n + 1,
        "email": format!("customer{}@example.com", n + 1),
        "name": format!("{first} {last}"),
        "company": random.of(COMPANIES),
        "plan": random.of(PLANS),
        "seats": seats,
        "mrr": f64::from(seats * 1250 + random.below(100)) / 100.0,
        "active": random.below(10) > 0,
        "signed_up_at": signed_up.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "renews_on": if random.below(4) == 0 { Value::Null } else { json!(renewal.to_string()) },
        "address": {"city": city, "country": country, "postcode": postcode},
        "tags": if random.below(3) == 0 { json!(["vip", "beta"]) } else { json!([]) },
        "referred_by": if random.below(5) == 0 { json!(random.below(1_000_000)) } else { Value::Null },
    })
}

/// SplitMix64: small, and the same on every machine. Not for secrets.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).expect("it is below a u32")
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u32::try_from(choices.len()).expect("the lists are short");
        &choices[self.below(count) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn records_are_varied_distinct_and_always_the_same() {
        let texts: HashSet<String> = (0..1_000).map(|n| fields(n).to_string()).collect();
        assert_eq!(texts.len(), 1_000);
        assert_eq!(fields(7), fields(7));
        let bytes: usize = texts.iter().map(String::len).sum::<usize>() / texts.len();
        assert!((250..450).contains(&bytes), "{bytes} bytes on average");
        for plan in PLANS {
            assert!((0..100).any(|n| fields(n)["plan"] == *plan), "{plan}");
        }
    }
}
