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
//! The port handles one request at a time. Memory is accessed in one state only, which only a grant reaches.

use super::ports::{FillSource, FrameSink, MemorySink, MemorySource, ReplyShape, ReplySource};
use crate::protocol::{ping_word, FrameStatus, Operation};
use pm_interface::registers::offset;
use pm_rtl::guard::bridge::{BridgeSink, BridgeSource};
use pm_rtl::ports::{RegisterSink, RegisterSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the host port.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum HostState {
    Idle,
    Register,
    RegisterWait,
    Fill,
    Ask,
    Verdict,
    Memory,
    MemoryWait,
    Level,
    LevelWait,
    Word,
    WordWait,
    Pop,
    PopWait,
    Reply,
}

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
        flags: Signal<Local, Bits<8>>,
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
        self.reply.valid.next = false;
        self.reply.opcode.next = self.frame.opcode.val();
        self.reply.status.next = self.status.q.val();
        self.reply.shape.next = self.shape.q.val();
        self.reply.address.next = bit_cast::<32, ADDRESS>(self.bridge_response.physical.val());
        self.reply.data.next = self.data.q.val();
        self.reply.verdict.next = self.flags.val();
        self.reply.slot.next = self.bridge_response.slot.val();
        self.reply.last_word.next = self.words.q.val() == 0;

        // Fields and addresses that cannot be, and the longest access that the board makes: looked at while Idle.
        self.mode_bad.d.next =
            ((self.frame.mode.val().get_bits::<4>(0) > 4) | (self.frame.mode.val().get_bits::<2>(6) != 0))
                | ((self.frame.word.val() & self.beyond_address.val()) != 0);
        self.page_bad.d.next = (self.frame.word.val() & self.beyond_page.val()) != 0;

        match self.state.q.val() {
            HostState::Register => {
                self.reads.d.next = self.frame.operation.val() == Operation::ReadRegister;
                self.writes.d.next = self.frame.operation.val() == Operation::WriteRegister;
                self.state.d.next = HostState::RegisterWait;
            }
            HostState::RegisterWait => {
                self.data.d.next = self.register_response.read_data.val();
                if self.register_response.valid.val() {
                    self.status.d.next = FrameStatus::RegisterError;
                    if !self.register_response.error.val() {
                        self.status.d.next = FrameStatus::Ok;
                        if self.frame.operation.val() == Operation::ReadRegister {
                            self.shape.d.next = ReplyShape::Word;
                        }
                    }
                    self.state.d.next = HostState::Reply;
                }
            }
            HostState::Fill => {
                self.status.d.next = FrameStatus::BadOperand;
                self.state.d.next = HostState::Reply;
                if !self.page_bad.q.val() {
                    self.fill.valid.next = true;
                    if !self.fill.ready.val() {
                        self.state.d.next = HostState::Fill;
                    } else if !self.fill.refused.val() {
                        self.status.d.next = FrameStatus::Ok;
                    }
                }
            }
            HostState::Ask => {
                if self.mode_bad.q.val() {
                    self.status.d.next = FrameStatus::BadOperand;
                    self.state.d.next = HostState::Reply;
                } else {
                    self.bridge_request.valid.next = true;
                    if self.bridge_request.ready.val() {
                        self.state.d.next = HostState::Verdict;
                    }
                }
            }
            HostState::Verdict => {
                if self.bridge_response.valid.val() {
                    self.status.d.next = FrameStatus::Denied;
                    self.shape.d.next = ReplyShape::Verdict;
                    self.state.d.next = HostState::Reply;
                    if self.bridge_response.granted.val() {
                        self.state.d.next = HostState::Memory;
                    }
                }
            }
            HostState::Memory => {
                self.memory_request.valid.next = true;
                if self.memory_request.ready.val() {
                    self.state.d.next = HostState::MemoryWait;
                }
            }
            HostState::MemoryWait => {
                self.data.d.next = self.memory_response.data.val();
                if self.memory_response.valid.val() {
                    self.status.d.next = FrameStatus::BusError;
                    self.shape.d.next = ReplyShape::Place;
                    if !self.memory_response.error.val() {
                        self.status.d.next = FrameStatus::Ok;
                        self.shape.d.next = ReplyShape::Full;
                    }
                    self.state.d.next = HostState::Reply;
                }
            }
            HostState::Level => {
                self.reads.d.next = true;
                self.state.d.next = HostState::LevelWait;
            }
            HostState::LevelWait => {
                self.register_request.address.next = self.audit_level.val();
                if self.register_response.valid.val() {
                    self.state.d.next = HostState::Reply;
                    if self.register_response.error.val() {
                        self.status.d.next = FrameStatus::RegisterError;
                    } else if self.register_response.read_data.val().get_bits::<16>(0) == 0 {
                        self.status.d.next = FrameStatus::Empty;
                    } else if self.register_response.read_data.val().get_bits::<3>(16) != 0 {
                        self.status.d.next = FrameStatus::MidRecord;
                    } else {
                        self.status.d.next = FrameStatus::Ok;
                        self.shape.d.next = ReplyShape::Record;
                        self.words.d.next = 4.into();
                        self.state.d.next = HostState::Word;
                    }
                }
            }
            HostState::Word => {
                self.reads.d.next = true;
                self.state.d.next = HostState::WordWait;
            }
            HostState::WordWait => {
                self.register_request.address.next = self.audit_data.val();
                self.data.d.next = self.register_response.read_data.val();
                if self.register_response.valid.val() {
                    self.state.d.next = HostState::Reply;
                }
            }
            HostState::Pop => {
                self.writes.d.next = true;
                self.state.d.next = HostState::PopWait;
            }
            HostState::PopWait => {
                self.register_request.address.next = self.audit_pop.val();
                self.register_request.write_data.next = 1.into();
                if self.register_response.valid.val() {
                    self.state.d.next = HostState::Reply;
                    if self.words.q.val() != 0 {
                        self.words.d.next = self.words.q.val() - 1;
                        self.state.d.next = HostState::Word;
                    } else {
                        // All five are sent: what is left of the reply is its CRC.
                        self.shape.d.next = ReplyShape::Bare;
                    }
                }
            }
            HostState::Reply => {
                self.reply.valid.next = true;
                if self.reply.word_sent.val() & (self.shape.q.val() == ReplyShape::Record) {
                    self.state.d.next = HostState::Pop;
                } else if self.reply.sent.val() {
                    self.frame.ready.next = true;
                    self.bridge_response.ready.next = true;
                    self.state.d.next = HostState::Idle;
                }
            }
            _ => {
                self.shape.d.next = ReplyShape::Bare;
                self.status.d.next = self.frame.status.val();
                self.data.d.next = self.ping_value.val();
                if self.frame.valid.val() {
                    self.state.d.next = HostState::Reply;
                    match self.frame.operation.val() {
                        Operation::Ping => {
                            self.shape.d.next = ReplyShape::Word;
                        }
                        Operation::ReadRegister => {
                            self.state.d.next = HostState::Register;
                        }
                        Operation::WriteRegister => {
                            self.state.d.next = HostState::Register;
                        }
                        Operation::FillPage => {
                            self.state.d.next = HostState::Fill;
                        }
                        Operation::Access => {
                            self.state.d.next = HostState::Ask;
                        }
                        Operation::PhysicalAccess => {
                            self.state.d.next = HostState::Ask;
                        }
                        Operation::ReadAudit => {
                            self.state.d.next = HostState::Level;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
