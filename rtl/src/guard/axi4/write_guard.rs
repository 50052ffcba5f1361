//! Writes: a granted burst goes to the memory, a denied burst is drained and answered with an error.
//!
//! ```text
//!   address --> BurstQueue --granted--------------------------> memory's address channel
//!   scrub ------^  | |  '--whose data?--+
//!                  | |                  v
//!   data --> Slice ----------------> Pass --------------------> memory's data channel
//!                  | |                '--> Sink (denied), Pad (too few)
//!                  | '--denied--> SLVERR --+
//!                  |                       +--> response
//!   memory's response --> Slice --whose?---'   through a Slice
//! ```
//!
//! Data of a burst begin to pass when its address is offered to the memory, in the order of the addresses. The memory's `wlast`
//! is the guard's own count. Where `wlast` does not come with the last beat of the address's count, the guard cannot tell any
//! more which data belong to which address. The memory then gets the remaining beats with no strobe set, the burst is answered
//! with an error and logged, and every write is refused until reset (`astray`). While `astray`, data are drained by `wlast` or
//! count, whichever comes first, and each write is answered.

use super::{
    burst_queue::BurstQueue,
    ports::{Attributes, WriteAnswer, WriteBeat},
    question::{Decision, Question},
    slice::Slice,
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Use of the write data.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum DataState {
    /// Data go where their address says.
    Pass,
    /// Data are dropped, though the memory awaits data.
    Sink,
    /// The memory gets beats with no strobe set.
    Pad,
}

block! {
    /// The write channels.
    pub struct WriteGuard<ADDRESS, DATA, STROBE, ID, USER> with bursts: usize {
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
        /// The interconnect offers a beat of data; stays high until taken.
        pub data_valid: Signal<In, Bit>,
        /// Beat of data from the interconnect; valid with `data_valid`.
        pub data_beat: Signal<In, WriteBeat<DATA, STROBE>>,
        /// The beat of the interconnect is taken in this cycle.
        pub data_ready: Signal<Out, Bit>,
        /// A beat of data is offered to the memory; stays high until taken.
        pub memory_valid: Signal<Out, Bit>,
        /// Beat of data for the memory; valid with `memory_valid`.
        pub memory_beat: Signal<Out, WriteBeat<DATA, STROBE>>,
        /// The memory takes the beat in this cycle.
        pub memory_ready: Signal<In, Bit>,
        /// The memory offers a response; stays high until taken.
        pub response_valid: Signal<In, Bit>,
        /// Response of the memory; valid with `response_valid`.
        pub response: Signal<In, WriteAnswer<ID>>,
        /// The response of the memory is taken in this cycle.
        pub response_ready: Signal<Out, Bit>,
        /// A response is offered to the interconnect; stays high until taken.
        pub valid: Signal<Out, Bit>,
        /// Response for the interconnect; valid with `valid`.
        pub answer: Signal<Out, WriteAnswer<ID>>,
        /// The interconnect takes the response in this cycle.
        pub taker_ready: Signal<In, Bit>,
        /// The scrubber offers a word of zeros.
        pub scrub: Signal<In, Bit>,
        /// Physical address of the word to scrub; valid with `scrub`.
        pub scrub_address: Signal<In, Bits<ADDRESS>>,
        /// The word of the scrubber is taken in this cycle.
        pub scrub_taken: Signal<Out, Bit>,
        /// Words of the scrubber wait for their answers. When the memory fails to write a word, stays high until reset.
        pub scrubbing: Signal<Out, Bit>,
        /// Data of the master that were owed did not end where their burst ends: no further burst is granted.
        pub misled: Signal<In, Bit>,
        /// The burst whose data are next has got none.
        pub starved: Signal<Out, Bit>,
        /// Tenant of that burst; valid with `starved`.
        pub starved_tenant: Signal<Out, Bits<8>>,
        /// Address of that burst: physical once granted, else as the tenant sees it; valid with `starved`.
        pub starved_address: Signal<Out, Bits<ADDRESS>>,
        /// The burst whose data are next was under way at the last fence.
        pub data_caught: Signal<Out, Bit>,
        /// Every burst that is under way now is marked.
        pub fence: Signal<In, Bit>,
        /// A burst that the fence marked may still touch memory.
        pub fenced: Signal<Out, Bit>,
        queue: BurstQueue<ADDRESS, ID, USER> = BurstQueue::new(DATA / 8, bursts, true),
        data: Slice<WriteBeat<DATA, STROBE>>,
        arrivals: Slice<WriteAnswer<ID>>,
        departures: Slice<WriteAnswer<ID>>,
        state: Register<DataState>,
        count: Register<Bits<8>>,
        astray: Register<Bit>,
        reporting: Register<Bit>,
        reported_tenant: Register<Bits<8>>,
        reported_address: Register<Bits<ADDRESS>>,
        scrub_failed: Register<Bit>,
        /// The last answer was a denial: now the memory's turn.
        memory_turn: Register<Bit>,
        last_beat: Signal<Local, Bit>,
        mismatch: Signal<Local, Bit>,
        goes: Signal<Local, Bit>,
        answers: Signal<Local, Bit>,
        denies: Signal<Local, Bit>,
        error: Constant<Bits<2>> = Constant::new(super::SLVERR.to_bits()),
        lanes: Constant<Bits<STROBE>> = Constant::new(0xFu64.to_bits()),
        /// Bits of a word's address that choose its lanes, in bytes.
        lane_mask: Constant<Bits<6>> = Constant::new((STROBE - 4).to_bits()),
    }
    requires {
        assert_eq!(STROBE, DATA / 8, "a strobe for each byte");
    }
}

kernel! {
    WriteGuard<ADDRESS, DATA, STROBE, ID, USER>
    #[hdl_gen]
    fn update(&mut self) registers(state, count, astray, reporting, reported_tenant, reported_address, scrub_failed, memory_turn) blocks(queue, data, arrivals, departures) {
        self.queue.offered.next = self.offered.val();
        self.queue.address.next = self.address.val();
        self.queue.attributes.next = self.attributes.val();
        self.ready.next = self.queue.ready.val();
        self.asks.next = self.queue.asks.val();
        self.question.next = self.queue.question.val();
        self.asker.next = self.queue.asker.val();
        self.queue.asked.next = self.asked.val();
        self.queue.translated.next = self.translated.val();
        self.queue.checked.next = self.checked.val();
        self.forwards.next = self.queue.forwards.val();
        self.physical.next = self.queue.physical.val();
        self.forwarded.next = self.queue.forwarded.val();
        self.queue.taken.next = self.taken.val();
        self.queue.beat_answered.next = false;
        self.queue.gives_up.next = false;
        self.queue.dropped.next = false;
        self.queue.scrub.next = self.scrub.val();
        self.queue.scrub_address.next = self.scrub_address.val();
        self.scrub_taken.next = self.queue.scrub_taken.val();
        self.scrubbing.next = self.queue.scrubbing.val() | self.scrub_failed.q.val();
        self.queue.astray.next = self.astray.q.val();
        self.queue.fence.next = self.fence.val();
        self.fenced.next = self.queue.fenced.val();

        // Data.
        self.data.source_valid.next = self.data_valid.val();
        self.data.source_payload.next = self.data_beat.val();
        self.data_ready.next = self.data.source_ready.val();
        self.data.sink_ready.next = false;
        self.memory_valid.next = false;
        self.memory_beat.next = self.data.sink_payload.val();
        self.last_beat.next = self.count.q.val() == self.queue.data_len.val();
        self.memory_beat.next.last = self.last_beat.val();
        self.mismatch.next = self.data.sink_payload.val().last != self.last_beat.val();
        self.queue.moved.next = false;
        self.queue.moved_badly.next = self.astray.q.val();
        self.goes.next = false;
        match self.state.q.val() {
            DataState::Pass => {
                if self.queue.data_passes.val() & self.queue.data_scrub.val() {
                    self.memory_valid.next = true;
                    self.memory_beat.next.data = 0.into();
                    self.memory_beat.next.strobe = self.lanes.val()
                        << (self.queue.data_address.val().get_bits::<6>(0) & self.lane_mask.val());
                    self.queue.moved.next = self.memory_ready.val();
                    self.queue.moved_badly.next = false;
                } else if self.queue.data_passes.val() & self.astray.q.val() & (self.count.q.val() == 0) {
                    // The address of this burst has been offered to the memory already.
                    self.state.d.next = DataState::Sink;
                } else if self.queue.data_passes.val() {
                    self.memory_valid.next = self.data.sink_valid.val();
                    self.data.sink_ready.next = self.memory_ready.val();
                    self.goes.next = self.data.sink_valid.val() & self.memory_ready.val();
                    if self.goes.val() {
                        self.count.d.next = self.count.q.val() + 1;
                        if self.last_beat.val() {
                            self.count.d.next = 0.into();
                            self.queue.moved.next = true;
                            self.queue.moved_badly.next = self.mismatch.val();
                        } else if self.mismatch.val() {
                            self.state.d.next = DataState::Pad;
                        }
                    }
                } else if self.queue.data_drains.val() {
                    self.data.sink_ready.next = true;
                    self.goes.next = self.data.sink_valid.val();
                    if self.goes.val() {
                        self.count.d.next = self.count.q.val() + 1;
                        if self.last_beat.val() | self.data.sink_payload.val().last {
                            self.count.d.next = 0.into();
                            self.queue.moved.next = true;
                        }
                    }
                }
            }
            DataState::Sink => {
                self.data.sink_ready.next = true;
                if self.data.sink_valid.val() {
                    self.count.d.next = self.count.q.val() + 1;
                    if self.last_beat.val() | self.data.sink_payload.val().last {
                        self.count.d.next = 0.into();
                        self.state.d.next = DataState::Pad;
                    }
                }
            }
            DataState::Pad => {
                self.memory_valid.next = true;
                self.memory_beat.next.data = 0.into();
                self.memory_beat.next.strobe = 0.into();
                if self.memory_ready.val() {
                    self.count.d.next = self.count.q.val() + 1;
                    if self.last_beat.val() {
                        self.count.d.next = 0.into();
                        self.state.d.next = DataState::Pass;
                        self.queue.moved.next = true;
                        self.queue.moved_badly.next = true;
                    }
                }
            }
            _ => {
                self.astray.d.next = true;
                self.state.d.next = DataState::Pass;
            }
        }
        self.starved.next = !self.data.sink_valid.val()
            & ((self.state.q.val() == DataState::Sink)
                | ((self.state.q.val() == DataState::Pass)
                    & (self.queue.data_drains.val() | (self.queue.data_passes.val() & !self.queue.data_scrub.val()))));
        self.starved_tenant.next = self.queue.data_tenant.val();
        self.starved_address.next = self.queue.data_address.val();
        self.data_caught.next = self.queue.data_caught.val();
        if self.misled.val() {
            self.astray.d.next = true;
        }
        // SEC_CM: BUS.ASTRAY
        if self.goes.val() & self.mismatch.val() & !self.astray.q.val() {
            self.astray.d.next = true;
            self.reporting.d.next = true;
            self.reported_tenant.d.next = self.queue.data_tenant.val();
            self.reported_address.d.next = self.queue.data_address.val();
        }

        // The report: once for data gone astray; else a refusal of the queue itself.
        self.reports.next = self.queue.reports.val() | self.reporting.q.val();
        self.report.next = self.queue.report.val();
        self.queue.reported.next = self.reported.val() & !self.reporting.q.val();
        if self.reporting.q.val() {
            self.report.next.tenant = self.reported_tenant.q.val();
            self.report.next.address = self.reported_address.q.val();
            if self.reported.val() {
                self.reporting.d.next = false;
            }
        }

        // Responses.
        self.arrivals.source_valid.next = self.response_valid.val();
        self.arrivals.source_payload.next = self.response.val();
        self.response_ready.next = self.arrivals.source_ready.val();
        self.queue.answered_id.next = self.arrivals.sink_payload.val().id;
        self.denies.next = self.queue.denies.val()
            & !(self.arrivals.sink_valid.val() & self.queue.answerable.val() & self.memory_turn.q.val());
        self.answers.next = self.arrivals.sink_valid.val()
            & self.queue.answerable.val()
            & !self.queue.answers_scrub.val()
            & !self.denies.val();
        self.departures.source_valid.next = self.denies.val() | self.answers.val();
        self.departures.source_payload.next = self.arrivals.sink_payload.val();
        self.departures.sink_ready.next = self.taker_ready.val();
        self.valid.next = self.departures.sink_valid.val();
        self.answer.next = self.departures.sink_payload.val();
        self.queue.answered.next = self.answers.val() & self.departures.source_ready.val();
        self.arrivals.sink_ready.next =
            !self.queue.expected.val() | (self.answers.val() & self.departures.source_ready.val());
        self.queue.denial_given.next = self.denies.val() & self.departures.source_ready.val();
        if self.queue.answers_broken.val() {
            self.departures.source_payload.next.response = self.error.val();
        }
        if self.denies.val() {
            self.departures.source_payload.next.id = self.queue.denied.val().id;
            self.departures.source_payload.next.response = self.error.val();
        }
        if self.departures.source_ready.val() & (self.denies.val() | self.answers.val()) {
            self.memory_turn.d.next = self.denies.val();
        }
        // SEC_CM: BUS.SCRUB
        if self.arrivals.sink_valid.val() & self.queue.answerable.val() & self.queue.answers_scrub.val() {
            self.arrivals.sink_ready.next = true;
            self.queue.answered.next = true;
            if self.arrivals.sink_payload.val().response.get_bit(1) {
                self.scrub_failed.d.next = true;
            }
        }
    }
}
