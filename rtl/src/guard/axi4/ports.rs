//! The bundles of signals of AXI4, by the names of its specification (AMBA AXI and ACE, ARM IHI 0022).

use pm_verilog::bundle;
use rust_hdl::prelude::*;

/// The side of the memory port that is asked: full AXI4.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct Axi4Slave<const ADDRESS: usize, const DATA: usize, const STROBE: usize, const ID: usize, const USER: usize> {
    /// Write address: identifier of the burst; answers of one identifier keep their order.
    pub awid: Signal<In, Bits<ID>>,
    /// Write address: first byte, as the tenant sees it.
    pub awaddr: Signal<In, Bits<ADDRESS>>,
    /// Write address: beats, less one.
    pub awlen: Signal<In, Bits<8>>,
    /// Write address: 2^awsize bytes a beat.
    pub awsize: Signal<In, Bits<3>>,
    /// Write address: 0 FIXED, 1 INCR, 2 WRAP.
    pub awburst: Signal<In, Bits<2>>,
    /// Write address: exclusive access.
    pub awlock: Signal<In, Bit>,
    /// Write address: memory type.
    pub awcache: Signal<In, Bits<4>>,
    /// Write address: privileged, non-secure, instruction.
    pub awprot: Signal<In, Bits<3>>,
    /// Write address: quality of service.
    pub awqos: Signal<In, Bits<4>>,
    /// Write address: region identifier.
    pub awregion: Signal<In, Bits<4>>,
    /// Write address: user signal; bits 7:0 are the tenant, from the interconnect.
    pub awuser: Signal<In, Bits<USER>>,
    /// Write address: offered; stays high until taken.
    pub awvalid: Signal<In, Bit>,
    /// Write address: taken in this cycle.
    pub awready: Signal<Out, Bit>,
    /// Write data: the data of the beat.
    pub wdata: Signal<In, Bits<DATA>>,
    /// Write data: one bit for each byte of the beat.
    pub wstrb: Signal<In, Bits<STROBE>>,
    /// Write data: last beat of the burst.
    pub wlast: Signal<In, Bit>,
    /// Write data: offered; stays high until taken.
    pub wvalid: Signal<In, Bit>,
    /// Write data: taken in this cycle.
    pub wready: Signal<Out, Bit>,
    /// Write response: identifier of the burst.
    pub bid: Signal<Out, Bits<ID>>,
    /// Write response: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
    pub bresp: Signal<Out, Bits<2>>,
    /// Write response: offered; stays high until taken.
    pub bvalid: Signal<Out, Bit>,
    /// Write response: taken in this cycle.
    pub bready: Signal<In, Bit>,
    /// Read address: identifier of the burst; answers of one identifier keep their order.
    pub arid: Signal<In, Bits<ID>>,
    /// Read address: first byte, as the tenant sees it.
    pub araddr: Signal<In, Bits<ADDRESS>>,
    /// Read address: beats, less one.
    pub arlen: Signal<In, Bits<8>>,
    /// Read address: 2^arsize bytes a beat.
    pub arsize: Signal<In, Bits<3>>,
    /// Read address: 0 FIXED, 1 INCR, 2 WRAP.
    pub arburst: Signal<In, Bits<2>>,
    /// Read address: exclusive access.
    pub arlock: Signal<In, Bit>,
    /// Read address: memory type.
    pub arcache: Signal<In, Bits<4>>,
    /// Read address: privileged, non-secure, instruction; bit 2 makes the access an instruction fetch.
    pub arprot: Signal<In, Bits<3>>,
    /// Read address: quality of service.
    pub arqos: Signal<In, Bits<4>>,
    /// Read address: region identifier.
    pub arregion: Signal<In, Bits<4>>,
    /// Read address: user signal; bits 7:0 are the tenant, from the interconnect.
    pub aruser: Signal<In, Bits<USER>>,
    /// Read address: offered; stays high until taken.
    pub arvalid: Signal<In, Bit>,
    /// Read address: taken in this cycle.
    pub arready: Signal<Out, Bit>,
    /// Read data: identifier of the burst.
    pub rid: Signal<Out, Bits<ID>>,
    /// Read data: the data of the beat; zero with an error of the guard.
    pub rdata: Signal<Out, Bits<DATA>>,
    /// Read data: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
    pub rresp: Signal<Out, Bits<2>>,
    /// Read data: last beat of the burst.
    pub rlast: Signal<Out, Bit>,
    /// Read data: offered; stays high until taken.
    pub rvalid: Signal<Out, Bit>,
    /// Read data: taken in this cycle.
    pub rready: Signal<In, Bit>,
}

/// The side that asks the memory: full AXI4.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct Axi4Master<const ADDRESS: usize, const DATA: usize, const STROBE: usize, const ID: usize, const USER: usize> {
    /// Write address: identifier, as the tenant sent it; 0 for the words of the scrubber.
    pub awid: Signal<Out, Bits<ID>>,
    /// Write address: first byte, physical.
    pub awaddr: Signal<Out, Bits<ADDRESS>>,
    /// Write address: beats, less one.
    pub awlen: Signal<Out, Bits<8>>,
    /// Write address: 2^awsize bytes a beat.
    pub awsize: Signal<Out, Bits<3>>,
    /// Write address: 0 FIXED, 1 INCR, 2 WRAP.
    pub awburst: Signal<Out, Bits<2>>,
    /// Write address: exclusive access.
    pub awlock: Signal<Out, Bit>,
    /// Write address: memory type.
    pub awcache: Signal<Out, Bits<4>>,
    /// Write address: privileged, non-secure, instruction.
    pub awprot: Signal<Out, Bits<3>>,
    /// Write address: quality of service.
    pub awqos: Signal<Out, Bits<4>>,
    /// Write address: region identifier.
    pub awregion: Signal<Out, Bits<4>>,
    /// Write address: user signal, as the tenant sent it; 0 for the words of the scrubber.
    pub awuser: Signal<Out, Bits<USER>>,
    /// Write address: offered; stays high until taken.
    pub awvalid: Signal<Out, Bit>,
    /// Write address: taken in this cycle.
    pub awready: Signal<In, Bit>,
    /// Write data: the data of the beat.
    pub wdata: Signal<Out, Bits<DATA>>,
    /// Write data: one bit for each byte of the beat.
    pub wstrb: Signal<Out, Bits<STROBE>>,
    /// Write data: last beat of the burst, by the guard's own count.
    pub wlast: Signal<Out, Bit>,
    /// Write data: offered; stays high until taken.
    pub wvalid: Signal<Out, Bit>,
    /// Write data: taken in this cycle.
    pub wready: Signal<In, Bit>,
    /// Write response: identifier of the burst.
    pub bid: Signal<In, Bits<ID>>,
    /// Write response: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
    pub bresp: Signal<In, Bits<2>>,
    /// Write response: offered; stays high until taken.
    pub bvalid: Signal<In, Bit>,
    /// Write response: taken in this cycle.
    pub bready: Signal<Out, Bit>,
    /// Read address: identifier, as the tenant sent it.
    pub arid: Signal<Out, Bits<ID>>,
    /// Read address: first byte, physical.
    pub araddr: Signal<Out, Bits<ADDRESS>>,
    /// Read address: beats, less one.
    pub arlen: Signal<Out, Bits<8>>,
    /// Read address: 2^arsize bytes a beat.
    pub arsize: Signal<Out, Bits<3>>,
    /// Read address: 0 FIXED, 1 INCR, 2 WRAP.
    pub arburst: Signal<Out, Bits<2>>,
    /// Read address: exclusive access.
    pub arlock: Signal<Out, Bit>,
    /// Read address: memory type.
    pub arcache: Signal<Out, Bits<4>>,
    /// Read address: privileged, non-secure, instruction; bit 2 makes the access an instruction fetch.
    pub arprot: Signal<Out, Bits<3>>,
    /// Read address: quality of service.
    pub arqos: Signal<Out, Bits<4>>,
    /// Read address: region identifier.
    pub arregion: Signal<Out, Bits<4>>,
    /// Read address: user signal, as the tenant sent it.
    pub aruser: Signal<Out, Bits<USER>>,
    /// Read address: offered; stays high until taken.
    pub arvalid: Signal<Out, Bit>,
    /// Read address: taken in this cycle.
    pub arready: Signal<In, Bit>,
    /// Read data: identifier of the burst.
    pub rid: Signal<In, Bits<ID>>,
    /// Read data: the data of the beat.
    pub rdata: Signal<In, Bits<DATA>>,
    /// Read data: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
    pub rresp: Signal<In, Bits<2>>,
    /// Read data: last beat of the burst.
    pub rlast: Signal<In, Bit>,
    /// Read data: offered; stays high until taken.
    pub rvalid: Signal<In, Bit>,
    /// Read data: taken in this cycle.
    pub rready: Signal<Out, Bit>,
}

bundle! {
    /// Signals of an address channel, without the address and the handshake.
    pub struct Attributes<ID, USER> {
        /// Identifier of the burst.
        pub id: Bits<ID>,
        /// Beats of the burst, less one.
        pub len: Bits<8>,
        /// Size of a beat: 2^size bytes.
        pub size: Bits<3>,
        /// Kind of burst: 0 FIXED, 1 INCR, 2 WRAP.
        pub burst: Bits<2>,
        /// Exclusive access of AXI4.
        pub lock: Bit,
        /// Memory type of AXI4 (`AxCACHE`).
        pub cache: Bits<4>,
        /// Protection bits: privileged, non-secure, instruction.
        pub prot: Bits<3>,
        /// Quality of service.
        pub qos: Bits<4>,
        /// Region identifier of AXI4 (`AxREGION`).
        pub region: Bits<4>,
        /// User signal; bits 7:0 are the tenant.
        pub user: Bits<USER>,
    }
}

bundle! {
    /// A beat of write data.
    pub struct WriteBeat<DATA, STROBE> {
        /// Data of the beat.
        pub data: Bits<DATA>,
        /// Strobe of the beat: one bit for each byte.
        pub strobe: Bits<STROBE>,
        /// The beat is the last of its burst.
        pub last: Bit,
    }
}

bundle! {
    /// A write response.
    pub struct WriteAnswer<ID> {
        /// Identifier of the burst.
        pub id: Bits<ID>,
        /// Response code: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
        pub response: Bits<2>,
    }
}

bundle! {
    /// A beat of read data.
    pub struct ReadBeat<DATA, ID> {
        /// Identifier of the burst.
        pub id: Bits<ID>,
        /// Data of the beat.
        pub data: Bits<DATA>,
        /// Response code: 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
        pub response: Bits<2>,
        /// The beat is the last of its burst.
        pub last: Bit,
    }
}
