//! APB4 control: the register port as an APB4 completer.
//!
//! ```text
//!   setup phase --> held --> strobe --[4 edges]--> PREADY, in the access phase
//!        '--- a write with some of its strobes -----^ PSLVERR, nothing asked; without any strobe no error
//! ```
//!
//! A bus bridge sends a write without strobes for bytes that are not to be written: the block accepts such a write and changes no
//! register. A write with some of its strobes would have to change part of a register, and is refused. Both are the rules of the
//! AXI4-Lite control.
//!
//! Latency: a transfer takes 7 cycles, its setup phase included, and 2 without a strobe. Every output is a function of registers.
//! The block must never answer a transfer that is not offered, nor strobe twice for one: a transfer that is withdrawn is still
//! executed, and gets no answer.

use crate::ports::{RegisterSink, RegisterSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// An APB4 completer of 32 data bits and 8 address bits, with APB's own names.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ApbSlave {
    /// Byte offset of the register, a multiple of 4; any other offset answers with `pslverr`.
    pub paddr: Signal<In, Bits<8>>,
    /// Protection bits, ignored, because only the control master reaches this port.
    pub pprot: Signal<In, Bits<3>>,
    /// High in both phases of a transfer; stays high, with every other input, until `pready`.
    pub psel: Signal<In, Bit>,
    /// Low in the setup phase, the first cycle of a transfer; high in the access phase.
    pub penable: Signal<In, Bit>,
    /// The transfer is a write; else a read.
    pub pwrite: Signal<In, Bit>,
    /// Word to write; valid with `pwrite`.
    pub pwdata: Signal<In, Bits<32>>,
    /// Strobes of a write, all four set to write. With no strobe set the write changes no register and is accepted; with some set
    /// the write changes no register and answers with `pslverr`. A read has no use for strobes.
    pub pstrb: Signal<In, Bits<4>>,
    /// The transfer ends in this cycle; high for one cycle.
    pub pready: Signal<Out, Bit>,
    /// Word that was read; zero unless `pready` ends a read without an error.
    pub prdata: Signal<Out, Bits<32>>,
    /// The transfer was refused and changed no register; low unless `pready` is high.
    pub pslverr: Signal<Out, Bit>,
}

/// State of the transfer under way.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum ApbState {
    Idle,
    Strobe,
    Waiting,
    Answering,
}

block! {
    /// Turns APB4 transfers into register accesses.
    pub struct ApbControl {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the transfer under way; shared with the register port.
        pub reset: Signal<In, Bit>,
        /// APB4 bus of the control master.
        pub bus: ApbSlave,
        /// Strobes to the register port of the Partition Manager.
        pub request: RegisterSource,
        /// Answers of the register port to the strobes.
        pub response: RegisterSink,
        state: Register<ApbState>,
        write: Register<Bit>,
        address: Register<Bits<8>>,
        data: Register<Bits<32>>,
        /// High: the transfer was withdrawn, or replaced by a different transfer.
        abandoned: Register<Bit>,
        failed: Register<Bit>,
        read_data: Register<Bits<32>>,
        same: Signal<Local, Bit>,
        whole: Signal<Local, Bit>,
        speaks: Signal<Local, Bit>,
    }
}

kernel! {
    ApbControl
    #[hdl_gen]
    fn update(&mut self) registers(state, write, address, data, abandoned, failed, read_data) {
        self.request.read.next = false;
        self.request.write.next = false;
        self.request.address.next = self.address.q.val();
        self.request.write_data.next = self.data.q.val();
        self.speaks.next = (self.state.q.val() == ApbState::Answering) & !self.abandoned.q.val();
        self.bus.pready.next = self.speaks.val();
        self.bus.pslverr.next = self.speaks.val() & self.failed.q.val();
        self.bus.prdata.next = self.read_data.q.val();
        self.same.next = self.bus.psel.val()
            & self.bus.penable.val()
            & (self.bus.pwrite.val() == self.write.q.val())
            & (self.bus.paddr.val() == self.address.q.val());
        self.whole.next = !self.bus.pwrite.val() | self.bus.pstrb.val().all();
        self.abandoned.d.next = self.abandoned.q.val() | !self.same.val();
        self.read_data.d.next = 0.into();

        match self.state.q.val() {
            ApbState::Strobe => {
                self.request.read.next = !self.write.q.val();
                self.request.write.next = self.write.q.val();
                self.state.d.next = ApbState::Waiting;
            }
            ApbState::Waiting => {
                if self.response.valid.val() {
                    self.failed.d.next = self.response.error.val();
                    self.state.d.next = ApbState::Answering;
                    if self.same.val() & !self.abandoned.q.val() & !self.write.q.val() & !self.response.error.val() {
                        self.read_data.d.next = self.response.read_data.val();
                    }
                }
            }
            ApbState::Answering => {
                self.state.d.next = ApbState::Idle;
            }
            _ => {
                // The setup phase, or the access phase of a transfer whose setup phase a withdrawn one has hidden.
                self.write.d.next = self.bus.pwrite.val();
                self.address.d.next = self.bus.paddr.val();
                self.data.d.next = self.bus.pwdata.val();
                self.abandoned.d.next = false;
                self.failed.d.next = self.bus.pstrb.val().any();
                if self.bus.psel.val() {
                    self.state.d.next = ApbState::Answering;
                    if self.whole.val() {
                        self.state.d.next = ApbState::Strobe;
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

    /// Write, address, data, strobes.
    type Transfer = (bool, u64, u64, u64);

    /// The completer before a register port that answers four edges later.
    struct Bench {
        control: ApbControl,
        under_way: VecDeque<bool>,
        refuses: bool,
        asked: Vec<(char, u64, u64)>,
    }

    /// Outputs of a cycle: nothing, or the data and the error of an answer.
    type Shown = Option<(u64, bool)>;

    impl Bench {
        fn new(refuses: bool) -> Bench {
            let mut control = ApbControl::default();
            control.connect_all();
            check_all(&control).unwrap();
            Bench { control, under_way: VecDeque::from([false; 4]), refuses, asked: vec![] }
        }

        /// Drives the bus for the next cycle.
        fn offer(&mut self, transfer: Option<Transfer>, access: bool) {
            let bus = &mut self.control.bus;
            let (write, address, data, strobes) = transfer.unwrap_or((true, 0xEE, 0xBAD, 15));
            bus.psel.next = transfer.is_some();
            bus.penable.next = access;
            bus.pwrite.next = write;
            bus.paddr.next = address.into();
            bus.pwdata.next = data.into();
            bus.pstrb.next = strobes.into();
            bus.pprot.next = (address % 8).into();
        }

        /// Runs one cycle.
        fn step(&mut self) -> Shown {
            let due = self.under_way.pop_front().unwrap();
            let control = &mut self.control;
            control.response.valid.next = due;
            // Between answers there is noise, and with an error data that must not be seen.
            control.response.error.next = due & self.refuses;
            control.response.read_data.next = 0x600D.into();
            simulate(control, 100);
            let (bus, request) = (&control.bus, &control.request);
            let (ready, data, error) = (bus.pready.val(), bus.prdata.val().to_u64(), bus.pslverr.val());
            assert!(ready || (data == 0 && !error), "nothing is shown but with PREADY");
            let (read, write) = (request.read.val(), request.write.val());
            assert!(!(read && write));
            if read || write {
                let data = if write { request.write_data.val().to_u64() } else { 0 };
                self.asked.push((if write { 'w' } else { 'r' }, request.address.val().to_u64(), data));
            }
            self.under_way.push_back(read || write);
            control.clock.next = true.into();
            simulate(control, 100);
            control.clock.next = false.into();
            simulate(control, 100);
            ready.then_some((data, error))
        }

        /// A transfer to its end: data, error, and how many cycles it took.
        fn run(&mut self, transfer: Transfer) -> (u64, bool, usize) {
            self.offer(Some(transfer), false);
            assert_eq!(self.step(), None, "the setup phase is no answer");
            self.offer(Some(transfer), true);
            let (data, error, cycle) =
                (1..20).find_map(|cycle| self.step().map(|(data, error)| (data, error, cycle))).expect("it is answered");
            (data, error, cycle + 1)
        }
    }

    /// A transfer on its own: what the register port is asked, and what the master is answered.
    #[track_caller]
    fn check(transfer: Transfer, refuses: bool, asked: &[(char, u64, u64)], answer: (u64, bool, usize)) {
        let mut bench = Bench::new(refuses);
        assert_eq!(bench.run(transfer), answer, "{transfer:?}");
        bench.offer(None, false);
        assert!((0..12).all(|_| bench.step().is_none()), "{transfer:?} is answered once");
        assert_eq!(bench.asked, asked, "{transfer:?}");
    }

    #[test]
    fn a_transfer_makes_one_strobe_and_one_answer() {
        check((true, 0x44, 0xCAFE, 15), false, &[('w', 0x44, 0xCAFE)], (0, false, 7));
        check((true, 0x44, 0xCAFE, 15), true, &[('w', 0x44, 0xCAFE)], (0, true, 7));
        check((false, 0x48, 0xCAFE, 0), false, &[('r', 0x48, 0)], (0x600D, false, 7));
        check((false, 0x48, 0xCAFE, 0), true, &[('r', 0x48, 0)], (0, true, 7));
        // APB4 wants the strobes of a read low; they mean nothing.
        check((false, 0x48, 0xCAFE, 5), false, &[('r', 0x48, 0)], (0x600D, false, 7));
    }

    #[test]
    fn a_write_with_some_strobes_is_refused_and_one_without_any_is_accepted_and_neither_does_anything() {
        for strobes in 0..15 {
            for refuses in [false, true] {
                check((true, 0x44, 1, strobes), refuses, &[], (0, strobes != 0, 2));
            }
        }
    }

    #[test]
    fn transfers_follow_each_other_at_once() {
        let mut bench = Bench::new(false);
        for round in 0..4 {
            assert_eq!(bench.run((true, 4 * round, round, 15)), (0, false, 7));
            assert_eq!(bench.run((true, 0x80, 9, 3)), (0, true, 2));
            assert_eq!(bench.run((false, 4 * round, 0, 0)), (0x600D, false, 7));
            assert_eq!(bench.run((true, 0x80, 9, 0)), (0, false, 2));
        }
        let expected: Vec<_> = (0..4).flat_map(|round| [('w', 4 * round, round), ('r', 4 * round, 0)]).collect();
        assert_eq!(bench.asked, expected);
    }

    #[test]
    fn what_is_withdrawn_gets_no_answer_and_neither_does_what_follows() {
        for cycles in 1..6 {
            let mut bench = Bench::new(false);
            bench.offer(Some((false, 0x44, 0, 0)), false);
            assert_eq!(bench.step(), None);
            bench.offer(Some((false, 0x44, 0, 0)), true);
            assert!((1..cycles).all(|_| bench.step().is_none()));
            // The same again with a new setup phase, or after a pause; or another at once.
            if cycles % 2 == 0 {
                bench.offer(None, false);
                assert_eq!(bench.step(), None);
            }
            let write = cycles % 3 == 1;
            let (data, error, _) = bench.run((write, 0x44, 7, 15));
            assert_eq!((data, error), (if write { 0 } else { 0x600D }, false), "after {cycles}");
            assert_eq!(bench.asked.len(), 2, "after {cycles}");
        }
    }

    #[test]
    fn a_reset_at_any_moment_leaves_no_half_transfer() {
        for moment in 0..9 {
            let mut bench = Bench::new(false);
            for cycle in 0..moment {
                bench.offer(Some((true, 0x44, 0, 15)), cycle > 0);
                bench.step();
            }
            bench.control.reset.next = true;
            bench.offer(None, false);
            bench.step();
            bench.control.reset.next = false;
            bench.under_way = VecDeque::from([false; 4]); // it shares the reset
            bench.asked.clear();
            assert!((0..12).all(|_| bench.step().is_none()), "moment {moment}");
            assert_eq!(bench.asked, [], "moment {moment}");
        }
    }
}
