//! The properties of the fuzz targets, for their seeds and for mutations of them.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

#[path = "../../fuzz/properties/mod.rs"]
mod properties;

/// How many mutations of each target's seeds.
const CASES: u32 = 2_000;

/// The inputs in `fuzz/seeds`, by name. What the fuzzer found is among them.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> = files
        .map(|file| file.expect("the folder can be read").path())
        .map(|path| (path.clone(), std::fs::read(&path).expect("a seed can be read")))
        .collect();
    seeds.sort();
    seeds
}

/// An input, shown as the text that it mostly is.
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A change of an input.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(prop::sample::Index, Vec<u8>),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Flip(prop::sample::Index, u8),
    /// The rest of another seed follows.
    Splice(prop::sample::Index, prop::sample::Index),
}

/// What is likely to matter to one of the parsers.
const TOKENS: &[&str] = &[
    "\"",
    "\\",
    "\\u0000",
    "\\ud83d",
    "\\ude00",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    ";",
    "=",
    " ",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "null",
    "true",
    "-0",
    "1e400",
    "1E-400",
    "e+",
    ".",
    "+",
    "-",
    "00",
    "é",
    "İ",
    "ß",
    "\u{661}",
    "💥",
    "for=",
    "_",
    "Z",
    "\"hash\":",
    "\"fields\":",
    "\"records\":",
    "bearer ",
    "unknown",
    "[::1]:1",
    "24:00",
    ":60",
    "+15:59",
    "0000-",
    "9999-12-31",
];

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<prop::sample::Index>;
    let bytes = || {
        prop_oneof![
            prop::sample::select(TOKENS).prop_map(|token| token.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 1..6),
        ]
    };
    prop_oneof![
        (place(), bytes()).prop_map(|(at, bytes)| Mutation::Replace(at, bytes)),
        (place(), bytes()).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        (place(), 1..20_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (place(), 2..200_usize).prop_map(|(at, times)| Mutation::Repeat(at, times)),
        (place(), any::<u8>()).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        (place(), place()).prop_map(|(at, seed)| Mutation::Splice(at, seed)),
    ]
}

fn mutated(mut input: Vec<u8>, mutations: &[Mutation], seeds: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    for mutation in mutations {
        let size = input.len();
        let within = |at: &prop::sample::Index| at.index(size + 1);
        match mutation {
            Mutation::Replace(at, bytes) => {
                let start = within(at);
                input.splice(start..size.min(start + bytes.len()), bytes.iter().copied());
            }
            Mutation::Insert(at, bytes) => {
                let start = within(at);
                input.splice(start..start, bytes.iter().copied());
            }
            Mutation::Remove(at, count) => {
                let start = within(at);
                input.drain(start..size.min(start + count));
            }
            Mutation::Repeat(at, times) => {
                let start = within(at);
                let part = input[start..size.min(start + 3)].repeat(*times);
                input.splice(start..start, part);
            }
            Mutation::Flip(at, bits) => {
                if let Some(byte) = input.get_mut(within(at)) {
                    *byte ^= bits;
                }
            }
            Mutation::Splice(at, seed) => {
                input.truncate(within(at));
                let (_, other) = &seeds[seed.index(seeds.len())];
                input.extend_from_slice(&other[at.index(other.len() + 1)..]);
            }
        }
    }
    input
}

fn check(target: &str, property: fn(&[u8])) {
    let seeds = seeds(target);
    for (path, input) in &seeds {
        eprintln!("{}", path.display());
        property(input);
    }
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let strategy = (prop::sample::select(seeds.clone()), prop::collection::vec(mutation(), 1..6))
        .prop_map(|((_, input), mutations)| Input(mutated(input, &mutations, &seeds)));
    let checked = runner.run(&strategy, |Input(input)| {
        property(&input);
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{target}: {error}"));
}

#[test]
fn bodies_are_decompressed_within_their_bound_as_another_decoder_does_it() {
    check("gunzip", properties::gunzip);
}

#[test]
fn every_record_of_any_body_is_stored_to_the_letter_or_rejected() {
    check("envelope", properties::envelope);
}

#[test]
fn a_timestamp_passes_only_within_the_tolerance() {
    check("timestamp", properties::timestamp);
}

#[test]
fn only_a_configured_secret_is_accepted_and_each_is() {
    check("credentials", properties::credentials);
}

#[test]
fn no_client_chooses_its_address() {
    check("forwarded", properties::forwarded);
}

#[test]
fn any_name_makes_an_identifier() {
    check("names", properties::names);
}

#[test]
fn any_number_keeps_its_digits() {
    check("numbers", properties::numbers);
}

#[test]
fn any_time_is_the_one_that_chrono_reads() {
    check("times", properties::times);
}

#[test]
fn every_value_of_any_record_is_in_a_column_or_in_unfit() {
    check("fields", properties::fields);
}
