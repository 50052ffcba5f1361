//! Lookup: which row? Two witnesses, the CAM and the shadow page table, must name the same one.
//!
//! ```text
//!   tenant, page --> entry 0 ... entry n --[edge]--> matches? --------+
//!                       ^            ^               differs anywhere? --+--[edge]--> finding
//!   shadow entry -------+-- names ---+
//! ```
//!
//! The shadow entry names one slot, so "the same" means that the CAM matches that slot and no other: two matches are a
//! fault, never a priority.

use crate::store::{LookupEntry, ShadowEntry, TableWrite};
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// What the two witnesses said.
    pub struct Finding<SLOT> {
        /// The shadow page table maps the page.
        pub mapped: Bit,
        /// At least one row matches.
        pub found: Bit,
        /// The rows that match are exactly those that the shadow page table names: one or none.
        pub agreed: Bit,
        /// The slot that the shadow page table names.
        pub slot: Bits<SLOT>,
    }
}

/// The CAM and its comparison with the shadow page table.
#[derive(Clone, Debug, LogicBlock)]
pub struct Lookup<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no row is valid.
    pub reset: Signal<In, Bit>,
    /// The store's write port.
    pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
    /// Whose page.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Which page.
    pub page: Signal<In, Bits<PAGE>>,
    /// What the shadow page table says of it, in the same cycle.
    pub shadow: Signal<In, ShadowEntry<SLOT>>,
    /// The comparison, two edges later.
    pub finding: Signal<Out, Finding<SLOT>>,
    /// Row that the control side reads.
    pub control_slot: Signal<In, Bits<SLOT>>,
    /// It is valid, one edge later.
    pub control_live: Signal<Out, Bit>,
    entries: Vec<LookupEntry<TENANT, PAGE>>,
    expected: Register<ShadowEntry<SLOT>>,
    outcome: Register<Finding<SLOT>>,
    read_live: Register<Bit>,
    found: Signal<Local, Bit>,
    differs: Signal<Local, Bit>,
    _slots: usize,
    /// With `integrity`: what was read of the shadow page table is still there, two edges after the page.
    pub shadow_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: `finding` is what was found.
    pub finding_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: no entry has lost a flag.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Lookup<TENANT, SLOT, PAGE, BLOCK> {
    /// One entry a slot of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            table_write: Default::default(),
            tenant: Default::default(),
            page: Default::default(),
            shadow: Default::default(),
            finding: Default::default(),
            control_slot: Default::default(),
            control_live: Default::default(),
            entries: vec![LookupEntry::guarded(guards); geometry.slots],
            expected: Register::guarded(guards),
            outcome: Register::guarded(guards),
            read_live: Register::guarded(guards),
            found: Default::default(),
            differs: Default::default(),
            _slots: geometry.slots,
            shadow_intact: vec![Default::default(); guards],
            finding_intact: vec![Default::default(); guards],
            intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }

    /// Overwrites what an entry matches: fault injection.
    pub fn poke(&mut self, slot: usize, valid: bool, tenant: Bits<TENANT>, first: Bits<PAGE>, last: Bits<PAGE>) {
        self.entries[slot].poke(valid, tenant, first, last);
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic for Lookup<TENANT, SLOT, PAGE, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(expected, outcome, read_live) {
            self.expected.d.next = self.shadow.val();
            self.found.next = false;
            self.differs.next = false;
            self.read_live.d.next = false;
            for i in 0..self._slots {
                self.entries[i].clock.next = self.clock.val();
                self.entries[i].reset.next = self.reset.val();
                self.entries[i].addressed.next = self.table_write.slot.val() == i.to_bits::<SLOT>();
                self.entries[i].write.next = self.table_write.enable.val();
                self.entries[i].new_valid.next = self.table_write.valid.val();
                self.entries[i].new_tenant.next = self.table_write.row.val().tenant;
                self.entries[i].new_first.next = self.table_write.row.val().first_page;
                self.entries[i].new_last.next = self.table_write.row.val().last_page;
                self.entries[i].tenant.next = self.tenant.val();
                self.entries[i].page.next = self.page.val();
                self.entries[i].named.next =
                    self.shadow.val().mapped & (self.shadow.val().slot == i.to_bits::<SLOT>());
                if self.control_slot.val() == i.to_bits::<SLOT>() {
                    self.read_live.d.next = self.entries[i].live.val();
                }
                self.found.next = self.found.val() | self.entries[i].matched.val();
                self.differs.next = self.differs.val() | self.entries[i].differs.val();
            }
            self.outcome.d.next.mapped = self.expected.q.val().mapped;
            self.outcome.d.next.found = self.found.val();
            self.outcome.d.next.agreed = !self.differs.val();
            self.outcome.d.next.slot = self.expected.q.val().slot;
            self.finding.next = self.outcome.q.val();
            self.control_live.next = self.read_live.q.val();
            for i in 0..self._guards {
                self.shadow_intact[i].next = self.expected.intact[i].val();
                self.finding_intact[i].next = self.outcome.intact[i].val();
                self.intact[i].next = self.read_live.intact[i].val();
                for j in 0..self._slots {
                    self.intact[i].next = self.intact[i].val() & self.entries[j].intact[i].val();
                }
            }
        }
    }
}
