//! The bundles of signals between the blocks of the board. Of a pair, the name without `Source` is the side that is asked.

// The `join` that the derive macro writes has no documentation.
#![allow(missing_docs)]

use crate::protocol::{FrameStatus, Operation};
use pm_rtl::guard::bridge::MmuFill;
use rust_hdl::prelude::*;

/// A request frame that arrived whole, or the reason why not.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct FrameSource {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<Out, Bit>,
    /// The frame is taken.
    pub ready: Signal<In, Bit>,
    /// What to do; `Nothing` unless the status is `Ok`.
    pub operation: Signal<Out, Operation>,
    /// `Ok`, or what is wrong with the frame.
    pub status: Signal<Out, FrameStatus>,
    /// The opcode as it arrived.
    pub opcode: Signal<Out, Bits<8>>,
    /// Byte 0 of the payload: tenant, or offset of a register.
    pub selector: Signal<Out, Bits<8>>,
    /// Bytes 1 to 4: address, register value or page table entry.
    pub word: Signal<Out, Bits<32>>,
    /// Byte 5: length in bits 3:0, kind in bits 5:4.
    pub mode: Signal<Out, Bits<8>>,
    /// Bytes 6 to 9: data.
    pub data: Signal<Out, Bits<32>>,
}

/// The receiving side of a [`FrameSource`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "FrameSource"]
pub struct FrameSink {
    /// The rest is meaningful.
    pub valid: Signal<In, Bit>,
    /// The frame is taken.
    pub ready: Signal<Out, Bit>,
    /// What to do.
    pub operation: Signal<In, Operation>,
    /// `Ok`, or what is wrong with the frame.
    pub status: Signal<In, FrameStatus>,
    /// The opcode as it arrived.
    pub opcode: Signal<In, Bits<8>>,
    /// Byte 0 of the payload.
    pub selector: Signal<In, Bits<8>>,
    /// Bytes 1 to 4.
    pub word: Signal<In, Bits<32>>,
    /// Byte 5.
    pub mode: Signal<In, Bits<8>>,
    /// Bytes 6 to 9.
    pub data: Signal<In, Bits<32>>,
}

/// What a response carries.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
pub enum ReplyShape {
    /// Nothing.
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
    /// Send on. Low holds the frame between two bytes.
    pub valid: Signal<In, Bit>,
    /// The opcode of the request.
    pub opcode: Signal<In, Bits<8>>,
    /// How it ended.
    pub status: Signal<In, FrameStatus>,
    /// What follows.
    pub shape: Signal<In, ReplyShape>,
    /// Physical address.
    pub address: Signal<In, Bits<32>>,
    /// Data.
    pub data: Signal<In, Bits<32>>,
    /// Reason in bits 3:0, managed in bit 4, granted in bit 5.
    pub verdict: Signal<In, Bits<8>>,
    /// The row that decided.
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
    /// Send on.
    pub valid: Signal<Out, Bit>,
    /// The opcode of the request.
    pub opcode: Signal<Out, Bits<8>>,
    /// How it ended.
    pub status: Signal<Out, FrameStatus>,
    /// What follows.
    pub shape: Signal<Out, ReplyShape>,
    /// Physical address.
    pub address: Signal<Out, Bits<32>>,
    /// Data.
    pub data: Signal<Out, Bits<32>>,
    /// Reason, managed, granted.
    pub verdict: Signal<Out, Bits<8>>,
    /// The row that decided.
    pub slot: Signal<Out, Bits<8>>,
    /// `data` is the last word of a `Record`.
    pub last_word: Signal<Out, Bit>,
    /// The last byte of `data` was taken.
    pub word_sent: Signal<In, Bit>,
    /// The last byte of the frame was taken.
    pub sent: Signal<In, Bit>,
}

/// An access to the board's memory.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryRequest {
    /// The rest is meaningful; stays until taken.
    pub valid: Signal<In, Bit>,
    /// The request is taken in this cycle.
    pub ready: Signal<Out, Bit>,
    /// Write, else read.
    pub write: Signal<In, Bit>,
    /// First byte; any alignment.
    pub address: Signal<In, Bits<32>>,
    /// Bytes, 1 to 4.
    pub length: Signal<In, Bits<3>>,
    /// What to write, first byte in bits 7:0.
    pub data: Signal<In, Bits<32>>,
}

/// The asking side of a [`MemoryRequest`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryRequest"]
pub struct MemorySource {
    /// The rest is meaningful.
    pub valid: Signal<Out, Bit>,
    /// The request is taken in this cycle.
    pub ready: Signal<In, Bit>,
    /// Write, else read.
    pub write: Signal<Out, Bit>,
    /// First byte.
    pub address: Signal<Out, Bits<32>>,
    /// Bytes.
    pub length: Signal<Out, Bits<3>>,
    /// What to write.
    pub data: Signal<Out, Bits<32>>,
}

/// What became of a [`MemoryRequest`].
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MemoryResponse {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<Out, Bit>,
    /// Some byte lies beyond the memory, or the length is not 1 to 4: nothing was touched.
    pub error: Signal<Out, Bit>,
    /// What was read, zero-extended; zero after a write or an error.
    pub data: Signal<Out, Bits<32>>,
}

/// The receiving side of a [`MemoryResponse`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MemoryResponse"]
pub struct MemorySink {
    /// The rest is meaningful in this cycle.
    pub valid: Signal<In, Bit>,
    /// Nothing was touched.
    pub error: Signal<In, Bit>,
    /// What was read.
    pub data: Signal<In, Bits<32>>,
}

/// The asking side of the standard MMU's fill port.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "MmuFill"]
pub struct FillSource<const INDEX: usize, const FRAME: usize> {
    /// The rest is meaningful.
    pub valid: Signal<Out, Bit>,
    /// The entry is taken.
    pub ready: Signal<In, Bit>,
    /// Whose table.
    pub tenant: Signal<Out, Bits<8>>,
    /// Which logical page.
    pub index: Signal<Out, Bits<INDEX>>,
    /// Present, read, write, execute.
    pub rights: Signal<Out, Bits<4>>,
    /// Which physical page.
    pub frame: Signal<Out, Bits<FRAME>>,
    /// There is no such tenant.
    pub refused: Signal<In, Bit>,
}
