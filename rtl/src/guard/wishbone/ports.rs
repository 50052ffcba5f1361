//! The bundles of a Wishbone B4 bus of 32 data bits, with Wishbone's own names, and those between the guard's blocks.

use rust_hdl::prelude::*;

/// Where the masters' interconnect connects to. A cycle is a beat as long as `cyc_i` and `stb_i` are high.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneSlave<const ADDRESS: usize> {
    /// A transaction is under way.
    pub cyc_i: Signal<In, Bit>,
    /// A beat is offered; stays, with everything else, until answered.
    pub stb_i: Signal<In, Bit>,
    /// Write, else read.
    pub we_i: Signal<In, Bit>,
    /// Byte address of the word, a multiple of 4.
    pub adr_i: Signal<In, Bits<ADDRESS>>,
    /// What to write.
    pub dat_i: Signal<In, Bits<32>>,
    /// Bytes of the word; at least one.
    pub sel_i: Signal<In, Bits<4>>,
    /// 0 classic, 1 constant address, 2 incrementing, 7 end of burst; the rest is reserved.
    pub cti_i: Signal<In, Bits<3>>,
    /// Of an incrementing burst: 0 linear, 1 to 3 wrapping after 4, 8, 16 beats.
    pub bte_i: Signal<In, Bits<2>>,
    /// Address tag: the tenant, a trusted number from the interconnect.
    pub tga_i: Signal<In, Bits<8>>,
    /// Cycle tag: a read fetches an instruction.
    pub tgc_i: Signal<In, Bit>,
    /// What was read; zero unless `ack_o` answers a read.
    pub dat_o: Signal<Out, Bits<32>>,
    /// The beat is done.
    pub ack_o: Signal<Out, Bit>,
    /// The beat was refused, or the memory failed.
    pub err_o: Signal<Out, Bit>,
}

/// Where the memory connects to.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneMaster<const ADDRESS: usize> {
    /// A transaction is under way.
    pub cyc_o: Signal<Out, Bit>,
    /// A beat is offered; stays, with everything else, until answered.
    pub stb_o: Signal<Out, Bit>,
    /// Write, else read.
    pub we_o: Signal<Out, Bit>,
    /// Byte address of the word.
    pub adr_o: Signal<Out, Bits<ADDRESS>>,
    /// What to write.
    pub dat_o: Signal<Out, Bits<32>>,
    /// Bytes of the word.
    pub sel_o: Signal<Out, Bits<4>>,
    /// As on the masters' side, but for where the guard ends a burst.
    pub cti_o: Signal<Out, Bits<3>>,
    /// As on the masters' side.
    pub bte_o: Signal<Out, Bits<2>>,
    /// What was read.
    pub dat_i: Signal<In, Bits<32>>,
    /// The beat is done.
    pub ack_i: Signal<In, Bit>,
    /// The memory failed; wins over `ack_i`.
    pub err_i: Signal<In, Bit>,
}

/// Where the control master connects to: classic cycles of whole words.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneControlSlave {
    /// A transaction is under way.
    pub cyc_i: Signal<In, Bit>,
    /// An access is offered; stays, with everything else, until answered.
    pub stb_i: Signal<In, Bit>,
    /// Write, else read.
    pub we_i: Signal<In, Bit>,
    /// Which register: the byte offset, a multiple of 4.
    pub adr_i: Signal<In, Bits<8>>,
    /// What to write.
    pub dat_i: Signal<In, Bits<32>>,
    /// Bytes of the word: all four, or the access does nothing and ends in `err_o`.
    pub sel_i: Signal<In, Bits<4>>,
    /// What was read; zero unless `ack_o` answers a read.
    pub dat_o: Signal<Out, Bits<32>>,
    /// The access is done.
    pub ack_o: Signal<Out, Bit>,
    /// The access was refused and did nothing.
    pub err_o: Signal<Out, Bit>,
}

/// A beat that was granted, on its way to the memory.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BeatSink"]
pub struct BeatSource<const ADDRESS: usize> {
    /// The guard has the memory's bus.
    pub open: Signal<Out, Bit>,
    /// It wants it.
    pub wants: Signal<Out, Bit>,
    /// It has it from the next cycle on, if it wants it.
    pub may_open: Signal<In, Bit>,
    /// A scrub word waits for the bus.
    pub pressed: Signal<In, Bit>,
    /// The rest is meaningful; stays until answered.
    pub valid: Signal<Out, Bit>,
    /// Write, else read.
    pub write: Signal<Out, Bit>,
    /// Physical address of the word.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// What to write.
    pub data: Signal<Out, Bits<32>>,
    /// Bytes of the word.
    pub select: Signal<Out, Bits<4>>,
    /// Wishbone's `cti`.
    pub cycle_type: Signal<Out, Bits<3>>,
    /// Wishbone's `bte`.
    pub burst_type: Signal<Out, Bits<2>>,
    /// The memory did it.
    pub done: Signal<In, Bit>,
    /// The memory failed.
    pub failed: Signal<In, Bit>,
    /// What the memory says was read.
    pub read_data: Signal<In, Bits<32>>,
}

/// The other side of a [`BeatSource`].
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BeatSink<const ADDRESS: usize> {
    /// The guard has the memory's bus.
    pub open: Signal<In, Bit>,
    /// It wants it.
    pub wants: Signal<In, Bit>,
    /// It has it from the next cycle on, if it wants it.
    pub may_open: Signal<Out, Bit>,
    /// A scrub word waits for the bus.
    pub pressed: Signal<Out, Bit>,
    /// The rest is meaningful; stays until answered.
    pub valid: Signal<In, Bit>,
    /// Write, else read.
    pub write: Signal<In, Bit>,
    /// Physical address of the word.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// What to write.
    pub data: Signal<In, Bits<32>>,
    /// Bytes of the word.
    pub select: Signal<In, Bits<4>>,
    /// Wishbone's `cti`.
    pub cycle_type: Signal<In, Bits<3>>,
    /// Wishbone's `bte`.
    pub burst_type: Signal<In, Bits<2>>,
    /// The memory did it.
    pub done: Signal<Out, Bit>,
    /// The memory failed.
    pub failed: Signal<Out, Bit>,
    /// What the memory says was read.
    pub read_data: Signal<Out, Bits<32>>,
}
