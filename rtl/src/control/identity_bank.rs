//! Who am I, and how am I? `ID`, `VERSION`, `GEOMETRY0`, `GEOMETRY1`, `STATUS`.

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::{
    registers::{self, offset},
    Geometry,
};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the identity bank.
    pub struct IdentityOffsets: Bits<8> {
        /// `ID`.
        id = offset::ID / 4,
        /// `VERSION`.
        version = offset::VERSION / 4,
        /// `GEOMETRY0`.
        geometry0 = offset::GEOMETRY0 / 4,
        /// `GEOMETRY1`.
        geometry1 = offset::GEOMETRY1 / 4,
        /// `STATUS`.
        status = offset::STATUS / 4,
    }
}

/// Read-only registers; writes are refused.
#[derive(Clone, Debug, LogicBlock)]
pub struct IdentityBank {
    /// The access.
    pub access: Signal<In, RegisterAccess>,
    /// The answer.
    pub answer: Signal<Out, BankAnswer>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// Nothing may change any more.
    pub sealed: Signal<In, Bit>,
    /// A command is running.
    pub busy: Signal<In, Bit>,
    /// An isolation or integrity denial has not been acknowledged.
    pub alert: Signal<In, Bit>,
    /// The interrupt request.
    pub irq: Signal<In, Bit>,
    selected: Signal<Local, Bits<64>>,
    offsets: IdentityOffsets,
    id: Constant<Bits<32>>,
    version: Constant<Bits<32>>,
    geometry0: Constant<Bits<32>>,
    geometry1: Constant<Bits<32>>,
}

impl IdentityBank {
    /// Describes `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let shape = geometry.shape;
        let geometry0 =
            shape.address | geometry.granule_bits << 8 | (geometry.granule_bits + shape.page) << 16 | geometry.pool_bits() << 24;
        let geometry1 = geometry.tenants | geometry.slots << 8 | registers::AUDIT_RECORDS << 16;
        Self {
            access: Default::default(),
            answer: Default::default(),
            active: Default::default(),
            sealed: Default::default(),
            busy: Default::default(),
            alert: Default::default(),
            irq: Default::default(),
            selected: Default::default(),
            offsets: Default::default(),
            id: Constant::new(registers::ID_VALUE.to_bits()),
            version: Constant::new(registers::VERSION_VALUE.to_bits()),
            geometry0: Constant::new(geometry0.to_bits()),
            geometry1: Constant::new(geometry1.to_bits()),
        }
    }
}

impl Logic for IdentityBank {
    #[hdl_gen]
    fn update(&mut self) {
        self.selected.next = self.access.val().selected;
        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        if self.access.val().read {
            if self.selected.val().get_bit(self.offsets.id.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.id.val();
            } else if self.selected.val().get_bit(self.offsets.version.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.version.val();
            } else if self.selected.val().get_bit(self.offsets.geometry0.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.geometry0.val();
            } else if self.selected.val().get_bit(self.offsets.geometry1.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.geometry1.val();
            } else if self.selected.val().get_bit(self.offsets.status.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = bit_cast::<32, 1>(self.active.val().into())
                    | (bit_cast::<32, 1>(self.sealed.val().into()) << 1)
                    | (bit_cast::<32, 1>(self.busy.val().into()) << 2)
                    | (bit_cast::<32, 1>(self.alert.val().into()) << 3)
                    | (bit_cast::<32, 1>(self.irq.val().into()) << 4);
            }
        }
    }
}
