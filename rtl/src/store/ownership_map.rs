//! The ownership map: which granules of the frame are kept from physical accesses, and by which row? The second witness of
//! the isolation comparators.
//!
//! ```text
//!   table_write, tail --> walk: a granule a cycle --> two block RAMs with parity
//!   first, last ------------------------------------> guarded? whose?   (one edge later)
//! ```
//!
//! The map follows the writes to the comparators, so the map lags while a command is at work. The answer of the map counts only
//! while no command is. A command does not begin before the walk of the one before has ended. The two ends of an access are
//! looked up. In an access of more than two granules, the granules between the ends rest on the comparators and their parity.

use pm_verilog::{
    block, bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

bundle! {
    /// Content of the map for a granule.
    pub struct OwnedGranule<SLOT> {
        /// No physical access may reach the granule.
        pub guarded: Bit,
        /// Row that was last written with the granule.
        pub slot: Bits<SLOT>,
    }
}

bundle! {
    /// Granules that are all written alike.
    pub struct Walk<BLOCK> {
        /// Next granule that is written.
        pub block: Bits<BLOCK>,
        /// Last granule that is written.
        pub last: Bits<BLOCK>,
    }
}

block! {
    /// Two copies of the map, and the walk that writes them. The walk always has a parity; with `integrity` and `lockstep` what
    /// begins a walk has one too.
    pub struct OwnershipMap<SLOT, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the map has to be cleared again.
        pub reset: Signal<In, Bit>,
        /// High: every granule is written as free; held until `cleared`.
        pub clear_all: Signal<In, Bit>,
        /// High when every granule has been cleared since reset.
        pub cleared: Signal<Out, Bit>,
        /// High: a row is written to the comparators; the map takes the row's block from the next cycle on.
        pub write: Signal<In, Bit>,
        /// Row that is written, and that a tail belongs to.
        pub slot: Signal<In, Bits<SLOT>>,
        /// High: the block of the row is guarded from now on; valid with `write`.
        pub guarded: Signal<In, Bit>,
        /// First granule of the row's block; valid with `write`.
        pub new_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the row's block; valid with `write`.
        pub new_last: Signal<In, Bits<BLOCK>>,
        /// High while RESIZE works on a tail. The tail becomes free when this falls and no row is written.
        pub tail_guarded: Signal<In, Bit>,
        /// First granule of the tail; valid with `tail_guarded` and one cycle longer.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded` and one cycle longer.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        /// High while a granule has yet to be written, for a row or tail, or by the sweep after reset.
        pub busy: Signal<Out, Bit>,
        /// High while the registers behind `busy` and `cleared` have lost no bit.
        pub intact: Signal<Out, Bit>,
        /// High: the patrol writes granule `renewed` again, and no other granule is written in the meantime.
        pub renews: Signal<In, Bit>,
        /// Granule that the patrol writes; a copy from which an access reads this granule is left out.
        pub renewed: Signal<In, Bits<BLOCK>>,
        /// Word that the patrol writes; valid with `renews`.
        pub renewed_word: Signal<In, OwnedGranule<SLOT>>,
        /// High: an access is looked up.
        pub asked: Signal<In, Bit>,
        /// First granule of the access; valid with `asked`.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the access; valid with `asked`.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High when the first or the last granule of the access is guarded, one edge later.
        pub touched: Signal<Out, Bit>,
        /// Row that guards the granule; valid with `touched`.
        pub owner: Signal<Out, Bits<8>>,
        /// High when both words that were read have the parity with which they were written.
        pub read_intact: Signal<Out, Bit>,
        // No word counts while any is written, and renewing keeps away from words that are read.
        first_copy: BlockRam<OwnedGranule<SLOT>, BLOCK> = BlockRam::without_collisions().guarded(1),
        last_copy: BlockRam<OwnedGranule<SLOT>, BLOCK> = BlockRam::without_collisions().guarded(1),
        walking: Register<Bit> = Register::guarded(1),
        word: Register<OwnedGranule<SLOT>>,
        walk: Register<Walk<BLOCK>>,
        all_clear: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        tail_before: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        sweeping: Signal<Local, Bit>,
    }
}

kernel! {
    OwnershipMap<SLOT, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(walking, word, walk, all_clear, tail_before) clocked(first_copy, last_copy) {
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
        self.busy.next = self.walking.q.val() | self.sweeping.val();
        self.intact.next = self.walking.intact[0].val();
        for i in 0..self.all_clear.intact.len() {
            self.intact.next = self.walking.intact[0].val()
                & self.all_clear.intact[i].val()
                & self.tail_before.intact[i].val();
        }
        self.first_copy.write_enable.next = self.walking.q.val() | self.sweeping.val();
        self.first_copy.write_address.next = self.walk.q.val().block;
        self.first_copy.write_data.next = self.word.q.val();
        self.first_copy.read_address.next = self.first.val();
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

impl<const SLOT: usize, const BLOCK: usize> OwnershipMap<SLOT, BLOCK> {
    /// Flips a bit of what is said of a granule, its parity above the others, in both copies: fault injection.
    pub fn flip(&mut self, granule: usize, bit: usize) {
        self.first_copy.flip(granule, bit);
        self.last_copy.flip(granule, bit);
    }
}
