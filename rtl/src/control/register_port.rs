//! The register port: one access at a time to whichever bank knows the offset, or an error.
//!
//! ```text
//!   request --[edge]--> decode --[edge]--> access --> banks --[edge]--> answers --> OR --[edge]--> response
//!                          '--> forecast
//! ```

use super::register_bank::{half_mask, BankAnswer, RegisterAccess};
use crate::ports::{RegisterRequest, RegisterResponse};
use pm_interface::{registers::REGISTERS, Geometry};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Clock edges from a register access to its answer.
pub const REGISTER_LATENCY: usize = 4;

/// The request as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterQuery {
    /// Read strobe.
    pub read: Bit,
    /// Write strobe.
    pub write: Bit,
    /// Byte offset.
    pub offset: Bits<8>,
    /// What to write.
    pub data: Bits<32>,
}

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

/// What will be accessed in the next cycle, for banks that must fetch it.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterForecast {
    /// A read of some register.
    pub read: Bit,
    /// The low bits of its word offset.
    pub place: Bits<2>,
}

/// Registers the request, gathers the answers, registers the response.
#[derive(Clone, Debug, LogicBlock)]
pub struct RegisterPort {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The port.
    pub request: RegisterRequest,
    /// Its answer, four edges later.
    pub response: RegisterResponse,
    /// The access, for every bank.
    pub access: Signal<Out, RegisterAccess>,
    /// The access of the next cycle.
    pub forecast: Signal<Out, RegisterForecast>,
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
    asked: Register<RegisterQuery>,
    decoded: Register<RegisterAccess>,
    strobed: Register<Bit>,
    identity_answer: Register<BankAnswer>,
    boot_answer: Register<BankAnswer>,
    command_answer: Register<BankAnswer>,
    audit_answer: Register<BankAnswer>,
    events_answer: Register<BankAnswer>,
    answer: Register<RegisterAnswer>,
    first: Constant<Bits<64>>,
    low_bits: Constant<Bits<32>>,
    high_bits: Constant<Bits<32>>,
    accepted: Signal<Local, Bit>,
    /// With `integrity`: an access is what was offered.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the parity of the request's strobes, of which there is at most one, its address and its data.
    pub request_odd: Vec<Signal<In, Bit>>,
    asked_odd: Vec<Register<Bit>>,
    check: Vec<Register<Bit>>,
    known: Vec<Constant<Bits<64>>>,
    _guards: usize,
}

impl RegisterPort {
    /// For the addresses of `geometry`; with `integrity` the way of an access is guarded, its answers are not.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let half = |shift| Constant::new(half_mask(geometry.shape.address, shift).to_bits());
        let known = REGISTERS.iter().fold(0u64, |known, register| known | 1 << (register.offset / 4));
        Self {
            request_odd: vec![Default::default(); guards],
            asked_odd: vec![Default::default(); guards],
            check: vec![Default::default(); guards],
            known: vec![Constant::new(known.to_bits()); guards],
            intact: vec![Default::default(); guards],
            low_bits: half(0),
            high_bits: half(32),
            _guards: guards,
            clock: Default::default(),
            reset: Default::default(),
            request: Default::default(),
            response: Default::default(),
            access: Default::default(),
            forecast: Default::default(),
            identity: Default::default(),
            boot: Default::default(),
            command: Default::default(),
            audit: Default::default(),
            events: Default::default(),
            asked: Default::default(),
            decoded: Default::default(),
            strobed: Default::default(),
            identity_answer: Default::default(),
            boot_answer: Default::default(),
            command_answer: Default::default(),
            audit_answer: Default::default(),
            events_answer: Default::default(),
            answer: Default::default(),
            first: Constant::new(1u64.to_bits()),
            accepted: Default::default(),
        }
    }
}

impl Logic for RegisterPort {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            asked, decoded, strobed, identity_answer, boot_answer, command_answer, audit_answer, events_answer, answer
        ) {
            self.asked.d.next.read = self.request.read.val() & !self.request.write.val();
            self.asked.d.next.write = self.request.write.val();
            self.asked.d.next.offset = self.request.address.val();
            self.asked.d.next.data = self.request.write_data.val();

            self.forecast.next.read = self.asked.q.val().read;
            self.forecast.next.place = self.asked.q.val().offset.get_bits::<2>(2);

            self.decoded.d.next.read = self.asked.q.val().read;
            self.decoded.d.next.write = self.asked.q.val().write;
            self.decoded.d.next.selected = 0.into();
            if self.asked.q.val().offset.get_bits::<2>(0) == 0 {
                self.decoded.d.next.selected = self.first.val() << self.asked.q.val().offset.get_bits::<6>(2);
            }
            self.decoded.d.next.data = self.asked.q.val().data;
            self.decoded.d.next.writes_one = self.asked.q.val().write & (self.asked.q.val().data == 1);
            self.decoded.d.next.fits_4 = (self.asked.q.val().data >> 4) == 0;
            self.decoded.d.next.fits_5 = (self.asked.q.val().data >> 5) == 0;
            self.decoded.d.next.fits_6 = (self.asked.q.val().data >> 6) == 0;
            self.decoded.d.next.fits_8 = (self.asked.q.val().data >> 8) == 0;
            self.decoded.d.next.fits_16 = (self.asked.q.val().data >> 16) == 0;
            self.decoded.d.next.fits_low = (self.asked.q.val().data & !self.low_bits.val()) == 0;
            self.decoded.d.next.fits_high = (self.asked.q.val().data & !self.high_bits.val()) == 0;
            self.access.next = self.decoded.q.val();

            self.strobed.d.next = self.decoded.q.val().read | self.decoded.q.val().write;
            self.identity_answer.d.next = self.identity.val();
            self.boot_answer.d.next = self.boot.val();
            self.command_answer.d.next = self.command.val();
            self.audit_answer.d.next = self.audit.val();
            self.events_answer.d.next = self.events.val();
            self.accepted.next = self.identity_answer.q.val().accepted
                | self.boot_answer.q.val().accepted
                | self.command_answer.q.val().accepted
                | self.audit_answer.q.val().accepted
                | self.events_answer.q.val().accepted;
            self.answer.d.next.valid = self.strobed.q.val();
            self.answer.d.next.error = self.strobed.q.val() & !self.accepted.val();
            self.answer.d.next.data = self.identity_answer.q.val().data
                | self.boot_answer.q.val().data
                | self.command_answer.q.val().data
                | self.audit_answer.q.val().data
                | self.events_answer.q.val().data;

            self.response.valid.next = self.answer.q.val().valid;
            self.response.error.next = self.answer.q.val().error;
            self.response.read_data.next = self.answer.q.val().data;
            // The parity comes with the request and is looked at when it has been decoded: a bit that is lost on the way is wrong
            // there too. Of the registers that are selected only those that exist: the others need no cell.
            for i in 0..self._guards {
                self.asked_odd[i].clock.next = self.clock.val();
                self.asked_odd[i].reset.next = self.reset.val();
                self.asked_odd[i].d.next = self.request_odd[i].val();
                self.check[i].clock.next = self.clock.val();
                self.check[i].reset.next = self.reset.val();
                self.check[i].d.next = self.asked_odd[i].q.val()
                    ^ self.asked.q.val().offset.xor()
                    ^ (self.decoded.d.val().selected & self.known[i].val()).xor()
                    ^ self.decoded.d.val().writes_one
                    ^ self.decoded.d.val().fits_4
                    ^ self.decoded.d.val().fits_5
                    ^ self.decoded.d.val().fits_8
                    ^ self.decoded.d.val().fits_low
                    ^ self.decoded.d.val().fits_high;
                self.intact[i].next = !(self.check[i].q.val()
                    ^ self.decoded.q.val().read
                    ^ self.decoded.q.val().write
                    ^ (self.decoded.q.val().selected & self.known[i].val()).xor()
                    ^ self.decoded.q.val().data.xor()
                    ^ self.decoded.q.val().writes_one
                    ^ self.decoded.q.val().fits_4
                    ^ self.decoded.q.val().fits_5
                    ^ self.decoded.q.val().fits_8
                    ^ self.decoded.q.val().fits_low
                    ^ self.decoded.q.val().fits_high);
            }
        }
    }
}
