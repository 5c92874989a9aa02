//! Rates while more and more records are stored.

use crate::figures::{FIGURES, Turn};
use crate::limit::Limit;
use crate::load::{Deliveries, Shape, Source};
use crate::measure::{Database, Measured};
use crate::service::Polysink;

/// How often the limit is measured meanwhile.
const STEPS: usize = 10;

/// Rates with so many records stored.
pub struct Step {
    /// Records of all syncs, before this step.
    pub stored: usize,
    pub polysink: Measured,
    pub limit: Measured,
}

/// The steps, and a re-sync at the end.
pub struct Growth {
    pub steps: Vec<Step>,
    pub stored: usize,
    pub repeated: Measured,
}

/// Stores records of one sync until so many are stored.
///
/// * `records`: of the re-sync at the end
pub async fn measure(database: &Database, polysink: &Polysink, limit: &Limit, stored: usize, records: usize) -> Growth {
    let (source, shape) = (Source::new(3_000_000), Shape::batches(100));
    let first = database.rows("polysink.records").await;
    let step = (stored.saturating_sub(first) / STEPS).max(shape.batch);
    let mut steps = Vec::new();
    for n in 0..STEPS {
        let deliveries = Deliveries::of(&source, &shape, (n * step..(n + 1) * step).map(|n| (n, n)));
        let run = Step {
            stored: first + n * step,
            limit: limit.run(database).await,
            polysink: polysink.measure(database, &deliveries, FIGURES[0].connections).await,
        };
        eprintln!("{} stored: {:?}: {}", run.stored, Turn::Limit, run.limit);
        eprintln!("{} stored: {:?}: {}", run.stored, Turn::Polysink, run.polysink);
        steps.push(run);
    }
    let total = STEPS * step;
    assert_eq!(database.rows(&source.table).await, total, "every record is a row");
    database.checkpoint().await;
    // Evenly from all of them.
    let every = (total / records).max(1);
    let again = Deliveries::of(&source, &shape, (0..total).step_by(every).map(|n| (n, n)));
    let repeated = polysink.measure(database, &again, FIGURES[0].connections).await;
    eprintln!("{} stored: a re-sync: {repeated}", first + total);
    Growth { steps, stored: first + total, repeated }
}
