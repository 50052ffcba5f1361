//! The place in the manifest: which word is looked at, and how many are to come?
//!
//! ```text
//!   pointer: header 0..10 | quotas, one a tenant | partitions, five words each | tag
//!            '-- header --'     '- skip to come -'     '- phase 0..4, left to come
//! ```

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Place of the word that is looked at.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ManifestPosition {
    /// Number of the word.
    pub pointer: Bits<8>,
    /// Number of the word in its partition, once the quotas are past.
    pub phase: Bits<3>,
    /// Number of partitions to come, this one included.
    pub left: Bits<8>,
    /// Number of quotas to come, this one included.
    pub skip: Bits<8>,
    /// High while the word is one of the header.
    pub header: Bit,
    /// High in the second turn over the words, which writes the words to registers.
    pub loads: Bit,
}

/// Orders to move on. More than one may be high.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PlaceOrder {
    /// High: on to the word of the security version.
    pub to_version: Bit,
    /// High: back to word 0, for the tag.
    pub to_first: Bit,
    /// High: back to word 0, for the first turn.
    pub begins: Bit,
    /// High: on to the next word.
    pub onward: Bit,
    /// High: a word of a partition is done with.
    pub steps: Bit,
    /// High: back to the pool's word, for the second turn.
    pub again: Bit,
    /// High: a quota is done with.
    pub skips: Bit,
    /// High: the word holds the counts of quotas and partitions.
    pub counts: Bit,
}

block! {
    /// Counts words, quotas and partitions.
    pub struct ManifestPlace for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: word 0, first turn.
        pub reset: Signal<In, Bit>,
        /// Orders of this cycle.
        pub order: Signal<In, PlaceOrder>,
        /// Word with the counts: quotas in bits 7:0, partitions in bits 15:8.
        pub word: Signal<In, Bits<32>>,
        /// Place of the word that is looked at.
        pub position: Signal<Out, ManifestPosition>,
        pointer: Register<Bits<8>> where guarded,
        // A count that has lost a bit does not come out even with the manifest's last word, which fails the boot.
        phase: Register<Bits<3>>,
        left: Register<Bits<8>>,
        skip: Register<Bits<8>>,
        header: Register<Bit> where guarded,
        loads: Register<Bit> where guarded,
        version_word: Constant<Bits<8>> = Constant::new(2u64.into()),
        pool_word: Constant<Bits<8>> = Constant::new(4u64.into()),
        /// High while no register that a grant rests on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    ManifestPlace
    #[hdl_gen]
    fn update(&mut self) guarded(pointer, header, loads) registers(phase, left, skip) {
        if self.order.val().to_version {
            self.pointer.d.next = self.version_word.val();
        }
        if self.order.val().onward {
            self.pointer.d.next = self.pointer.q.val() + 1;
        }
        if self.order.val().to_first | self.order.val().begins {
            self.pointer.d.next = 0.into();
        }
        if self.order.val().begins {
            self.header.d.next = true;
        }
        if self.order.val().steps {
            self.phase.d.next = self.phase.q.val() + 1;
            if self.phase.q.val() == 4 {
                self.phase.d.next = 0.into();
                self.left.d.next = self.left.q.val() - 1;
            }
        }
        if self.order.val().again {
            self.loads.d.next = true;
            self.header.d.next = true;
            self.pointer.d.next = self.pool_word.val();
        }
        if self.order.val().skips {
            self.skip.d.next = self.skip.q.val() - 1;
        }
        if self.order.val().counts {
            self.left.d.next = self.word.val().get_bits::<8>(8);
            self.phase.d.next = 0.into();
            self.header.d.next = false;
            self.skip.d.next = self.word.val().get_bits::<8>(0);
        }
        self.position.next.pointer = self.pointer.q.val();
        self.position.next.phase = self.phase.q.val();
        self.position.next.left = self.left.q.val();
        self.position.next.skip = self.skip.q.val();
        self.position.next.header = self.header.q.val();
        self.position.next.loads = self.loads.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::Geometry;

    #[test]
    fn words_quotas_and_partitions_are_counted() {
        let mut place = ManifestPlace::new(&Geometry::preset("tiny+boot").unwrap());
        place.connect_all();
        settle(&mut place);
        // Expected after the edge: pointer, phase, left, skip, header, loads.
        let mut check = |order: PlaceOrder, word: u64, expected: (u64, u64, u64, u64, bool, bool)| {
            place.order.next = order;
            place.word.next = word.to_bits();
            edge!(place);
            let at = place.position.val();
            let counts = (at.pointer.to_u64(), at.phase.to_u64(), at.left.to_u64(), at.skip.to_u64());
            assert_eq!((counts.0, counts.1, counts.2, counts.3, at.header, at.loads), expected, "{order:?}");
        };
        let none = PlaceOrder::default();
        let onward = PlaceOrder { onward: true, ..none };
        check(none, 0, (0, 0, 0, 0, false, false));
        check(PlaceOrder { to_version: true, ..none }, 0, (2, 0, 0, 0, false, false));
        check(PlaceOrder { to_first: true, ..none }, 0, (0, 0, 0, 0, false, false));
        check(onward, 0, (1, 0, 0, 0, false, false));
        check(PlaceOrder { begins: true, ..none }, 0, (0, 0, 0, 0, true, false));
        // One partition behind two quotas.
        check(PlaceOrder { counts: true, ..onward }, 0x0102, (1, 0, 1, 2, false, false));
        check(PlaceOrder { skips: true, ..onward }, 0, (2, 0, 1, 1, false, false));
        check(PlaceOrder { skips: true, ..onward }, 0, (3, 0, 1, 0, false, false));
        for phase in 1..5 {
            check(PlaceOrder { steps: true, ..onward }, 0, (3 + phase, phase, 1, 0, false, false));
        }
        check(PlaceOrder { steps: true, ..onward }, 0, (8, 0, 0, 0, false, false));
        check(PlaceOrder { again: true, ..onward }, 0, (4, 0, 0, 0, true, true));
        check(none, 0, (4, 0, 0, 0, true, true));
    }
}
