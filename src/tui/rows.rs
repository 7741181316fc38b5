//! Which entry stands at which row of a long list whose entries have different heights, and where an entry begins. Both
//! answers and every change take logarithmic time, so that a tree of 100,000 rows can be folded and filled while it is shown.

/// Heights of entries with fast prefix sums (a Fenwick tree).
#[derive(Clone, Debug, Default)]
pub struct Heights {
    heights: Vec<u32>,
    /// `sums[i]` holds the sum of the heights in `i & (i + 1) ..= i`.
    sums: Vec<u32>,
}

impl Heights {
    /// Entries of these heights.
    pub fn new(heights: Vec<u32>) -> Self {
        let mut sums = heights.clone();
        for index in 0..sums.len() {
            let parent = index | (index + 1);
            let own = sums.get(index).copied().unwrap_or_default();
            if let Some(sum) = sums.get_mut(parent) {
                *sum += own;
            }
        }
        Self { heights, sums }
    }

    /// Rows of all entries together.
    pub fn total(&self) -> usize {
        self.before(self.heights.len())
    }

    /// The height of an entry.
    pub fn height(&self, entry: usize) -> u32 {
        self.heights.get(entry).copied().unwrap_or_default()
    }

    /// Rows before an entry.
    pub fn before(&self, entry: usize) -> usize {
        let mut end = entry.min(self.sums.len());
        let mut rows = 0;
        while let Some(last) = end.checked_sub(1) {
            rows += self.sums.get(last).copied().unwrap_or_default() as usize;
            end &= last;
        }
        rows
    }

    /// Gives an entry another height.
    pub fn set(&mut self, entry: usize, height: u32) {
        let Some(slot) = self.heights.get_mut(entry) else { return };
        let old = std::mem::replace(slot, height);
        let mut index = entry;
        while let Some(sum) = self.sums.get_mut(index) {
            *sum = *sum + height - old;
            index |= index + 1;
        }
    }

    /// The entry that a row belongs to, and the row's number in it.
    pub fn find(&self, row: usize) -> Option<(usize, usize)> {
        let mut entry = 0;
        let mut rest = row;
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            let next = entry + step;
            if let Some(sum) = self.sums.get(next - 1).map(|sum| *sum as usize)
                && sum <= rest
            {
                rest -= sum;
                entry = next;
            }
            step /= 2;
        }
        (entry < self.heights.len()).then_some((entry, rest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_counting(heights in prop::collection::vec(0u32..5, 0..70), changes in prop::collection::vec((0usize..70, 0u32..5), 0..20)) {
            let mut plain = heights.clone();
            let mut fast = Heights::new(heights);
            for (entry, height) in changes {
                fast.set(entry, height);
                if let Some(slot) = plain.get_mut(entry) { *slot = height; }
            }
            let rows: Vec<(usize, usize)> =
                plain.iter().enumerate().flat_map(|(entry, height)| (0..*height as usize).map(move |row| (entry, row))).collect();
            prop_assert_eq!(fast.total(), rows.len());
            for (row, expected) in rows.iter().enumerate() {
                prop_assert_eq!(fast.find(row), Some(*expected));
                prop_assert_eq!(fast.before(expected.0) + expected.1, row);
            }
            prop_assert_eq!(fast.find(rows.len()), None);
        }
    }
}
