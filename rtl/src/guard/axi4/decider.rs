//! The decider: asks the Partition Manager about bursts of both directions, and hands each its verdict.
//!
//! ```text
//!   writes --+             +--> translate port --4 edges--> verdict --not mine?--> physical port --4 edges--> verdict
//!   reads ---+--in turns --'        Trail: whose is it? --------------------------------> Trail
//!   reports -'  reports first
//! ```
//!
//! A burst that the translate port calls not mine keeps its address (identity), and the physical port decides. With a standard
//! MMU (`mmu`) the MMU is asked first, one access at a time, and the decider then decides one access at a time, too.
//!
//! A burst that neither port grants is refused.

use super::{
    question::{Asker, Decision, Question},
    walker::Walker,
};
use crate::guard::bridge::{MmuSink, MmuSource};
use crate::ports::{AccessSource, PhysicalSink, TranslateSink};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Connects the bursts of two directions with the two ports of the Partition Manager.
    pub struct Decider<ADDRESS, LENGTH> for geometry, mmu: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no question is under way.
        pub reset: Signal<In, Bit>,
        /// A write is to be decided.
        pub write_asks: Signal<In, Bit>,
        /// Access of the write; valid with `write_asks`.
        pub write_question: Signal<In, Question<ADDRESS>>,
        /// Number of the entry of the write; valid with `write_asks`.
        pub write_asker: Signal<In, Bits<4>>,
        /// The write is asked about in this cycle.
        pub write_asked: Signal<Out, Bit>,
        /// A refusal of a write by the guard itself is to be logged.
        pub write_reports: Signal<In, Bit>,
        /// Access of the write to log; valid with `write_reports`.
        pub write_report: Signal<In, Question<ADDRESS>>,
        /// The refusal of the write is logged in this cycle.
        pub write_reported: Signal<Out, Bit>,
        /// Verdict of the translate port on a write.
        pub write_translated: Signal<Out, Decision<ADDRESS>>,
        /// Verdict on a write that the translate port called not mine.
        pub write_checked: Signal<Out, Decision<ADDRESS>>,
        /// A read is to be decided.
        pub read_asks: Signal<In, Bit>,
        /// Access of the read; valid with `read_asks`.
        pub read_question: Signal<In, Question<ADDRESS>>,
        /// Number of the entry of the read; valid with `read_asks`.
        pub read_asker: Signal<In, Bits<4>>,
        /// The read is asked about in this cycle.
        pub read_asked: Signal<Out, Bit>,
        /// A refusal of a read by the guard itself is to be logged.
        pub read_reports: Signal<In, Bit>,
        /// Access of the read to log; valid with `read_reports`.
        pub read_report: Signal<In, Question<ADDRESS>>,
        /// The refusal of the read is logged in this cycle.
        pub read_reported: Signal<Out, Bit>,
        /// Verdict of the translate port on a read.
        pub read_translated: Signal<Out, Decision<ADDRESS>>,
        /// Verdict on a read that the translate port called not mine.
        pub read_checked: Signal<Out, Decision<ADDRESS>>,
        /// Requests to the translate port of the Partition Manager.
        pub translate_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the translate port, four edges after their requests.
        pub translate_response: TranslateSink<ADDRESS>,
        /// The response of the translate port in this cycle is to an access that a guard had to end.
        pub stalled: Signal<Out, Bit>,
        /// Requests to the physical port of the Partition Manager.
        pub physical_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the physical port, four edges after their requests.
        pub physical_response: PhysicalSink,
        /// Requests to the standard MMU: one port with an MMU, else no port.
        pub mmu_request: Vec<MmuSource<ADDRESS, LENGTH>> = vec![Default::default(); usize::from(mmu)],
        /// Responses of the standard MMU: one port with an MMU, else no port.
        pub mmu_response: Vec<MmuSink<ADDRESS>> = vec![Default::default(); usize::from(mmu)],
        write_turn: Register<Bit>,
        asker_1: Register<Asker>,
        asker_2: Register<Asker>,
        asker_3: Register<Asker>,
        asker_4: Register<Asker>,
        question_1: Register<Question<ADDRESS>>,
        question_2: Register<Question<ADDRESS>>,
        question_3: Register<Question<ADDRESS>>,
        question_4: Register<Question<ADDRESS>>,
        checker_1: Register<Asker>,
        checker_2: Register<Asker>,
        checker_3: Register<Asker>,
        checker_4: Register<Asker>,
        place_1: Register<Bits<ADDRESS>>,
        place_2: Register<Bits<ADDRESS>>,
        place_3: Register<Bits<ADDRESS>>,
        place_4: Register<Bits<ADDRESS>>,
        walker: Vec<Walker<ADDRESS, LENGTH>> = vec![Default::default(); usize::from(mmu)],
        free: Signal<Local, Bit>,
        question: Signal<Local, Question<ADDRESS>>,
        granted: Signal<Local, Bit>,
        elsewhere: Signal<Local, Bit>,
        span: Signal<Local, Bits<14>>,
        verdict: Signal<Local, Decision<ADDRESS>>,
        allowed: Signal<Local, Decision<ADDRESS>>,
        fragments: Constant<Bit> = Constant::new(geometry.granule() < 4096),
    }
    requires {
        assert_eq!(LENGTH, 13, "AXI4 needs accesses of up to 4096 bytes");
    }
}

kernel! {
    Decider<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(write_turn, asker_1, asker_2, asker_3, asker_4, question_1, question_2, question_3, question_4, checker_1, checker_2, checker_3, checker_4, place_1, place_2, place_3, place_4) {
        // Which question is asked? Reports go first, because they are rare.
        self.free.next = true;
        for i in 0..self.walker.len() {
            // A verdict may have to wait for the MMU: one at a time.
            self.free.next = self.walker[i].idle.val()
                & !self.asker_1.q.val().valid
                & !self.asker_2.q.val().valid
                & !self.asker_3.q.val().valid
                & !self.asker_4.q.val().valid
                & !self.checker_1.q.val().valid
                & !self.checker_2.q.val().valid
                & !self.checker_3.q.val().valid
                & !self.checker_4.q.val().valid;
        }
        self.write_asked.next = false;
        self.write_reported.next = false;
        self.read_asked.next = false;
        self.read_reported.next = false;
        self.asker_1.d.next.valid = false;
        self.asker_1.d.next.writes = false;
        self.asker_1.d.next.index = self.read_asker.val();
        self.question.next = self.read_question.val();
        if self.write_reports.val() {
            self.write_reported.next = true;
            self.question.next = self.write_report.val();
        } else if self.read_reports.val() {
            self.read_reported.next = true;
            self.question.next = self.read_report.val();
        } else if self.free.val() & self.write_asks.val() & (self.write_turn.q.val() | !self.read_asks.val()) {
            self.write_asked.next = true;
            self.write_turn.d.next = false;
            self.asker_1.d.next.valid = true;
            self.asker_1.d.next.writes = true;
            self.asker_1.d.next.index = self.write_asker.val();
            self.question.next = self.write_question.val();
        } else if self.free.val() & self.read_asks.val() {
            self.read_asked.next = true;
            self.write_turn.d.next = true;
            self.asker_1.d.next.valid = true;
        }
        self.translate_request.valid.next = self.write_asked.val()
            | self.read_asked.val()
            | self.write_reported.val()
            | self.read_reported.val();
        self.translate_request.tenant.next = self.question.val().tenant;
        self.translate_request.address.next = self.question.val().address;
        self.translate_request.length.next = bit_cast::<LENGTH, 13>(self.question.val().length);
        self.translate_request.kind.next = self.question.val().kind;

        // The trail beside the data path.
        self.question_1.d.next = self.question.val();
        self.question_2.d.next = self.question_1.q.val();
        self.question_3.d.next = self.question_2.q.val();
        self.question_4.d.next = self.question_3.q.val();
        self.asker_2.d.next = self.asker_1.q.val();
        self.asker_3.d.next = self.asker_2.q.val();
        self.asker_4.d.next = self.asker_3.q.val();

        self.stalled.next = self.question_4.q.val().stalled;

        // The translate port's verdict.
        self.granted.next = self.translate_response.valid.val()
            & self.translate_response.granted.val()
            & !self.translate_response.not_mine.val();
        self.elsewhere.next = self.translate_response.valid.val()
            & self.translate_response.not_mine.val()
            & !self.translate_response.granted.val();
        self.span.next = bit_cast::<14, 12>(self.translate_response.physical.val().get_bits::<12>(0))
            + bit_cast::<14, 13>(self.question_4.q.val().length);
        self.verdict.next.valid = false;
        self.verdict.next.index = self.asker_4.q.val().index;
        self.verdict.next.granted = self.granted.val();
        self.verdict.next.elsewhere = self.elsewhere.val();
        self.verdict.next.crosses = self.fragments.val() & (self.span.val() > 4096);
        self.verdict.next.physical = self.translate_response.physical.val();
        self.write_translated.next = self.verdict.val();
        self.read_translated.next = self.verdict.val();
        self.write_translated.next.valid = self.asker_4.q.val().valid & self.asker_4.q.val().writes;
        self.read_translated.next.valid = self.asker_4.q.val().valid & !self.asker_4.q.val().writes;

        // Not mine: the address is its own translation, and the physical port decides.
        self.checker_1.d.next = self.asker_4.q.val();
        self.checker_1.d.next.valid = self.asker_4.q.val().valid & self.elsewhere.val();
        self.place_1.d.next = self.question_4.q.val().address;
        self.physical_request.valid.next = self.asker_4.q.val().valid & self.elsewhere.val();
        self.physical_request.tenant.next = self.question_4.q.val().tenant;
        self.physical_request.address.next = self.question_4.q.val().address;
        self.physical_request.length.next = bit_cast::<LENGTH, 13>(self.question_4.q.val().length);
        self.physical_request.kind.next = self.question_4.q.val().kind;
        self.checker_2.d.next = self.checker_1.q.val();
        self.checker_3.d.next = self.checker_2.q.val();
        self.checker_4.d.next = self.checker_3.q.val();
        self.place_2.d.next = self.place_1.q.val();
        self.place_3.d.next = self.place_2.q.val();
        self.place_4.d.next = self.place_3.q.val();
        self.allowed.next.valid = false;
        self.allowed.next.index = self.checker_4.q.val().index;
        self.allowed.next.granted = self.physical_response.valid.val() & self.physical_response.allowed.val();
        self.allowed.next.elsewhere = false;
        self.allowed.next.crosses = false;
        self.allowed.next.physical = self.place_4.q.val();
        self.write_checked.next = self.allowed.val();
        self.read_checked.next = self.allowed.val();
        self.write_checked.next.valid = self.checker_4.q.val().valid & self.checker_4.q.val().writes;
        self.read_checked.next.valid = self.checker_4.q.val().valid & !self.checker_4.q.val().writes;
    }
    // Not mine, with an MMU: the MMU is asked first.
    when(walker) blocks(walker) {
        self.walker[0].start.next = self.asker_4.q.val().valid & self.elsewhere.val();
        self.walker[0].asker.next = self.asker_4.q.val();
        self.walker[0].question.next = self.question_4.q.val();
        MmuSource::<ADDRESS, LENGTH>::link(&mut self.mmu_request[0], &mut self.walker[0].mmu_request);
        MmuSink::<ADDRESS>::link(&mut self.mmu_response[0], &mut self.walker[0].mmu_response);
        self.checker_1.d.next = self.walker[0].whose.val();
        self.place_1.d.next = self.walker[0].address.val();
        self.physical_request.valid.next = self.walker[0].checks.val();
        self.physical_request.tenant.next = self.walker[0].tenant.val();
        self.physical_request.address.next = self.walker[0].address.val();
        self.physical_request.length.next = self.walker[0].length.val();
        self.physical_request.kind.next = self.walker[0].kind.val();
        // A fault comes only while no question is on its way through the physical port.
        if self.walker[0].faulted.val() {
            self.write_checked.next.valid = self.walker[0].writes.val();
            self.read_checked.next.valid = !self.walker[0].writes.val();
            self.write_checked.next.index = self.walker[0].index.val();
            self.read_checked.next.index = self.walker[0].index.val();
            self.write_checked.next.granted = false;
            self.read_checked.next.granted = false;
        }
    }
}
