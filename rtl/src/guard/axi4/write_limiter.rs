//! The limiter of the write channels: a master that withholds its data, or does not take its answers, holds up no other one.
//!
//! ```text
//!   address --room?--> guard        identifier and length --> order: bursts whose data have not all come
//!   data ---- Pass --> guard
//!             Fill --> guard        beats with no strobe set, for every burst in order
//!             Owe  --> dropped      until the master has sent what it owes; then SLVERR for each burst
//!   answer <-- answers <----------- guard: taken at once, whatever the master does
//! ```
//!
//! The guard starves when the burst whose data are next gets none. When the guard has starved for too long the limiter ends every
//! burst whose data have not all come: earlier bursts are answered (`Settle`), the missing beats are made up (`Fill`), the memory
//! answers (`Return`), and no burst of the master is under way at the memory any more. The master gets its answers when it has
//! sent its data, as AXI4 wants it; meanwhile no further address is taken.
//!
//! Two things must never happen: an answer before the last beat of its burst, and a beat that takes part in a burst of another
//! length. A `wlast` that does not fit the address's count makes the guard go astray, while data are owed, too (`misled`).

use super::{
    fifo::Fifo,
    ports::{WriteAnswer, WriteBeat},
};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Use of the write data.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum LimiterState {
    /// Data go to the guard.
    Pass,
    /// Bursts whose data have come are answered.
    Settle,
    /// Missing beats are made up.
    Fill,
    /// The guard answers the bursts that were ended.
    Return,
    /// The master's late data are dropped.
    Owe,
}

bundle! {
    /// A burst whose data have not all come.
    pub struct OrderedBurst<ID> {
        /// Identifier of the burst.
        pub id: Bits<ID>,
        /// Beats of the burst, less one.
        pub len: Bits<8>,
    }
}

block! {
    /// Stands between a master's write channels and the guard's. `places`: bursts that a master may have under way, 2 to 16.
    pub struct WriteLimiter<DATA, STROBE, ID> with places: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no burst is under way.
        pub reset: Signal<In, Bit>,
        /// The master offers an address; stays high until `ready`.
        pub offered: Signal<In, Bit>,
        /// Identifier of the offered burst; valid with `offered`.
        pub id: Signal<In, Bits<ID>>,
        /// Beats of the offered burst, less one; valid with `offered`.
        pub len: Signal<In, Bits<8>>,
        /// The address is taken in this cycle if `offered`.
        pub ready: Signal<Out, Bit>,
        /// The address is offered to the guard.
        pub guard_offered: Signal<Out, Bit>,
        /// The guard takes an address in this cycle.
        pub guard_ready: Signal<In, Bit>,
        /// The master offers a beat of data; stays high until taken.
        pub data_valid: Signal<In, Bit>,
        /// Beat of data of the master; valid with `data_valid`.
        pub data_beat: Signal<In, WriteBeat<DATA, STROBE>>,
        /// The beat of the master is taken in this cycle.
        pub data_ready: Signal<Out, Bit>,
        /// A beat of data is offered to the guard; stays high until taken.
        pub guard_valid: Signal<Out, Bit>,
        /// Beat of data for the guard; valid with `guard_valid`.
        pub guard_beat: Signal<Out, WriteBeat<DATA, STROBE>>,
        /// The guard takes the beat in this cycle.
        pub guard_data_ready: Signal<In, Bit>,
        /// The guard offers an answer, which is taken in this cycle.
        pub response_valid: Signal<In, Bit>,
        /// Answer of the guard; valid with `response_valid`.
        pub response: Signal<In, WriteAnswer<ID>>,
        /// An answer is offered to the master; stays high until taken.
        pub valid: Signal<Out, Bit>,
        /// Answer for the master; valid with `valid`.
        pub answer: Signal<Out, WriteAnswer<ID>>,
        /// The master takes the answer in this cycle.
        pub taker_ready: Signal<In, Bit>,
        /// The guard has starved for too long.
        pub expired: Signal<In, Bit>,
        /// High for one cycle: the bursts whose data have not all come are ended.
        pub stalls: Signal<Out, Bit>,
        /// High for one cycle: owed data did not end where their burst ends.
        pub misled: Signal<Out, Bit>,
        order: Fifo<OrderedBurst<ID>> = Fifo::new(places),
        answers: Fifo<WriteAnswer<ID>> = Fifo::new(places),
        state: Register<LimiterState>,
        /// Beats that the master has sent of the burst at the front.
        sent: Register<Bits<8>>,
        /// Beats that the guard has got of the burst that is filled.
        filled: Register<Bits<8>>,
        /// Bursts that are still to be filled.
        left: Register<Bits<5>>,
        /// Bursts that the guard has not answered.
        under_way: Register<Bits<5>>,
        /// Bursts that the master has got no answer to.
        owed: Register<Bits<5>>,
        takes: Signal<Local, Bit>,
        moves: Signal<Local, Bit>,
        fills: Signal<Local, Bit>,
        drops: Signal<Local, Bit>,
        waiting: Signal<Local, Bit>,
        last_sent: Signal<Local, Bit>,
        last_filled: Signal<Local, Bit>,
        ends: Signal<Local, Bit>,
        turns: Signal<Local, Bit>,
        gives: Signal<Local, Bit>,
        most: Constant<Bits<5>> = Constant::new(places.to_bits()),
        error: Constant<Bits<2>> = Constant::new(super::SLVERR.to_bits()),
    }
}

kernel! {
    WriteLimiter<DATA, STROBE, ID>
    #[hdl_gen]
    fn update(&mut self) registers(state, sent, filled, left, under_way, owed) blocks(order, answers) {
        // Addresses: every burst that is taken has a place for its answer.
        self.takes.next =
            (self.state.q.val() == LimiterState::Pass) & (self.owed.q.val() != self.most.val());
        self.guard_offered.next = self.offered.val() & self.takes.val();
        self.ready.next = self.guard_ready.val() & self.takes.val();

        // Data: which side moves a beat, and is the beat the last one of its burst?
        self.waiting.next = self.order.count.val() != 0;
        self.last_sent.next = self.sent.q.val() == self.order.front.val().len;
        self.last_filled.next = self.filled.q.val() == self.order.front.val().len;
        self.moves.next = (self.state.q.val() == LimiterState::Pass)
            & self.waiting.val()
            & self.data_valid.val()
            & self.guard_data_ready.val();
        self.fills.next = (self.state.q.val() == LimiterState::Fill) & self.guard_data_ready.val();
        self.drops.next =
            (self.state.q.val() == LimiterState::Owe) & self.waiting.val() & self.data_valid.val();
        self.data_ready.next = self.waiting.val()
            & ((self.state.q.val() == LimiterState::Owe)
                | ((self.state.q.val() == LimiterState::Pass) & self.guard_data_ready.val()));
        self.guard_valid.next = (self.state.q.val() == LimiterState::Fill)
            | ((self.state.q.val() == LimiterState::Pass) & self.waiting.val() & self.data_valid.val());
        self.guard_beat.next = self.data_beat.val();
        if self.state.q.val() == LimiterState::Fill {
            self.guard_beat.next.data = 0.into();
            self.guard_beat.next.strobe = 0.into();
            self.guard_beat.next.last = self.last_filled.val();
        }
        self.ends.next =
            (self.moves.val() | self.drops.val()) & (self.last_sent.val() | self.data_beat.val().last);
        if self.moves.val() | self.drops.val() {
            self.sent.d.next = self.sent.q.val() + 1;
            if self.ends.val() {
                self.sent.d.next = 0.into();
            }
        }
        self.turns.next = self.fills.val() & self.last_filled.val();
        if self.fills.val() {
            self.filled.d.next = self.filled.q.val() + 1;
            if self.last_filled.val() {
                self.filled.d.next = 0.into();
                self.left.d.next = self.left.q.val() - 1;
            }
        }
        self.misled.next = self.drops.val() & (self.data_beat.val().last != self.last_sent.val());

        // A burst that is filled goes to the end of the order: it is owed as before.
        self.order.push.next = (self.offered.val() & self.ready.val()) | self.turns.val();
        self.order.payload.next.id = self.id.val();
        self.order.payload.next.len = self.len.val();
        if self.turns.val() {
            self.order.payload.next = self.order.front.val();
        }
        self.order.pop.next = self.ends.val() | self.turns.val();

        // Answers: the guard's, but for bursts that were ended; those are answered when their data have come.
        self.valid.next = self.answers.count.val() != 0;
        self.gives.next = self.valid.val() & self.taker_ready.val();
        self.answers.push.next = (self.response_valid.val()
            & ((self.state.q.val() == LimiterState::Pass) | (self.state.q.val() == LimiterState::Settle)))
            | (self.drops.val() & self.ends.val());
        self.answers.payload.next = self.response.val();
        if self.drops.val() {
            self.answers.payload.next.id = self.order.front.val().id;
            self.answers.payload.next.response = self.error.val();
        }
        self.answers.pop.next = self.gives.val();
        self.answer.next = self.answers.front.val();

        // Bursts under way.
        if self.offered.val() & self.ready.val() & !self.response_valid.val() {
            self.under_way.d.next = self.under_way.q.val() + 1;
        } else if self.response_valid.val() & !(self.offered.val() & self.ready.val()) {
            self.under_way.d.next = self.under_way.q.val() - 1;
        }
        if self.offered.val() & self.ready.val() & !self.gives.val() {
            self.owed.d.next = self.owed.q.val() + 1;
        } else if self.gives.val() & !(self.offered.val() & self.ready.val()) {
            self.owed.d.next = self.owed.q.val() - 1;
        }

        // SEC_CM: BUS.STALL
        self.stalls.next = false;
        match self.state.q.val() {
            LimiterState::Pass => {
                if self.expired.val() & self.waiting.val() & !self.moves.val() {
                    self.stalls.next = true;
                    self.state.d.next = LimiterState::Settle;
                }
            }
            LimiterState::Settle => {
                self.filled.d.next = self.sent.q.val();
                self.left.d.next = self.order.count.val();
                if self.under_way.q.val() == self.order.count.val() {
                    self.state.d.next = LimiterState::Fill;
                }
            }
            LimiterState::Fill => {
                if self.turns.val() & (self.left.q.val() == 1) {
                    self.state.d.next = LimiterState::Return;
                }
            }
            LimiterState::Return => {
                if self.under_way.q.val() == 0 {
                    self.state.d.next = LimiterState::Owe;
                }
            }
            LimiterState::Owe => {
                if !self.waiting.val() {
                    self.state.d.next = LimiterState::Pass;
                }
            }
            _ => {
                self.state.d.next = LimiterState::Return;
            }
        }
    }
}
