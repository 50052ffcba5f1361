//! The register port: one access at a time to whichever bank knows the offset, or an error.
//!
//! ```text
//!   request --[edge]--> access --> banks --> answers --> OR --[edge]--> response
//! ```

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::bus::{RegisterRequest, RegisterResponse};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// The response as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterAnswer {
    /// There is one.
    pub valid: Bit,
    /// The access was refused.
    pub error: Bit,
    /// What was read.
    pub data: Bits<32>,
}

/// Registers the request, gathers the answers, registers the response.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RegisterPort {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The port.
    pub request: RegisterRequest,
    /// Its answer, two edges later.
    pub response: RegisterResponse,
    /// The access, for every bank.
    pub access: Signal<Out, RegisterAccess>,
    /// The identity bank's answer.
    pub identity: Signal<In, BankAnswer>,
    /// The boot bank's answer.
    pub boot: Signal<In, BankAnswer>,
    /// The command bank's answer.
    pub command: Signal<In, BankAnswer>,
    /// The audit bank's answer.
    pub audit: Signal<In, BankAnswer>,
    /// The event bank's answer.
    pub events: Signal<In, BankAnswer>,
    asked: Register<RegisterAccess>,
    answer: Register<RegisterAnswer>,
    strobed: Signal<Local, Bit>,
    accepted: Signal<Local, Bit>,
}

impl Logic for RegisterPort {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(asked, answer) {
            self.asked.d.next.read = self.request.read.val() & !self.request.write.val();
            self.asked.d.next.write = self.request.write.val();
            self.asked.d.next.offset = self.request.address.val();
            self.asked.d.next.data = self.request.write_data.val();
            self.access.next = self.asked.q.val();

            self.strobed.next = self.asked.q.val().read | self.asked.q.val().write;
            self.accepted.next = self.identity.val().accepted
                | self.boot.val().accepted
                | self.command.val().accepted
                | self.audit.val().accepted
                | self.events.val().accepted;
            self.answer.d.next.valid = self.strobed.val();
            self.answer.d.next.error = self.strobed.val() & !self.accepted.val();
            self.answer.d.next.data = self.identity.val().data
                | self.boot.val().data
                | self.command.val().data
                | self.audit.val().data
                | self.events.val().data;

            self.response.valid.next = self.answer.q.val().valid;
            self.response.error.next = self.answer.q.val().error;
            self.response.read_data.next = self.answer.q.val().data;
        }
    }
}
