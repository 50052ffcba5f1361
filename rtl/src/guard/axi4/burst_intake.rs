//! The intake of a queue of bursts: does a tenant's burst take the next entry, or a word of the scrubber?
//!
//! ```text
//!   staged burst --+-- room? whose turn? --> asks, question --> decider --asked--+
//!   scrub word ----'           '------------------- takes_scrub -----------------+--> takes: address, attributes --> entry
//! ```
//!
//! A burst takes its entry in the cycle in which the Partition Manager is asked. A word of the scrubber asks nobody.

use super::{ports::Attributes, question::Question};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Read, write and execute, as the Partition Manager's ports know them.
const KINDS: [u64; 3] = [0, 1, 2];

block! {
    /// Chooses what the next entry takes, and makes the question about it; combinational.
    pub struct BurstIntake<ADDRESS, ID, USER> with writes: bool, bytes: usize {
        /// High while a burst is staged.
        pub staged: Signal<In, Bit>,
        /// Address of the lowest byte of the staged burst.
        pub first: Signal<In, Bits<ADDRESS>>,
        /// Bits 9:0 of the address of the first beat.
        pub low: Signal<In, Bits<10>>,
        /// Number of bytes of the staged burst.
        pub length: Signal<In, Bits<13>>,
        /// High: AXI4 knows no such burst.
        pub malformed: Signal<In, Bit>,
        /// Attributes of the address channel of the staged burst.
        pub channel: Signal<In, Attributes<ID, USER>>,
        /// High while the next entry is free.
        pub room: Signal<In, Bit>,
        /// High: the question is asked in this cycle.
        pub asked: Signal<In, Bit>,
        /// High: the scrubber offers a word for the memory.
        pub scrub: Signal<In, Bit>,
        /// Physical address of the word; valid with `scrub`.
        pub scrub_address: Signal<In, Bits<ADDRESS>>,
        /// High: the scrubber's turn, when a burst and a word both want the entry.
        pub scrub_turn: Signal<In, Bit>,
        /// High: the Partition Manager is to be asked about the staged burst.
        pub asks: Signal<Out, Bit>,
        /// Access to ask about; valid with `asks`.
        pub question: Signal<Out, Question<ADDRESS>>,
        /// High: the next entry is taken in this cycle.
        pub takes: Signal<Out, Bit>,
        /// High with `takes`: the entry is taken by a word of the scrubber.
        pub takes_scrub: Signal<Out, Bit>,
        /// Address for the entry: logical of a tenant, physical of the scrubber; valid with `takes`.
        pub address: Signal<Out, Bits<ADDRESS>>,
        /// Attributes for the entry; valid with `takes`.
        pub attributes: Signal<Out, Attributes<ID, USER>>,
        low_mask: Constant<Bits<ADDRESS>> = Constant::new((16 * bytes - 1).to_bits()),
        writes: Constant<Bit> = Constant::new(writes),
        read_kind: Constant<Bits<2>> = Constant::new(KINDS[0].to_bits()),
        write_kind: Constant<Bits<2>> = Constant::new(KINDS[1].to_bits()),
        execute_kind: Constant<Bits<2>> = Constant::new(KINDS[2].to_bits()),
        word_size: Constant<Bits<3>> = Constant::new(2u64.to_bits()),
    }
}

kernel! {
    BurstIntake<ADDRESS, ID, USER>
    #[hdl_gen]
    fn update(&mut self) {
        self.takes_scrub.next = self.scrub.val() & self.room.val() & (self.scrub_turn.val() | !self.staged.val());
        self.asks.next = self.staged.val() & self.room.val() & !self.takes_scrub.val();
        self.takes.next = self.asked.val() | self.takes_scrub.val();

        self.question.next.stalled = false;
        self.question.next.tenant = self.channel.val().user.get_bits::<8>(0);
        self.question.next.address = self.first.val();
        self.question.next.length = self.length.val();
        self.question.next.kind = self.read_kind.val();
        if self.writes.val() {
            self.question.next.kind = self.write_kind.val();
        } else if self.channel.val().prot.get_bit(2) {
            self.question.next.kind = self.execute_kind.val();
        }
        if self.malformed.val() {
            self.question.next.kind = 3.into();
        }

        self.attributes.next = self.channel.val();
        self.address.next = (self.first.val() & !self.low_mask.val())
            | (bit_cast::<ADDRESS, 10>(self.low.val()) & self.low_mask.val());
        if self.takes_scrub.val() {
            self.address.next = self.scrub_address.val();
            self.attributes.next.id = 0.into();
            self.attributes.next.len = 0.into();
            self.attributes.next.size = self.word_size.val();
            self.attributes.next.burst = 1.into();
            self.attributes.next.lock = false;
            self.attributes.next.cache = 0.into();
            self.attributes.next.prot = 0.into();
            self.attributes.next.qos = 0.into();
            self.attributes.next.region = 0.into();
            self.attributes.next.user = 0.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;

    type Small = BurstIntake<16, 2, 8>;

    /// Tenant 5's burst of 8 bytes at 0x1238, whose container begins at 0x1230; a word to scrub at 0x4560.
    fn intake(writes: bool, drive: impl Fn(&mut Small)) -> Small {
        let mut intake = Small::new(writes, 8);
        intake.connect_all();
        (intake.first.next, intake.low.next, intake.length.next) = (0x1230u64.to_bits(), 0x38u64.to_bits(), 8u64.to_bits());
        intake.channel.next =
            Attributes { id: 3.into(), len: 1.into(), burst: 2.into(), lock: true, user: 5.into(), ..Attributes::default() };
        intake.scrub_address.next = 0x4560u64.to_bits();
        drive(&mut intake);
        settle(&mut intake);
        intake
    }

    #[test]
    fn burst_and_scrub_word_take_turns_at_a_free_entry() {
        // Stimulus: staged, asked, scrub, its turn, room. Expected: asks, takes, takes_scrub.
        let check = |[staged, asked, scrub, turn, room]: [bool; 5], expected: [bool; 3]| {
            let intake = intake(true, |i| {
                (i.staged.next, i.asked.next, i.scrub.next) = (staged, asked, scrub);
                (i.scrub_turn.next, i.room.next) = (turn, room);
            });
            let found = [intake.asks.val(), intake.takes.val(), intake.takes_scrub.val()];
            assert_eq!(found, expected, "staged {staged}, asked {asked}, scrub {scrub}, turn {turn}, room {room}");
        };
        check([false, false, false, false, true], [false, false, false]);
        check([true, false, false, false, true], [true, false, false]);
        check([true, true, false, true, true], [true, true, false]);
        check([false, false, true, false, true], [false, true, true]);
        check([true, true, true, false, true], [true, true, false]);
        check([true, false, true, true, true], [false, true, true]);
        for turn in [false, true] {
            check([true, false, true, turn, false], [false, false, false]);
        }
    }

    #[test]
    fn the_question_names_tenant_bytes_and_kind() {
        let check = |writes: bool, prot: u64, malformed: bool, kind: u64| {
            let intake = intake(writes, |i| {
                i.channel.next = Attributes { prot: prot.to_bits(), user: 5.into(), ..Attributes::default() };
                i.malformed.next = malformed;
            });
            let question = intake.question.val();
            let found = [question.tenant.to_u64(), question.address.to_u64(), question.length.to_u64(), question.kind.to_u64()];
            assert_eq!(found, [5, 0x1230, 8, kind], "writes {writes}, prot {prot}, malformed {malformed}");
        };
        check(false, 0, false, 0);
        check(false, 3, false, 0);
        check(false, 4, false, 2);
        check(true, 0, false, 1);
        check(true, 4, false, 1);
        check(true, 0, true, 3);
        check(false, 4, true, 3);
    }

    #[test]
    fn an_entry_takes_the_first_beats_address_or_the_word() {
        let burst = intake(true, |i| (i.staged.next, i.room.next, i.asked.next) = (true, true, true));
        assert_eq!(burst.address.val().to_u64(), 0x1238);
        assert_eq!(burst.attributes.val(), burst.channel.val());
        let word = intake(true, |i| (i.room.next, i.scrub.next) = (true, true));
        assert_eq!(word.address.val().to_u64(), 0x4560);
        assert_eq!(word.attributes.val(), Attributes { size: 2.into(), burst: 1.into(), ..Attributes::default() });
    }
}
