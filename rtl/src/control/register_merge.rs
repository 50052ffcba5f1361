//! Two masters on one register port: the host, and the manifest loader in the cycles that the host leaves free.
//!
//! ```text
//!   host ----+--> request --[edge]--> --[edge]--> access --[edge]--> --[edge]--> response --+--> host, unless inner
//!   inner --'                          inner_access: whose it is              inner_answer --'--> loader
//! ```
//!
//! No latency of its own. It must never hold up the host, nor show it an answer that it did not ask for.

use pm_interface::Geometry;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Whose register access is it?
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RegisterMerge {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no inner access is under way.
    pub reset: Signal<In, Bit>,
    /// The host reads.
    pub host_read: Signal<In, Bit>,
    /// The host writes.
    pub host_write: Signal<In, Bit>,
    /// Which register: the byte offset.
    pub host_address: Signal<In, Bits<8>>,
    /// What.
    pub host_data: Signal<In, Bits<32>>,
    /// The loader wants to write; it stays until taken.
    pub inner_write: Signal<In, Bit>,
    /// Which register: the word offset.
    pub inner_place: Signal<In, Bits<6>>,
    /// What.
    pub inner_data: Signal<In, Bits<32>>,
    /// It was taken at the last edge, and is no longer offered.
    pub inner_ready: Signal<Out, Bit>,
    /// The register port's request: a read.
    pub read: Signal<Out, Bit>,
    /// The register port's request: a write.
    pub write: Signal<Out, Bit>,
    /// Which register: the byte offset.
    pub address: Signal<Out, Bits<8>>,
    /// What to write.
    pub data: Signal<Out, Bits<32>>,
    /// The access that the banks see in this cycle is the loader's.
    pub inner_access: Signal<Out, Bit>,
    /// The port's response in this cycle is the loader's.
    pub inner_answer: Signal<Out, Bit>,
    asked: Register<Bit>,
    decoded: Register<Bit>,
    gathered: Register<Bit>,
    answered: Register<Bit>,
    free: Signal<Local, Bit>,
    offered: Signal<Local, Bit>,
    /// With `integrity`: the parity of the port's request, see [`super::RegisterPort::request_odd`]. That of either master is made
    /// before the choice.
    pub odd: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the parity of `inner_data`.
    pub inner_odd: Vec<Signal<In, Bit>>,
    /// With `integrity` and `lockstep`: whose access is under way is known.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
    _reports: usize,
}

impl RegisterMerge {
    /// With the parity of a request, and guards beside what knows whose it is, as the geometry's features say.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            odd: vec![Default::default(); guards],
            inner_odd: vec![Default::default(); guards],
            asked: Register::guarded(reports),
            decoded: Register::guarded(reports),
            gathered: Register::guarded(reports),
            answered: Register::guarded(reports),
            intact: vec![Default::default(); reports],
            _guards: guards,
            _reports: reports,
            ..Default::default()
        }
    }
}

impl Logic for RegisterMerge {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(asked, decoded, gathered, answered) {
            self.free.next = !self.host_read.val() & !self.host_write.val();
            // Until the loader knows that its write was taken it offers it for a cycle more.
            self.offered.next = self.inner_write.val() & !self.asked.q.val();
            self.inner_ready.next = self.asked.q.val();
            self.read.next = self.host_read.val();
            self.write.next = self.host_write.val();
            self.address.next = self.host_address.val();
            self.data.next = self.host_data.val();
            if self.free.val() {
                self.write.next = self.offered.val();
                self.address.next = bit_cast::<8, 6>(self.inner_place.val()) << 2;
                self.data.next = self.inner_data.val();
            }
            for i in 0..self._guards {
                self.odd[i].next = (self.host_read.val() & !self.host_write.val())
                    ^ self.host_write.val()
                    ^ self.host_address.val().xor()
                    ^ self.host_data.val().xor();
                if self.free.val() {
                    self.odd[i].next = self.offered.val()
                        ^ self.inner_place.val().xor()
                        ^ (self.offered.val() & self.inner_odd[i].val());
                    // The word of which that is the parity may be another one until it is written.
                    if !self.offered.val() {
                        self.data.next = 0.into();
                    }
                }
            }
            self.asked.d.next = self.offered.val() & self.free.val();
            self.decoded.d.next = self.asked.q.val();
            self.gathered.d.next = self.decoded.q.val();
            self.answered.d.next = self.gathered.q.val();
            self.inner_access.next = self.decoded.q.val();
            self.inner_answer.next = self.answered.q.val();
            for i in 0..self._reports {
                self.intact[i].next = self.asked.intact[i].val()
                    & self.decoded.intact[i].val()
                    & self.gathered.intact[i].val()
                    & self.answered.intact[i].val();
            }
        }
    }
}
