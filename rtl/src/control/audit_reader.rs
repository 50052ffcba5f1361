//! The reader of the log: what do its registers answer, and which word is read next?
//!
//! ```text
//!   AUDIT_POP = 1 --> next word --(the last of a record)--> freed
//!   AUDIT_DATA, AUDIT_LEVEL, AUDIT_LOST ------------------> answer
//! ```

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::{registers::offset, AUDIT_WORDS};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the audit bank.
    pub struct AuditOffsets: Bits<8> {
        /// `AUDIT_LEVEL`.
        level = offset::AUDIT_LEVEL / 4,
        /// `AUDIT_DATA`.
        data = offset::AUDIT_DATA / 4,
        /// `AUDIT_POP`.
        pop = offset::AUDIT_POP / 4,
        /// `AUDIT_LOST`.
        lost = offset::AUDIT_LOST / 4,
    }
}

constants! {
    /// Offsets of the registers of the digest.
    pub struct DigestOffsets: Bits<8> {
        /// `AUDIT_DIGEST`, the first word of the digest.
        digest_0 = offset::AUDIT_DIGEST / 4,
        /// `AUDIT_DIGEST_1`.
        digest_1 = offset::AUDIT_DIGEST_1 / 4,
        /// `AUDIT_DIGEST_2`.
        digest_2 = offset::AUDIT_DIGEST_2 / 4,
        /// `AUDIT_DIGEST_3`.
        digest_3 = offset::AUDIT_DIGEST_3 / 4,
        /// `AUDIT_CHAINED`.
        chained = offset::AUDIT_CHAINED / 4,
    }
}

/// The reader's view of the chain over the log.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ChainView {
    /// Number of records that are stored and not yet chained.
    pub waiting: Signal<In, Bits<32>>,
    /// Number of records chained since reset, wrapping.
    pub count: Signal<In, Bits<32>>,
    /// High once the digest has been zeroed and a record chained; before, the digest reads zero.
    pub begun: Signal<In, Bit>,
    /// Word of the digest that the access of this cycle names.
    pub digest: Signal<In, Bits<32>>,
}

block! {
    /// Reads the log for software.
    pub struct AuditReader<WORD_BITS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the first word is read next.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// Number of records that can be read.
        pub level: Signal<In, Bits<8>>,
        /// High while `level` is not zero.
        pub some: Signal<In, Bit>,
        /// Number of denials lost since reset.
        pub lost: Signal<In, Bits<32>>,
        /// Word at the address of the cycle before.
        pub read_data: Signal<In, Bits<32>>,
        /// Address of the word that software reads next.
        pub read_address: Signal<Out, Bits<WORD_BITS>>,
        /// High: the last word of a record is popped in this cycle.
        pub frees: Signal<Out, Bit>,
        read_pointer: Register<Bits<WORD_BITS>>,
        word_index: Register<Bits<3>>,
        at_last: Register<Bit>,
        selected: Signal<Local, Bits<64>>,
        pops: Signal<Local, Bit>,
        offsets: AuditOffsets,
        last_but_one: Constant<Bits<3>> = Constant::new((AUDIT_WORDS - 2).to_bits()),
        /// State of the chain over the log.
        pub chain: ChainView where chain,
        digest_shown: Signal<Local, Bit> where chain,
        digest_offsets: DigestOffsets where chain,
    }
}

kernel! {
    AuditReader<WORD_BITS>
    #[hdl_gen]
    fn update(&mut self) registers(read_pointer, word_index, at_last) {
        self.selected.next = self.access.val().selected;
        self.pops.next = self.selected.val().get_bit(self.offsets.pop.val().index())
            & self.access.val().writes_one
            & self.some.val();
        self.frees.next = self.pops.val() & self.at_last.q.val();
        self.read_address.next = self.read_pointer.q.val();
        if self.pops.val() {
            self.read_address.next = self.read_pointer.q.val() + 1;
            self.read_pointer.d.next = self.read_pointer.q.val() + 1;
            self.word_index.d.next = self.word_index.q.val() + 1;
            self.at_last.d.next = self.word_index.q.val() == self.last_but_one.val();
        }
        if self.frees.val() {
            self.word_index.d.next = 0.into();
        }

        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        if self.access.val().read {
            if self.selected.val().get_bit(self.offsets.level.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data =
                    bit_cast::<32, 8>(self.level.val()) | (bit_cast::<32, 3>(self.word_index.q.val()) << 16);
            } else if self.selected.val().get_bit(self.offsets.data.val().index()) {
                self.answer.next.accepted = true;
                if self.some.val() {
                    self.answer.next.data = self.read_data.val();
                }
            } else if self.selected.val().get_bit(self.offsets.lost.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.lost.val();
            }
        } else {
            self.answer.next.accepted =
                self.selected.val().get_bit(self.offsets.pop.val().index()) & self.access.val().writes_one;
        }
    }
    when(chain) {
        self.digest_shown[0].next = self.selected.val().get_bit(self.digest_offsets[0].digest_0.val().index())
            | self.selected.val().get_bit(self.digest_offsets[0].digest_1.val().index())
            | self.selected.val().get_bit(self.digest_offsets[0].digest_2.val().index())
            | self.selected.val().get_bit(self.digest_offsets[0].digest_3.val().index());
        if self.access.val().read {
            if self.selected.val().get_bit(self.offsets.level.val().index()) {
                self.answer.next.data = bit_cast::<32, 8>(self.level.val())
                    | (bit_cast::<32, 3>(self.word_index.q.val()) << 16)
                    | (self.chain[0].waiting.val() << 24);
            }
            if self.digest_shown[0].val() {
                self.answer.next.accepted = true;
                if self.chain[0].begun.val() {
                    self.answer.next.data = self.chain[0].digest.val();
                }
            }
            if self.selected.val().get_bit(self.digest_offsets[0].chained.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.chain[0].count.val();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::registers::REGISTERS;
    use pm_interface::Geometry;

    fn access(register: u8, write: Option<u64>) -> RegisterAccess {
        RegisterAccess {
            read: write.is_none(),
            write: write.is_some(),
            selected: (1u64 << (register / 4)).to_bits(),
            data: write.unwrap_or(0).to_bits(),
            writes_one: write == Some(1),
            ..Default::default()
        }
    }

    fn step(reader: &mut AuditReader<8>, access: RegisterAccess) -> (bool, u64, u64, bool) {
        reader.access.next = access;
        simulate(reader, 100);
        let answer = reader.answer.val();
        let told = (answer.accepted, answer.data.to_u64(), reader.read_address.val().to_u64(), reader.frees.val());
        for level in [true, false] {
            reader.clock.next = level.into();
            simulate(reader, 100);
        }
        told
    }

    fn reader(geometry: &str, some: bool) -> AuditReader<8> {
        let mut reader = AuditReader::<8>::new(&Geometry::preset(geometry).unwrap());
        reader.connect_all();
        reader.level.next = 3u64.to_bits();
        reader.some.next = some;
        reader.lost.next = 0x44u64.to_bits();
        reader.read_data.next = 0x55u64.to_bits();
        for chain in &mut reader.chain {
            chain.waiting.next = 6u64.to_bits();
            chain.count.next = 0x77u64.to_bits();
            chain.begun.next = some;
            chain.digest.next = 0x88u64.to_bits();
        }
        reader
    }

    #[test]
    fn a_register_answers_for_itself_and_no_other() {
        for register in REGISTERS {
            let check = |geometry: &str, some: bool, expected: Option<u64>| {
                let (accepted, data, ..) = step(&mut reader(geometry, some), access(register.offset, None));
                assert_eq!(accepted.then_some(data), expected, "{geometry} {} {some}", register.name);
                assert!(accepted || data == 0, "{geometry} {}: data without an answer", register.name);
            };
            let [plain, empty, chained, unchained] = match register.offset {
                offset::AUDIT_LEVEL => [Some(3), Some(3), Some(0x0600_0003), Some(0x0600_0003)],
                offset::AUDIT_DATA => [Some(0x55), Some(0), Some(0x55), Some(0)],
                offset::AUDIT_LOST => [Some(0x44); 4],
                offset::AUDIT_DIGEST | offset::AUDIT_DIGEST_1 | offset::AUDIT_DIGEST_2 | offset::AUDIT_DIGEST_3 => {
                    [None, None, Some(0x88), Some(0)]
                }
                offset::AUDIT_CHAINED => [None, None, Some(0x77), Some(0x77)],
                _ => [None; 4],
            };
            check("tiny", true, plain);
            check("tiny", false, empty);
            check("tiny+chain", true, chained);
            check("tiny+chain", false, unchained);
        }
    }

    #[test]
    fn a_pop_goes_one_word_on_and_the_fifth_frees_the_record() {
        let mut reader = reader("tiny", true);
        let mut check = |write: u64, expected: (bool, u64, bool)| {
            let (accepted, data, address, frees) = step(&mut reader, access(offset::AUDIT_POP, Some(write)));
            assert_eq!((accepted, address, frees), expected, "{write} written");
            assert_eq!(data, 0);
        };
        for record in 0..2 {
            for word in 0..5 {
                let place = record * 5 + word;
                // Only a one pops.
                check(0, (false, place, false));
                check(3, (false, place, false));
                check(1, (true, place + 1, word == 4));
            }
        }
        // An empty log has no word to pop.
        let mut empty = super::tests::reader("tiny", false);
        for _ in 0..7 {
            assert_eq!(step(&mut empty, access(offset::AUDIT_POP, Some(1))), (true, 0, 0, false));
        }
    }
}
