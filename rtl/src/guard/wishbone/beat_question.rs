//! Beat question: what is the Partition Manager asked about the beat that is offered?
//!
//! ```text
//!   classic cycle: its word      burst: the aligned 64 bytes around its first word      malformed: length 0, kind 3
//! ```
//!
//! Combinational. A malformed beat is asked about with length 0, so that the log has its refusal.

use super::beat_match::OfferedBeat;
use pm_interface::{Geometry, WORD_BYTES};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Bytes that a burst is asked for at a time.
pub(super) const BURST_BYTES: u64 = 64;

/// True when a granule holds the 64 bytes that one question about a burst covers; else every beat is asked about by itself.
pub(super) fn bursts(geometry: &Geometry) -> bool {
    geometry.granule() >= BURST_BYTES
}

/// Bytes that are asked for at once.
pub(super) fn unit(geometry: &Geometry) -> u64 {
    if bursts(geometry) {
        BURST_BYTES
    } else {
        WORD_BYTES
    }
}

block! {
    /// Address, length and kind of the question.
    pub struct BeatQuestion<ADDRESS, LENGTH> for geometry {
        /// Beat of the masters' bus.
        pub offered: Signal<In, OfferedBeat<ADDRESS>>,
        /// High when the offered beat is one that Wishbone knows.
        pub well_formed: Signal<In, Bit>,
        /// First byte that the question is about.
        pub address: Signal<Out, Bits<ADDRESS>>,
        /// Bytes that the question is about; 0 for a malformed beat.
        pub length: Signal<Out, Bits<LENGTH>>,
        /// Kind of the access: 0 read, 1 write, 2 execute, 3 for a malformed beat.
        pub kind: Signal<Out, Bits<2>>,
        bursts: Constant<Bit> = Constant::new(bursts(geometry)),
        offset_mask: Constant<Bits<ADDRESS>> = Constant::new((unit(geometry) - 1).to_bits()),
        word_length: Constant<Bits<LENGTH>> = Constant::new(WORD_BYTES.to_bits()),
        burst_length: Constant<Bits<LENGTH>> = Constant::new(unit(geometry).to_bits()),
    }
}

kernel! {
    BeatQuestion<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) {
        self.address.next = self.offered.val().address;
        self.length.next = self.word_length.val();
        self.kind.next = 0.into();
        if self.bursts.val() & (self.offered.val().cycle_type == 2) {
            self.address.next = self.offered.val().address & !self.offset_mask.val();
            self.length.next = self.burst_length.val();
        }
        if self.offered.val().write {
            self.kind.next = 1.into();
        } else if self.offered.val().fetch {
            self.kind.next = 2.into();
        }
        // SEC_CM: WISHBONE.FORM
        if !self.well_formed.val() {
            self.length.next = 0.into();
            self.kind.next = 3.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `offered`: write, fetch, `cti`. `expected`: address, length, kind.
    #[track_caller]
    fn check(geometry: &str, offered: (bool, bool, u64), well_formed: bool, expected: (u64, u64, u64)) {
        let (write, fetch, cycle) = offered;
        let mut block = BeatQuestion::<32, 13>::new(&Geometry::preset(geometry).unwrap());
        block.connect_all();
        let address = 0x1234u32.to_bits();
        block.offered.next = OfferedBeat { write, fetch, address, cycle_type: cycle.to_bits(), ..OfferedBeat::default() };
        block.well_formed.next = well_formed;
        assert!(simulate(&mut block, 10));
        let seen = (block.address.val().to_u64(), block.length.val().to_u64(), block.kind.val().to_u64());
        assert_eq!(seen, expected, "{geometry} {offered:?} {well_formed}");
    }

    #[test]
    fn every_kind_of_beat() {
        check("cu", (false, false, 0), true, (0x1234, 4, 0));
        check("cu", (true, false, 0), true, (0x1234, 4, 1));
        check("cu", (false, true, 0), true, (0x1234, 4, 2));
        check("cu", (false, false, 1), true, (0x1234, 4, 0));
        check("cu", (false, false, 7), true, (0x1234, 4, 0));
        check("cu", (true, false, 2), true, (0x1200, 64, 1));
        check("cu", (false, true, 2), false, (0x1200, 0, 3));
        check("cu", (true, true, 0), false, (0x1234, 0, 3));
    }
}
