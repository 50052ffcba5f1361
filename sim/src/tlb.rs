//! A conventional TLB to compare with: fully associative, least recently used goes first.

/// Bytes in a page.
pub const PAGE: u64 = 4096;

/// Holds (tenant, page) pairs, the most recent first. Entries are tagged with the tenant, so that a switch flushes nothing.
#[derive(Clone, Debug)]
pub struct Tlb {
    entries: Vec<(u8, u64)>,
    capacity: usize,
    hits: u64,
    misses: u64,
}

impl Tlb {
    /// Empty.
    pub fn new(capacity: usize) -> Tlb {
        Tlb { entries: Vec::with_capacity(capacity), capacity, hits: 0, misses: 0 }
    }

    /// Looks up every page that an access of `size` bytes (at least one) touches.
    pub fn access(&mut self, tenant: u8, address: u64, size: u64) {
        for page in address / PAGE..=(address + (size - 1)) / PAGE {
            self.lookup((tenant, page));
        }
    }

    fn lookup(&mut self, entry: (u8, u64)) {
        match self.entries.iter().position(|held| *held == entry) {
            Some(place) => {
                self.hits += 1;
                self.entries[..=place].rotate_right(1);
            }
            None => {
                self.misses += 1;
                self.entries.truncate(self.capacity - 1);
                self.entries.insert(0, entry);
            }
        }
    }

    /// Lookups that found their page.
    pub fn hits(&self) -> u64 {
        self.hits
    }

    /// Lookups that did not.
    pub fn misses(&self) -> u64 {
        self.misses
    }

    /// One cycle a lookup, and `miss` more for each page walk.
    pub fn cycles(&self, miss: u64) -> u64 {
        self.hits + self.misses + self.misses * miss
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(capacity: usize, pages: &[u64], hits: u64) {
        let mut tlb = Tlb::new(capacity);
        for page in pages {
            tlb.access(0, page * PAGE, 4);
        }
        assert_eq!((tlb.hits(), tlb.misses()), (hits, pages.len() as u64 - hits), "{pages:?}");
    }

    #[test]
    fn the_least_recently_used_page_goes() {
        check(2, &[1, 2, 1, 2], 2);
        check(2, &[1, 2, 3, 1], 0);
        check(2, &[1, 2, 1, 3, 1], 2);
        check(2, &[1, 2, 1, 3, 2], 1);
        check(1, &[1, 1, 2, 1], 1);
    }

    #[test]
    fn straddling_accesses_look_up_both_pages_and_tenants_are_told_apart() {
        let mut tlb = Tlb::new(64);
        tlb.access(0, PAGE - 1, 2);
        tlb.access(1, 0, 1);
        tlb.access(0, PAGE, 1);
        assert_eq!((tlb.hits(), tlb.misses(), tlb.cycles(40)), (1, 3, 4 + 120));
    }
}
