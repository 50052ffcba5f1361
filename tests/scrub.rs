//! What was in memory is gone when somebody else gets it: every word of every granule that changes hands.

use crate::bench::{open, open_rtl, preset};
use pm_interface::{Geometry, Rights, Status, WORD_BYTES};
use pm_sim::device::Operation;
use pm_sim::Pins;

/// Granules of the larger partitions.
const GRANULES: u64 = 4;

/// Rights of whoever shares.
const OPEN: Rights = Rights { read: true, write: true, execute: false, isolated: false, locked: false };

/// The same, kept from others.
const ISOLATED: Rights = Rights { isolated: true, ..OPEN };

struct Bench<'a> {
    device: &'a mut dyn Pins,
    granule: u64,
    pool: u64,
    window: u64,
}

impl Bench<'_> {
    /// A command that succeeds; its slot and physical base.
    fn run(&mut self, operation: &Operation) -> (u8, u64) {
        let outcome = self.device.command(operation).expect("the command ends");
        assert_eq!(outcome.status, Status::Ok, "{operation:x?}");
        self.device.drain_audit().expect("the log is readable");
        (outcome.slot, outcome.physical)
    }

    fn create(&mut self, tenant: u8, granules: u64, rights: Rights) -> (u8, u64) {
        self.run(&Operation::create(tenant, self.window, granules * self.granule, rights))
    }

    /// Writes every word of some granules of the pool, past the Partition Manager.
    fn fill(&mut self, first: u64, granules: u64) {
        for place in (first * self.granule..(first + granules) * self.granule).step_by(WORD_BYTES as usize) {
            self.device.write_memory(self.pool + place, 0xDEAD_0001 + place as u32);
        }
    }

    /// How many of their words are not zero.
    fn dirty(&self, first: u64, granules: u64) -> u64 {
        let words = (first * self.granule..(first + granules) * self.granule).step_by(WORD_BYTES as usize);
        words.filter(|place| self.device.read_memory(self.pool + place) != 0).count() as u64
    }

    fn words(&self, granules: u64) -> u64 {
        granules * self.granule / WORD_BYTES
    }
}

/// All of it, on a device that is open and empty.
pub fn scrub(device: &mut dyn Pins) {
    let geometry: Geometry = device.geometry().clone();
    let (pool, _, window) = geometry.default_setup();
    let mut bench = Bench { device, granule: geometry.granule(), pool, window };

    // Growth: what lay there is gone, and what lies behind stays.
    bench.fill(0, GRANULES + 1);
    let (slot, _) = bench.create(1, 1, ISOLATED);
    assert_eq!(bench.dirty(0, 1), 0, "CREATE");
    bench.run(&Operation::resize(slot, GRANULES * bench.granule));
    assert_eq!(bench.dirty(0, GRANULES), 0, "the tail of a row that grew");
    assert_eq!(bench.dirty(GRANULES, 1), bench.words(1), "behind it");

    // Shrinking: the tail goes to another tenant.
    bench.fill(0, GRANULES);
    bench.run(&Operation::resize(slot, bench.granule));
    assert_eq!(bench.dirty(1, GRANULES - 1), 0, "the tail of a row that shrank");
    assert_eq!(bench.dirty(0, 1), bench.words(1), "what the row keeps");
    let (taker, physical) = bench.create(2, GRANULES - 1, ISOLATED);
    assert_eq!(physical, pool + bench.granule, "the tail is free again");
    assert_eq!(bench.dirty(1, GRANULES - 1), 0, "what the other tenant finds");
    bench.run(&Operation::destroy(taker));
    bench.run(&Operation::destroy(slot));

    // Sharing: what is in the block stays for the last row, and goes with it.
    let (first, _) = bench.create(1, 2, OPEN);
    let (second, physical) = bench.run(&Operation::share(first, 2, window, OPEN));
    assert_eq!(physical, pool);
    bench.fill(0, 2);
    bench.run(&Operation::destroy(first));
    assert_eq!(bench.dirty(0, 2), bench.words(2), "a block that is still used");
    let (other, physical) = bench.create(1, 1, OPEN);
    assert_eq!(physical, pool + 2 * bench.granule, "a block that is still used is not given away");
    bench.run(&Operation::destroy(other));
    bench.run(&Operation::destroy(second));
    assert_eq!(bench.dirty(0, 2), 0, "the block of the last row");

    // A reset in the middle of shrinking, then another tenant.
    for cycles in [12, 12 + bench.granule / WORD_BYTES] {
        let (slot, _) = bench.create(1, GRANULES, OPEN);
        bench.fill(0, GRANULES);
        bench.device.start(&Operation::resize(slot, bench.granule)).expect("it is accepted");
        bench.device.idle(cycles);
        bench.device.reset().expect("it resets");
        open(bench.device);
        assert_ne!(bench.dirty(1, GRANULES - 1), 0, "the reset came in the middle");
        let (slot, physical) = bench.create(2, GRANULES, OPEN);
        assert_eq!((physical, bench.dirty(0, GRANULES)), (pool, 0), "what the other tenant finds after a reset");
        bench.run(&Operation::destroy(slot));
    }
}

#[test]
fn what_changes_hands_is_zero() {
    scrub(open_rtl(&preset("cu+dynamic")).as_mut());
}
