//! The delayed data path: the twin of `lockstep`, which sees everything one cycle later than the first data path.
//!
//! ```text
//!   requests, writes, gate, reset --[edge]--> DataPath, tables of its own --> responses
//! ```
//!
//! Every input of the twin is a cycle old, the reset too. So the registers and tables of the twin hold different values from
//! those of the first data path at every moment: a disturbance of both at once hits different accesses, and synthesis finds
//! nothing to merge. The registers that delay the inputs have no reset: synthesis would merge a gate before them with the same
//! gate before the first data path's registers.
//!
//! The twin has neither parity nor ownership map, whatever the first data path has: the twin gives a second answer to compare,
//! and is not guarded itself.

use super::{Access, DataPath};
use crate::{
    ports::{AccessRequest, PhysicalResponse, TranslateResponse},
    store::{Row, ShadowWrite, TableWrite},
};
use pm_interface::{Features, Geometry};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// State of the boot gate.
    pub struct GateState<ADDRESS> {
        /// High: the gate is open.
        pub active: Bit,
        /// High: the window is strict.
        pub strict: Bit,
        /// First byte of every tenant's window.
        pub window_base: Bits<ADDRESS>,
        /// First byte of the pool's frame.
        pub frame_base: Bits<ADDRESS>,
    }
}

bundle! {
    /// A write to the table but for the row.
    pub struct RowOrder<SLOT> {
        /// High: a row or an entry is written.
        pub enable: Bit,
        /// Slot of the row.
        pub slot: Bits<SLOT>,
        /// High: accesses may be granted through the row.
        pub valid: Bit,
        /// High: the block of the row is taken.
        pub held: Bit,
        /// High: no physical access may reach the block of the row.
        pub guarded: Bit,
    }
}

bundle! {
    /// A write to the shadow page tables.
    pub struct EntryOrder<TENANT, SLOT, PAGE> {
        /// High: a row or an entry is written.
        pub enable: Bit,
        /// Tenant whose table is written.
        pub tenant: Bits<TENANT>,
        /// Page whose entry is written.
        pub page: Bits<PAGE>,
        /// High: the page belongs to a partition.
        pub mapped: Bit,
        /// Slot of that partition.
        pub slot: Bits<SLOT>,
    }
}

bundle! {
    /// The tail that RESIZE works on.
    pub struct TailState<SLOT, BLOCK> {
        /// High: the tail is guarded.
        pub guarded: Bit,
        /// Row that the tail belongs to.
        pub slot: Bits<SLOT>,
        /// First granule of the tail.
        pub first: Bits<BLOCK>,
        /// Last granule of the tail.
        pub last: Bits<BLOCK>,
    }
}

block! {
    /// A plain data path behind registers for all that comes in. The control side asks the first data path only.
    pub struct DelayedDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no row is valid, no access is under way.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// High: an address in the window that no partition has is refused; steady while `active`.
        pub strict: Signal<In, Bit>,
        /// First byte of every tenant's window, a multiple of the window's size.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before `active`.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Write port of the rows and their comparators.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Write port of the shadow page tables.
        pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
        /// High: the granules from `tail_first` to `tail_last` are guarded from the next edge on, whatever the rows say.
        pub tail_guarded: Signal<In, Bit>,
        /// Row that the tail belongs to; valid with `tail_guarded`.
        pub tail_slot: Signal<In, Bits<SLOT>>,
        /// First granule of the tail; valid with `tail_guarded`.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded`.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        /// Request of the translate port: one access a cycle.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the translate port, five edges after the request.
        pub translate_response: TranslateResponse<ADDRESS>,
        /// Request of the translate port two edges later, for the log.
        pub translate_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        /// Request of the physical port: one access a cycle.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the physical port, five edges after the request.
        pub physical_response: PhysicalResponse,
        /// Request of the physical port two edges later, for the log.
        pub physical_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        restart: Register<Bit>,
        gate: Register<GateState<ADDRESS>>,
        order: Register<RowOrder<SLOT>>,
        row: Register<Row<TENANT, PAGE, BLOCK>>,
        entry: Register<EntryOrder<TENANT, SLOT, PAGE>>,
        tail: Register<TailState<SLOT, BLOCK>>,
        access: Register<Access<ADDRESS, LENGTH>>,
        physical_access: Register<Access<ADDRESS, LENGTH>>,
        twin: DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = DataPath::new(&plain(geometry)),
    }
}

/// The geometry of the twin.
fn plain(geometry: &Geometry) -> Geometry {
    let features = Features { integrity: false, lockstep: false, ..geometry.features };
    Geometry { features, ..geometry.clone() }
}

kernel! {
    DelayedDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self) registers(restart, gate, order, row, entry, tail, access, physical_access) clocked(twin) {
        self.restart.reset.next = false;
        self.gate.reset.next = false;
        self.order.reset.next = false;
        self.row.reset.next = false;
        self.entry.reset.next = false;
        self.tail.reset.next = false;
        self.access.reset.next = false;
        self.physical_access.reset.next = false;
        self.restart.d.next = self.reset.val();
        self.gate.d.next.active = self.active.val();
        self.gate.d.next.strict = self.strict.val();
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

        self.twin.reset.next = self.restart.q.val();
        self.twin.active.next = self.gate.q.val().active;
        self.twin.strict.next = self.gate.q.val().strict;
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

        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.twin.translate_response);
        self.translate_admitted.next = self.twin.translate_admitted.val();
        PhysicalResponse::link(&mut self.physical_response, &mut self.twin.physical_response);
        self.physical_admitted.next = self.twin.physical_admitted.val();
    }
}
