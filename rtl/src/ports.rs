//! The bundles of signals that cross the Partition Manager's boundary.
//!
//! Directions are the Partition Manager's own: a request is `In`, a response is `Out`.

use crate::control::{BankAnswer, RegisterAccess};
use rust_hdl::prelude::*;

/// Request of an access, offered for one clock cycle; the port has no back pressure.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct AccessRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// High: an access is offered in this cycle, and the other fields describe the access.
    pub valid: Signal<In, Bit>,
    /// Number of the tenant that asks, from the interconnect, which is trusted; valid with `valid`.
    pub tenant: Signal<In, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Number of bytes, from 1 to 2^(LENGTH - 1); valid with `valid`.
    pub length: Signal<In, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; no row permits 3. The physical port does not read this field.
    pub kind: Signal<In, Bits<2>>,
}

/// Response of the translate port.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TranslateResponse<const ADDRESS: usize> {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<Out, Bit>,
    /// The access belongs to the standard MMU; the physical port must still be asked about its result.
    pub not_mine: Signal<Out, Bit>,
    /// Reason of a refusal: the code of a `Reason`; `None` (8) when granted or not mine.
    pub reason: Signal<Out, Bits<4>>,
    /// Number of the row that decided, where exactly one row matched; else zero.
    pub slot: Signal<Out, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// Response of the physical port.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct PhysicalResponse {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// High: no byte of the access lies in an isolated block.
    pub allowed: Signal<Out, Bit>,
    /// Reason of a refusal: the code of a `Reason`; `None` (8) when allowed.
    pub reason: Signal<Out, Bits<4>>,
    /// Number of the lowest guarded row that the access touches, isolated or under the scrubber; else zero.
    pub slot: Signal<Out, Bits<8>>,
}

/// Request of a register access, offered for one clock cycle.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct RegisterRequest {
    /// Read strobe, high for one cycle for each read.
    pub read: Signal<In, Bit>,
    /// Write strobe, high for one cycle for each write; wins over `read`.
    pub write: Signal<In, Bit>,
    /// Byte offset of the register; valid with a strobe.
    pub address: Signal<In, Bits<8>>,
    /// Word to write; valid with `write`.
    pub write_data: Signal<In, Bits<32>>,
}

/// Response of the register port, `REGISTER_LATENCY` (4) clock edges after the strobe.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct RegisterResponse {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// High: the access was refused and changed no register; valid with `valid`.
    pub error: Signal<Out, Bit>,
    /// Word that was read; zero after a write or an error.
    pub read_data: Signal<Out, Bits<32>>,
}

/// The scrubber's way into memory: one word of zeros a cycle while `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryWrite<const ADDRESS: usize> {
    /// High: a word is offered; stays high until the memory takes the word.
    pub valid: Signal<Out, Bit>,
    /// Byte address of the word, a multiple of 4; valid with `valid`.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Word to write, always zero; valid with `valid`.
    pub data: Signal<Out, Bits<32>>,
    /// High: the memory takes the word in this cycle.
    pub ready: Signal<In, Bit>,
}

/// The asking side of the register port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "RegisterRequest"]
pub struct RegisterSource {
    /// Read strobe, high for one cycle for each read.
    pub read: Signal<Out, Bit>,
    /// Write strobe, high for one cycle for each write.
    pub write: Signal<Out, Bit>,
    /// Byte offset of the register; valid with a strobe.
    pub address: Signal<Out, Bits<8>>,
    /// Word to write; valid with `write`.
    pub write_data: Signal<Out, Bits<32>>,
}

/// The receiving side of the register port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "RegisterResponse"]
pub struct RegisterSink {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// High: the access was refused and changed no register; valid with `valid`.
    pub error: Signal<In, Bit>,
    /// Word that was read; valid with `valid`.
    pub read_data: Signal<In, Bits<32>>,
}

/// The receiving side of the scrubber's words.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryWrite"]
pub struct ScrubSink<const ADDRESS: usize> {
    /// High: a word is offered; stays high until the memory takes the word.
    pub valid: Signal<In, Bit>,
    /// Byte address of the word, a multiple of 4; valid with `valid`.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Word to write, always zero; valid with `valid`.
    pub data: Signal<In, Bits<32>>,
    /// High: the memory takes the word in this cycle.
    pub ready: Signal<Out, Bit>,
}

/// The asking side of an access port of the Partition Manager.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "AccessRequest"]
pub struct AccessSource<const ADDRESS: usize, const LENGTH: usize> {
    /// High: an access is offered in this cycle, and the other fields describe the access.
    pub valid: Signal<Out, Bit>,
    /// Number of the tenant that asks; valid with `valid`.
    pub tenant: Signal<Out, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Number of bytes of the access; valid with `valid`.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; valid with `valid`.
    pub kind: Signal<Out, Bits<2>>,
}

/// The receiving side of the translate port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "TranslateResponse"]
pub struct TranslateSink<const ADDRESS: usize> {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access may proceed at `physical`; valid with `valid`.
    pub granted: Signal<In, Bit>,
    /// The access belongs to the standard MMU; valid with `valid`.
    pub not_mine: Signal<In, Bit>,
    /// Reason of a refusal: the code of a `Reason`; valid with `valid`.
    pub reason: Signal<In, Bits<4>>,
    /// Number of the row that decided; valid with `valid`.
    pub slot: Signal<In, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<In, Bits<ADDRESS>>,
}

/// The receiving side of the physical port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "PhysicalResponse"]
pub struct PhysicalSink {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access may proceed; valid with `valid`.
    pub allowed: Signal<In, Bit>,
    /// Reason of a refusal: the code of a `Reason`; valid with `valid`.
    pub reason: Signal<In, Bits<4>>,
    /// Number of the row that decided; valid with `valid`.
    pub slot: Signal<In, Bits<8>>,
}

/// The bus guard's side of the Partition Manager.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct GuardPort {
    /// High while a command waits to be recorded until `settled`; its changes bind accesses from now on.
    pub fence: Signal<Out, Bit>,
    /// High for one cycle: a command changes a row of the table.
    pub changed: Signal<Out, Bit>,
    /// High with `fence`: all accesses that were asked before it have ended at the memory.
    pub settled: Signal<In, Bit>,
    /// High while words that `memory_write` took are not in the memory yet.
    pub landing: Signal<In, Bit>,
    /// Cycles after which the bus guard ends an access whose master does not go on; 0: never.
    pub stall_limit: Signal<Out, Bits<16>>,
    /// High: the response of the translate port in this cycle is to an access that the bus guard had to end.
    pub stalled: Signal<In, Bit>,
    /// High while the memory owes an answer and has not moved for `stall_limit` cycles.
    pub memory_stalled: Signal<In, Bit>,
    /// Register access, for a bank of the bus guard's own.
    pub access: Signal<Out, RegisterAccess>,
    /// Answer of that bank, in the same cycle; no bank accepts nothing.
    pub answer: Signal<In, BankAnswer>,
    /// High from SEAL to reset.
    pub sealed: Signal<Out, Bit>,
}
