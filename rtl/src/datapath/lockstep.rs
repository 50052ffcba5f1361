//! Lockstep: a second data path, a cycle behind the first, and the comparison of what both answer.
//!
//! ```text
//!   requests, writes --+--> first data path ---------------------> answers --+--> ports
//!   gate, reset -------+                                                     v
//!                      '--[edge]--> twin, tables of its own --> answers --> AnswerCheck --> tripped --> closes both ports
//! ```
//!
//! All that the twin knows is a cycle old, the reset too. So its registers and tables hold, at every moment, something else
//! than the first's: what disturbs both at once disturbs different accesses, and synthesis finds nothing to merge. The registers
//! of that cycle have no reset: a gate before them would be the same as one before the first's, and made only once.
//!
//! The twin has neither parity nor ownership map, whatever the first has: it is a second opinion, and not a second guard.

use super::{Access, AnswerCheck, DataPath};
use crate::{
    ports::{AccessRequest, PhysicalSink, TranslateSink},
    store::{Row, ShadowWrite, TableWrite},
};
use pm_interface::{Features, Geometry};
use pm_verilog::{bundle, cells::Register};
use rust_hdl::prelude::*;

bundle! {
    /// What the gate says.
    pub struct GateState<ADDRESS> {
        /// It is open.
        pub active: Bit,
        /// First byte of every tenant's window.
        pub window_base: Bits<ADDRESS>,
        /// First byte of the pool's frame.
        pub frame_base: Bits<ADDRESS>,
    }
}

bundle! {
    /// A write to the table but for the row.
    pub struct RowOrder<SLOT> {
        /// Write.
        pub enable: Bit,
        /// Which row.
        pub slot: Bits<SLOT>,
        /// Accesses may be granted through it.
        pub valid: Bit,
        /// Its block is taken.
        pub held: Bit,
        /// No physical access may reach its block.
        pub guarded: Bit,
    }
}

bundle! {
    /// A write to the shadow page tables.
    pub struct EntryOrder<TENANT, SLOT, PAGE> {
        /// Write.
        pub enable: Bit,
        /// Whose table.
        pub tenant: Bits<TENANT>,
        /// Which page.
        pub page: Bits<PAGE>,
        /// The page belongs to a partition.
        pub mapped: Bit,
        /// Which one.
        pub slot: Bits<SLOT>,
    }
}

bundle! {
    /// The tail's guard.
    pub struct TailState<SLOT, BLOCK> {
        /// There is one.
        pub guarded: Bit,
        /// Row that it belongs to.
        pub slot: Bits<SLOT>,
        /// Its first granule.
        pub first: Bits<BLOCK>,
        /// Its last granule.
        pub last: Bits<BLOCK>,
    }
}

/// The twin and its check. Inputs are those of the first data path, and what it answers.
#[derive(Clone, Debug, LogicBlock)]
pub struct Lockstep<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing is valid, nothing is in flight, nothing has differed.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of every tenant's window.
    pub window_base: Signal<In, Bits<ADDRESS>>,
    /// First byte of the pool's frame.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// Writes a row.
    pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
    /// Writes a shadow entry.
    pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
    /// The tail is guarded.
    pub tail_guarded: Signal<In, Bit>,
    /// Row that the tail belongs to.
    pub tail_slot: Signal<In, Bits<SLOT>>,
    /// First granule of the tail.
    pub tail_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the tail.
    pub tail_last: Signal<In, Bits<BLOCK>>,
    /// The translate port.
    pub translate_request: AccessRequest<ADDRESS, LENGTH>,
    /// What the first data path gives out there.
    pub translate_response: TranslateSink<ADDRESS>,
    /// The physical port.
    pub physical_request: AccessRequest<ADDRESS, LENGTH>,
    /// What the first data path gives out there.
    pub physical_response: PhysicalSink,
    /// An answer was not the twin's, two cycles ago or earlier; until reset.
    pub tripped: Signal<Out, Bit>,
    /// The same, one edge later: both ports refuse everything.
    pub closes: Signal<Out, Bit>,
    /// With `integrity`: the twin's access to the translate port, as admitted.
    pub translate_admitted: Vec<Signal<Out, Access<ADDRESS, LENGTH>>>,
    /// With `integrity`: the twin's access to the physical port, as admitted.
    pub physical_admitted: Vec<Signal<Out, Access<ADDRESS, LENGTH>>>,
    restart: Register<Bit>,
    gate: Register<GateState<ADDRESS>>,
    order: Register<RowOrder<SLOT>>,
    row: Register<Row<TENANT, PAGE, BLOCK>>,
    entry: Register<EntryOrder<TENANT, SLOT, PAGE>>,
    tail: Register<TailState<SLOT, BLOCK>>,
    access: Register<Access<ADDRESS, LENGTH>>,
    physical_access: Register<Access<ADDRESS, LENGTH>>,
    twin: DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>,
    check: AnswerCheck<ADDRESS>,
    _reports: usize,
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Lockstep<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let reports = usize::from(geometry.features.integrity);
        let features = Features { integrity: false, lockstep: false, ..geometry.features };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            active: Default::default(),
            window_base: Default::default(),
            frame_base: Default::default(),
            table_write: Default::default(),
            shadow_write: Default::default(),
            tail_guarded: Default::default(),
            tail_slot: Default::default(),
            tail_first: Default::default(),
            tail_last: Default::default(),
            translate_request: Default::default(),
            translate_response: Default::default(),
            physical_request: Default::default(),
            physical_response: Default::default(),
            tripped: Default::default(),
            closes: Default::default(),
            translate_admitted: vec![Default::default(); reports],
            physical_admitted: vec![Default::default(); reports],
            restart: Default::default(),
            gate: Default::default(),
            order: Default::default(),
            row: Default::default(),
            entry: Default::default(),
            tail: Default::default(),
            access: Default::default(),
            physical_access: Default::default(),
            twin: DataPath::new(&Geometry { features, ..geometry.clone() }),
            check: Default::default(),
            _reports: reports,
        }
    }
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Logic for Lockstep<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.restart.clock.next = self.clock.val();
        self.restart.reset.next = false;
        self.gate.clock.next = self.clock.val();
        self.gate.reset.next = false;
        self.order.clock.next = self.clock.val();
        self.order.reset.next = false;
        self.row.clock.next = self.clock.val();
        self.row.reset.next = false;
        self.entry.clock.next = self.clock.val();
        self.entry.reset.next = false;
        self.tail.clock.next = self.clock.val();
        self.tail.reset.next = false;
        self.access.clock.next = self.clock.val();
        self.access.reset.next = false;
        self.physical_access.clock.next = self.clock.val();
        self.physical_access.reset.next = false;
        self.restart.d.next = self.reset.val();
        self.gate.d.next.active = self.active.val();
        self.gate.d.next.window_base = self.window_base.val();
        self.gate.d.next.frame_base = self.frame_base.val();
        self.order.d.next.enable = self.table_write.enable.val();
        self.order.d.next.slot = self.table_write.slot.val();
        self.order.d.next.valid = self.table_write.valid.val();
        self.order.d.next.held = self.table_write.held.val();
        self.order.d.next.guarded = self.table_write.guarded.val();
        self.row.d.next = self.table_write.row.val();
        self.entry.d.next.enable = self.shadow_write.enable.val();
        self.entry.d.next.tenant = self.shadow_write.tenant.val();
        self.entry.d.next.page = self.shadow_write.page.val();
        self.entry.d.next.mapped = self.shadow_write.entry.val().mapped;
        self.entry.d.next.slot = self.shadow_write.entry.val().slot;
        self.tail.d.next.guarded = self.tail_guarded.val();
        self.tail.d.next.slot = self.tail_slot.val();
        self.tail.d.next.first = self.tail_first.val();
        self.tail.d.next.last = self.tail_last.val();
        self.access.d.next.valid = self.translate_request.valid.val();
        self.access.d.next.tenant = self.translate_request.tenant.val();
        self.access.d.next.address = self.translate_request.address.val();
        self.access.d.next.length = self.translate_request.length.val();
        self.access.d.next.kind = self.translate_request.kind.val();
        self.physical_access.d.next.valid = self.physical_request.valid.val();
        self.physical_access.d.next.tenant = self.physical_request.tenant.val();
        self.physical_access.d.next.address = self.physical_request.address.val();
        self.physical_access.d.next.length = self.physical_request.length.val();
        self.physical_access.d.next.kind = self.physical_request.kind.val();

        self.twin.clock.next = self.clock.val();
        self.twin.reset.next = self.restart.q.val();
        self.twin.active.next = self.gate.q.val().active;
        self.twin.window_base.next = self.gate.q.val().window_base;
        self.twin.frame_base.next = self.gate.q.val().frame_base;
        self.twin.table_write.enable.next = self.order.q.val().enable;
        self.twin.table_write.slot.next = self.order.q.val().slot;
        self.twin.table_write.row.next = self.row.q.val();
        self.twin.table_write.valid.next = self.order.q.val().valid;
        self.twin.table_write.held.next = self.order.q.val().held;
        self.twin.table_write.guarded.next = self.order.q.val().guarded;
        self.twin.shadow_write.enable.next = self.entry.q.val().enable;
        self.twin.shadow_write.tenant.next = self.entry.q.val().tenant;
        self.twin.shadow_write.page.next = self.entry.q.val().page;
        self.twin.shadow_write.entry.next.mapped = self.entry.q.val().mapped;
        self.twin.shadow_write.entry.next.slot = self.entry.q.val().slot;
        self.twin.tail_guarded.next = self.tail.q.val().guarded;
        self.twin.tail_slot.next = self.tail.q.val().slot;
        self.twin.tail_first.next = self.tail.q.val().first;
        self.twin.tail_last.next = self.tail.q.val().last;
        // The control side asks the first data path.
        self.twin.control_slot.next = 0.into();
        self.twin.candidate_first.next = 0.into();
        self.twin.candidate_last.next = 0.into();
        self.twin.translate_request.valid.next = self.access.q.val().valid;
        self.twin.translate_request.tenant.next = self.access.q.val().tenant;
        self.twin.translate_request.address.next = self.access.q.val().address;
        self.twin.translate_request.length.next = self.access.q.val().length;
        self.twin.translate_request.kind.next = self.access.q.val().kind;
        self.twin.physical_request.valid.next = self.physical_access.q.val().valid;
        self.twin.physical_request.tenant.next = self.physical_access.q.val().tenant;
        self.twin.physical_request.address.next = self.physical_access.q.val().address;
        self.twin.physical_request.length.next = self.physical_access.q.val().length;
        self.twin.physical_request.kind.next = self.physical_access.q.val().kind;

        self.check.clock.next = self.clock.val();
        self.check.reset.next = self.reset.val();
        TranslateSink::<ADDRESS>::link(&mut self.translate_response, &mut self.check.translate);
        TranslateSink::<ADDRESS>::join(&mut self.check.twin_translate, &mut self.twin.translate_response);
        PhysicalSink::link(&mut self.physical_response, &mut self.check.physical);
        PhysicalSink::join(&mut self.check.twin_physical, &mut self.twin.physical_response);
        self.tripped.next = self.check.tripped.val();
        self.closes.next = self.check.closes.val();
        for i in 0..self._reports {
            self.translate_admitted[i].next = self.twin.translate_admitted.val();
            self.physical_admitted[i].next = self.twin.physical_admitted.val();
        }
    }
}
