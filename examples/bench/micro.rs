//! The pure steps of a delivery, alone: one thread, no database.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use polysink::columns::Catalogue;
use polysink::envelope::{self, Envelope, Receipt};
use polysink::ledger::fold;
use polysink::store::{CopyBuffer, encode};
use uuid::Uuid;

use crate::harness::delivery::gzip;
use crate::load::{Deliveries, Shape, Source};
use crate::measure::median;

/// Records of a delivery, and deliveries of a group.
const BATCH: usize = 100;
const GROUP: usize = 10;

/// The most bytes of a body; as by default.
const MOST_BYTES: usize = 64 << 20;

/// How often each step is measured.
const ROUNDS: usize = 15;

/// A step, and the time that it takes for a record.
pub struct Step {
    pub name: &'static str,
    pub each: Duration,
}

/// Measures all steps.
///
/// * `repeats`: how often a step is done in a round
pub fn measure(repeats: usize) -> Vec<Step> {
    let deliveries = Deliveries::make(&Source::new(4_000_000), &Shape::batches(BATCH), BATCH * GROUP);
    let bodies: Vec<String> =
        deliveries.bodies.iter().map(|body| String::from_utf8(body.to_vec()).expect("it is text")).collect();
    let zipped: Vec<Vec<u8>> = bodies.iter().map(|body| gzip(body.as_bytes())).collect();
    let envelopes: Vec<Envelope> = bodies.iter().cloned().map(parse).collect();
    let all: Vec<&Envelope> = envelopes.iter().collect();
    let rows = fold(&all);
    let mut catalogue = Catalogue::of(Vec::new());
    for row in &rows {
        let entries = catalogue.read(row.fields, DateTime::UNIX_EPOCH);
        catalogue.learn(&entries, DateTime::UNIX_EPOCH);
    }
    catalogue.give_columns();
    let layout = catalogue.layout();
    vec![
        step("gunzip", repeats, || {
            for wire in &zipped {
                black_box(envelope::decode(wire.clone(), MOST_BYTES, |_| Ok(())).expect("it is gzip"));
            }
        }),
        step("parse the body, and cut it into records", repeats, || {
            for body in &bodies {
                black_box(parse(body.clone()));
            }
        }),
        step("fold the records of ten deliveries into rows of the ledger, in order", repeats, || {
            black_box(fold(black_box(&all)));
        }),
        step("encode the rows of the ledger for `copy`", repeats, || {
            let mut buffer = CopyBuffer::new();
            for row in &rows {
                encode(row, &mut buffer);
            }
            black_box(buffer);
        }),
        step("read the fields, and make typed values of them", repeats, || {
            for row in &rows {
                let entries = catalogue.read_known(black_box(row.fields));
                black_box(layout.content(&entries));
            }
        }),
    ]
}

fn step(name: &'static str, repeats: usize, mut work: impl FnMut()) -> Step {
    let times = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        (0..repeats).for_each(|_| work());
        began.elapsed() / u32::try_from(repeats * BATCH * GROUP).expect("it is small")
    });
    Step { name, each: median(times.collect()) }
}

fn parse(body: String) -> Envelope {
    let receipt = Receipt {
        envelope_id: Uuid::nil(),
        received_at: DateTime::UNIX_EPOCH,
        sent_at: DateTime::UNIX_EPOCH,
        connection: "bench".to_owned(),
        source_ip: None,
        user_agent: None,
        was_spooled: false,
    };
    envelope::parse(body, receipt, usize::MAX).unwrap_or_else(|error| panic!("{error:?}"))
}
