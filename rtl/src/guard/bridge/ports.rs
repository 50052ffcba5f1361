//! The bundles of signals that connect a device, the bridge and a standard MMU.

use rust_hdl::prelude::*;

/// An access as a device on the interconnect makes it.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BridgeRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The bridge takes the request in this cycle.
    pub ready: Signal<Out, Bit>,
    /// Number of the tenant that asks, from the interconnect, which is trusted; valid with `valid`.
    pub tenant: Signal<In, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Number of bytes of the access; valid with `valid`.
    pub length: Signal<In, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; valid with `valid`.
    pub kind: Signal<In, Bits<2>>,
    /// The address is a physical one: the access skips translation and goes straight to the physical port.
    pub untranslated: Signal<In, Bit>,
}

/// Verdict on an access of a device.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BridgeResponse<const ADDRESS: usize> {
    /// High: the other fields are meaningful; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The device takes the response in this cycle.
    pub ready: Signal<In, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<Out, Bit>,
    /// The translate port decided; else the standard MMU or the physical port did.
    pub managed: Signal<Out, Bit>,
    /// Reason of a refusal: the code of a `Reason`; `None` (8) when granted.
    pub reason: Signal<Out, Bits<4>>,
    /// Number of the row that decided; else zero.
    pub slot: Signal<Out, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// The asking side of the MMU bridge.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BridgeRequest"]
pub struct BridgeSource<const ADDRESS: usize, const LENGTH: usize> {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The bridge takes the request in this cycle.
    pub ready: Signal<In, Bit>,
    /// Tenant that asks; valid with `valid`.
    pub tenant: Signal<Out, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Number of bytes of the access; valid with `valid`.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; valid with `valid`.
    pub kind: Signal<Out, Bits<2>>,
    /// The address is a physical one: the access skips translation and goes straight to the physical port.
    pub untranslated: Signal<Out, Bit>,
}

/// The receiving side of the MMU bridge.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BridgeResponse"]
pub struct BridgeSink<const ADDRESS: usize> {
    /// High: the other fields are meaningful; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The device takes the response in this cycle.
    pub ready: Signal<Out, Bit>,
    /// The access may proceed at `physical`.
    pub granted: Signal<In, Bit>,
    /// The translate port decided; else the standard MMU or the physical port did.
    pub managed: Signal<In, Bit>,
    /// Reason of a refusal: the code of a `Reason`; `None` (8) when granted.
    pub reason: Signal<In, Bits<4>>,
    /// Number of the row that decided; else zero.
    pub slot: Signal<In, Bits<8>>,
    /// Physical address of the first byte; zero unless granted.
    pub physical: Signal<In, Bits<ADDRESS>>,
}

/// Port through which software writes page table entries; an entry is taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuFill<const INDEX: usize, const FRAME: usize> {
    /// An entry is offered, and the other fields describe the entry; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The MMU takes the entry in this cycle; low while the table is being cleared.
    pub ready: Signal<Out, Bit>,
    /// Tenant whose table gets the entry; valid with `valid`.
    pub tenant: Signal<In, Bits<8>>,
    /// Number of the logical page; valid with `valid`.
    pub index: Signal<In, Bits<INDEX>>,
    /// Rights of the page: bit 0 present, 1 read, 2 write, 3 execute; valid with `valid`.
    pub rights: Signal<In, Bits<4>>,
    /// Number of the physical page; valid with `valid`.
    pub frame: Signal<In, Bits<FRAME>>,
    /// The tenant does not exist, and no entry is written; meaningful while `valid`.
    pub refused: Signal<Out, Bit>,
}

/// An access to translate; taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuRequest<const ADDRESS: usize, const LENGTH: usize> {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The MMU takes the access in this cycle; low while the table is being cleared and while a request is under way.
    pub ready: Signal<Out, Bit>,
    /// Tenant that asks; valid with `valid`.
    pub tenant: Signal<In, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Number of bytes of the access; valid with `valid`.
    pub length: Signal<In, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; 3 faults.
    pub kind: Signal<In, Bits<2>>,
}

/// The translation; taken in every cycle where `valid` and `ready`.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MmuResponse<const ADDRESS: usize> {
    /// High: the other fields are meaningful; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The bridge takes the response in this cycle.
    pub ready: Signal<In, Bit>,
    /// The access has no translation; valid with `valid`.
    pub fault: Signal<Out, Bit>,
    /// Physical address of the first byte; zero with a fault.
    pub physical: Signal<Out, Bits<ADDRESS>>,
}

/// The asking side of a standard MMU.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuRequest"]
pub struct MmuSource<const ADDRESS: usize, const LENGTH: usize> {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The MMU takes the access in this cycle.
    pub ready: Signal<In, Bit>,
    /// Tenant that asks; valid with `valid`.
    pub tenant: Signal<Out, Bits<8>>,
    /// Address of the first byte of the access; valid with `valid`.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Number of bytes of the access; valid with `valid`.
    pub length: Signal<Out, Bits<LENGTH>>,
    /// Kind of access: 0 read, 1 write, 2 execute; valid with `valid`.
    pub kind: Signal<Out, Bits<2>>,
}

/// The receiving side of a standard MMU.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuResponse"]
pub struct MmuSink<const ADDRESS: usize> {
    /// High: the other fields are meaningful; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The bridge takes the response in this cycle.
    pub ready: Signal<Out, Bit>,
    /// The access has no translation; valid with `valid`.
    pub fault: Signal<In, Bit>,
    /// Physical address of the first byte; zero with a fault.
    pub physical: Signal<In, Bits<ADDRESS>>,
}
