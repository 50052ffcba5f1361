//! The ownership map: which granules of the frame are kept from physical accesses, and by which row? The second witness of
//! the isolation comparators.
//!
//! ```text
//!   table_write, tail --> walk: a granule a cycle --> two block RAMs with parity
//!   first, last ------------------------------------> guarded? whose?   (one edge later)
//! ```
//!
//! It follows what is written to the comparators, so it lags while a command is at work; who asks looks at it when none is.
//! A command does not begin before the walk of the one before has ended. The two ends of an access are looked up: of one
//! that spans more than two granules those between rest on the comparators and their parity.

use pm_interface::Geometry;
use pm_verilog::{
    bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

bundle! {
    /// What the map says of a granule.
    pub struct OwnedGranule<SLOT> {
        /// No physical access may reach it.
        pub guarded: Bit,
        /// The row that was last written with it.
        pub slot: Bits<SLOT>,
    }
}

bundle! {
    /// Granules that are all written alike.
    pub struct Walk<BLOCK> {
        /// The next one.
        pub block: Bits<BLOCK>,
        /// The last one.
        pub last: Bits<BLOCK>,
    }
}

/// The map, and what writes it.
#[derive(Clone, Debug, LogicBlock)]
pub struct OwnershipMap<const SLOT: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: to be cleared again.
    pub reset: Signal<In, Bit>,
    /// Clear everything; held until `cleared`.
    pub clear_all: Signal<In, Bit>,
    /// Everything has been cleared since reset.
    pub cleared: Signal<Out, Bit>,
    /// A row is written to the comparators.
    pub write: Signal<In, Bit>,
    /// Which row.
    pub slot: Signal<In, Bits<SLOT>>,
    /// Its block is guarded from now on.
    pub guarded: Signal<In, Bit>,
    /// First granule of its block.
    pub new_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of its block.
    pub new_last: Signal<In, Bits<BLOCK>>,
    /// RESIZE works on a tail; where no row is written as this falls, the tail is free.
    pub tail_guarded: Signal<In, Bit>,
    /// First granule of the tail.
    pub tail_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the tail.
    pub tail_last: Signal<In, Bits<BLOCK>>,
    /// Some granule of a row or tail has yet to be written.
    pub busy: Signal<Out, Bit>,
    /// What `busy` says is so.
    pub intact: Signal<Out, Bit>,
    /// The patrol writes a granule again, while nothing else is written.
    pub renews: Signal<In, Bit>,
    /// Which one; it is left out where an access reads it.
    pub renewed: Signal<In, Bits<BLOCK>>,
    /// What stands there.
    pub renewed_word: Signal<In, OwnedGranule<SLOT>>,
    /// There is an access.
    pub asked: Signal<In, Bit>,
    /// First granule of an access.
    pub first: Signal<In, Bits<BLOCK>>,
    /// Last granule of an access.
    pub last: Signal<In, Bits<BLOCK>>,
    /// One of the two is guarded, one edge later.
    pub touched: Signal<Out, Bit>,
    /// By this row.
    pub owner: Signal<Out, Bits<8>>,
    /// Both words have the parity with which they were written.
    pub read_intact: Signal<Out, Bit>,
    first_copy: BlockRam<OwnedGranule<SLOT>, BLOCK>,
    last_copy: BlockRam<OwnedGranule<SLOT>, BLOCK>,
    walking: Register<Bit>,
    word: Register<OwnedGranule<SLOT>>,
    walk: Register<Walk<BLOCK>>,
    all_clear: Register<Bit>,
    tail_before: Register<Bit>,
    sweeping: Signal<Local, Bit>,
    _reports: usize,
}

impl<const SLOT: usize, const BLOCK: usize> OwnershipMap<SLOT, BLOCK> {
    /// With whatever begins a walk guarded, as the geometry's features say; the walk itself always is.
    pub fn new(geometry: &Geometry) -> Self {
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear_all: Default::default(),
            cleared: Default::default(),
            write: Default::default(),
            slot: Default::default(),
            guarded: Default::default(),
            new_first: Default::default(),
            new_last: Default::default(),
            tail_guarded: Default::default(),
            tail_first: Default::default(),
            tail_last: Default::default(),
            busy: Default::default(),
            intact: Default::default(),
            renews: Default::default(),
            renewed: Default::default(),
            renewed_word: Default::default(),
            asked: Default::default(),
            first: Default::default(),
            last: Default::default(),
            touched: Default::default(),
            owner: Default::default(),
            read_intact: Default::default(),
            // Nobody looks at a word while any is written, and renewing keeps away from words that are read.
            first_copy: BlockRam::without_collisions().guarded(1),
            last_copy: BlockRam::without_collisions().guarded(1),
            walking: Register::guarded(1),
            word: Default::default(),
            walk: Default::default(),
            all_clear: Register::guarded(reports),
            tail_before: Register::guarded(reports),
            sweeping: Default::default(),
            _reports: reports,
        }
    }
}

impl<const SLOT: usize, const BLOCK: usize> Logic for OwnershipMap<SLOT, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(walking, word, walk, all_clear, tail_before) {
            self.sweeping.next = self.clear_all.val() & !self.all_clear.q.val();
            self.tail_before.d.next = self.tail_guarded.val();
            if self.sweeping.val() {
                self.walk.d.next.block = self.walk.q.val().block + 1;
                if self.walk.q.val().block.all() {
                    self.all_clear.d.next = true;
                }
            } else if self.write.val() {
                self.walking.d.next = true;
                self.word.d.next.guarded = self.guarded.val();
                self.word.d.next.slot = self.slot.val();
                self.walk.d.next.block = self.new_first.val();
                self.walk.d.next.last = self.new_last.val();
            } else if self.tail_before.q.val() & !self.tail_guarded.val() {
                self.walking.d.next = true;
                self.word.d.next.guarded = false;
                self.word.d.next.slot = self.slot.val();
                self.walk.d.next.block = self.tail_first.val();
                self.walk.d.next.last = self.tail_last.val();
            } else if self.walking.q.val() {
                self.walk.d.next.block = self.walk.q.val().block + 1;
                if self.walk.q.val().block == self.walk.q.val().last {
                    self.walking.d.next = false;
                }
            }
            self.cleared.next = self.all_clear.q.val();
            self.busy.next = self.walking.q.val();
            self.intact.next = self.walking.intact[0].val();
            for i in 0..self._reports {
                self.intact.next = self.walking.intact[0].val()
                    & self.all_clear.intact[i].val()
                    & self.tail_before.intact[i].val();
            }
            self.first_copy.clock.next = self.clock.val();
            self.first_copy.write_enable.next = self.walking.q.val() | self.sweeping.val();
            self.first_copy.write_address.next = self.walk.q.val().block;
            self.first_copy.write_data.next = self.word.q.val();
            self.first_copy.read_address.next = self.first.val();
            self.last_copy.clock.next = self.clock.val();
            self.last_copy.write_enable.next = self.walking.q.val() | self.sweeping.val();
            self.last_copy.write_address.next = self.walk.q.val().block;
            self.last_copy.write_data.next = self.word.q.val();
            self.last_copy.read_address.next = self.last.val();
            if self.renews.val() {
                self.first_copy.write_address.next = self.renewed.val();
                self.first_copy.write_data.next = self.renewed_word.val();
                self.first_copy.write_enable.next = !self.asked.val() | (self.first.val() != self.renewed.val());
                self.last_copy.write_address.next = self.renewed.val();
                self.last_copy.write_data.next = self.renewed_word.val();
                self.last_copy.write_enable.next = !self.asked.val() | (self.last.val() != self.renewed.val());
            }
            self.touched.next = self.first_copy.read_data.val().guarded | self.last_copy.read_data.val().guarded;
            self.owner.next = bit_cast::<8, SLOT>(self.last_copy.read_data.val().slot);
            if self.first_copy.read_data.val().guarded {
                self.owner.next = bit_cast::<8, SLOT>(self.first_copy.read_data.val().slot);
            }
            self.read_intact.next = self.first_copy.intact[0].val() & self.last_copy.intact[0].val();
        }
    }
}

impl<const SLOT: usize, const BLOCK: usize> OwnershipMap<SLOT, BLOCK> {
    /// Flips a bit of what is said of a granule, its parity above the others, in both copies: fault injection.
    pub fn flip(&mut self, granule: usize, bit: usize) {
        self.first_copy.flip(granule, bit);
        self.last_copy.flip(granule, bit);
    }
}
