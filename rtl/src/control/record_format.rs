//! The format of a record: which word of it has this number?
//!
//! ```text
//!   0 sequence   1 time 31:0   2 tenant, slot, kind, reason, event   3 address 31:0   4 address 47:32, time 47:32
//! ```
//!
//! A loss record has its two counts in the place of the address. A record has no room for bits 63:48 of an address.

use super::audit_entry::AuditEntry;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Makes the words of a record; combinational.
    pub struct RecordFormat<ADDRESS> {
        /// Number of the word, 0 to 4.
        pub index: Signal<In, Bits<3>>,
        /// Number of the record.
        pub number: Signal<In, Bits<32>>,
        /// Bits 31:0 of the time, in the cycle of word 1.
        pub time_low: Signal<In, Bits<32>>,
        /// Bits 47:32 of the time, as they were in the cycle of word 1.
        pub time_high: Signal<In, Bits<16>>,
        /// Content of the record, from word 1 on.
        pub entry: Signal<In, AuditEntry<ADDRESS>>,
        /// High for a loss record.
        pub loss: Signal<In, Bit>,
        /// Number of denials lost since reset.
        pub lost_denials: Signal<In, Bits<32>>,
        /// Number of commands refused for want of room since reset.
        pub lost_commands: Signal<In, Bits<16>>,
        /// Word with that number.
        pub word: Signal<Out, Bits<32>>,
        address_low: Signal<Local, Bits<32>>,
        address_high: Signal<Local, Bits<16>>,
        high_shift: Constant<Bits<6>> = Constant::new(if ADDRESS > 32 { 32 } else { 0u64 }.to_bits()),
        high_mask: Constant<Bits<16>> = Constant::new(high_mask(ADDRESS).to_bits()),
    }
}

/// The bits of word 4 that an address has: at most 16, so that bits 63:48 of a wider address are in no record.
fn high_mask(address: usize) -> u64 {
    (1 << address.saturating_sub(32).min(16)) - 1
}

kernel! {
    RecordFormat<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.address_low.next = bit_cast::<32, ADDRESS>(self.entry.val().address);
        self.address_high.next =
            bit_cast::<16, ADDRESS>(self.entry.val().address >> self.high_shift.val()) & self.high_mask.val();
        if self.loss.val() {
            self.address_low.next = self.lost_denials.val();
            self.address_high.next = self.lost_commands.val();
        }
        self.word.next = self.number.val();
        if self.index.val() == 1 {
            self.word.next = self.time_low.val();
        } else if self.index.val() == 2 {
            self.word.next = bit_cast::<32, 8>(self.entry.val().tenant)
                | (bit_cast::<32, 8>(self.entry.val().slot) << 8)
                | (bit_cast::<32, 4>(self.entry.val().kind) << 20)
                | (bit_cast::<32, 4>(self.entry.val().reason) << 24)
                | (bit_cast::<32, 4>(self.entry.val().event) << 28);
        } else if self.index.val() == 3 {
            self.word.next = self.address_low.val();
        } else if self.index.val() == 4 {
            self.word.next = bit_cast::<32, 16>(self.address_high.val()) | (bit_cast::<32, 16>(self.time_high.val()) << 16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<const ADDRESS: usize>(address: u64, loss: bool) -> Vec<u64> {
        let mut format = RecordFormat::<ADDRESS>::default();
        format.connect_all();
        format.number.next = 7u64.to_bits();
        format.time_low.next = 0xAAAA_0001u64.to_bits();
        format.time_high.next = 0xBBBBu64.to_bits();
        format.entry.next = AuditEntry {
            event: 9u64.to_bits(),
            tenant: 0x12u64.to_bits(),
            slot: 0x34u64.to_bits(),
            kind: 5u64.to_bits(),
            reason: 6u64.to_bits(),
            address: address.to_bits(),
        };
        format.loss.next = loss;
        format.lost_denials.next = 0xCCCC_0002u64.to_bits();
        format.lost_commands.next = 0xDDDDu64.to_bits();
        let word = |index: u64| {
            format.index.next = index.to_bits();
            simulate(&mut format, 100);
            format.word.val().to_u64()
        };
        (0..5).map(word).collect()
    }

    #[test]
    fn every_field_has_its_place() {
        let check = |words: Vec<u64>, low: u64, high: u64| {
            assert_eq!(words, [7, 0xAAAA_0001, 0x9650_3412, low, 0xBBBB_0000 | high]);
        };
        check(words::<40>(0xFE_8765_4321, false), 0x8765_4321, 0xFE);
        check(words::<32>(0x8765_4321, false), 0x8765_4321, 0);
        check(words::<5>(0x1F, false), 0x1F, 0);
        check(words::<48>(0xFEDC_8765_4321, false), 0x8765_4321, 0xFEDC);
        check(words::<53>(0x1A_FEDC_8765_4321, false), 0x8765_4321, 0xFEDC);
        check(words::<64>(0x9876_FEDC_8765_4321, false), 0x8765_4321, 0xFEDC);
        check(words::<40>(0xFE_8765_4321, true), 0xCCCC_0002, 0xDDDD);
        check(words::<5>(0x1F, true), 0xCCCC_0002, 0xDDDD);
    }
}
