//! The next state of the host port.
//!
//! ```text
//!   state, operation ----------+--> following: at the next edge
//!   answers of the partners ---'
//! ```
//!
//! Memory is reached by a grant only.

use super::host_state::HostState;
use crate::protocol::Operation;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Draws the arrows of the picture in `host_port.rs`; combinational.
    pub struct HostNextState {
        /// State of the host port.
        pub state: Signal<In, HostState>,
        /// High: a request is offered; counts in Idle.
        pub frame_valid: Signal<In, Bit>,
        /// Operation of the request.
        pub operation: Signal<In, Operation>,
        /// High: the register port answers in this cycle.
        pub register_valid: Signal<In, Bit>,
        /// High: the log holds a whole record; counts in LevelWait.
        pub record_waits: Signal<In, Bit>,
        /// High: no word of the record is still to come; counts in PopWait.
        pub last_word: Signal<In, Bit>,
        /// High: the page table entry of the request cannot be; counts in Fill.
        pub page_bad: Signal<In, Bit>,
        /// High: the standard MMU takes the entry in this cycle; counts in Fill.
        pub fill_ready: Signal<In, Bit>,
        /// High: length, kind or address of the request cannot be; counts in Ask.
        pub mode_bad: Signal<In, Bit>,
        /// High: the bridge takes the access in this cycle; counts in Ask.
        pub bridge_ready: Signal<In, Bit>,
        /// High: the bridge's verdict is there; counts in Verdict.
        pub verdict_valid: Signal<In, Bit>,
        /// High: the access is granted; valid with `verdict_valid`.
        pub granted: Signal<In, Bit>,
        /// High: the memory takes the access in this cycle; counts in Memory.
        pub memory_ready: Signal<In, Bit>,
        /// High: the memory answers in this cycle; counts in MemoryWait.
        pub memory_valid: Signal<In, Bit>,
        /// High: the last byte of a record's word was taken; counts in Reply.
        pub record_word_sent: Signal<In, Bit>,
        /// High: the last byte of the response was taken; counts in Reply.
        pub sent: Signal<In, Bit>,
        /// State after the next edge.
        pub following: Signal<Out, HostState>,
    }
}

kernel! {
    HostNextState
    #[hdl_gen]
    fn update(&mut self) {
        self.following.next = self.state.val();
        match self.state.val() {
            HostState::Register => { self.following.next = HostState::RegisterWait; }
            HostState::RegisterWait => {
                if self.register_valid.val() {
                    self.following.next = HostState::Reply;
                }
            }
            HostState::Fill => {
                if self.page_bad.val() | self.fill_ready.val() {
                    self.following.next = HostState::Reply;
                }
            }
            HostState::Ask => {
                if self.mode_bad.val() {
                    self.following.next = HostState::Reply;
                } else if self.bridge_ready.val() {
                    self.following.next = HostState::Verdict;
                }
            }
            HostState::Verdict => {
                if self.verdict_valid.val() {
                    self.following.next = HostState::Reply;
                    if self.granted.val() {
                        self.following.next = HostState::Memory;
                    }
                }
            }
            HostState::Memory => {
                if self.memory_ready.val() {
                    self.following.next = HostState::MemoryWait;
                }
            }
            HostState::MemoryWait => {
                if self.memory_valid.val() {
                    self.following.next = HostState::Reply;
                }
            }
            HostState::Level => { self.following.next = HostState::LevelWait; }
            HostState::LevelWait => {
                if self.register_valid.val() {
                    self.following.next = HostState::Reply;
                    if self.record_waits.val() {
                        self.following.next = HostState::Word;
                    }
                }
            }
            HostState::Word => { self.following.next = HostState::WordWait; }
            HostState::WordWait => {
                if self.register_valid.val() {
                    self.following.next = HostState::Reply;
                }
            }
            HostState::Pop => { self.following.next = HostState::PopWait; }
            HostState::PopWait => {
                if self.register_valid.val() {
                    self.following.next = HostState::Reply;
                    if !self.last_word.val() {
                        self.following.next = HostState::Word;
                    }
                }
            }
            HostState::Reply => {
                if self.record_word_sent.val() {
                    self.following.next = HostState::Pop;
                } else if self.sent.val() {
                    self.following.next = HostState::Idle;
                }
            }
            _ => {
                if self.frame_valid.val() {
                    self.following.next = HostState::Reply;
                    match self.operation.val() {
                        Operation::ReadRegister => { self.following.next = HostState::Register; }
                        Operation::WriteRegister => { self.following.next = HostState::Register; }
                        Operation::FillPage => { self.following.next = HostState::Fill; }
                        Operation::Access => { self.following.next = HostState::Ask; }
                        Operation::PhysicalAccess => { self.following.next = HostState::Ask; }
                        Operation::ReadAudit => { self.following.next = HostState::Level; }
                        _ => {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HostState::*;

    #[track_caller]
    fn check(state: HostState, drive: impl Fn(&mut HostNextState), expected: HostState) {
        let mut next = HostNextState::default();
        next.connect_all();
        next.state.next = state;
        drive(&mut next);
        assert!(simulate(&mut next, 100), "the block does not settle");
        assert_eq!(next.following.val(), expected, "{state:?}");
    }

    #[test]
    fn each_state_waits_for_its_partner() {
        for (state, following) in [(Register, RegisterWait), (Level, LevelWait), (Word, WordWait), (Pop, PopWait)] {
            check(state, |_| {}, following);
        }
        for state in [Idle, RegisterWait, Fill, Ask, Verdict, Memory, MemoryWait, LevelWait, WordWait, PopWait, Reply] {
            check(state, |_| {}, state);
        }
        for state in [RegisterWait, LevelWait, WordWait] {
            check(state, |next| next.register_valid.next = true, Reply);
        }
        check(Fill, |next| next.page_bad.next = true, Reply);
        check(Fill, |next| next.fill_ready.next = true, Reply);
        check(Ask, |next| next.bridge_ready.next = true, Verdict);
        check(Ask, |next| (next.mode_bad.next, next.bridge_ready.next) = (true, true), Reply);
        check(Memory, |next| next.memory_ready.next = true, MemoryWait);
        check(MemoryWait, |next| next.memory_valid.next = true, Reply);
        check(LevelWait, |next| (next.register_valid.next, next.record_waits.next) = (true, true), Word);
        check(LevelWait, |next| next.record_waits.next = true, LevelWait);
        check(PopWait, |next| next.register_valid.next = true, Word);
        check(PopWait, |next| (next.register_valid.next, next.last_word.next) = (true, true), Reply);
        check(Reply, |next| next.record_word_sent.next = true, Pop);
        check(Reply, |next| next.sent.next = true, Idle);
    }

    #[test]
    fn memory_is_reached_by_a_grant_only() {
        check(Verdict, |next| next.granted.next = true, Verdict);
        check(Verdict, |next| next.verdict_valid.next = true, Reply);
        check(Verdict, |next| (next.verdict_valid.next, next.granted.next) = (true, true), Memory);
    }

    #[test]
    fn an_operation_begins_in_its_own_state() {
        let rows = [
            (Operation::Nothing, Reply),
            (Operation::Ping, Reply),
            (Operation::ReadRegister, Register),
            (Operation::WriteRegister, Register),
            (Operation::FillPage, Fill),
            (Operation::Access, Ask),
            (Operation::PhysicalAccess, Ask),
            (Operation::ReadAudit, Level),
        ];
        for (operation, state) in rows {
            check(Idle, |next| (next.frame_valid.next, next.operation.next) = (true, operation), state);
            check(Idle, |next| next.operation.next = operation, Idle);
        }
    }
}
