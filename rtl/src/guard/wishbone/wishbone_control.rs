//! Wishbone control: the register port as a Wishbone slave of classic cycles.
//!
//! ```text
//!   beat --> held --> strobe --[4 edges]--> ack or err
//!      '--- not all of sel ------------------^ err, nothing asked
//! ```
//!
//! Latency: the answer comes in the 7th cycle after the beat's first, in the 2nd without a strobe. Every output is a function of
//! registers. The block must never answer a beat that is not offered: a beat that is withdrawn is still executed, and gets no
//! answer.

use super::ports::WishboneControlSlave;
use crate::ports::{RegisterSink, RegisterSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the access under way.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum ControlState {
    Idle,
    Strobe,
    Waiting,
    Answering,
}

block! {
    /// Turns Wishbone cycles into register accesses.
    pub struct WishboneControl {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the access under way; shared with the register port.
        pub reset: Signal<In, Bit>,
        /// Wishbone bus of the control master.
        pub wbc: WishboneControlSlave,
        /// Strobes to the register port of the Partition Manager.
        pub request: RegisterSource,
        /// Answers of the register port to the strobes.
        pub response: RegisterSink,
        state: Register<ControlState>,
        write: Register<Bit>,
        address: Register<Bits<8>>,
        data: Register<Bits<32>>,
        /// High: the beat was withdrawn, or replaced by a different beat.
        abandoned: Register<Bit>,
        failed: Register<Bit>,
        read_data: Register<Bits<32>>,
        same: Signal<Local, Bit>,
        speaks: Signal<Local, Bit>,
    }
}

kernel! {
    WishboneControl
    #[hdl_gen]
    fn update(&mut self) registers(state, write, address, data, abandoned, failed, read_data) {
        self.request.read.next = false;
        self.request.write.next = false;
        self.request.address.next = self.address.q.val();
        self.request.write_data.next = self.data.q.val();
        self.speaks.next = (self.state.q.val() == ControlState::Answering) & !self.abandoned.q.val();
        self.wbc.ack_o.next = self.speaks.val() & !self.failed.q.val();
        self.wbc.err_o.next = self.speaks.val() & self.failed.q.val();
        self.wbc.dat_o.next = self.read_data.q.val();
        self.same.next = self.wbc.cyc_i.val()
            & self.wbc.stb_i.val()
            & (self.wbc.we_i.val() == self.write.q.val())
            & (self.wbc.adr_i.val() == self.address.q.val());
        self.abandoned.d.next = self.abandoned.q.val() | !self.same.val();
        self.read_data.d.next = 0.into();

        match self.state.q.val() {
            ControlState::Strobe => {
                self.request.read.next = !self.write.q.val();
                self.request.write.next = self.write.q.val();
                self.state.d.next = ControlState::Waiting;
            }
            ControlState::Waiting => {
                if self.response.valid.val() {
                    self.failed.d.next = self.response.error.val();
                    self.state.d.next = ControlState::Answering;
                    if self.same.val() & !self.abandoned.q.val() & !self.write.q.val() & !self.response.error.val() {
                        self.read_data.d.next = self.response.read_data.val();
                    }
                }
            }
            ControlState::Answering => {
                self.state.d.next = ControlState::Idle;
            }
            _ => {
                self.write.d.next = self.wbc.we_i.val();
                self.address.d.next = self.wbc.adr_i.val();
                self.data.d.next = self.wbc.dat_i.val();
                self.abandoned.d.next = false;
                self.failed.d.next = true;
                if self.wbc.cyc_i.val() & self.wbc.stb_i.val() {
                    self.state.d.next = ControlState::Answering;
                    if self.wbc.sel_i.val().all() {
                        self.state.d.next = ControlState::Strobe;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Write, address, data, select.
    type Offer = (bool, u64, u64, u64);

    /// The control slave before a register port that answers four edges later.
    struct Bench {
        control: WishboneControl,
        under_way: VecDeque<bool>,
        refuses: bool,
        asked: Vec<(char, u64, u64)>,
    }

    impl Bench {
        fn new(refuses: bool) -> Bench {
            let mut control = WishboneControl::default();
            control.connect_all();
            check_all(&control).unwrap();
            Bench { control, under_way: VecDeque::from([false; 4]), refuses, asked: vec![] }
        }

        fn offer(&mut self, offer: Option<Offer>) {
            let wbc = &mut self.control.wbc;
            let (write, address, data, select) = offer.unwrap_or((true, 0xEE, 0xBAD, 15));
            wbc.cyc_i.next = offer.is_some();
            wbc.stb_i.next = offer.is_some();
            wbc.we_i.next = write;
            wbc.adr_i.next = address.into();
            wbc.dat_i.next = data.into();
            wbc.sel_i.next = select.into();
        }

        /// Runs one cycle; returns the data of an acknowledgement, or a refusal.
        fn step(&mut self) -> Option<Result<u64, ()>> {
            let due = self.under_way.pop_front().unwrap();
            let control = &mut self.control;
            control.response.valid.next = due;
            control.response.error.next = due & self.refuses;
            control.response.read_data.next = 0x600D.into();
            simulate(control, 100);
            let (wbc, request) = (&control.wbc, &control.request);
            let data = wbc.dat_o.val().to_u64();
            assert!(data == 0 || wbc.ack_o.val());
            let answer = if wbc.ack_o.val() { Some(Ok(data)) } else { wbc.err_o.val().then_some(Err(())) };
            let (read, write) = (request.read.val(), request.write.val());
            if read || write {
                let data = if write { request.write_data.val().to_u64() } else { 0 };
                self.asked.push((if write { 'w' } else { 'r' }, request.address.val().to_u64(), data));
            }
            self.under_way.push_back(read || write);
            control.clock.next = true.into();
            simulate(control, 100);
            control.clock.next = false.into();
            simulate(control, 100);
            answer
        }

        /// Offers an access until it is answered; the answer, and in which cycle it came.
        fn run(&mut self, offer: Offer) -> (Result<u64, ()>, usize) {
            self.offer(Some(offer));
            (0..20).find_map(|cycle| self.step().map(|answer| (answer, cycle))).expect("it is answered")
        }
    }

    #[test]
    fn every_access_makes_one_strobe_and_one_answer() {
        for refuses in [false, true] {
            let mut bench = Bench::new(refuses);
            for _ in 0..2 {
                let read = if refuses { Err(()) } else { Ok(0x600D) };
                assert_eq!(bench.run((false, 0x44, 1, 15)), (read, 6));
                assert_eq!(bench.run((true, 0x48, 2, 15)), (read.map(|_| 0), 6));
                bench.offer(None);
                assert!((0..9).all(|_| bench.step().is_none()));
            }
            assert_eq!(bench.asked, [('r', 0x44, 0), ('w', 0x48, 2)].repeat(2));
        }
    }

    #[test]
    fn an_access_to_part_of_a_word_does_nothing() {
        let mut bench = Bench::new(false);
        for select in 0..15 {
            for write in [false, true] {
                assert_eq!(bench.run((write, 0x44, 1, select)), (Err(()), 1));
            }
        }
        assert_eq!(bench.asked, []);
    }

    #[test]
    fn what_is_withdrawn_gets_no_answer_and_neither_does_what_follows() {
        for cycles in 1..6 {
            let mut bench = Bench::new(false);
            bench.offer(Some((false, 0x44, 0, 15)));
            assert!((0..cycles).all(|_| bench.step().is_none()));
            // The same again after a pause, or another at once.
            if cycles % 2 == 0 {
                bench.offer(None);
                assert!(bench.step().is_none());
            }
            assert_eq!(bench.run((cycles % 2 == 1, 0x44, 7, 15)).0, Ok(if cycles % 2 == 1 { 0 } else { 0x600D }));
            assert_eq!(bench.asked.len(), 2);
        }
    }

    #[test]
    fn a_reset_at_any_moment_leaves_no_half_transaction() {
        for moment in 0..8 {
            let mut bench = Bench::new(false);
            bench.offer(Some((true, 0x44, 0, 15)));
            for _ in 0..moment {
                bench.step();
            }
            bench.control.reset.next = true;
            bench.offer(None);
            bench.step();
            bench.control.reset.next = false;
            bench.under_way = VecDeque::from([false; 4]); // it shares the reset
            bench.asked.clear();
            assert!((0..12).all(|_| bench.step().is_none()), "moment {moment}");
            assert_eq!(bench.asked, [], "moment {moment}");
        }
    }
}
