//! Host port: executes a checked request, and responds with its status.
//!
//! ```text
//!   frame --> Idle --registers-----> Register ----------------------------------.
//!               |----page----------> Fill --------------------------------------|
//!               |----access--------> Ask --> Verdict --granted--> Memory -------|
//!               |                               '--denied-----------------------|
//!               |----audit---------> Level --> Word <--> Pop (five times) ------|
//!               '----malformed, ping -------------------------------------------'--> Reply --> Idle
//! ```
//!
//! The port handles one request at a time. Memory is accessed in one state only, which only a grant reaches. [`HostNextState`] says
//! which state comes next, [`HostOutcome`] with which status and in which shape the port responds. This block holds the registers,
//! and drives the partners.

use super::host_next_state::HostNextState;
use super::host_outcome::HostOutcome;
use super::host_state::HostState;
use super::ports::{FillSource, FrameSink, MemorySink, MemorySource, ReplyShape, ReplySource};
use crate::protocol::{ping_word, FrameStatus, Operation};
use pm_interface::registers::offset;
use pm_rtl::guard::bridge::{BridgeSink, BridgeSource};
use pm_rtl::ports::{RegisterSink, RegisterSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// The protocol's engine.
    pub struct HostPort<ADDRESS, FRAME, INDEX = 5, LENGTH = 13> with memory: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the request under way.
        pub reset: Signal<In, Bit>,
        /// Checked requests of the host.
        pub frame: FrameSink,
        /// Responses to the host.
        pub reply: ReplySource,
        /// Strobes to the register port of the Partition Manager.
        pub register_request: RegisterSource,
        /// Answers of the register port to the strobes.
        pub register_response: RegisterSink,
        /// Page table entries for the standard MMU.
        pub fill: FillSource<INDEX, FRAME>,
        /// Accesses for the MMU bridge to decide.
        pub bridge_request: BridgeSource<ADDRESS, LENGTH>,
        /// Verdicts of the MMU bridge.
        pub bridge_response: BridgeSink<ADDRESS>,
        /// Granted accesses to the memory.
        pub memory_request: MemorySource,
        /// Results of the accesses to the memory.
        pub memory_response: MemorySink,
        state: Register<HostState>,
        status: Register<FrameStatus>,
        shape: Register<ReplyShape>,
        data: Register<Bits<32>>,
        /// Words of the record that are still to come.
        words: Register<Bits<3>>,
        reads: Register<Bit>,
        writes: Register<Bit>,
        mode_bad: Register<Bit>,
        page_bad: Register<Bit>,
        outcome: HostOutcome,
        next_state: HostNextState,
        flags: Signal<Local, Bits<8>>,
        last_word: Signal<Local, Bit>,
        record_word_sent: Signal<Local, Bit>,
        ping_value: Constant<Bits<32>> = Constant::new(ping_word(memory).into()),
        /// The bits of an address that the device does not have.
        beyond_address: Constant<Bits<32>> = Constant::new((0xFFFF_FFFF ^ ((1u64 << ADDRESS) - 1)).into()),
        /// The bits of `FillPage`'s word that have to be zero.
        beyond_page: Constant<Bits<32>> = Constant::new((0xFFFF_FFF0 ^ (((1u64 << INDEX) - 1) << 8) ^ (((1u64 << FRAME) - 1) << 16)).into()),
        audit_level: Constant<Bits<8>> = Constant::new(u64::from(offset::AUDIT_LEVEL).into()),
        audit_data: Constant<Bits<8>> = Constant::new(u64::from(offset::AUDIT_DATA).into()),
        audit_pop: Constant<Bits<8>> = Constant::new(u64::from(offset::AUDIT_POP).into()),
    }
}

kernel! {
    HostPort<ADDRESS, FRAME, INDEX, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(state, status, shape, data, words, mode_bad, page_bad, reads, writes) {
        self.frame.ready.next = false;
        // A strobe comes a cycle after the state that gives it; what it is about stays until the answer.
        self.register_request.read.next = self.reads.q.val();
        self.register_request.write.next = self.writes.q.val();
        self.reads.d.next = false;
        self.writes.d.next = false;
        self.register_request.address.next = self.frame.selector.val();
        self.register_request.write_data.next = self.frame.word.val();
        self.fill.valid.next = false;
        self.fill.tenant.next = self.frame.selector.val();
        self.fill.rights.next = self.frame.word.val().get_bits::<4>(0);
        self.fill.index.next = self.frame.word.val().get_bits::<INDEX>(8);
        self.fill.frame.next = self.frame.word.val().get_bits::<FRAME>(16);
        self.bridge_request.valid.next = false;
        self.bridge_request.tenant.next = self.frame.selector.val();
        self.bridge_request.address.next = bit_cast::<ADDRESS, 32>(self.frame.word.val());
        self.bridge_request.length.next = bit_cast::<LENGTH, 4>(self.frame.mode.val().get_bits::<4>(0));
        self.bridge_request.kind.next = self.frame.mode.val().get_bits::<2>(4);
        self.bridge_request.untranslated.next = self.frame.operation.val() == Operation::PhysicalAccess;
        self.bridge_response.ready.next = false;
        self.memory_request.valid.next = false;
        self.memory_request.write.next = self.frame.mode.val().get_bits::<2>(4) == 1;
        self.memory_request.address.next = bit_cast::<32, ADDRESS>(self.bridge_response.physical.val());
        self.memory_request.length.next = self.frame.mode.val().get_bits::<3>(0);
        self.memory_request.data.next = self.frame.data.val();

        self.flags.next = bit_cast::<8, 4>(self.bridge_response.reason.val());
        if self.bridge_response.managed.val() {
            self.flags.next = bit_cast::<8, 4>(self.bridge_response.reason.val()) | 0x10;
        }
        self.last_word.next = self.words.q.val() == 0;
        self.record_word_sent.next = self.reply.word_sent.val() & (self.shape.q.val() == ReplyShape::Record);
        self.reply.valid.next = false;
        self.reply.opcode.next = self.frame.opcode.val();
        self.reply.status.next = self.status.q.val();
        self.reply.shape.next = self.shape.q.val();
        self.reply.address.next = bit_cast::<32, ADDRESS>(self.bridge_response.physical.val());
        self.reply.data.next = self.data.q.val();
        self.reply.verdict.next = self.flags.val();
        self.reply.slot.next = self.bridge_response.slot.val();
        self.reply.last_word.next = self.last_word.val();

        // Fields and addresses that cannot be, and the longest access that the board makes: looked at while Idle.
        self.mode_bad.d.next =
            ((self.frame.mode.val().get_bits::<4>(0) > 4) | (self.frame.mode.val().get_bits::<2>(6) != 0))
                | ((self.frame.word.val() & self.beyond_address.val()) != 0);
        self.page_bad.d.next = (self.frame.word.val() & self.beyond_page.val()) != 0;

        self.outcome.state.next = self.state.q.val();
        self.outcome.frame_valid.next = self.frame.valid.val();
        self.outcome.operation.next = self.frame.operation.val();
        self.outcome.frame_status.next = self.frame.status.val();
        self.outcome.register_valid.next = self.register_response.valid.val();
        self.outcome.register_error.next = self.register_response.error.val();
        self.outcome.level.next = self.register_response.read_data.val();
        self.outcome.last_word.next = self.last_word.val();
        self.outcome.page_bad.next = self.page_bad.q.val();
        self.outcome.fill_ready.next = self.fill.ready.val();
        self.outcome.fill_refused.next = self.fill.refused.val();
        self.outcome.mode_bad.next = self.mode_bad.q.val();
        self.outcome.verdict_valid.next = self.bridge_response.valid.val();
        self.outcome.memory_valid.next = self.memory_response.valid.val();
        self.outcome.memory_error.next = self.memory_response.error.val();
        self.outcome.status_held.next = self.status.q.val();
        self.outcome.shape_held.next = self.shape.q.val();
        self.status.d.next = self.outcome.status.val();
        self.shape.d.next = self.outcome.shape.val();

        self.next_state.state.next = self.state.q.val();
        self.next_state.frame_valid.next = self.frame.valid.val();
        self.next_state.operation.next = self.frame.operation.val();
        self.next_state.register_valid.next = self.register_response.valid.val();
        self.next_state.record_waits.next = self.outcome.record_waits.val();
        self.next_state.last_word.next = self.last_word.val();
        self.next_state.page_bad.next = self.page_bad.q.val();
        self.next_state.fill_ready.next = self.fill.ready.val();
        self.next_state.mode_bad.next = self.mode_bad.q.val();
        self.next_state.bridge_ready.next = self.bridge_request.ready.val();
        self.next_state.verdict_valid.next = self.bridge_response.valid.val();
        self.next_state.granted.next = self.bridge_response.granted.val();
        self.next_state.memory_ready.next = self.memory_request.ready.val();
        self.next_state.memory_valid.next = self.memory_response.valid.val();
        self.next_state.record_word_sent.next = self.record_word_sent.val();
        self.next_state.sent.next = self.reply.sent.val();
        self.state.d.next = self.next_state.following.val();

        match self.state.q.val() {
            HostState::Register => {
                self.reads.d.next = self.frame.operation.val() == Operation::ReadRegister;
                self.writes.d.next = self.frame.operation.val() == Operation::WriteRegister;
            }
            HostState::RegisterWait => {
                self.data.d.next = self.register_response.read_data.val();
            }
            HostState::Fill => {
                self.fill.valid.next = !self.page_bad.q.val();
            }
            HostState::Ask => {
                self.bridge_request.valid.next = !self.mode_bad.q.val();
            }
            HostState::Verdict => {}
            HostState::Memory => {
                self.memory_request.valid.next = true;
            }
            HostState::MemoryWait => {
                self.data.d.next = self.memory_response.data.val();
            }
            HostState::Level => {
                self.reads.d.next = true;
            }
            HostState::LevelWait => {
                self.register_request.address.next = self.audit_level.val();
                if self.register_response.valid.val() & self.outcome.record_waits.val() {
                    self.words.d.next = 4.into();
                }
            }
            HostState::Word => {
                self.reads.d.next = true;
            }
            HostState::WordWait => {
                self.register_request.address.next = self.audit_data.val();
                self.data.d.next = self.register_response.read_data.val();
            }
            HostState::Pop => {
                self.writes.d.next = true;
            }
            HostState::PopWait => {
                self.register_request.address.next = self.audit_pop.val();
                self.register_request.write_data.next = 1.into();
                if self.register_response.valid.val() & !self.last_word.val() {
                    self.words.d.next = self.words.q.val() - 1;
                }
            }
            HostState::Reply => {
                self.reply.valid.next = true;
                self.frame.ready.next = self.reply.sent.val() & !self.record_word_sent.val();
                self.bridge_response.ready.next = self.reply.sent.val() & !self.record_word_sent.val();
            }
            _ => {
                self.data.d.next = self.ping_value.val();
            }
        }
    }
}
