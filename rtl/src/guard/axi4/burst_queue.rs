//! The bursts of one direction, from address channel to last answer.
//!
//! ```text
//!                edge 1              edges 2 to 5        edge 6
//!   address --> shape --> stage --ask--> decider --> entries --head--> memory's address channel
//!   scrub -------------------------------------------^  |
//!                                                       +--> which answer belongs to whom; who is denied
//! ```
//!
//! The address of a granted burst is offered to the memory six edges after it was taken, four of them the decision's own.
//! Addresses leave in the order in which they came. While bursts of both directions arrive at once they take turns at the
//! translate port. The memory sees nothing of a burst that was not granted.

use super::{
    burst_entry::BurstEntry,
    burst_shape::BurstShape,
    ports::Attributes,
    question::{Decision, Question},
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Read, write and execute, as the Partition Manager's ports know them.
const KINDS: [u64; 3] = [0, 1, 2];

/// The most bursts under way in one direction.
pub const MAX_BURSTS: usize = 16;

block! {
    /// The bursts of one direction.
    pub struct BurstQueue<ADDRESS, ID, USER> with bytes: usize, bursts: usize, writes: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no burst is under way.
        pub reset: Signal<In, Bit>,
        /// An address is offered; stays high until `ready`.
        pub offered: Signal<In, Bit>,
        /// Address of the first beat, as the tenant sees it; valid with `offered`.
        pub address: Signal<In, Bits<ADDRESS>>,
        /// Attributes of the address channel; valid with `offered`.
        pub attributes: Signal<In, Attributes<ID, USER>>,
        /// The address is taken in this cycle if `offered`.
        pub ready: Signal<Out, Bit>,
        /// The Partition Manager is to be asked about a burst.
        pub asks: Signal<Out, Bit>,
        /// Access to ask about; valid with `asks`.
        pub question: Signal<Out, Question<ADDRESS>>,
        /// Number of the entry that the burst takes; valid with `asks`.
        pub asker: Signal<Out, Bits<4>>,
        /// The question is asked in this cycle.
        pub asked: Signal<In, Bit>,
        /// A refusal of the guard itself is to be logged.
        pub reports: Signal<Out, Bit>,
        /// Access to log; valid with `reports`.
        pub report: Signal<Out, Question<ADDRESS>>,
        /// The report is logged in this cycle.
        pub reported: Signal<In, Bit>,
        /// Verdict of the translate port on a burst of this direction.
        pub translated: Signal<In, Decision<ADDRESS>>,
        /// Verdict on a burst that the translate port called not mine.
        pub checked: Signal<In, Decision<ADDRESS>>,
        /// An address is offered to the memory; stays high until `taken`.
        pub forwards: Signal<Out, Bit>,
        /// Physical address of the first beat; valid with `forwards`.
        pub physical: Signal<Out, Bits<ADDRESS>>,
        /// Attributes of the forwarded address; valid with `forwards`.
        pub forwarded: Signal<Out, Attributes<ID, USER>>,
        /// The memory takes the address in this cycle.
        pub taken: Signal<In, Bit>,
        /// Identifier of the answer that the memory offers.
        pub answered_id: Signal<In, Bits<ID>>,
        /// High: a burst awaits an answer of the memory with `answered_id`.
        pub expected: Signal<Out, Bit>,
        /// High: the answer may be given to its burst now; data of the burst have moved and earlier bursts of the identifier have
        /// ended.
        pub answerable: Signal<Out, Bit>,
        /// The answered burst had other data than its address said; valid with `answerable`.
        pub answers_broken: Signal<Out, Bit>,
        /// The answered burst is a word of the scrubber; valid with `answerable`.
        pub answers_scrub: Signal<Out, Bit>,
        /// The last beat of the answer is taken in this cycle.
        pub answered: Signal<In, Bit>,
        /// A burst is to be answered with an error; stays high until `denial_given`.
        pub denies: Signal<Out, Bit>,
        /// Attributes of the denied burst; valid with `denies`.
        pub denied: Signal<Out, Attributes<ID, USER>>,
        /// The last beat of the error answer is taken in this cycle.
        pub denial_given: Signal<In, Bit>,
        /// The data of the next burst go to the memory.
        pub data_passes: Signal<Out, Bit>,
        /// The data of the next burst are dropped.
        pub data_drains: Signal<Out, Bit>,
        /// The next burst for data is a word of the scrubber; valid with `data_passes` or `data_drains`.
        pub data_scrub: Signal<Out, Bit>,
        /// Beats of the next burst for data, less one; valid with `data_passes` or `data_drains`.
        pub data_len: Signal<Out, Bits<8>>,
        /// Tenant of the next burst for data; valid with `data_passes` or `data_drains`.
        pub data_tenant: Signal<Out, Bits<8>>,
        /// Address of the next burst for data; valid with `data_passes` or `data_drains`.
        pub data_address: Signal<Out, Bits<ADDRESS>>,
        /// The last of the data of the next burst moves in this cycle.
        pub moved: Signal<In, Bit>,
        /// The data that moved were not those that the address announced; valid with `moved`.
        pub moved_badly: Signal<In, Bit>,
        /// Write data no longer match their addresses: no further burst is granted.
        pub astray: Signal<In, Bit>,
        /// The scrubber offers a word for the memory.
        pub scrub: Signal<In, Bit>,
        /// Physical address of the word to scrub; valid with `scrub`.
        pub scrub_address: Signal<In, Bits<ADDRESS>>,
        /// The word of the scrubber is taken in this cycle.
        pub scrub_taken: Signal<Out, Bit>,
        /// Words of the scrubber wait for their answers.
        pub scrubbing: Signal<Out, Bit>,
        /// Every burst that is under way now is marked.
        pub fence: Signal<In, Bit>,
        /// A burst that the fence marked may still touch memory.
        pub fenced: Signal<Out, Bit>,
        shape: BurstShape<ADDRESS> = BurstShape::new(bytes),
        entries: Vec<BurstEntry<ADDRESS, ID, USER>> = vec![Default::default(); bursts],
        marks: Vec<Constant<Bits<16>>> = (0..bursts).map(|burst| Constant::new((1usize << burst).to_bits())).collect(),
        staged: Register<Bit>,
        first: Register<Bits<ADDRESS>>,
        low: Register<Bits<7>>,
        length: Register<Bits<13>>,
        malformed: Register<Bit>,
        channel: Register<Attributes<ID, USER>>,
        tail: Register<Bits<4>>,
        head: Register<Bits<4>>,
        mover: Register<Bits<4>>,
        denying: Register<Bit>,
        denied_index: Register<Bits<4>>,
        /// High: the scrubber's turn, when a tenant's burst and a scrub word both want an entry.
        scrub_turn: Register<Bit>,
        room: Signal<Local, Bit>,
        takes_scrub: Signal<Local, Bit>,
        takes: Signal<Local, Bit>,
        advance: Signal<Local, Bit>,
        head_granted: Signal<Local, Bit>,
        head_refused: Signal<Local, Bit>,
        head_reports: Signal<Local, Bit>,
        head_address: Signal<Local, Bits<ADDRESS>>,
        head_channel: Signal<Local, Attributes<ID, USER>>,
        ends: Signal<Local, Bits<16>>,
        alike: Signal<Local, Bits<16>>,
        newcomer: Signal<Local, Attributes<ID, USER>>,
        new_address: Signal<Local, Bits<ADDRESS>>,
        low_mask: Constant<Bits<ADDRESS>> = Constant::new(0x7Fu64.to_bits()),
        last_index: Constant<Bits<4>> = Constant::new((bursts - 1).to_bits()),
        writes: Constant<Bit> = Constant::new(writes),
        read_kind: Constant<Bits<2>> = Constant::new(KINDS[0].to_bits()),
        write_kind: Constant<Bits<2>> = Constant::new(KINDS[1].to_bits()),
        execute_kind: Constant<Bits<2>> = Constant::new(KINDS[2].to_bits()),
        word_size: Constant<Bits<3>> = Constant::new(2u64.to_bits()),
    }
    requires {
        assert!((2..=MAX_BURSTS).contains(&bursts), "{bursts} bursts under way: 2 to {MAX_BURSTS} are supported");
    }
}

kernel! {
    BurstQueue<ADDRESS, ID, USER>
    #[hdl_gen]
    fn update(&mut self) registers(staged, first, low, length, malformed, channel, tail, head, mover, denying, denied_index, scrub_turn) {
        // An address comes in, and its bytes are worked out.
        self.shape.address.next = self.address.val();
        self.shape.len.next = self.attributes.val().len;
        self.shape.size.next = self.attributes.val().size;
        self.shape.burst.next = self.attributes.val().burst;
        self.ready.next = !self.staged.q.val() | self.asked.val();
        if self.ready.val() {
            self.staged.d.next = self.offered.val();
            self.first.d.next = self.shape.first.val();
            self.low.d.next = self.address.val().get_bits::<7>(0);
            self.length.d.next = self.shape.length.val();
            self.malformed.d.next = self.shape.malformed.val();
            self.channel.d.next = self.attributes.val();
        }

        // An entry takes it in the cycle in which the Partition Manager is asked; or a word of the scrubber's.
        self.room.next = true;
        for i in 0..self.entries.len() {
            if (self.tail.q.val() == i.to_bits::<4>()) & self.entries[i].alive.val() {
                self.room.next = false;
            }
        }
        self.takes_scrub.next = self.scrub.val() & self.room.val() & (self.scrub_turn.q.val() | !self.staged.q.val());
        self.scrub_taken.next = self.takes_scrub.val();
        self.asks.next = self.staged.q.val() & self.room.val() & !self.takes_scrub.val();
        self.takes.next = self.asked.val() | self.takes_scrub.val();
        if self.takes.val() {
            self.scrub_turn.d.next = !self.takes_scrub.val();
            self.tail.d.next = self.tail.q.val() + 1;
            if self.tail.q.val() == self.last_index.val() {
                self.tail.d.next = 0.into();
            }
        }
        self.asker.next = self.tail.q.val();
        self.question.next.tenant = self.channel.q.val().user.get_bits::<8>(0);
        self.question.next.address = self.first.q.val();
        self.question.next.length = self.length.q.val();
        self.question.next.kind = self.read_kind.val();
        if self.writes.val() {
            self.question.next.kind = self.write_kind.val();
        } else if self.channel.q.val().prot.get_bit(2) {
            self.question.next.kind = self.execute_kind.val();
        }
        if self.malformed.q.val() {
            self.question.next.kind = 3.into();
        }
        self.newcomer.next = self.channel.q.val();
        self.new_address.next = (self.first.q.val() & !self.low_mask.val())
            | bit_cast::<ADDRESS, 7>(self.low.q.val());
        if self.takes_scrub.val() {
            self.new_address.next = self.scrub_address.val();
            self.newcomer.next.id = 0.into();
            self.newcomer.next.len = 0.into();
            self.newcomer.next.size = self.word_size.val();
            self.newcomer.next.burst = 1.into();
            self.newcomer.next.lock = false;
            self.newcomer.next.cache = 0.into();
            self.newcomer.next.prot = 0.into();
            self.newcomer.next.qos = 0.into();
            self.newcomer.next.region = 0.into();
            self.newcomer.next.user = 0.into();
        }

        // Which entries hold a burst, which entry is next, and which burst is answered.
        self.alike.next = 0.into();
        self.ends.next = 0.into();
        self.head_granted.next = false;
        self.head_refused.next = false;
        self.head_reports.next = false;
        self.head_address.next = self.entries[0].address.val();
        self.head_channel.next = self.entries[0].attributes.val();
        self.expected.next = false;
        self.answerable.next = false;
        self.answers_broken.next = false;
        self.answers_scrub.next = false;
        self.denied.next = self.entries[0].attributes.val();
        self.data_passes.next = false;
        self.data_drains.next = false;
        self.data_scrub.next = self.entries[0].scrub.val();
        self.data_len.next = self.entries[0].len.val();
        self.data_tenant.next = self.entries[0].tenant.val();
        self.data_address.next = self.entries[0].address.val();
        self.scrubbing.next = false;
        self.fenced.next = false;
        for i in 0..self.entries.len() {
            self.entries[i].clock.next = self.clock.val();
            self.entries[i].reset.next = self.reset.val();
            self.entries[i].index.next = i.to_bits::<4>();
            self.entries[i].own.next = self.marks[i].val();
            self.entries[i].take.next = self.takes.val();
            self.entries[i].tail.next = self.tail.q.val();
            self.entries[i].new_address.next = self.new_address.val();
            self.entries[i].new_attributes.next = self.newcomer.val();
            self.entries[i].new_scrub.next = self.takes_scrub.val();
            self.entries[i].new_drained.next = !self.writes.val();
            self.entries[i].translated.next = self.translated.val().valid;
            self.entries[i].translated_index.next = self.translated.val().index;
            self.entries[i].translated_granted.next = self.translated.val().granted;
            self.entries[i].translated_elsewhere.next = self.translated.val().elsewhere;
            self.entries[i].translated_crosses.next = self.translated.val().crosses;
            self.entries[i].translated_physical.next = self.translated.val().physical;
            self.entries[i].checked.next = self.checked.val().valid;
            self.entries[i].checked_index.next = self.checked.val().index;
            self.entries[i].checked_allowed.next = self.checked.val().granted;
            self.entries[i].checked_physical.next = self.checked.val().physical;
            self.entries[i].head.next = self.head.q.val();
            self.entries[i].astray.next = self.astray.val();
            self.entries[i].mover.next = self.mover.q.val();
            self.entries[i].moved.next = self.moved.val();
            self.entries[i].moved_badly.next = self.moved_badly.val();
            self.entries[i].answered_id.next = self.answered_id.val();
            self.entries[i].fence.next = self.fence.val();
            self.alike.next = self.alike.val() | self.entries[i].likeness.val();
            self.head_granted.next = self.head_granted.val() | self.entries[i].head_granted.val();
            self.head_refused.next = self.head_refused.val() | self.entries[i].head_refused.val();
            self.head_reports.next = self.head_reports.val() | self.entries[i].head_reports.val();
            if self.head.q.val() == i.to_bits::<4>() {
                self.head_address.next = self.entries[i].address.val();
                self.head_channel.next = self.entries[i].attributes.val();
            }
            self.expected.next = self.expected.val() | self.entries[i].expects.val();
            if self.entries[i].answers.val() {
                self.answerable.next = true;
                self.answers_broken.next = self.entries[i].broken.val();
                self.answers_scrub.next = self.entries[i].scrub.val();
                if self.answered.val() {
                    self.ends.next = self.ends.val() | self.marks[i].val();
                }
            }
            if self.entries[i].deniable.val() & !self.denying.q.val() {
                self.denying.d.next = true;
                self.denied_index.d.next = i.to_bits::<4>();
            }
            if self.denied_index.q.val() == i.to_bits::<4>() {
                self.denied.next = self.entries[i].attributes.val();
                if self.denial_given.val() & self.denying.q.val() {
                    self.ends.next = self.ends.val() | self.marks[i].val();
                }
            }
            self.data_passes.next = self.data_passes.val() | self.entries[i].data_passes.val();
            self.data_drains.next = self.data_drains.val() | self.entries[i].data_drains.val();
            if self.mover.q.val() == i.to_bits::<4>() {
                self.data_scrub.next = self.entries[i].scrub.val();
                self.data_len.next = self.entries[i].len.val();
                self.data_tenant.next = self.entries[i].tenant.val();
                self.data_address.next = self.entries[i].address.val();
            }
            self.scrubbing.next =
                self.scrubbing.val() | (self.entries[i].alive.val() & self.entries[i].scrub.val());
            self.fenced.next = self.fenced.val() | self.entries[i].fenced.val();
        }
        self.denies.next = self.denying.q.val();
        if self.denial_given.val() {
            self.denying.d.next = false;
        }

        // Addresses leave in order. A refused burst is passed over, and answered behind the head.
        self.forwards.next = self.head_granted.val();
        self.physical.next = self.head_address.val();
        self.forwarded.next = self.head_channel.val();
        self.reports.next = self.head_reports.val();
        self.report.next.tenant = self.head_channel.val().user.get_bits::<8>(0);
        self.report.next.address = self.head_address.val();
        self.report.next.length = 0.into();
        self.report.next.kind = 3.into();
        self.advance.next = (self.head_granted.val() & self.taken.val())
            | self.head_refused.val()
            | (self.head_reports.val() & self.reported.val());
        if self.advance.val() {
            self.head.d.next = self.head.q.val() + 1;
            if self.head.q.val() == self.last_index.val() {
                self.head.d.next = 0.into();
            }
        }
        if self.moved.val() {
            self.mover.d.next = self.mover.q.val() + 1;
            if self.mover.q.val() == self.last_index.val() {
                self.mover.d.next = 0.into();
            }
        }
        for i in 0..self.entries.len() {
            self.entries[i].advance.next = self.advance.val();
            self.entries[i].ends.next = self.ends.val();
            self.entries[i].alike.next = self.alike.val();
        }
    }
}
