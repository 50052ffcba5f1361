//! The registers of the source map: which tenant does a source of the bus belong to?
//!
//! ```text
//!   access --> SOURCE_INDEX --> the entry that VALUE, MASK and ENTRY show
//!          --> VALUE, MASK of an entry that is not valid; ENTRY of one that is not locked --> entries --> SourceMatch
//! ```
//!
//! A valid entry matches one set of sources for as long as it is valid: its value and mask are written only while it is not. After a
//! reset no entry is valid, and every access is refused.

use crate::{
    constants,
    control::{BankAnswer, RegisterAccess},
};
use anyhow::{ensure, Result};
use pm_interface::{
    registers::{offset, NO_SOURCE},
    Geometry,
};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Most entries of a source map.
pub const MAX_SOURCES: usize = 16;

constants! {
    /// Offsets of the source bank.
    pub struct SourceOffsets: Bits<8> {
        /// `SOURCE_INDEX`.
        index = offset::SOURCE_INDEX / 4,
        /// `SOURCE_VALUE_LO`.
        value_low = offset::SOURCE_VALUE_LO / 4,
        /// `SOURCE_VALUE_HI`.
        value_high = offset::SOURCE_VALUE_HI / 4,
        /// `SOURCE_MASK_LO`.
        mask_low = offset::SOURCE_MASK_LO / 4,
        /// `SOURCE_MASK_HI`.
        mask_high = offset::SOURCE_MASK_HI / 4,
        /// `SOURCE_ENTRY`.
        entry = offset::SOURCE_ENTRY / 4,
    }
}

bundle! {
    /// One entry of the source map.
    pub struct SourceEntry<WIDTH> {
        /// High: the entry takes part.
        pub valid: Bit,
        /// High: the entry stays as it is until reset.
        pub locked: Bit,
        /// Source to match, where the mask is high.
        pub value: Bits<WIDTH>,
        /// High bits of the source count.
        pub mask: Bits<WIDTH>,
        /// Tenant of the sources that match.
        pub tenant: Bits<8>,
    }
}

block! {
    /// Holds the entries.
    pub struct SourceBank<WIDTH> with entries: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no entry is valid.
        pub reset: Signal<In, Bit>,
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// High from SEAL to reset: the entries stay.
        pub sealed: Signal<In, Bit>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// Entries of the map.
        pub entry: Vec<Signal<Out, SourceEntry<WIDTH>>> = vec![Default::default(); entries],
        index: Register<Bits<5>>,
        held: Vec<Register<SourceEntry<WIDTH>>> = vec![Default::default(); entries],
        chosen: Signal<Local, SourceEntry<WIDTH>>,
        value: Signal<Local, Bits<64>>,
        mask: Signal<Local, Bits<64>>,
        wide: Signal<Local, Bits<64>>,
        written: Signal<Local, SourceEntry<WIDTH>>,
        shown: Signal<Local, Bits<32>>,
        flags: Signal<Local, Bits<32>>,
        accepted: Signal<Local, Bit>,
        known: Signal<Local, Bit>,
        open: Signal<Local, Bit>,
        loose: Signal<Local, Bit>,
        fits_low: Signal<Local, Bit>,
        fits_high: Signal<Local, Bit>,
        offsets: SourceOffsets,
        entries: Constant<Bits<32>> = Constant::new((entries as u64).to_bits()),
        low_bits: Constant<Bits<32>> = Constant::new(source_bits(WIDTH, 0).to_bits()),
        high_bits: Constant<Bits<32>> = Constant::new(source_bits(WIDTH, 32).to_bits()),
        nobody: Constant<Bits<8>> = Constant::new(u64::from(NO_SOURCE).to_bits()),
    }
}

/// Checks that a guard of this geometry can have a source map of so many entries; 0 is no map.
///
/// # Errors
/// When it cannot: says why, and what can be done.
pub fn check_sources(entries: usize, geometry: &Geometry) -> Result<()> {
    ensure!(
        entries <= MAX_SOURCES,
        "no source map of {entries} entries: 1 to {MAX_SOURCES} are supported, and 0 for none; the nearest is {MAX_SOURCES}"
    );
    ensure!(
        entries == 0 || geometry.tenants <= usize::from(NO_SOURCE),
        "no source map for geometry {}: tenant {NO_SOURCE} stands for sources that no entry names, and with {} tenants it would be one \
         of them; take at most {NO_SOURCE} tenants",
        geometry.name,
        geometry.tenants
    );
    Ok(())
}

/// The bits of a source of this width that the register for bits `from` and up has.
fn source_bits(width: usize, from: usize) -> u64 {
    (((1u128 << width) - 1) >> from) as u64 & 0xFFFF_FFFF
}

kernel! {
    SourceBank<WIDTH>
    #[hdl_gen]
    fn update(&mut self) registers(index) {
        for i in 0..self.held.len() {
            self.held[i].clock.next = self.clock.val();
            self.held[i].reset.next = self.reset.val();
            self.held[i].d.next = self.held[i].q.val();
            self.entry[i].next = self.held[i].q.val();
        }

        self.chosen.next = self.held[0].q.val();
        for i in 0..self.held.len() {
            if self.index.q.val() == i.to_bits::<5>() {
                self.chosen.next = self.held[i].q.val();
            }
        }
        self.value.next = bit_cast::<64, WIDTH>(self.chosen.val().value);
        self.mask.next = bit_cast::<64, WIDTH>(self.chosen.val().mask);
        self.fits_low.next = (self.access.val().data & !self.low_bits.val()) == 0;
        self.fits_high.next = (self.access.val().data & !self.high_bits.val()) == 0;
        // SEC_CM: SOURCE.STEADY
        self.open.next = !self.sealed.val() & !self.chosen.val().locked;
        self.loose.next = self.open.val() & !self.chosen.val().valid;
        self.flags.next = bit_cast::<32, 8>(self.chosen.val().tenant)
            | (bit_cast::<32, 1>(self.chosen.val().valid.into()) << 8)
            | (bit_cast::<32, 1>(self.chosen.val().locked.into()) << 9);

        self.written.next = self.chosen.val();
        self.wide.next = 0.into();
        self.shown.next = 0.into();
        self.accepted.next = false;
        self.known.next = false;
        // At most one register is selected.
        if self.access.val().selected.get_bit(self.offsets.index.val().index()) {
            self.known.next = true;
            self.shown.next = bit_cast::<32, 5>(self.index.q.val());
            self.accepted.next = !self.sealed.val() & (self.access.val().data < self.entries.val());
            if self.access.val().write & self.accepted.val() {
                self.index.d.next = self.access.val().data.get_bits::<5>(0);
            }
        }
        if self.access.val().selected.get_bit(self.offsets.value_low.val().index()) {
            self.known.next = true;
            self.shown.next = self.value.val().get_bits::<32>(0);
            self.wide.next = ((self.value.val() >> 32) << 32) | bit_cast::<64, 32>(self.access.val().data);
            self.written.next.value = bit_cast::<WIDTH, 64>(self.wide.val());
            self.accepted.next = self.loose.val() & self.fits_low.val();
        }
        if self.access.val().selected.get_bit(self.offsets.value_high.val().index()) {
            self.known.next = true;
            self.shown.next = self.value.val().get_bits::<32>(32);
            self.wide.next = bit_cast::<64, 32>(self.value.val().get_bits::<32>(0)) | (bit_cast::<64, 32>(self.access.val().data) << 32);
            self.written.next.value = bit_cast::<WIDTH, 64>(self.wide.val());
            self.accepted.next = self.loose.val() & self.fits_high.val();
        }
        if self.access.val().selected.get_bit(self.offsets.mask_low.val().index()) {
            self.known.next = true;
            self.shown.next = self.mask.val().get_bits::<32>(0);
            self.wide.next = ((self.mask.val() >> 32) << 32) | bit_cast::<64, 32>(self.access.val().data);
            self.written.next.mask = bit_cast::<WIDTH, 64>(self.wide.val());
            self.accepted.next = self.loose.val() & self.fits_low.val();
        }
        if self.access.val().selected.get_bit(self.offsets.mask_high.val().index()) {
            self.known.next = true;
            self.shown.next = self.mask.val().get_bits::<32>(32);
            self.wide.next = bit_cast::<64, 32>(self.mask.val().get_bits::<32>(0)) | (bit_cast::<64, 32>(self.access.val().data) << 32);
            self.written.next.mask = bit_cast::<WIDTH, 64>(self.wide.val());
            self.accepted.next = self.loose.val() & self.fits_high.val();
        }
        if self.access.val().selected.get_bit(self.offsets.entry.val().index()) {
            self.known.next = true;
            self.shown.next = self.flags.val();
            self.written.next.tenant = self.access.val().data.get_bits::<8>(0);
            self.written.next.valid = self.access.val().data.get_bit(8);
            self.written.next.locked = self.access.val().data.get_bit(9);
            self.accepted.next = self.open.val()
                & ((self.access.val().data >> 10) == 0)
                & (self.access.val().data.get_bits::<8>(0) != self.nobody.val());
        }
        // A write of the index stores the chosen entry as it is.
        for i in 0..self.held.len() {
            if self.access.val().write & self.accepted.val() & (self.index.q.val() == i.to_bits::<5>()) {
                self.held[i].d.next = self.written.val();
            }
        }

        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        if self.access.val().write {
            self.answer.next.accepted = self.accepted.val();
        }
        if self.access.val().read {
            self.answer.next.accepted = self.known.val();
            self.answer.next.data = self.shown.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    /// Sources of 40 bits, three entries.
    type Small = SourceBank<40>;

    struct Bench(Small);

    impl Bench {
        fn new() -> Bench {
            let mut bank = Small::new(3);
            bank.connect_all();
            settle(&mut bank);
            Bench(bank)
        }

        fn access(&mut self, register: u8, data: Option<u64>) -> Option<u64> {
            self.0.access.next = RegisterAccess {
                read: data.is_none(),
                write: data.is_some(),
                selected: (1u64 << (register / 4)).to_bits(),
                data: data.unwrap_or(0).to_bits(),
                ..RegisterAccess::default()
            };
            settle(&mut self.0);
            let answer = self.0.answer.val();
            edge!(self.0);
            self.0.access.next = RegisterAccess::default();
            settle(&mut self.0);
            answer.accepted.then(|| answer.data.to_u64())
        }

        #[track_caller]
        fn writes(&mut self, register: u8, data: u64, accepted: bool) {
            let before = self.0.entry.clone();
            assert_eq!(self.access(register, Some(data)).is_some(), accepted, "{register:#x} {data:#x}");
            if !accepted {
                let same = self.0.entry.iter().zip(&before).all(|(now, before)| now.val() == before.val());
                assert!(same, "a write that is refused changes nothing");
            }
        }

        #[track_caller]
        fn reads(&mut self, register: u8, expected: u64) {
            assert_eq!(self.access(register, None), Some(expected), "{register:#x}");
        }
    }

    #[test]
    fn an_entry_is_written_and_read_back() {
        let mut bench = Bench::new();
        for (index, value) in [(0u64, 0xAB_1234_5678u64), (2, 0x01_0000_0001)] {
            bench.writes(offset::SOURCE_INDEX, index, true);
            bench.writes(offset::SOURCE_VALUE_LO, value & 0xFFFF_FFFF, true);
            bench.writes(offset::SOURCE_VALUE_HI, value >> 32, true);
            bench.writes(offset::SOURCE_MASK_LO, 0xFFFF_0000, true);
            bench.writes(offset::SOURCE_MASK_HI, 0x7F, true);
            bench.writes(offset::SOURCE_ENTRY, 0x100 | (index + 3), true);
        }
        bench.writes(offset::SOURCE_INDEX, 0, true);
        bench.reads(offset::SOURCE_INDEX, 0);
        bench.reads(offset::SOURCE_VALUE_LO, 0x1234_5678);
        bench.reads(offset::SOURCE_VALUE_HI, 0xAB);
        bench.reads(offset::SOURCE_MASK_LO, 0xFFFF_0000);
        bench.reads(offset::SOURCE_MASK_HI, 0x7F);
        bench.reads(offset::SOURCE_ENTRY, 0x103);
        let entry = bench.0.entry[2].val();
        let found = (entry.valid, entry.locked, entry.value.to_u64(), entry.mask.to_u64(), entry.tenant.to_u64());
        assert_eq!(found, (true, false, 0x01_0000_0001, 0x7F_FFFF_0000, 5));
        assert!(!bench.0.entry[1].val().valid, "nobody wrote it");
        assert_eq!(bench.access(offset::STALL_LIMIT, None), None, "another bank's");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut bench = Bench::new();
        bench.writes(offset::SOURCE_INDEX, 3, false);
        bench.writes(offset::SOURCE_INDEX, 0x1_0000_0000 - 1, false);
        bench.writes(offset::SOURCE_VALUE_HI, 0x100, false);
        bench.writes(offset::SOURCE_MASK_HI, 0x100, false);
        bench.writes(offset::SOURCE_ENTRY, 0x400, false);
        bench.writes(offset::SOURCE_ENTRY, 0x1FF, false);
        bench.writes(offset::SOURCE_ENTRY, 0x0FE, true);
    }

    #[test]
    fn a_valid_entry_keeps_its_sources_and_a_locked_one_everything() {
        let mut bench = Bench::new();
        let parts = [offset::SOURCE_VALUE_LO, offset::SOURCE_VALUE_HI, offset::SOURCE_MASK_LO, offset::SOURCE_MASK_HI];
        bench.writes(offset::SOURCE_ENTRY, 0x101, true);
        parts.into_iter().for_each(|part| bench.writes(part, 1, false));
        // Another tenant, or not valid any more: in one write.
        bench.writes(offset::SOURCE_ENTRY, 0x102, true);
        bench.writes(offset::SOURCE_ENTRY, 2, true);
        parts.into_iter().for_each(|part| bench.writes(part, 1, true));
        bench.writes(offset::SOURCE_ENTRY, 0x302, true);
        bench.writes(offset::SOURCE_ENTRY, 0, false);
        parts.into_iter().for_each(|part| bench.writes(part, 0, false));
        bench.writes(offset::SOURCE_INDEX, 1, true);
        bench.writes(offset::SOURCE_ENTRY, 0x103, true);
        // SEAL locks the others, and the index.
        bench.0.sealed.next = true;
        bench.writes(offset::SOURCE_ENTRY, 0x104, false);
        bench.writes(offset::SOURCE_INDEX, 0, false);
        bench.reads(offset::SOURCE_ENTRY, 0x103);
    }

    #[test]
    fn a_reset_leaves_no_entry() {
        let mut bench = Bench::new();
        bench.writes(offset::SOURCE_ENTRY, 0x301, true);
        bench.0.reset.next = true;
        edge!(bench.0);
        bench.0.reset.next = false;
        settle(&mut bench.0);
        assert!(bench.0.entry.iter().all(|entry| entry.val() == SourceEntry::default()));
    }
}
