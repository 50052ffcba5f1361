//! Beat match: is the beat that the masters offer well formed, is it the one that was asked about, is it the one that was announced?
//!
//! ```text
//!   offered --+--> a Wishbone beat at all? -------------------------> well_formed
//!             +--> tenant, direction, address = asked? -------------> same
//!             +--> and the burst goes on as it was announced? ------> announced
//! ```
//!
//! Combinational. An answer belongs to the master whose beat is `same`; only an `announced` beat may reach the memory.

use pm_verilog::{block, bundle, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A beat as the masters' bus offers it, or as the guard remembers it.
    pub struct OfferedBeat<ADDRESS> {
        /// A beat is offered in this cycle.
        pub valid: Bit,
        /// Tenant of the master, from the address tag.
        pub tenant: Bits<8>,
        /// The beat is a write; else a read.
        pub write: Bit,
        /// The beat is a read that fetches an instruction.
        pub fetch: Bit,
        /// Byte address of the word.
        pub address: Bits<ADDRESS>,
        /// Bytes of the word that the beat is about.
        pub select: Bits<4>,
        /// Cycle type of the beat: Wishbone's `cti`.
        pub cycle_type: Bits<3>,
        /// Burst type of the beat: Wishbone's `bte`.
        pub burst_type: Bits<2>,
    }
}

block! {
    /// Compares the beat that is offered with the beat that the guard remembers.
    pub struct BeatMatch<ADDRESS> {
        /// Beat of the masters' bus.
        pub offered: Signal<In, OfferedBeat<ADDRESS>>,
        /// Beat that the Partition Manager was asked about, or that its burst announces; `valid` and `select` are not read.
        pub asked: Signal<In, OfferedBeat<ADDRESS>>,
        /// High while the remembered beat belongs to a burst that goes on.
        pub runs: Signal<In, Bit>,
        /// High when the offered beat is one that Wishbone knows.
        pub well_formed: Signal<Out, Bit>,
        /// High when the offered beat has tenant, direction and address of the remembered one.
        pub same: Signal<Out, Bit>,
        /// High when the offered beat is `same` and continues the burst as announced.
        pub announced: Signal<Out, Bit>,
    }
}

kernel! {
    BeatMatch<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.well_formed.next = (self.offered.val().select != 0)
            & (self.offered.val().address.get_bits::<2>(0) == 0)
            & !(self.offered.val().write & self.offered.val().fetch)
            & ((self.offered.val().cycle_type < 3) | self.offered.val().cycle_type.all());
        self.same.next = self.offered.val().valid
            & (self.offered.val().tenant == self.asked.val().tenant)
            & (self.offered.val().write == self.asked.val().write)
            & (self.offered.val().fetch == self.asked.val().fetch)
            & (self.offered.val().address == self.asked.val().address);
        self.announced.next = self.same.val()
            & (self.offered.val().select != 0)
            & (self.offered.val().burst_type == self.asked.val().burst_type)
            & ((self.offered.val().cycle_type == self.asked.val().cycle_type)
                | (self.runs.val() & self.offered.val().cycle_type.all()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A read of a word in a linear burst by tenant 3.
    fn beat() -> OfferedBeat<16> {
        OfferedBeat {
            valid: true,
            tenant: 3u32.to_bits(),
            address: 0x1234u32.to_bits(),
            select: 15u32.to_bits(),
            cycle_type: 2u32.to_bits(),
            ..OfferedBeat::default()
        }
    }

    /// `expected`: well formed, same, announced.
    #[track_caller]
    fn check(what: &str, offered: OfferedBeat<16>, runs: bool, expected: [bool; 3]) {
        let mut block = BeatMatch::<16>::default();
        block.connect_all();
        (block.offered.next, block.asked.next, block.runs.next) = (offered, beat(), runs);
        assert!(simulate(&mut block, 10), "{what}: settles");
        assert_eq!([block.well_formed.val(), block.same.val(), block.announced.val()], expected, "{what}");
    }

    #[test]
    fn every_field_decides() {
        check("the beat itself", beat(), true, [true, true, true]);
        check("no beat", OfferedBeat { valid: false, ..beat() }, true, [true, false, false]);
        check("another tenant", OfferedBeat { tenant: 4u32.to_bits(), ..beat() }, true, [true, false, false]);
        check("a write", OfferedBeat { write: true, ..beat() }, true, [true, false, false]);
        check("a fetch", OfferedBeat { fetch: true, ..beat() }, true, [true, false, false]);
        check("another word", OfferedBeat { address: 0x1238u32.to_bits(), ..beat() }, true, [true, false, false]);
        check("inside a word", OfferedBeat { address: 0x1235u32.to_bits(), ..beat() }, true, [false, false, false]);
        check("no byte", OfferedBeat { select: 0u32.to_bits(), ..beat() }, true, [false, true, false]);
        check("a write that fetches", OfferedBeat { write: true, fetch: true, ..beat() }, true, [false, false, false]);
        check("a reserved cycle type", OfferedBeat { cycle_type: 3u32.to_bits(), ..beat() }, true, [false, true, false]);
        check("another reserved cycle type", OfferedBeat { cycle_type: 6u32.to_bits(), ..beat() }, true, [false, true, false]);
        check("the end of the burst", OfferedBeat { cycle_type: 7u32.to_bits(), ..beat() }, true, [true, true, true]);
        check("an end without a burst", OfferedBeat { cycle_type: 7u32.to_bits(), ..beat() }, false, [true, true, false]);
        check("a classic cycle", OfferedBeat { cycle_type: 0u32.to_bits(), ..beat() }, true, [true, true, false]);
        check("another wrap", OfferedBeat { burst_type: 1u32.to_bits(), ..beat() }, true, [true, true, false]);
    }
}
