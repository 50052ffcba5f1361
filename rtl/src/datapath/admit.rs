//! Admit: who asks, and for what? The first register of both ports.
//!
//! ```text
//!   request --[edge]--> admitted
//! ```
//!
//! The tenant is the port's sideband number and nothing else; a number that does not exist stays as it came, so that
//! nobody downstream can mistake it for another tenant.

use crate::ports::AccessRequest;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// An access as it was offered.
    pub struct Access<ADDRESS, LENGTH> {
        /// There is one.
        pub valid: Bit,
        /// Who asks.
        pub tenant: Bits<8>,
        /// First byte.
        pub address: Bits<ADDRESS>,
        /// Bytes.
        pub length: Bits<LENGTH>,
        /// Read, write or execute.
        pub kind: Bits<2>,
    }
}

/// Registers a request.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Admit<const ADDRESS: usize, const LENGTH: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: forgets the access.
    pub reset: Signal<In, Bit>,
    /// The port.
    pub request: AccessRequest<ADDRESS, LENGTH>,
    /// The access, one edge later.
    pub admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
    /// With `integrity`: `admitted` is what was offered.
    pub intact: Vec<Signal<Out, Bit>>,
    access: Register<Access<ADDRESS, LENGTH>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const LENGTH: usize> Admit<ADDRESS, LENGTH> {
    /// With its register guarded, or not.
    pub fn guarded(guards: usize) -> Self {
        let access = Register::guarded(guards);
        Self { access, intact: vec![Default::default(); guards], _guards: guards, ..Default::default() }
    }
}

impl<const ADDRESS: usize, const LENGTH: usize> Logic for Admit<ADDRESS, LENGTH> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(access) {
            self.access.d.next.valid = self.request.valid.val();
            self.access.d.next.tenant = self.request.tenant.val();
            self.access.d.next.address = self.request.address.val();
            self.access.d.next.length = self.request.length.val();
            self.access.d.next.kind = self.request.kind.val();
            self.admitted.next = self.access.q.val();
            for i in 0..self._guards {
                self.intact[i].next = self.access.intact[i].val();
            }
        }
    }
}
