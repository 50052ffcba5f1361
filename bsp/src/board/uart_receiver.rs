//! UART receiver: 8 data bits, least significant first, no parity, one stop bit.
//!
//! ```text
//!   line --[FF]--[FF]--> start? --half a bit--> still low? --a bit--> 8 samples --a bit--> high? --> valid
//!                                                                                 '--low--> framing_error
//! ```
//!
//! Each bit is sampled in its middle, counted from the edge of the start bit: a baud rate that is off by 4 % still works.
//! After a framing error, a break or a reset, nothing is received until the line was high.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Place of the receiver in a character.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum ReceiverState {
    Quiet,
    Idle,
    Start,
    Data,
    Stop,
}

block! {
    /// `TIMER` bits count the clock cycles of a bit.
    pub struct UartReceiver<TIMER> with divider: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the character under way.
        pub reset: Signal<In, Bit>,
        /// Pin of the serial line, asynchronous.
        pub line: Signal<In, Bit>,
        /// Character that arrived; steady for at least half a bit.
        pub received: Signal<Out, Bits<8>>,
        /// A new character is in `received`; high for one cycle.
        pub valid: Signal<Out, Bit>,
        /// The stop bit of a character was missing; high for one cycle, never together with `valid`.
        pub framing_error: Signal<Out, Bit>,
        first_stage: Register<Bit>,
        second_stage: Register<Bit>,
        state: Register<ReceiverState>,
        elapsed: Register<Bits<TIMER>>,
        samples: Register<Bits<3>>,
        character: Register<Bits<8>>,
        complete: Register<Bit>,
        failed: Register<Bit>,
        last_cycle: Constant<Bits<TIMER>> = Constant::new((divider - 1).into()),
        middle_cycle: Constant<Bits<TIMER>> = Constant::new((divider / 2 - 1).into()),
    }
    requires {
        assert!((4..=1 << TIMER).contains(&divider), "UART: a bit of {divider} cycles; use 4 to {}", 1u64 << TIMER);
    }
}

kernel! {
    UartReceiver<TIMER>
    #[hdl_gen]
    fn update(&mut self) registers(first_stage, second_stage, state, elapsed, samples, character, complete, failed) {
        self.received.next = self.character.q.val();
        self.valid.next = self.complete.q.val();
        self.framing_error.next = self.failed.q.val();
        self.first_stage.d.next = self.line.val();
        self.second_stage.d.next = self.first_stage.q.val();
        self.complete.d.next = false;
        self.failed.d.next = false;
        self.elapsed.d.next = self.elapsed.q.val() + 1;

        match self.state.q.val() {
            ReceiverState::Idle => {
                self.elapsed.d.next = 0.into();
                self.samples.d.next = 0.into();
                if !self.second_stage.q.val() {
                    self.state.d.next = ReceiverState::Start;
                }
            }
            ReceiverState::Start => {
                if self.elapsed.q.val() == self.middle_cycle.val() {
                    self.elapsed.d.next = 0.into();
                    self.state.d.next = ReceiverState::Data;
                    if self.second_stage.q.val() {
                        // Only a glitch.
                        self.state.d.next = ReceiverState::Idle;
                    }
                }
            }
            ReceiverState::Data => {
                if self.elapsed.q.val() == self.last_cycle.val() {
                    self.elapsed.d.next = 0.into();
                    self.character.d.next = self.character.q.val() >> 1;
                    if self.second_stage.q.val() {
                        self.character.d.next = (self.character.q.val() >> 1) | 0x80;
                    }
                    self.samples.d.next = self.samples.q.val() + 1;
                    if self.samples.q.val().all() {
                        self.state.d.next = ReceiverState::Stop;
                    }
                }
            }
            ReceiverState::Stop => {
                if self.elapsed.q.val() == self.last_cycle.val() {
                    if self.second_stage.q.val() {
                        self.complete.d.next = true;
                        self.state.d.next = ReceiverState::Idle;
                    } else {
                        self.failed.d.next = true;
                        self.state.d.next = ReceiverState::Quiet;
                    }
                }
            }
            _ => {
                if self.second_stage.q.val() {
                    self.state.d.next = ReceiverState::Idle;
                }
            }
        }
    }
}
