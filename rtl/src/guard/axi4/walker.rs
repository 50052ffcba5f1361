//! The walker: asks a standard MMU about one access that the Partition Manager called not mine.
//!
//! ```text
//!   Idle --start--> Ask --taken--> Await --translated--> Check: to the physical port --> Idle
//!                                    '----fault--> refused --> Idle
//! ```
//!
//! The guard does not trust the answer of the MMU: the physical port decides.

use super::question::{Asker, Question};
use crate::guard::bridge::{MmuSink, MmuSource};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the access.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum WalkState {
    Idle,
    Ask,
    Await,
    Check,
}

block! {
    /// Holds one access from the question to the MMU to the question to the physical port.
    pub struct Walker<ADDRESS, LENGTH> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the access; the MMU is reset, too.
        pub reset: Signal<In, Bit>,
        /// An access is to be translated; high only while `idle`.
        pub start: Signal<In, Bit>,
        /// Owner of the access; valid with `start`.
        pub asker: Signal<In, Asker>,
        /// Access to translate; valid with `start`.
        pub question: Signal<In, Question<ADDRESS>>,
        /// The walker has no access.
        pub idle: Signal<Out, Bit>,
        /// Requests to the standard MMU.
        pub mmu_request: MmuSource<ADDRESS, LENGTH>,
        /// Responses of the standard MMU.
        pub mmu_response: MmuSink<ADDRESS>,
        /// The physical port is to decide about the translated access in this cycle.
        pub checks: Signal<Out, Bit>,
        /// Owner of the translated access; its `valid` is high with `checks`.
        pub whose: Signal<Out, Asker>,
        /// Tenant of the access; valid with `checks`.
        pub tenant: Signal<Out, Bits<8>>,
        /// Physical address of the lowest byte; valid with `checks`.
        pub address: Signal<Out, Bits<ADDRESS>>,
        /// Number of bytes of the access; valid with `checks`.
        pub length: Signal<Out, Bits<LENGTH>>,
        /// Kind of access: read, write, execute; valid with `checks`.
        pub kind: Signal<Out, Bits<2>>,
        /// The standard MMU has no translation; high for one cycle.
        pub faulted: Signal<Out, Bit>,
        /// The access without translation is a write; valid with `faulted`.
        pub writes: Signal<Out, Bit>,
        /// Number of the entry without translation; valid with `faulted`.
        pub index: Signal<Out, Bits<4>>,
        state: Register<WalkState>,
        who: Register<Asker>,
        what: Register<Question<ADDRESS>>,
    }
}

kernel! {
    Walker<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(state, who, what) {
        self.idle.next = self.state.q.val() == WalkState::Idle;
        self.mmu_request.valid.next = self.state.q.val() == WalkState::Ask;
        self.mmu_request.tenant.next = self.what.q.val().tenant;
        self.mmu_request.address.next = self.what.q.val().address;
        self.mmu_request.length.next = bit_cast::<LENGTH, 13>(self.what.q.val().length);
        self.mmu_request.kind.next = self.what.q.val().kind;
        self.mmu_response.ready.next = self.state.q.val() == WalkState::Await;
        self.checks.next = self.state.q.val() == WalkState::Check;
        self.whose.next = self.who.q.val();
        self.whose.next.valid = self.state.q.val() == WalkState::Check;
        self.tenant.next = self.what.q.val().tenant;
        self.address.next = self.what.q.val().address;
        self.length.next = bit_cast::<LENGTH, 13>(self.what.q.val().length);
        self.kind.next = self.what.q.val().kind;
        self.faulted.next = false;
        self.writes.next = self.who.q.val().writes;
        self.index.next = self.who.q.val().index;
        match self.state.q.val() {
            WalkState::Ask => {
                if self.mmu_request.ready.val() {
                    self.state.d.next = WalkState::Await;
                }
            }
            WalkState::Await => {
                if self.mmu_response.valid.val() {
                    self.what.d.next.address = self.mmu_response.physical.val();
                    self.state.d.next = WalkState::Check;
                    if self.mmu_response.fault.val() {
                        self.faulted.next = true;
                        self.state.d.next = WalkState::Idle;
                    }
                }
            }
            WalkState::Check => {
                self.state.d.next = WalkState::Idle;
            }
            _ => {
                if self.start.val() {
                    self.who.d.next = self.asker.val();
                    self.what.d.next = self.question.val();
                    self.state.d.next = WalkState::Ask;
                }
            }
        }
    }
}
