//! Bisection: finds the rows that fail a statement.

/// If more than one row in eight fails, bisection takes as many tries as there are rows.
const MANY: usize = 8;

/// How many rows tell which share fails.
const ENOUGH: usize = 32;

/// Parts of some rows, still to be tried. The caller tries each part, and says which failed.
#[derive(Debug)]
pub struct Bisection<'a, T> {
    waiting: Vec<&'a [T]>,
    tries_left: usize,
    /// Rows whose parts succeeded, or that were found to fail.
    done: usize,
    failed: usize,
    /// The size of the part that is being tried.
    trying: usize,
}

impl<'a, T> Bisection<'a, T> {
    /// Begins with all rows as one part. Takes at most twice as many tries as there are rows.
    pub fn of(rows: &'a [T]) -> Self {
        Self::bounded(rows, usize::MAX)
    }

    /// The same with bounded work: a part that fails after this many tries is not divided any more.
    pub fn bounded(rows: &'a [T], tries: usize) -> Self {
        Self { waiting: vec![rows], tries_left: tries, done: 0, failed: 0, trying: 0 }
    }

    /// The next part to try, never empty; `None` when all are done. The parts come in the rows' order, so that rows are
    /// locked in order.
    pub fn next_part(&mut self) -> Option<&'a [T]> {
        self.done += std::mem::take(&mut self.trying);
        self.tries_left = self.tries_left.saturating_sub(1);
        let part = self.waiting.pop().filter(|part| !part.is_empty())?;
        self.trying = part.len();
        Some(part)
    }

    /// Notes that this part failed: its two parts are tried next, or its rows one by one if that is cheaper, because
    /// many fail. Returns the rows that are found to fail: a part of one row, or the whole part after too many tries.
    pub fn failed(&mut self, part: &'a [T]) -> &'a [T] {
        if part.len() == 1 || self.tries_left == 0 {
            self.failed += part.len();
            return part;
        }
        self.trying = 0;
        if self.done >= ENOUGH && self.failed * MANY > self.done {
            self.waiting.extend(part.chunks(1).rev());
        } else {
            let (left, right) = part.split_at(part.len() / 2);
            self.waiting.extend([right, left]);
        }
        &[]
    }

    /// How many rows are done, from the first.
    pub fn done(&self) -> usize {
        self.done + self.trying
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn culprits_are_found_in_order_and_the_rest_is_tried() {
        let rows: Vec<u32> = (0..100).collect();
        let bad = [3, 50, 99];
        let (mut good, mut culprits): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut bisection = Bisection::of(&rows);
        while let Some(part) = bisection.next_part() {
            if part.iter().any(|row| bad.contains(row)) {
                culprits.extend(bisection.failed(part));
            } else {
                good.extend(part);
            }
        }
        assert_eq!(culprits, bad);
        assert_eq!(good.len(), 97);
        assert!(good.is_sorted());
    }

    #[test]
    fn after_too_many_tries_a_part_is_not_divided() {
        let rows = [1, 2, 3, 4, 5, 6, 7, 8];
        let mut bisection = Bisection::bounded(&rows, 3);
        let mut culprits: Vec<&[i32]> = Vec::new();
        while let Some(part) = bisection.next_part() {
            culprits.push(bisection.failed(part));
        }
        culprits.retain(|culprits| !culprits.is_empty());
        assert_eq!(culprits, [&rows[0..2], &rows[2..4], &rows[4..8]]);
    }

    #[test]
    fn rows_are_tried_one_by_one_where_many_fail() {
        let rows: Vec<u32> = (0..4_096).collect();
        let tries = |is_bad: fn(u32) -> bool| {
            let (mut tries, mut culprits, mut good) = (0, 0, 0);
            let mut bisection = Bisection::of(&rows);
            while let Some(part) = bisection.next_part() {
                tries += 1;
                if part.iter().any(|row| is_bad(*row)) {
                    culprits += bisection.failed(part).len();
                } else {
                    good += part.len();
                }
            }
            assert_eq!((culprits + good, bisection.done()), (rows.len(), rows.len()));
            assert_eq!(culprits, rows.iter().filter(|row| is_bad(**row)).count());
            tries
        };
        assert!(tries(|_| true) < 4_300);
        assert!(tries(|row| row % 3 == 0) < 4_300);
        assert!(tries(|row| row % 10 == 0) < 4_500);
        assert!(tries(|row| row == 7) < 30);
        assert!(tries(|row| row < 100) < 400, "the rest is tried as a whole");
    }

    #[test]
    fn nothing_is_nothing_to_try() {
        assert_eq!(Bisection::<u32>::of(&[]).next_part(), None);
    }
}
