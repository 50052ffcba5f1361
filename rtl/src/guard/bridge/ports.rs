//! The bundles of signals that connect a device, the bridge and a standard MMU.

use rust_hdl::prelude::*;

/// An access as a device on the interconnect makes it.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BridgeRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// The bridge takes the request in this cycle.
    pub ready: Signal<Out, Bit>,
    /// Who asks: a trusted number from the interconnect.
    pub tenant: Signal<In, Bits<8>>,
    /// First byte.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Bytes.
    pub length: Signal<In, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute.
    pub kind: Signal<In, Bits<2>>,
    /// The address is a physical one: no translation, straight to the physical port.
    pub untranslated: Signal<In, Bit>,
}

/// What became of it.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BridgeResponse<const ADDRESS: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<Out, Bit>,
    /// The taker is ready.
    pub ready: Signal<In, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<Out, Bit>,
    /// The translate port decided; else the standard MMU or the physical port did.
    pub managed: Signal<Out, Bit>,
    /// Why not: the code of a `Reason`; `None` (8) when granted.
    pub reason: Signal<Out, Bits<4>>,
    /// The row that decided; else zero.
    pub slot: Signal<Out, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// The asking side of the MMU bridge.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BridgeRequest"]
pub struct BridgeSource<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<Out, Bit>,
    /// The bridge takes the request in this cycle.
    pub ready: Signal<In, Bit>,
    /// Who asks.
    pub tenant: Signal<Out, Bits<8>>,
    /// First byte.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Bytes.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute.
    pub kind: Signal<Out, Bits<2>>,
    /// The address is a physical one.
    pub untranslated: Signal<Out, Bit>,
}

/// The receiving side of the MMU bridge.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BridgeResponse"]
pub struct BridgeSink<const ADDRESS: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// It is taken in this cycle.
    pub ready: Signal<Out, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<In, Bit>,
    /// The translate port decided.
    pub managed: Signal<In, Bit>,
    /// Why not.
    pub reason: Signal<In, Bits<4>>,
    /// The row that decided.
    pub slot: Signal<In, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<In, Bits<ADDRESS>>,
}

/// Where software writes page table entries; taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuFill<const INDEX: usize, const FRAME: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// Low while the table is being cleared.
    pub ready: Signal<Out, Bit>,
    /// Whose table.
    pub tenant: Signal<In, Bits<8>>,
    /// Which logical page.
    pub index: Signal<In, Bits<INDEX>>,
    /// Bit 0 present, 1 read, 2 write, 3 execute.
    pub rights: Signal<In, Bits<4>>,
    /// Which physical page.
    pub frame: Signal<In, Bits<FRAME>>,
    /// There is no such tenant: nothing is written. Meaningful while `valid`.
    pub refused: Signal<Out, Bit>,
}

/// An access to translate; taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// Low while the table is being cleared and while a request is under way.
    pub ready: Signal<Out, Bit>,
    /// Who asks.
    pub tenant: Signal<In, Bits<8>>,
    /// First byte.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Bytes.
    pub length: Signal<In, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute; 3 faults.
    pub kind: Signal<In, Bits<2>>,
}

/// The translation; taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuResponse<const ADDRESS: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<Out, Bit>,
    /// The taker is ready.
    pub ready: Signal<In, Bit>,
    /// There is no translation for this access.
    pub fault: Signal<Out, Bit>,
    /// Physical address of the first byte; zero with a fault.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// The asking side of a standard MMU.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuRequest"]
pub struct MmuSource<const ADDRESS: usize, const LENGTH: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<Out, Bit>,
    /// The MMU takes it in this cycle.
    pub ready: Signal<In, Bit>,
    /// Who asks.
    pub tenant: Signal<Out, Bits<8>>,
    /// First byte.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Bytes.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// 0 read, 1 write, 2 execute.
    pub kind: Signal<Out, Bits<2>>,
}

/// The receiving side of a standard MMU.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuResponse"]
pub struct MmuSink<const ADDRESS: usize> {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// The bridge takes it in this cycle.
    pub ready: Signal<Out, Bit>,
    /// There is no translation.
    pub fault: Signal<In, Bit>,
    /// Physical address of the first byte.
    pub physical: Signal<In, Bits<ADDRESS>>,
}
