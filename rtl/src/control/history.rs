//! The history: whose response is this? What the log tells of an access, carried beside the data path.
//!
//! ```text
//!   admitted --[edge]--[edge]--[edge]--> origin    arrives with the response
//! ```
//!
//! With `integrity` it stands in block RAM, where it takes no logic cells: written at one place in each cycle and read at
//! the place of two cycles before.

use crate::datapath::Access;
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::BlockRam, cells::Register};
use rust_hdl::prelude::*;

bundle! {
    /// What the log tells of an access.
    pub struct Origin<ADDRESS> {
        /// Who asked.
        pub tenant: Bits<8>,
        /// First byte.
        pub address: Bits<ADDRESS>,
        /// Read, write or execute.
        pub kind: Bits<2>,
    }
}

/// Delays an access by the three edges between its admission and its response.
#[derive(Clone, Debug, LogicBlock)]
pub struct History<const ADDRESS: usize, const LENGTH: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The access, one edge after it was offered.
    pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// The access whose response is due now; no meaning when none is.
    pub origin: Signal<Out, Origin<ADDRESS>>,
    admitted_origin: Signal<Local, Origin<ADDRESS>>,
    second: Vec<Register<Origin<ADDRESS>>>,
    third: Vec<Register<Origin<ADDRESS>>>,
    fourth: Vec<Register<Origin<ADDRESS>>>,
    memory: Vec<BlockRam<Origin<ADDRESS>, 2>>,
    place: Vec<Register<Bits<2>>>,
    _registers: usize,
    _memories: usize,
}

impl<const ADDRESS: usize, const LENGTH: usize> History<ADDRESS, LENGTH> {
    /// In registers, or in block RAM, as the geometry's features say.
    pub fn new(geometry: &Geometry) -> Self {
        let memories = usize::from(geometry.features.integrity);
        let registers = 1 - memories;
        Self {
            clock: Default::default(),
            reset: Default::default(),
            admitted: Default::default(),
            origin: Default::default(),
            admitted_origin: Default::default(),
            second: vec![Default::default(); registers],
            third: vec![Default::default(); registers],
            fourth: vec![Default::default(); registers],
            // What is read was written two cycles before.
            memory: vec![BlockRam::without_collisions(); memories],
            place: vec![Default::default(); memories],
            _registers: registers,
            _memories: memories,
        }
    }
}

impl<const ADDRESS: usize, const LENGTH: usize> Logic for History<ADDRESS, LENGTH> {
    #[hdl_gen]
    fn update(&mut self) {
        self.admitted_origin.next.tenant = self.admitted.val().tenant;
        self.admitted_origin.next.address = self.admitted.val().address;
        self.admitted_origin.next.kind = self.admitted.val().kind;
        self.origin.next = self.admitted_origin.val();
        for i in 0..self._registers {
            self.second[i].clock.next = self.clock.val();
            self.second[i].reset.next = self.reset.val();
            self.second[i].d.next = self.admitted_origin.val();
            self.third[i].clock.next = self.clock.val();
            self.third[i].reset.next = self.reset.val();
            self.third[i].d.next = self.second[i].q.val();
            self.fourth[i].clock.next = self.clock.val();
            self.fourth[i].reset.next = self.reset.val();
            self.fourth[i].d.next = self.third[i].q.val();
            self.origin.next = self.fourth[i].q.val();
        }
        for i in 0..self._memories {
            self.place[i].clock.next = self.clock.val();
            self.place[i].reset.next = self.reset.val();
            self.place[i].d.next = self.place[i].q.val() + 1;
            self.memory[i].clock.next = self.clock.val();
            self.memory[i].write_enable.next = true;
            self.memory[i].write_address.next = self.place[i].q.val();
            self.memory[i].write_data.next = self.admitted_origin.val();
            self.memory[i].read_address.next = self.place[i].q.val() ^ 2;
            self.origin.next = self.memory[i].read_data.val();
        }
    }
}
