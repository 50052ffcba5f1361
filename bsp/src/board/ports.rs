//! The bundles of signals between the blocks of the board. In a pair of bundles, the name without `Source` is the side that
//! receives the request.

// The `join` that the derive macro writes has no documentation.
#![allow(missing_docs)]

use crate::protocol::{FrameStatus, Operation};
use pm_rtl::guard::bridge::MmuFill;
use rust_hdl::prelude::*;

/// A request frame that arrived whole, or the reason why not.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct FrameSource {
    /// A frame is offered, and the other fields describe the frame; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The frame is taken in this cycle.
    pub ready: Signal<In, Bit>,
    /// Operation that the frame asks for; `Nothing` unless the status is `Ok`.
    pub operation: Signal<Out, Operation>,
    /// Status of the frame: `Ok`, or what is wrong with the frame.
    pub status: Signal<Out, FrameStatus>,
    /// Opcode of the frame as it arrived.
    pub opcode: Signal<Out, Bits<8>>,
    /// Byte 0 of the payload: tenant, or offset of a register.
    pub selector: Signal<Out, Bits<8>>,
    /// Bytes 1 to 4 of the payload: address, register value or page table entry.
    pub word: Signal<Out, Bits<32>>,
    /// Byte 5 of the payload: length in bits 3:0, kind in bits 5:4.
    pub mode: Signal<Out, Bits<8>>,
    /// Bytes 6 to 9 of the payload: data to write.
    pub data: Signal<Out, Bits<32>>,
}

/// The receiving side of a [`FrameSource`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "FrameSource"]
pub struct FrameSink {
    /// A frame is offered, and the other fields describe the frame; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The frame is taken in this cycle.
    pub ready: Signal<Out, Bit>,
    /// Operation that the frame asks for; `Nothing` unless the status is `Ok`.
    pub operation: Signal<In, Operation>,
    /// Status of the frame: `Ok`, or what is wrong with the frame.
    pub status: Signal<In, FrameStatus>,
    /// Opcode of the frame as it arrived.
    pub opcode: Signal<In, Bits<8>>,
    /// Byte 0 of the payload: tenant, or offset of a register.
    pub selector: Signal<In, Bits<8>>,
    /// Bytes 1 to 4 of the payload: address, register value or page table entry.
    pub word: Signal<In, Bits<32>>,
    /// Byte 5 of the payload: length in bits 3:0, kind in bits 5:4.
    pub mode: Signal<In, Bits<8>>,
    /// Bytes 6 to 9 of the payload: data to write.
    pub data: Signal<In, Bits<32>>,
}

/// Shape of a response: the fields after the status.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
pub enum ReplyShape {
    /// No further field.
    Bare,
    /// A word of data: 4 bytes.
    Word,
    /// Verdict and slot: 2 bytes.
    Verdict,
    /// Physical address, verdict and slot: 6 bytes.
    Place,
    /// Physical address, data, verdict and slot: 10 bytes.
    Full,
    /// Five words of data: 20 bytes.
    Record,
}

/// A response frame to send.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct Reply {
    /// The frame is to be sent; low holds the frame between two bytes.
    pub valid: Signal<In, Bit>,
    /// Opcode of the request.
    pub opcode: Signal<In, Bits<8>>,
    /// Status of the request: how the operation ended.
    pub status: Signal<In, FrameStatus>,
    /// Shape of the response: which fields follow the status.
    pub shape: Signal<In, ReplyShape>,
    /// Physical address; sent in the shapes `Place` and `Full`.
    pub address: Signal<In, Bits<32>>,
    /// Word of data; sent in the shapes `Word`, `Full` and `Record`.
    pub data: Signal<In, Bits<32>>,
    /// Verdict: reason in bits 3:0, managed in bit 4, granted in bit 5.
    pub verdict: Signal<In, Bits<8>>,
    /// Number of the row that decided.
    pub slot: Signal<In, Bits<8>>,
    /// `data` is the last word of a `Record`.
    pub last_word: Signal<In, Bit>,
    /// The last byte of `data` was taken in the cycle before.
    pub word_sent: Signal<Out, Bit>,
    /// The last byte of the frame was taken in the cycle before.
    pub sent: Signal<Out, Bit>,
}

/// The asking side of a [`Reply`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "Reply"]
pub struct ReplySource {
    /// The frame is to be sent; low holds the frame between two bytes.
    pub valid: Signal<Out, Bit>,
    /// Opcode of the request.
    pub opcode: Signal<Out, Bits<8>>,
    /// Status of the request: how the operation ended.
    pub status: Signal<Out, FrameStatus>,
    /// Shape of the response: which fields follow the status.
    pub shape: Signal<Out, ReplyShape>,
    /// Physical address; sent in the shapes `Place` and `Full`.
    pub address: Signal<Out, Bits<32>>,
    /// Word of data; sent in the shapes `Word`, `Full` and `Record`.
    pub data: Signal<Out, Bits<32>>,
    /// Verdict: reason in bits 3:0, managed in bit 4, granted in bit 5.
    pub verdict: Signal<Out, Bits<8>>,
    /// Number of the row that decided.
    pub slot: Signal<Out, Bits<8>>,
    /// `data` is the last word of a `Record`.
    pub last_word: Signal<Out, Bit>,
    /// The last byte of `data` was taken in the cycle before.
    pub word_sent: Signal<In, Bit>,
    /// The last byte of the frame was taken in the cycle before.
    pub sent: Signal<In, Bit>,
}

/// An access to the board's memory.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryRequest {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<In, Bit>,
    /// The memory takes the access in this cycle.
    pub ready: Signal<Out, Bit>,
    /// The access is a write; else a read.
    pub write: Signal<In, Bit>,
    /// Address of the first byte; any alignment.
    pub address: Signal<In, Bits<32>>,
    /// Number of bytes, 1 to 4.
    pub length: Signal<In, Bits<3>>,
    /// Data to write, first byte in bits 7:0.
    pub data: Signal<In, Bits<32>>,
}

/// The asking side of a [`MemoryRequest`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryRequest"]
pub struct MemorySource {
    /// An access is offered, and the other fields describe the access; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The memory takes the access in this cycle.
    pub ready: Signal<In, Bit>,
    /// The access is a write; else a read.
    pub write: Signal<Out, Bit>,
    /// Address of the first byte; any alignment.
    pub address: Signal<Out, Bits<32>>,
    /// Number of bytes, 1 to 4.
    pub length: Signal<Out, Bits<3>>,
    /// Data to write, first byte in bits 7:0.
    pub data: Signal<Out, Bits<32>>,
}

/// Result of a [`MemoryRequest`].
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryResponse {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// The access was refused, because a byte lies beyond the memory or the length is not 1 to 4; no byte was touched.
    pub error: Signal<Out, Bit>,
    /// Data that was read, zero-extended; zero after a write or an error.
    pub data: Signal<Out, Bits<32>>,
}

/// The receiving side of a [`MemoryResponse`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryResponse"]
pub struct MemorySink {
    /// High: the other fields are meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// The access was refused, because a byte lies beyond the memory or the length is not 1 to 4; no byte was touched.
    pub error: Signal<In, Bit>,
    /// Data that was read, zero-extended; zero after a write or an error.
    pub data: Signal<In, Bits<32>>,
}

/// The asking side of the standard MMU's fill port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuFill"]
pub struct FillSource<const INDEX: usize, const FRAME: usize> {
    /// An entry is offered, and the other fields describe the entry; stays high until taken.
    pub valid: Signal<Out, Bit>,
    /// The MMU takes the entry in this cycle.
    pub ready: Signal<In, Bit>,
    /// Tenant whose table gets the entry; valid with `valid`.
    pub tenant: Signal<Out, Bits<8>>,
    /// Number of the logical page; valid with `valid`.
    pub index: Signal<Out, Bits<INDEX>>,
    /// Rights of the page: bit 0 present, 1 read, 2 write, 3 execute; valid with `valid`.
    pub rights: Signal<Out, Bits<4>>,
    /// Number of the physical page; valid with `valid`.
    pub frame: Signal<Out, Bits<FRAME>>,
    /// The tenant does not exist, and no entry is written; meaningful while `valid`.
    pub refused: Signal<In, Bit>,
}
