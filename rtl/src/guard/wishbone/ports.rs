//! The bundles of a Wishbone B4 bus of 32 data bits, with Wishbone's own names, and those between the guard's blocks.

use rust_hdl::prelude::*;

/// Port for the masters' interconnect. A cycle is a beat as long as `cyc_i` and `stb_i` are high.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneSlave<const ADDRESS: usize> {
    /// A transaction is under way.
    pub cyc_i: Signal<In, Bit>,
    /// A beat is offered; stays high, with every other input, until answered.
    pub stb_i: Signal<In, Bit>,
    /// The beat is a write; else a read.
    pub we_i: Signal<In, Bit>,
    /// Byte address of the word, a multiple of 4.
    pub adr_i: Signal<In, Bits<ADDRESS>>,
    /// Word to write; valid with `we_i`.
    pub dat_i: Signal<In, Bits<32>>,
    /// Bytes of the word that the beat is about; at least one.
    pub sel_i: Signal<In, Bits<4>>,
    /// Cycle type: 0 classic, 1 constant address, 2 incrementing, 7 end of burst; other codes are reserved.
    pub cti_i: Signal<In, Bits<3>>,
    /// Burst type of an incrementing burst: 0 linear, 1 to 3 wrapping after 4, 8, 16 beats.
    pub bte_i: Signal<In, Bits<2>>,
    /// Address tag: the tenant, a trusted number from the interconnect.
    pub tga_i: Signal<In, Bits<8>>,
    /// Cycle tag: a read fetches an instruction.
    pub tgc_i: Signal<In, Bit>,
    /// Word that was read; zero unless `ack_o` answers a read.
    pub dat_o: Signal<Out, Bits<32>>,
    /// The beat is done; high for one cycle.
    pub ack_o: Signal<Out, Bit>,
    /// The beat was refused, or the memory failed.
    pub err_o: Signal<Out, Bit>,
}

/// Port for the memory.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneMaster<const ADDRESS: usize> {
    /// A transaction is under way.
    pub cyc_o: Signal<Out, Bit>,
    /// A beat is offered; stays high, with every other output, until answered.
    pub stb_o: Signal<Out, Bit>,
    /// The beat is a write; else a read.
    pub we_o: Signal<Out, Bit>,
    /// Byte address of the word, physical.
    pub adr_o: Signal<Out, Bits<ADDRESS>>,
    /// Word to write; valid with `we_o`.
    pub dat_o: Signal<Out, Bits<32>>,
    /// Bytes of the word that the beat is about.
    pub sel_o: Signal<Out, Bits<4>>,
    /// Cycle type of the masters' beat, except that the guard may end a burst earlier.
    pub cti_o: Signal<Out, Bits<3>>,
    /// Burst type of the masters' beat.
    pub bte_o: Signal<Out, Bits<2>>,
    /// Word that the memory read; valid with `ack_i`.
    pub dat_i: Signal<In, Bits<32>>,
    /// The beat is done.
    pub ack_i: Signal<In, Bit>,
    /// The memory failed; wins over `ack_i`.
    pub err_i: Signal<In, Bit>,
}

/// Port for the control master: classic cycles of whole words.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WishboneControlSlave {
    /// A transaction is under way.
    pub cyc_i: Signal<In, Bit>,
    /// An access is offered; stays high, with every other input, until answered.
    pub stb_i: Signal<In, Bit>,
    /// The access is a write; else a read.
    pub we_i: Signal<In, Bit>,
    /// Byte offset of the register, a multiple of 4.
    pub adr_i: Signal<In, Bits<8>>,
    /// Word to write; valid with `we_i`.
    pub dat_i: Signal<In, Bits<32>>,
    /// Bytes of the word: all four, or the access changes no register and ends in `err_o`.
    pub sel_i: Signal<In, Bits<4>>,
    /// Word that was read; zero unless `ack_o` answers a read.
    pub dat_o: Signal<Out, Bits<32>>,
    /// The access is done.
    pub ack_o: Signal<Out, Bit>,
    /// The access was refused and changed no register.
    pub err_o: Signal<Out, Bit>,
}

/// A beat that was granted, on its way to the memory.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "BeatSink"]
pub struct BeatSource<const ADDRESS: usize> {
    /// The guard has the memory's bus.
    pub open: Signal<Out, Bit>,
    /// The guard wants the memory's bus.
    pub wants: Signal<Out, Bit>,
    /// The guard gets the memory's bus in the next cycle, if `wants` is high.
    pub may_open: Signal<In, Bit>,
    /// A scrub word waits for the bus.
    pub pressed: Signal<In, Bit>,
    /// A beat is offered, and the fields of the beat are meaningful; stays high until answered.
    pub valid: Signal<Out, Bit>,
    /// The beat is a write; else a read.
    pub write: Signal<Out, Bit>,
    /// Physical address of the word.
    pub address: Signal<Out, Bits<ADDRESS>>,
    /// Word to write; valid with `write`.
    pub data: Signal<Out, Bits<32>>,
    /// Bytes of the word that the beat is about.
    pub select: Signal<Out, Bits<4>>,
    /// Cycle type of the beat: Wishbone's `cti`.
    pub cycle_type: Signal<Out, Bits<3>>,
    /// Burst type of the beat: Wishbone's `bte`.
    pub burst_type: Signal<Out, Bits<2>>,
    /// The memory acknowledges the beat in this cycle.
    pub done: Signal<In, Bit>,
    /// The memory answers the beat with an error in this cycle.
    pub failed: Signal<In, Bit>,
    /// Word that the memory read; valid with `done`.
    pub read_data: Signal<In, Bits<32>>,
}

/// The other side of a [`BeatSource`].
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct BeatSink<const ADDRESS: usize> {
    /// The guard has the memory's bus.
    pub open: Signal<In, Bit>,
    /// The guard wants the memory's bus.
    pub wants: Signal<In, Bit>,
    /// The guard gets the memory's bus in the next cycle, if `wants` is high.
    pub may_open: Signal<Out, Bit>,
    /// A scrub word waits for the bus.
    pub pressed: Signal<Out, Bit>,
    /// A beat is offered, and the fields of the beat are meaningful; stays high until answered.
    pub valid: Signal<In, Bit>,
    /// The beat is a write; else a read.
    pub write: Signal<In, Bit>,
    /// Physical address of the word.
    pub address: Signal<In, Bits<ADDRESS>>,
    /// Word to write; valid with `write`.
    pub data: Signal<In, Bits<32>>,
    /// Bytes of the word that the beat is about.
    pub select: Signal<In, Bits<4>>,
    /// Cycle type of the beat: Wishbone's `cti`.
    pub cycle_type: Signal<In, Bits<3>>,
    /// Burst type of the beat: Wishbone's `bte`.
    pub burst_type: Signal<In, Bits<2>>,
    /// The memory acknowledges the beat in this cycle.
    pub done: Signal<Out, Bit>,
    /// The memory answers the beat with an error in this cycle.
    pub failed: Signal<Out, Bit>,
    /// Word that the memory read; valid with `done`.
    pub read_data: Signal<Out, Bits<32>>,
}
