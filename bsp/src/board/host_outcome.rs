//! The outcome of a request: with which status and in which shape does the host port respond?
//!
//! ```text
//!   state, answers of the partners --> status, shape --[edge, in HostPort]--> reply
//! ```
//!
//! Status and shape stay as they are while a state waits.

use super::{host_state::HostState, ports::ReplyShape};
use crate::protocol::{FrameStatus, Operation};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Judges the answers of the port's partners; combinational.
    pub struct HostOutcome {
        /// State of the host port.
        pub state: Signal<In, HostState>,
        /// High: a request is offered; counts in Idle.
        pub frame_valid: Signal<In, Bit>,
        /// Operation of the request.
        pub operation: Signal<In, Operation>,
        /// Status of the frame: `Ok`, or what is wrong with the frame; counts in Idle.
        pub frame_status: Signal<In, FrameStatus>,
        /// High: the register port answers in this cycle.
        pub register_valid: Signal<In, Bit>,
        /// High: the register port refuses; valid with `register_valid`.
        pub register_error: Signal<In, Bit>,
        /// Data of the register port: in LevelWait the level of the log, and in bits 18:16 the word that is next.
        pub level: Signal<In, Bits<32>>,
        /// High: no word of the record is still to come; counts in PopWait.
        pub last_word: Signal<In, Bit>,
        /// High: the page table entry of the request cannot be; counts in Fill.
        pub page_bad: Signal<In, Bit>,
        /// High: the standard MMU takes the entry in this cycle; counts in Fill.
        pub fill_ready: Signal<In, Bit>,
        /// High: the standard MMU does not have this entry; valid with `fill_ready`.
        pub fill_refused: Signal<In, Bit>,
        /// High: length, kind or address of the request cannot be; counts in Ask.
        pub mode_bad: Signal<In, Bit>,
        /// High: the bridge's verdict is there; counts in Verdict.
        pub verdict_valid: Signal<In, Bit>,
        /// High: the memory answers in this cycle; counts in MemoryWait.
        pub memory_valid: Signal<In, Bit>,
        /// High: the access ends beyond the memory; valid with `memory_valid`.
        pub memory_error: Signal<In, Bit>,
        /// Status before this cycle.
        pub status_held: Signal<In, FrameStatus>,
        /// Shape before this cycle.
        pub shape_held: Signal<In, ReplyShape>,
        /// Status after the next edge.
        pub status: Signal<Out, FrameStatus>,
        /// Shape after the next edge.
        pub shape: Signal<Out, ReplyShape>,
        /// High: the log holds a whole record; has a meaning in LevelWait, with `register_valid`.
        pub record_waits: Signal<Out, Bit>,
    }
}

kernel! {
    HostOutcome
    #[hdl_gen]
    fn update(&mut self) {
        self.status.next = self.status_held.val();
        self.shape.next = self.shape_held.val();
        self.record_waits.next = !self.register_error.val()
            & (self.level.val().get_bits::<16>(0) != 0)
            & (self.level.val().get_bits::<3>(16) == 0);
        match self.state.val() {
            HostState::RegisterWait => {
                if self.register_valid.val() {
                    self.status.next = FrameStatus::RegisterError;
                    if !self.register_error.val() {
                        self.status.next = FrameStatus::Ok;
                        if self.operation.val() == Operation::ReadRegister {
                            self.shape.next = ReplyShape::Word;
                        }
                    }
                }
            }
            HostState::Fill => {
                self.status.next = FrameStatus::BadOperand;
                if !self.page_bad.val() & self.fill_ready.val() & !self.fill_refused.val() {
                    self.status.next = FrameStatus::Ok;
                }
            }
            HostState::Ask => {
                if self.mode_bad.val() {
                    self.status.next = FrameStatus::BadOperand;
                }
            }
            HostState::Verdict => {
                if self.verdict_valid.val() {
                    self.status.next = FrameStatus::Denied;
                    self.shape.next = ReplyShape::Verdict;
                }
            }
            HostState::MemoryWait => {
                if self.memory_valid.val() {
                    self.status.next = FrameStatus::BusError;
                    self.shape.next = ReplyShape::Place;
                    if !self.memory_error.val() {
                        self.status.next = FrameStatus::Ok;
                        self.shape.next = ReplyShape::Full;
                    }
                }
            }
            HostState::LevelWait => {
                if self.register_valid.val() {
                    self.status.next = FrameStatus::RegisterError;
                    if self.record_waits.val() {
                        self.status.next = FrameStatus::Ok;
                        self.shape.next = ReplyShape::Record;
                    } else if !self.register_error.val() {
                        self.status.next = FrameStatus::MidRecord;
                        if self.level.val().get_bits::<16>(0) == 0 {
                            self.status.next = FrameStatus::Empty;
                        }
                    }
                }
            }
            HostState::PopWait => {
                // All words are sent: what is left of the reply is its CRC.
                if self.register_valid.val() & self.last_word.val() {
                    self.shape.next = ReplyShape::Bare;
                }
            }
            HostState::Register => {}
            HostState::Memory => {}
            HostState::Level => {}
            HostState::Word => {}
            HostState::WordWait => {}
            HostState::Pop => {}
            HostState::Reply => {}
            _ => {
                self.status.next = self.frame_status.val();
                self.shape.next = ReplyShape::Bare;
                if self.frame_valid.val() & (self.operation.val() == Operation::Ping) {
                    self.shape.next = ReplyShape::Word;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HostState::*;

    /// The outcome after status `Timeout` and shape `Place`, which no state below gives.
    #[track_caller]
    fn check(state: HostState, drive: impl Fn(&mut HostOutcome), expected: (FrameStatus, ReplyShape)) {
        let mut outcome = HostOutcome::default();
        outcome.connect_all();
        (outcome.state.next, outcome.frame_status.next) = (state, FrameStatus::BadLength);
        (outcome.status_held.next, outcome.shape_held.next) = HELD;
        drive(&mut outcome);
        assert!(simulate(&mut outcome, 100), "the block does not settle");
        assert_eq!((outcome.status.val(), outcome.shape.val()), expected, "{state:?}");
    }

    const HELD: (FrameStatus, ReplyShape) = (FrameStatus::Timeout, ReplyShape::Place);

    #[test]
    fn a_state_that_waits_changes_nothing() {
        for state in [RegisterWait, Ask, Verdict, MemoryWait, LevelWait, PopWait] {
            check(state, |_| {}, HELD);
        }
        let everything = |outcome: &mut HostOutcome| {
            (outcome.frame_valid.next, outcome.register_valid.next, outcome.register_error.next) = (true, true, true);
            (outcome.page_bad.next, outcome.mode_bad.next, outcome.fill_ready.next) = (true, true, true);
            (outcome.verdict_valid.next, outcome.memory_valid.next, outcome.last_word.next) = (true, true, true);
        };
        for state in [Register, Memory, Level, Word, WordWait, Pop, Reply] {
            check(state, everything, HELD);
        }
    }

    #[test]
    fn a_frame_begins_with_its_own_status() {
        let bare = (FrameStatus::BadLength, ReplyShape::Bare);
        check(Idle, |_| {}, bare);
        check(Idle, |outcome| outcome.operation.next = Operation::Ping, bare);
        check(Idle, |outcome| (outcome.frame_valid.next, outcome.operation.next) = (true, Operation::Access), bare);
        let ping = (FrameStatus::BadLength, ReplyShape::Word);
        check(Idle, |outcome| (outcome.frame_valid.next, outcome.operation.next) = (true, Operation::Ping), ping);
    }

    #[test]
    fn a_partner_decides_the_status() {
        let register = |operation: Operation, error: bool, expected: (FrameStatus, ReplyShape)| {
            let answer = |outcome: &mut HostOutcome| {
                (outcome.register_valid.next, outcome.register_error.next) = (true, error);
                outcome.operation.next = operation;
            };
            check(RegisterWait, answer, expected);
        };
        register(Operation::ReadRegister, false, (FrameStatus::Ok, ReplyShape::Word));
        register(Operation::ReadRegister, true, (FrameStatus::RegisterError, ReplyShape::Place));
        register(Operation::WriteRegister, false, (FrameStatus::Ok, ReplyShape::Place));
        register(Operation::WriteRegister, true, (FrameStatus::RegisterError, ReplyShape::Place));

        let fill = |[bad, ready, refused]: [bool; 3], status: FrameStatus| {
            let answer = |outcome: &mut HostOutcome| {
                (outcome.page_bad.next, outcome.fill_ready.next, outcome.fill_refused.next) = (bad, ready, refused);
            };
            check(Fill, answer, (status, ReplyShape::Place));
        };
        fill([false, true, false], FrameStatus::Ok);
        for wrong in [[false, true, true], [true, true, false], [true, false, false], [false, false, false]] {
            fill(wrong, FrameStatus::BadOperand);
        }
        check(Ask, |outcome| outcome.mode_bad.next = true, (FrameStatus::BadOperand, ReplyShape::Place));
        check(Verdict, |outcome| outcome.verdict_valid.next = true, (FrameStatus::Denied, ReplyShape::Verdict));
        check(MemoryWait, |outcome| outcome.memory_valid.next = true, (FrameStatus::Ok, ReplyShape::Full));
        let beyond = |outcome: &mut HostOutcome| (outcome.memory_valid.next, outcome.memory_error.next) = (true, true);
        check(MemoryWait, beyond, (FrameStatus::BusError, ReplyShape::Place));
    }

    #[test]
    fn a_record_is_read_when_the_log_holds_a_whole_one() {
        let level = |level: u64, error: bool, expected: (FrameStatus, ReplyShape)| {
            let answer = |outcome: &mut HostOutcome| {
                (outcome.register_valid.next, outcome.register_error.next) = (true, error);
                outcome.level.next = level.into();
            };
            check(LevelWait, answer, expected);
        };
        level(1, false, (FrameStatus::Ok, ReplyShape::Record));
        level(0x8000, false, (FrameStatus::Ok, ReplyShape::Record));
        level(0, false, (FrameStatus::Empty, ReplyShape::Place));
        level(0x1_0000, false, (FrameStatus::Empty, ReplyShape::Place));
        for word in 1..8 {
            level(word << 16 | 1, false, (FrameStatus::MidRecord, ReplyShape::Place));
        }
        for raw in [0, 1, 0x1_0001] {
            level(raw, true, (FrameStatus::RegisterError, ReplyShape::Place));
        }
        check(PopWait, |outcome| outcome.register_valid.next = true, HELD);
        let last = |outcome: &mut HostOutcome| (outcome.register_valid.next, outcome.last_word.next) = (true, true);
        check(PopWait, last, (FrameStatus::Timeout, ReplyShape::Bare));
    }
}
