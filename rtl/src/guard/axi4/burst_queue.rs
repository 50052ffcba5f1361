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
//! [`BurstIntake`] chooses what the next entry takes, [`AnswerSelect`] the burst that is answered or denied. Addresses leave in the order in which they came. While bursts of both directions arrive at once they take turns at the
//! translate port. The memory sees nothing of a burst that was not granted.

use super::{
    answer_select::AnswerSelect,
    burst_entry::BurstEntry,
    burst_intake::BurstIntake,
    burst_shape::BurstShape,
    ports::Attributes,
    question::{Decision, Question},
    ring_step::RingStep,
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

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
        /// Tenant of the burst that is answered or, without one, denied; valid with `answerable` or `denies`.
        pub answered_tenant: Signal<Out, Bits<8>>,
        /// A beat of the answer, of any place, is taken in this cycle.
        pub beat_answered: Signal<In, Bit>,
        /// Bursts at the memory, and those that are granted now, are given up: the memory's answers to them are dropped.
        pub gives_up: Signal<In, Bit>,
        /// The answer that the memory offers is to be dropped.
        pub drops: Signal<Out, Bit>,
        /// The last beat of a dropped answer is taken in this cycle.
        pub dropped: Signal<In, Bit>,
        /// A burst is to be answered with an error; stays high until `denial_given`.
        pub denies: Signal<Out, Bit>,
        /// Attributes of the denied burst; valid with `denies`.
        pub denied: Signal<Out, Attributes<ID, USER>>,
        /// Beats of the denied burst that the master has got already; valid with `denies`.
        pub denied_from: Signal<Out, Bits<8>>,
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
        /// The next burst for data was under way at the last fence.
        pub data_caught: Signal<Out, Bit>,
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
        intake: BurstIntake<ADDRESS, ID, USER> = BurstIntake::new(writes, bytes),
        select: AnswerSelect = AnswerSelect::new(bursts),
        tail_step: RingStep = RingStep::new(bursts),
        head_step: RingStep = RingStep::new(bursts),
        mover_step: RingStep = RingStep::new(bursts),
        entries: Vec<BurstEntry<ADDRESS, ID, USER>> = vec![BurstEntry::new(bytes); bursts],
        marks: Vec<Constant<Bits<16>>> = (0..bursts).map(|burst| Constant::new((1usize << burst).to_bits())).collect(),
        staged: Register<Bit>,
        first: Register<Bits<ADDRESS>>,
        low: Register<Bits<10>>,
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
        advance: Signal<Local, Bit>,
        head_granted: Signal<Local, Bit>,
        head_refused: Signal<Local, Bit>,
        head_reports: Signal<Local, Bit>,
        head_address: Signal<Local, Bits<ADDRESS>>,
        head_channel: Signal<Local, Attributes<ID, USER>>,
        alike: Signal<Local, Bits<16>>,
        at_memory: Signal<Local, Bits<16>>,
        drained: Constant<Bit> = Constant::new(!writes),
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
            self.low.d.next = self.address.val().get_bits::<10>(0);
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
        self.intake.staged.next = self.staged.q.val();
        self.intake.first.next = self.first.q.val();
        self.intake.low.next = self.low.q.val();
        self.intake.length.next = self.length.q.val();
        self.intake.malformed.next = self.malformed.q.val();
        self.intake.channel.next = self.channel.q.val();
        self.intake.room.next = self.room.val();
        self.intake.asked.next = self.asked.val();
        self.intake.scrub.next = self.scrub.val();
        self.intake.scrub_address.next = self.scrub_address.val();
        self.intake.scrub_turn.next = self.scrub_turn.q.val();
        self.scrub_taken.next = self.intake.takes_scrub.val();
        self.asks.next = self.intake.asks.val();
        self.question.next = self.intake.question.val();
        self.asker.next = self.tail.q.val();
        if self.intake.takes.val() {
            self.scrub_turn.d.next = !self.intake.takes_scrub.val();
        }
        self.tail_step.place.next = self.tail.q.val();
        self.tail_step.moves.next = self.intake.takes.val();
        self.tail.d.next = self.tail_step.following.val();

        // Which entries hold a burst, and which entry is next.
        self.alike.next = 0.into();
        self.at_memory.next = 0.into();
        self.drops.next = false;
        self.answered_tenant.next = self.entries[0].tenant.val();
        self.denied_from.next = self.entries[0].given.val();
        self.head_granted.next = false;
        self.head_refused.next = false;
        self.head_reports.next = false;
        self.head_address.next = self.entries[0].address.val();
        self.head_channel.next = self.entries[0].attributes.val();
        self.expected.next = false;
        self.denied.next = self.entries[0].attributes.val();
        self.data_passes.next = false;
        self.data_drains.next = false;
        self.data_scrub.next = self.entries[0].scrub.val();
        self.data_len.next = self.entries[0].len.val();
        self.data_tenant.next = self.entries[0].tenant.val();
        self.data_address.next = self.entries[0].address.val();
        self.data_caught.next = false;
        self.scrubbing.next = false;
        self.fenced.next = false;
        for i in 0..self.entries.len() {
            self.entries[i].clock.next = self.clock.val();
            self.entries[i].reset.next = self.reset.val();
            self.entries[i].index.next = i.to_bits::<4>();
            self.entries[i].own.next = self.marks[i].val();
            self.entries[i].take.next = self.intake.takes.val();
            self.entries[i].tail.next = self.tail.q.val();
            self.entries[i].new_address.next = self.intake.address.val();
            self.entries[i].new_attributes.next = self.intake.attributes.val();
            self.entries[i].new_scrub.next = self.intake.takes_scrub.val();
            self.entries[i].new_drained.next = self.drained.val();
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
            self.entries[i].beat_answered.next = self.beat_answered.val();
            self.entries[i].gives_up.next = self.gives_up.val();
            self.entries[i].dropped.next = self.dropped.val();
            self.at_memory.next = self.at_memory.val() | self.entries[i].at_memory.val();
            self.drops.next = self.drops.val() | self.entries[i].drops.val();
            self.alike.next = self.alike.val() | self.entries[i].likeness.val();
            self.head_granted.next = self.head_granted.val() | self.entries[i].head_granted.val();
            self.head_refused.next = self.head_refused.val() | self.entries[i].head_refused.val();
            self.head_reports.next = self.head_reports.val() | self.entries[i].head_reports.val();
            if self.head.q.val() == i.to_bits::<4>() {
                self.head_address.next = self.entries[i].address.val();
                self.head_channel.next = self.entries[i].attributes.val();
            }
            self.expected.next = self.expected.val() | self.entries[i].expects.val();
            self.select.answers[i].next = self.entries[i].answers.val();
            self.select.broken[i].next = self.entries[i].broken.val();
            self.select.scrub[i].next = self.entries[i].scrub.val();
            self.select.deniable[i].next = self.entries[i].deniable.val();
            if self.denied_index.q.val() == i.to_bits::<4>() {
                self.denied.next = self.entries[i].attributes.val();
                self.denied_from.next = self.entries[i].given.val();
            }
            if self.entries[i].answers.val()
                | (self.denying.q.val() & (self.denied_index.q.val() == i.to_bits::<4>()))
            {
                self.answered_tenant.next = self.entries[i].tenant.val();
            }
            self.data_passes.next = self.data_passes.val() | self.entries[i].data_passes.val();
            self.data_drains.next = self.data_drains.val() | self.entries[i].data_drains.val();
            if self.mover.q.val() == i.to_bits::<4>() {
                self.data_scrub.next = self.entries[i].scrub.val();
                self.data_len.next = self.entries[i].len.val();
                self.data_tenant.next = self.entries[i].tenant.val();
                self.data_address.next = self.entries[i].address.val();
                self.data_caught.next = self.entries[i].marked.val();
            }
            self.scrubbing.next =
                self.scrubbing.val() | (self.entries[i].alive.val() & self.entries[i].scrub.val());
            self.fenced.next = self.fenced.val() | self.entries[i].fenced.val();
        }
        self.select.answered.next = self.answered.val();
        self.select.denial_given.next = self.denial_given.val();
        self.select.denying_held.next = self.denying.q.val();
        self.select.index_held.next = self.denied_index.q.val();
        self.denying.d.next = self.select.denying.val();
        self.denied_index.d.next = self.select.index.val();
        self.denies.next = self.denying.q.val();
        self.answerable.next = self.select.answerable.val();
        self.answers_broken.next = self.select.answers_broken.val();
        self.answers_scrub.next = self.select.answers_scrub.val();

        // Addresses leave in order. A refused burst is passed over, and answered behind the head.
        self.forwards.next = self.head_granted.val();
        self.physical.next = self.head_address.val();
        self.forwarded.next = self.head_channel.val();
        self.reports.next = self.head_reports.val();
        self.report.next.tenant = self.head_channel.val().user.get_bits::<8>(0);
        self.report.next.address = self.head_address.val();
        self.report.next.length = 0.into();
        self.report.next.kind = 3.into();
        self.report.next.stalled = false;
        self.advance.next = (self.head_granted.val() & self.taken.val())
            | self.head_refused.val()
            | (self.head_reports.val() & self.reported.val());
        self.head_step.place.next = self.head.q.val();
        self.head_step.moves.next = self.advance.val();
        self.head.d.next = self.head_step.following.val();
        self.mover_step.place.next = self.mover.q.val();
        self.mover_step.moves.next = self.moved.val();
        self.mover.d.next = self.mover_step.following.val();
        for i in 0..self.entries.len() {
            self.entries[i].advance.next = self.advance.val();
            self.entries[i].ends.next = self.select.ends.val();
            self.entries[i].alike.next = self.alike.val();
            self.entries[i].others_at_memory.next = self.at_memory.val();
        }
    }
}
