//! AXI4-Lite control: the register port as an AXI4-Lite slave. One access at a time, reads and writes in turn.
//!
//! ```text
//!   AW --> held --+
//!   W  --> held --+--> turn --> strobe --[4 edges]--> answer --> B or R
//!   AR --> held --+       '---- strobes not all set ----^ nothing asked; SLVERR, without any strobe OKAY
//! ```
//!
//! A bus width converter sends a write without strobes for the part of a beat that is not to be written: the block accepts such a
//! write and changes no register. A write with some of its strobes would have to change part of a register, and is refused.
//!
//! Latency: an answer is offered 7 cycles after the last of its channels was taken, 2 without a strobe, when nothing else is
//! under way. Every output is a function of registers. The block must never strobe twice for one access, nor answer an access
//! that a reset has dropped.

use crate::ports::{RegisterSink, RegisterSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// An AXI4-Lite slave of 32 data bits and 8 address bits, with AXI's own names.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct AxiLiteSlave {
    /// Write address: byte offset of the register, a multiple of 4; any other offset answers SLVERR.
    pub awaddr: Signal<In, Bits<8>>,
    /// Write address: protection bits, ignored, because only the control master reaches this port.
    pub awprot: Signal<In, Bits<3>>,
    /// Write address: offered; stays high until taken.
    pub awvalid: Signal<In, Bit>,
    /// Write address: taken in this cycle.
    pub awready: Signal<Out, Bit>,
    /// Write data: the word to write.
    pub wdata: Signal<In, Bits<32>>,
    /// Write data: strobes, all four set to write. With no strobe set the write changes no register and answers OKAY; with some
    /// set the write changes no register and answers SLVERR.
    pub wstrb: Signal<In, Bits<4>>,
    /// Write data: offered; stays high until taken.
    pub wvalid: Signal<In, Bit>,
    /// Write data: taken in this cycle.
    pub wready: Signal<Out, Bit>,
    /// Write response: 0 OKAY, 2 SLVERR.
    pub bresp: Signal<Out, Bits<2>>,
    /// Write response: offered; stays high until taken.
    pub bvalid: Signal<Out, Bit>,
    /// Write response: taken in this cycle.
    pub bready: Signal<In, Bit>,
    /// Read address: byte offset of the register.
    pub araddr: Signal<In, Bits<8>>,
    /// Read address: protection bits, ignored.
    pub arprot: Signal<In, Bits<3>>,
    /// Read address: offered; stays high until taken.
    pub arvalid: Signal<In, Bit>,
    /// Read address: taken in this cycle.
    pub arready: Signal<Out, Bit>,
    /// Read data: the word that was read; zero with an error.
    pub rdata: Signal<Out, Bits<32>>,
    /// Read data: 0 OKAY, 2 SLVERR.
    pub rresp: Signal<Out, Bits<2>>,
    /// Read data: offered; stays high until taken.
    pub rvalid: Signal<Out, Bit>,
    /// Read data: taken in this cycle.
    pub rready: Signal<In, Bit>,
}

/// State of the access under way.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum LiteState {
    Waking,
    Idle,
    Write,
    Writing,
    AnswerWrite,
    Read,
    Reading,
    AnswerRead,
}

block! {
    /// Turns AXI4-Lite transfers into register accesses.
    pub struct AxiLiteControl {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the access under way; shared with the register port.
        pub reset: Signal<In, Bit>,
        /// AXI4-Lite bus of the control master.
        pub bus: AxiLiteSlave,
        /// Strobes to the register port of the Partition Manager.
        pub request: RegisterSource,
        /// Answers of the register port to the strobes.
        pub response: RegisterSink,
        state: Register<LiteState>,
        write_address: Register<Bits<8>>,
        write_address_held: Register<Bit>,
        write_data: Register<Bits<32>>,
        write_strobes: Register<Bits<4>>,
        write_data_held: Register<Bit>,
        read_address: Register<Bits<8>>,
        read_address_held: Register<Bit>,
        failed: Register<Bit>,
        read_data: Register<Bits<32>>,
        awake: Signal<Local, Bit>,
        writes: Signal<Local, Bit>,
    }
}

kernel! {
    AxiLiteControl
    #[hdl_gen]
    fn update(&mut self) registers(state, write_address, write_address_held, write_data, write_strobes, write_data_held, read_address, read_address_held, failed, read_data) {
        self.awake.next = self.state.q.val() != LiteState::Waking;
        self.bus.awready.next = self.awake.val() & !self.write_address_held.q.val();
        self.bus.wready.next = self.awake.val() & !self.write_data_held.q.val();
        self.bus.arready.next = self.awake.val() & !self.read_address_held.q.val();
        self.bus.bvalid.next = false;
        self.bus.bresp.next = 0.into();
        self.bus.rvalid.next = false;
        self.bus.rresp.next = 0.into();
        self.bus.rdata.next = self.read_data.q.val();
        if self.failed.q.val() {
            self.bus.bresp.next = 2.into();
            self.bus.rresp.next = 2.into();
        }
        self.request.read.next = false;
        self.request.write.next = false;
        self.request.address.next = self.read_address.q.val();
        self.request.write_data.next = self.write_data.q.val();

        if self.bus.awvalid.val() & self.awake.val() & !self.write_address_held.q.val() {
            self.write_address.d.next = self.bus.awaddr.val();
            self.write_address_held.d.next = true;
        }
        if self.bus.wvalid.val() & self.awake.val() & !self.write_data_held.q.val() {
            self.write_data.d.next = self.bus.wdata.val();
            self.write_strobes.d.next = self.bus.wstrb.val();
            self.write_data_held.d.next = true;
        }
        if self.bus.arvalid.val() & self.awake.val() & !self.read_address_held.q.val() {
            self.read_address.d.next = self.bus.araddr.val();
            self.read_address_held.d.next = true;
        }

        // The next write is taken when the last one has been answered: a read that waits then goes before it.
        self.writes.next = self.write_address_held.q.val() & self.write_data_held.q.val();
        match self.state.q.val() {
            LiteState::Idle => {
                self.failed.d.next = true;
                self.read_data.d.next = 0.into();
                if self.writes.val() {
                    self.state.d.next = LiteState::AnswerWrite;
                    self.failed.d.next = self.write_strobes.q.val().any();
                    if self.write_strobes.q.val().all() {
                        self.state.d.next = LiteState::Write;
                    }
                } else if self.read_address_held.q.val() {
                    self.state.d.next = LiteState::Read;
                }
            }
            LiteState::Write => {
                self.request.write.next = true;
                self.request.address.next = self.write_address.q.val();
                self.state.d.next = LiteState::Writing;
            }
            LiteState::Writing => {
                if self.response.valid.val() {
                    self.failed.d.next = self.response.error.val();
                    self.state.d.next = LiteState::AnswerWrite;
                }
            }
            LiteState::AnswerWrite => {
                self.bus.bvalid.next = true;
                if self.bus.bready.val() {
                    self.write_address_held.d.next = false;
                    self.write_data_held.d.next = false;
                    self.state.d.next = LiteState::Idle;
                }
            }
            LiteState::Read => {
                self.request.read.next = true;
                self.state.d.next = LiteState::Reading;
            }
            LiteState::Reading => {
                if self.response.valid.val() {
                    self.failed.d.next = self.response.error.val();
                    self.state.d.next = LiteState::AnswerRead;
                    if !self.response.error.val() {
                        self.read_data.d.next = self.response.read_data.val();
                    }
                }
            }
            LiteState::AnswerRead => {
                self.bus.rvalid.next = true;
                if self.bus.rready.val() {
                    self.read_address_held.d.next = false;
                    self.state.d.next = LiteState::Idle;
                }
            }
            _ => {
                self.state.d.next = LiteState::Idle;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// The register port behind the block: answers four edges later, logs what it was asked.
    struct Port {
        under_way: VecDeque<Option<(bool, u64)>>,
        asked: Events,
        refuses: bool,
    }

    impl Port {
        fn new(refuses: bool) -> Port {
            Port { under_way: VecDeque::from([None; 4]), asked: vec![], refuses }
        }

        /// Drives the answer that is due and steps over the edge.
        fn step(&mut self, block: &mut AxiLiteControl) {
            let due = self.under_way.pop_front().unwrap();
            block.response.valid.next = due.is_some();
            // Between answers there is noise, and with an error data that must not be seen.
            block.response.error.next = due.is_some_and(|(error, _)| error);
            block.response.read_data.next = due.map_or(0xBAD, |(_, data)| data).into();
            simulate(block, 100);
            let request = &block.request;
            let (read, write) = (request.read.val(), request.write.val());
            assert!(!(read && write));
            if read || write {
                let data = if write { request.write_data.val().to_u64() } else { 0 };
                self.asked.push((if write { 'w' } else { 'r' }, request.address.val().to_u64(), data));
            }
            self.under_way.push_back((read || write).then_some((self.refuses, 0x1234_5678)));
            block.clock.next = true.into();
            simulate(block, 100);
            block.clock.next = false.into();
            simulate(block, 100);
        }
    }

    fn new() -> AxiLiteControl {
        let mut block = AxiLiteControl::default();
        block.connect_all();
        check_all(&block).unwrap();
        block
    }

    /// For each channel, the cycle from which a transfer is offered.
    #[derive(Clone, Copy, Default)]
    struct Offer {
        aw: Option<usize>,
        w: Option<usize>,
        ar: Option<usize>,
        strobes: u64,
        /// Cycles that an answer is left to wait.
        patience: usize,
    }

    /// A channel and two numbers: address and data of a strobe, code and data of an answer.
    type Events = Vec<(char, u64, u64)>;

    /// The strobes and the answers that an offer leads to, in order.
    fn run(offer: Offer, refuses: bool) -> (Events, Events) {
        let (mut block, mut port) = (new(), Port::new(refuses));
        let (mut aw, mut w, mut ar) = (offer.aw, offer.w, offer.ar);
        let (mut answers, mut waited) = (vec![], 0);
        for cycle in 0..80 {
            let due = |since: Option<usize>| since.is_some_and(|since| cycle >= since);
            let bus = &mut block.bus;
            bus.awvalid.next = due(aw);
            bus.awaddr.next = if due(aw) { 0x44 } else { 0xEE }.into();
            bus.wvalid.next = due(w);
            bus.wdata.next = if due(w) { 0xCAFE } else { 0xEEEE }.into();
            bus.wstrb.next = if due(w) { offer.strobes } else { 9 }.into();
            bus.arvalid.next = due(ar);
            bus.araddr.next = if due(ar) { 0x48 } else { 0xEE }.into();
            simulate(&mut block, 100);
            let bus = &block.bus;
            let answer = if bus.bvalid.val() {
                Some(('b', bus.bresp.val().to_u64(), 0))
            } else if bus.rvalid.val() {
                Some(('r', bus.rresp.val().to_u64(), bus.rdata.val().to_u64()))
            } else {
                None
            };
            assert!(!(bus.bvalid.val() && bus.rvalid.val()), "one at a time");
            assert!(waited == 0 || answer.is_some(), "an answer stays until taken");
            let taken = answer.is_some() && waited == offer.patience;
            waited = if answer.is_none() || taken { 0 } else { waited + 1 };
            if bus.awvalid.val() && bus.awready.val() {
                aw = None;
            }
            if bus.wvalid.val() && bus.wready.val() {
                w = None;
            }
            if bus.arvalid.val() && bus.arready.val() {
                ar = None;
            }
            block.bus.bready.next = taken;
            block.bus.rready.next = taken;
            simulate(&mut block, 100);
            answers.extend(answer.filter(|_| taken));
            port.step(&mut block);
        }
        assert!(aw.is_none() && w.is_none() && ar.is_none(), "everything was taken");
        (port.asked, answers)
    }

    #[test]
    fn every_order_of_channels_makes_one_access() {
        for (aw, w) in [(0, 0), (0, 7), (7, 0), (3, 4), (4, 3)] {
            for patience in [0, 1, 5] {
                let offer = Offer { aw: Some(aw), w: Some(w), strobes: 15, patience, ..Offer::default() };
                assert_eq!(run(offer, false), (vec![('w', 0x44, 0xCAFE)], vec![('b', 0, 0)]), "{aw} {w}");
                assert_eq!(run(offer, true), (vec![('w', 0x44, 0xCAFE)], vec![('b', 2, 0)]), "{aw} {w}");
            }
        }
        for patience in [0, 1, 5] {
            let offer = Offer { ar: Some(2), patience, ..Offer::default() };
            assert_eq!(run(offer, false), (vec![('r', 0x48, 0)], vec![('r', 0, 0x1234_5678)]));
            assert_eq!(run(offer, true), (vec![('r', 0x48, 0)], vec![('r', 2, 0)]), "no data with an error");
        }
    }

    #[test]
    fn an_answer_takes_its_time_and_no_more() {
        for (strobes, expected) in [(15, 7), (7, 2), (0, 2)] {
            let (mut block, mut port) = (new(), Port::new(false));
            port.step(&mut block);
            block.bus.awvalid.next = true;
            block.bus.wvalid.next = true;
            block.bus.wstrb.next = strobes.into();
            let waited = (0..20).find(|_| {
                simulate(&mut block, 100);
                let answers = block.bus.bvalid.val();
                port.step(&mut block);
                answers
            });
            assert_eq!(waited, Some(expected));
        }
    }

    #[test]
    fn a_write_with_some_strobes_is_refused_and_one_without_any_is_accepted_and_neither_does_anything() {
        for strobes in 0..15 {
            let answer = if strobes == 0 { 0 } else { 2 };
            for refuses in [false, true] {
                let offer = Offer { aw: Some(0), w: Some(1), strobes, ..Offer::default() };
                assert_eq!(run(offer, refuses), (vec![], vec![('b', answer, 0)]), "{strobes}");
            }
        }
    }

    #[test]
    fn an_address_or_data_alone_does_nothing() {
        let offer = Offer { strobes: 15, ..Offer::default() };
        assert_eq!(run(Offer { aw: Some(0), ..offer }, false), (vec![], vec![]));
        assert_eq!(run(Offer { w: Some(0), ..offer }, false), (vec![], vec![]));
        // A write without its address does not hold up a read.
        let (asked, answers) = run(Offer { w: Some(0), ar: Some(3), ..offer }, false);
        assert_eq!((asked, answers), (vec![('r', 0x48, 0)], vec![('r', 0, 0x1234_5678)]));
    }

    #[test]
    fn reads_and_writes_take_turns() {
        let (mut block, mut port) = (new(), Port::new(false));
        block.bus.awvalid.next = true;
        block.bus.wvalid.next = true;
        block.bus.wstrb.next = 15.into();
        block.bus.arvalid.next = true;
        block.bus.bready.next = true;
        block.bus.rready.next = true;
        for _ in 0..100 {
            port.step(&mut block);
        }
        let order: String = port.asked.iter().map(|asked| asked.0).collect();
        assert!(order.starts_with("wrwrwrwr"), "{order}");
    }

    #[test]
    fn a_reset_at_any_moment_leaves_no_half_transaction() {
        for moment in 0..20 {
            let (mut block, mut port) = (new(), Port::new(false));
            block.bus.awvalid.next = true;
            block.bus.wvalid.next = moment % 2 == 0;
            block.bus.wstrb.next = 15.into();
            block.bus.arvalid.next = true;
            for _ in 0..moment {
                port.step(&mut block);
            }
            block.bus.awvalid.next = false;
            block.bus.wvalid.next = false;
            block.bus.arvalid.next = false;
            block.reset.next = true;
            port.step(&mut block);
            block.reset.next = false;
            port.under_way = VecDeque::from([None; 4]); // it shares the reset
            port.asked.clear();
            for _ in 0..20 {
                let bus = &block.bus;
                assert!(!bus.bvalid.val() && !bus.rvalid.val(), "moment {moment}");
                port.step(&mut block);
            }
            assert!(port.asked.is_empty(), "moment {moment}: {:?}", port.asked);
            assert!(block.bus.awready.val() && block.bus.wready.val() && block.bus.arready.val());
        }
    }
}
