//! The bundles of signals that cross the Partition Manager's boundary.
//!
//! Directions are the Partition Manager's own: a request is `In`, a response is `Out`.

use rust_hdl::prelude::*;

/// One access, offered for one clock cycle; there is no back pressure.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct AccessRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// Who asks: a trusted number from the interconnect.
    pub tenant: Signal<In, Bits<8>>,
    /// First byte.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Bytes, from 1 to 2^(LENGTH - 1).
    pub length: Signal<In, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute; no row permits 3. The physical port does not ask.
    pub kind: Signal<In, Bits<2>>,
}

/// The translate port's answer.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TranslateResponse<const ADDRESS: usize> {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<Out, Bit>,
    /// The access belongs to the standard MMU; the physical port must still be asked about its result.
    pub not_mine: Signal<Out, Bit>,
    /// Why not: the code of a `Reason`; `None` (8) when granted or not mine.
    pub reason: Signal<Out, Bits<4>>,
    /// The row that decided, where there was exactly one; else zero.
    pub slot: Signal<Out, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// The physical port's answer.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct PhysicalResponse {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// No byte of the access lies in an isolated block.
    pub allowed: Signal<Out, Bit>,
    /// Why not: the code of a `Reason`; `None` (8) when allowed.
    pub reason: Signal<Out, Bits<4>>,
    /// The lowest guarded row that was touched, isolated or under the scrubber; else zero.
    pub slot: Signal<Out, Bits<8>>,
}

/// One register access, offered for one clock cycle.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct RegisterRequest {
    /// Read strobe.
    pub read: Signal<In, Bit>,
    /// Write strobe; wins over `read`.
    pub write: Signal<In, Bit>,
    /// Byte offset.
    pub address: Signal<In, Bits<8>>,
    /// What to write.
    pub write_data: Signal<In, Bits<32>>,
}

/// The answer, two clock cycles after the strobe.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct RegisterResponse {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// The access was refused and did nothing.
    pub error: Signal<Out, Bit>,
    /// What was read; zero after a write or an error.
    pub read_data: Signal<Out, Bits<32>>,
}

/// The scrubber's way into memory: one word of zeros a cycle while `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryWrite<const ADDRESS: usize> {
    /// The word is offered; it stays until taken.
    pub valid: Signal<Out, Bit>,
    /// Byte address, a multiple of 4.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// The word.
    pub data: Signal<Out, Bits<32>>,
    /// The memory takes the word in this cycle.
    pub ready: Signal<In, Bit>,
}

/// The asking side of the register port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "RegisterRequest"]
pub struct RegisterSource {
    /// Read strobe.
    pub read: Signal<Out, Bit>,
    /// Write strobe.
    pub write: Signal<Out, Bit>,
    /// Byte offset.
    pub address: Signal<Out, Bits<8>>,
    /// What to write.
    pub write_data: Signal<Out, Bits<32>>,
}

/// The receiving side of the register port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "RegisterResponse"]
pub struct RegisterSink {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access was refused and did nothing.
    pub error: Signal<In, Bit>,
    /// What was read.
    pub read_data: Signal<In, Bits<32>>,
}

/// The receiving side of the scrubber's words.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryWrite"]
pub struct ScrubSink<const ADDRESS: usize> {
    /// The word is offered; it stays until taken.
    pub valid: Signal<In, Bit>,
    /// Byte address, a multiple of 4.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// The word: zero.
    pub data: Signal<In, Bits<32>>,
    /// The word is taken in this cycle.
    pub ready: Signal<Out, Bit>,
}

/// The asking side of an access port of the Partition Manager.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "AccessRequest"]
pub struct AccessSource<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// Who asks.
    pub tenant: Signal<Out, Bits<8>>,
    /// First byte.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Bytes.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute.
    pub kind: Signal<Out, Bits<2>>,
}

/// The receiving side of the translate port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "TranslateResponse"]
pub struct TranslateSink<const ADDRESS: usize> {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access may proceed.
    pub granted: Signal<In, Bit>,
    /// The access belongs to the standard MMU.
    pub not_mine: Signal<In, Bit>,
    /// Why not.
    pub reason: Signal<In, Bits<4>>,
    /// The row that decided.
    pub slot: Signal<In, Bits<8>>,
    /// Where it may proceed.
    pub physical: Signal<In, Bits<ADDRESS>>,
}

/// The receiving side of the physical port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "PhysicalResponse"]
pub struct PhysicalSink {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access may proceed.
    pub allowed: Signal<In, Bit>,
    /// Why not.
    pub reason: Signal<In, Bits<4>>,
    /// The row that decided.
    pub slot: Signal<In, Bits<8>>,
}
