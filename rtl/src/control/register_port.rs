//! The register port: which bank answers the access? The bank that knows the offset, or no bank: an error.
//!
//! ```text
//!   request --[edge]--> decode --[edge]--> access --> banks --[edge]--> answers --> OR --[edge]--> response
//!                          '--> forecast
//! ```

use super::register_bank::{half_mask, BankAnswer, RegisterAccess};
use crate::ports::{RegisterRequest, RegisterResponse};
use pm_interface::registers::REGISTERS;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Clock edges from a register access to its answer.
pub const REGISTER_LATENCY: usize = 4;

/// The request as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterQuery {
    /// Read strobe, high for one cycle for each read.
    pub read: Bit,
    /// Write strobe, high for one cycle for each write.
    pub write: Bit,
    /// Byte offset of the register.
    pub offset: Bits<8>,
    /// Data of the write.
    pub data: Bits<32>,
}

/// The response as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterAnswer {
    /// High for the one cycle of the response.
    pub valid: Bit,
    /// High: the access was refused.
    pub error: Bit,
    /// Data of a read; zero otherwise.
    pub data: Bits<32>,
}

/// Access of the next cycle, for banks that must fetch the word.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterForecast {
    /// High: the next access is a read.
    pub read: Bit,
    /// Low bits of the next access's word offset.
    pub place: Bits<2>,
}

/// Mask with one bit for each register that exists.
fn known_registers() -> u64 {
    REGISTERS.iter().fold(0, |known, register| known | 1 << (register.offset / 4))
}

block! {
    /// Registers the request, gathers the answers, registers the response. With `integrity` the way of an access to the banks is
    /// guarded; the way of its answer is not.
    pub struct RegisterPort for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the accesses under way are forgotten.
        pub reset: Signal<In, Bit>,
        /// Request of the host or of the manifest loader.
        pub request: RegisterRequest,
        /// Response to the request, four edges later.
        pub response: RegisterResponse,
        /// Decoded access, for every bank.
        pub access: Signal<Out, RegisterAccess>,
        /// Access of the next cycle.
        pub forecast: Signal<Out, RegisterForecast>,
        /// Answer of the identity bank to `access`.
        pub identity: Signal<In, BankAnswer>,
        /// Answer of the boot gate to `access`.
        pub boot: Signal<In, BankAnswer>,
        /// Answer of the command bank to `access`.
        pub command: Signal<In, BankAnswer>,
        /// Answer of the audit log to `access`.
        pub audit: Signal<In, BankAnswer>,
        /// Answer of the event bank to `access`.
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
        first: Constant<Bits<64>> = Constant::new(1u64.to_bits()),
        low_bits: Constant<Bits<32>> = Constant::new(half_mask(geometry.shape.address, 0).to_bits()),
        high_bits: Constant<Bits<32>> = Constant::new(half_mask(geometry.shape.address, 32).to_bits()),
        accepted: Signal<Local, Bit>,
        /// High while `access` is what was offered.
        pub intact: Signal<Out, Bit> where integrity,
        /// Parity of the request: of its strobes (at most one is high), its address and its data.
        pub request_odd: Signal<In, Bit> where integrity,
        asked_odd: Register<Bit> where integrity,
        check: Register<Bit> where integrity,
        known: Constant<Bits<64>> where integrity = Constant::new(known_registers().to_bits()),
    }
}

kernel! {
    RegisterPort
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
        self.decoded.d.next.activates = self.asked.q.val().write
            & self.asked.q.val().data.get_bit(0)
            & !(self.asked.q.val().data.get_bit(1) & self.asked.q.val().data.get_bit(2))
            & ((self.asked.q.val().data >> 3) == 0);
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
    }
    // The parity comes with the request and is compared after decoding: a bit that is lost on the way is wrong after decoding,
    // too. The parity covers only the registers that exist, because an offset without a register needs no cell.
    when(intact) registers(asked_odd, check) {
        self.asked_odd[0].d.next = self.request_odd[0].val();
        self.check[0].d.next = self.asked_odd[0].q.val()
            ^ self.asked.q.val().offset.xor()
            ^ (self.decoded.d.val().selected & self.known[0].val()).xor()
            ^ self.decoded.d.val().writes_one
            ^ self.decoded.d.val().fits_4
            ^ self.decoded.d.val().fits_5
            ^ self.decoded.d.val().fits_8
            ^ self.decoded.d.val().fits_low
            ^ self.decoded.d.val().fits_high
            ^ self.decoded.d.val().activates;
        self.intact[0].next = !(self.check[0].q.val()
            ^ self.decoded.q.val().read
            ^ self.decoded.q.val().write
            ^ (self.decoded.q.val().selected & self.known[0].val()).xor()
            ^ self.decoded.q.val().data.xor()
            ^ self.decoded.q.val().writes_one
            ^ self.decoded.q.val().fits_4
            ^ self.decoded.q.val().fits_5
            ^ self.decoded.q.val().fits_8
            ^ self.decoded.q.val().fits_low
            ^ self.decoded.q.val().fits_high
            ^ self.decoded.q.val().activates);
    }
}
