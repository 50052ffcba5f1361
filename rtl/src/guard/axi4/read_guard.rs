//! Reads: granted addresses go to the memory, whose data come back; a denied burst is answered with zeros.
//!
//! ```text
//!   address --> BurstQueue --granted--------------------> memory's address channel
//!                  | |
//!                  | '--denied--> zeros, SLVERR --+
//!                  |                              +--> data
//!   memory's data --> Slice --whose?--------------'
//! ```
//!
//! Data pass in the order of the memory, and a denied burst's beats come in one run between the bursts of the memory. Data that
//! no burst awaits are taken and dropped.
//!
//! When the interconnect has not taken a beat for too long, the beat is put aside (`held`), and every burst at the memory is given
//! up: the memory's data are taken and dropped, and the interconnect gets zeros with an error for the beats that are left. Nothing
//! is asked until the beat is taken.

use super::{
    burst_queue::BurstQueue,
    ports::{Attributes, ReadBeat},
    question::{Decision, Question},
    slice::Slice,
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// The read channels.
    pub struct ReadGuard<ADDRESS, DATA, ID, USER> with bursts: usize {
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
        /// The memory offers a beat of data; stays high until taken.
        pub memory_valid: Signal<In, Bit>,
        /// Beat of data from the memory; valid with `memory_valid`.
        pub memory_beat: Signal<In, ReadBeat<DATA, ID>>,
        /// The beat of the memory is taken in this cycle.
        pub memory_ready: Signal<Out, Bit>,
        /// A beat of data is offered to the tenant; stays high until taken.
        pub valid: Signal<Out, Bit>,
        /// Beat of data for the tenant; valid with `valid`.
        pub beat: Signal<Out, ReadBeat<DATA, ID>>,
        /// The interconnect takes the beat in this cycle.
        pub taker_ready: Signal<In, Bit>,
        /// A beat waits for the interconnect.
        pub waits: Signal<Out, Bit>,
        /// The beat has waited for too long.
        pub expired: Signal<In, Bit>,
        /// High for one cycle: the bursts at the memory are given up.
        pub stalls: Signal<Out, Bit>,
        /// Tenant whose beat waits; valid with `waits`.
        pub stalled_tenant: Signal<Out, Bits<8>>,
        /// Every burst that is under way now is marked.
        pub fence: Signal<In, Bit>,
        /// A burst that the fence marked may still touch memory.
        pub fenced: Signal<Out, Bit>,
        queue: BurstQueue<ADDRESS, ID, USER> = BurstQueue::new(DATA / 8, bursts, false),
        arrivals: Slice<ReadBeat<DATA, ID>>,
        /// A denied burst is being answered.
        denying: Register<Bit>,
        given: Register<Bits<8>>,
        /// Some beats of a burst of the memory have passed, and some have not.
        within: Register<Bit>,
        /// The last burst that was answered was denied: now the memory's turn.
        memory_turn: Register<Bit>,
        /// A beat has waited for too long, and is not taken yet.
        stuck: Register<Bit>,
        /// High: `held` is the beat that waits.
        holds: Register<Bit>,
        held: Register<ReadBeat<DATA, ID>>,
        passes: Signal<Local, Bit>,
        gives_up: Signal<Local, Bit>,
        moves: Signal<Local, Bit>,
        error: Constant<Bits<2>> = Constant::new(super::SLVERR.to_bits()),
    }
}

kernel! {
    ReadGuard<ADDRESS, DATA, ID, USER>
    #[hdl_gen]
    fn update(&mut self) registers(denying, given, within, memory_turn, stuck, holds, held) blocks(queue, arrivals) {
        self.queue.offered.next = self.offered.val();
        self.queue.address.next = self.address.val();
        self.queue.attributes.next = self.attributes.val();
        self.ready.next = self.queue.ready.val();
        self.asks.next = self.queue.asks.val() & !self.stuck.q.val();
        self.question.next = self.queue.question.val();
        self.asker.next = self.queue.asker.val();
        self.queue.asked.next = self.asked.val();
        self.reports.next = self.queue.reports.val();
        self.report.next = self.queue.report.val();
        self.queue.reported.next = self.reported.val();
        self.queue.translated.next = self.translated.val();
        self.queue.checked.next = self.checked.val();
        self.forwards.next = self.queue.forwards.val();
        self.physical.next = self.queue.physical.val();
        self.forwarded.next = self.queue.forwarded.val();
        self.queue.taken.next = self.taken.val();
        self.queue.moved.next = false;
        self.queue.moved_badly.next = false;
        self.queue.astray.next = false;
        self.queue.scrub.next = false;
        self.queue.scrub_address.next = 0.into();
        self.queue.fence.next = self.fence.val();
        self.fenced.next = self.queue.fenced.val();

        self.arrivals.source_valid.next = self.memory_valid.val();
        self.arrivals.source_payload.next = self.memory_beat.val();
        self.memory_ready.next = self.arrivals.source_ready.val();
        self.queue.answered_id.next = self.arrivals.sink_payload.val().id;

        // Data that no burst awaits are dropped. Data of a burst whose turn has not come stay in the slice.
        // SEC_CM: BUS.STALL
        self.gives_up.next = self.expired.val() & !self.stuck.q.val();
        self.passes.next = self.arrivals.sink_valid.val()
            & self.queue.answerable.val()
            & !self.denying.q.val()
            & !self.stuck.q.val();
        self.moves.next = self.passes.val() & (self.taker_ready.val() | self.gives_up.val());
        self.arrivals.sink_ready.next = !self.queue.expected.val() | self.moves.val() | self.queue.drops.val();
        self.queue.beat_answered.next = self.moves.val();
        self.queue.answered.next = self.moves.val() & self.arrivals.sink_payload.val().last;
        self.queue.gives_up.next = self.stuck.q.val();
        self.queue.dropped.next = self.arrivals.sink_valid.val() & self.arrivals.sink_payload.val().last;
        self.queue.denial_given.next = false;
        self.valid.next = self.passes.val() | self.holds.q.val();
        self.beat.next = self.arrivals.sink_payload.val();
        if self.holds.q.val() {
            self.beat.next = self.held.q.val();
        }
        if self.passes.val() & self.taker_ready.val() {
            self.within.d.next = !self.arrivals.sink_payload.val().last;
            self.memory_turn.d.next = self.memory_turn.q.val() & !self.arrivals.sink_payload.val().last;
        }
        if self.gives_up.val() {
            self.stuck.d.next = true;
            self.holds.d.next = self.passes.val();
            self.held.d.next = self.arrivals.sink_payload.val();
            self.within.d.next = false;
        } else if self.taker_ready.val() {
            self.stuck.d.next = false;
            self.holds.d.next = false;
        }
        // Between two bursts of the memory; or in one, while the memory's next beat has to wait for this denial.
        if self.queue.denies.val()
            & !self.denying.q.val()
            & !self.stuck.q.val()
            & ((!self.passes.val() & (!self.within.q.val() | self.arrivals.sink_valid.val()))
                | (self.passes.val()
                    & self.taker_ready.val()
                    & self.arrivals.sink_payload.val().last
                    & !self.memory_turn.q.val()))
        {
            self.denying.d.next = true;
            self.given.d.next = self.queue.denied_from.val();
        }
        if self.denying.q.val() {
            self.valid.next = true;
            self.beat.next.id = self.queue.denied.val().id;
            self.beat.next.data = 0.into();
            self.beat.next.response = self.error.val();
            self.beat.next.last = self.given.q.val() == self.queue.denied.val().len;
            if self.taker_ready.val() {
                self.given.d.next = self.given.q.val() + 1;
                if self.given.q.val() == self.queue.denied.val().len {
                    self.given.d.next = 0.into();
                    self.denying.d.next = false;
                    self.memory_turn.d.next = true;
                    self.queue.denial_given.next = true;
                }
            }
        }
        self.waits.next = self.valid.val() & !self.taker_ready.val();
        self.stalls.next = self.gives_up.val();
        self.stalled_tenant.next = self.queue.answered_tenant.val();
    }
}
