//! Bisection: finds the rows that fail a statement.

/// Parts of some rows, still to be tried. The caller tries each part, and says which failed.
#[derive(Debug)]
pub struct Bisection<'a, T> {
    waiting: Vec<&'a [T]>,
    tries_left: usize,
}

impl<'a, T> Bisection<'a, T> {
    /// Begins with all rows as one part.
    pub fn of(rows: &'a [T]) -> Self {
        Self::bounded(rows, usize::MAX)
    }

    /// The same with bounded work: a part that fails after this many tries is not divided any more.
    pub fn bounded(rows: &'a [T], tries: usize) -> Self {
        Self { waiting: vec![rows], tries_left: tries }
    }

    /// The next part to try, never empty; `None` when all are done. The parts come in the rows' order, so that rows are
    /// locked in order.
    pub fn next_part(&mut self) -> Option<&'a [T]> {
        self.tries_left = self.tries_left.saturating_sub(1);
        self.waiting.pop().filter(|part| !part.is_empty())
    }

    /// Notes that this part failed: its halves are tried next. Returns the rows that are found to fail: a part of one
    /// row, or the whole part after too many tries.
    pub fn failed(&mut self, part: &'a [T]) -> &'a [T] {
        if part.len() == 1 || self.tries_left == 0 {
            return part;
        }
        let (left, right) = part.split_at(part.len() / 2);
        self.waiting.extend([right, left]);
        &[]
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
    fn nothing_is_nothing_to_try() {
        assert_eq!(Bisection::<u32>::of(&[]).next_part(), None);
    }
}
