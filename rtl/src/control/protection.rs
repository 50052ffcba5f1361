//! The protection: does everything still hold what was written, and what stops when not?
//!
//! ```text
//!   gate open, commands run, start, writes, records --+--> passed on                     without features
//!                                                     |
//!   parity of all blocks --> IntegrityGuard --closes--+   with `integrity`
//!   rows --> Patrol --repairs, records ---------------+   with `integrity`
//!   an answer, or a report, was not its twin's -------'   with `lockstep`
//! ```

use super::{
    audit_entry::AuditEntry, command_engine::TableDrive, integrity_guard::IntegrityGuard, patrol::Patrol,
    shadow_writer::ShadowDrive,
};
use crate::store::{OwnedGranule, Row, ShadowWrite, TableWrite};
use pm_interface::{Event, Reason};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Parity of the blocks: each signal is high while no register of that block has lost a bit.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct Health {
    /// Parity of the data path: comparators, stages, memories.
    pub data_path: Signal<In, Bit>,
    /// Parity of the boot gate.
    pub gate: Signal<In, Bit>,
    /// Parity of the registers of the pool's frame.
    pub frame: Signal<In, Bit>,
    /// Parity of manifest loader, buffer, quota gate and tag.
    pub manifest: Signal<In, Bit>,
    /// Parity of the scrubber.
    pub scrubber: Signal<In, Bit>,
    /// Parity of the register port.
    pub register_port: Signal<In, Bit>,
    /// Parity of the command registers.
    pub operands: Signal<In, Bit>,
    /// Parity of the command engine.
    pub engine: Signal<In, Bit>,
    /// Parity of the allocator.
    pub allocator: Signal<In, Bit>,
    /// Parity of the shadow writer.
    pub shadow_writer: Signal<In, Bit>,
    /// Parity of the audit log.
    pub audit: Signal<In, Bit>,
    /// Parity of the ownership map.
    pub map: Signal<In, Bit>,
    /// High while a command runs.
    pub busy: Signal<In, Bit>,
    /// High when the log has room for a record of the patrol.
    pub room: Signal<In, Bit>,
    /// High: the scrubber offers no further word and ends.
    pub halt: Signal<Out, Bit>,
    /// High once a bit was lost, an edge after the ports closed.
    pub tripped: Signal<Out, Bit>,
    /// High for one cycle: the patrol repaired a row.
    pub repaired: Signal<Out, Bit>,
    /// High while a record of the patrol uses the log's input.
    pub records: Signal<Out, Bit>,
}

/// The protection's way into the store.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct StoreGuard<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// High: the patrol has the choice of the row that the control side reads.
    pub asks: Signal<Out, Bit>,
    /// Row that the patrol reads.
    pub slot: Signal<Out, Bits<SLOT>>,
    /// Row of `slot` two edges later, with one wrong bit put right.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// High when the word of `slot`, two edges later, had no wrong bit.
    pub sound: Signal<In, Bit>,
    /// High when the word of `slot`, two edges later, had one wrong bit.
    pub single: Signal<In, Bit>,
    /// High when the row of `slot` is valid, one edge later.
    pub live: Signal<In, Bit>,
    /// High while the ownership map is being written.
    pub map_busy: Signal<In, Bit>,
    /// High once the ownership map has been cleared since reset.
    pub map_cleared: Signal<In, Bit>,
    /// High: both ports refuse everything.
    pub closed: Signal<Out, Bit>,
    /// High while no command has been at work for some cycles.
    pub quiet: Signal<Out, Bit>,
    /// High: the writes of page and granule repeat the stored words.
    pub renews: Signal<Out, Bit>,
    /// Granule that is written.
    pub granule: Signal<Out, Bits<BLOCK>>,
    /// Row that guards the granule, if any.
    pub owner: Signal<Out, OwnedGranule<SLOT>>,
}

block! {
    /// Stands between the blocks that decide and the blocks that act, and closes when a bit was lost.
    pub struct Protection<ADDRESS, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no bit has been lost.
        pub reset: Signal<In, Bit>,
        /// High while the boot lets the ports grant.
        pub boot_active: Signal<In, Bit>,
        /// High while the boot lets commands run.
        pub boot_runs: Signal<In, Bit>,
        /// High while the device is open, and no bit has been lost.
        pub active: Signal<Out, Bit>,
        /// High while commands may run.
        pub runs: Signal<Out, Bit>,
        /// High for one cycle: a command is to begin.
        pub start: Signal<In, Bit>,
        /// High for one cycle: the command begins.
        pub go: Signal<Out, Bit>,
        /// High: the protection asks for the critical alert.
        pub alarm: Signal<Out, Bit>,
        /// Alert of the event bank.
        pub alert_raised: Signal<In, Bit>,
        /// Alert of the device.
        pub alert: Signal<Out, Bit>,
        /// Write of a row by the command engine.
        pub order: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Write port of the rows.
        pub table_write: TableDrive<TENANT, SLOT, PAGE, BLOCK>,
        /// Write of an entry by the shadow writer.
        pub page: ShadowWrite<TENANT, SLOT, PAGE>,
        /// Write port of the shadow page tables.
        pub shadow_write: ShadowDrive<TENANT, SLOT, PAGE>,
        /// High once the shadow page tables have been cleared since reset.
        pub swept: Signal<In, Bit>,
        /// High once all tables have been cleared since reset.
        pub cleared: Signal<Out, Bit>,
        /// High while the boot has a record; held until taken.
        pub boot_valid: Signal<In, Bit>,
        /// Record of the boot.
        pub boot_record: Signal<In, AuditEntry<ADDRESS>>,
        /// High: the record of the boot is in the log.
        pub boot_taken: Signal<Out, Bit>,
        /// High while a record for the log is offered; stays high until taken.
        pub record_valid: Signal<Out, Bit>,
        /// Record for the log.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        /// High: the record is in the log.
        pub record_taken: Signal<In, Bit>,
        /// Parity of the blocks, and what stops.
        pub health: Health where integrity,
        /// Way into the store.
        pub store: StoreGuard<TENANT, SLOT, PAGE, BLOCK> where integrity,
        guard: IntegrityGuard where integrity,
        patrol: Patrol<TENANT, SLOT, PAGE, BLOCK> where integrity = Patrol::new(geometry),
        event: Constant<Bits<4>> where integrity = Constant::new(Event::Integrity.code().to_bits()),
        none: Constant<Bits<4>> where integrity = Constant::new(Reason::None.code().to_bits()),
        /// High once an answer of the data path was not its twin's.
        pub differs: Signal<In, Bit> where lockstep,
        /// High while the outputs of the reporting, three cycles ago, were those of its twin.
        pub reports: Signal<In, Bit> where reports,
    }
}

kernel! {
    Protection<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.active.next = self.boot_active.val();
        self.runs.next = self.boot_runs.val();
        self.go.next = self.start.val();
        self.alarm.next = false;
        self.alert.next = self.alert_raised.val();
        self.table_write.enable.next = self.order.enable.val();
        self.table_write.slot.next = self.order.slot.val();
        self.table_write.row.next = self.order.row.val();
        self.table_write.valid.next = self.order.valid.val();
        self.table_write.held.next = self.order.held.val();
        self.table_write.guarded.next = self.order.guarded.val();
        self.shadow_write.enable.next = self.page.enable.val();
        self.shadow_write.tenant.next = self.page.tenant.val();
        self.shadow_write.page.next = self.page.page.val();
        self.shadow_write.entry.next = self.page.entry.val();
        self.cleared.next = self.swept.val();
        self.boot_taken.next = self.record_taken.val();
        self.record_valid.next = self.boot_valid.val();
        self.record.next = self.boot_record.val();
    }
    // A register that has lost a bit closes everything.
    when(guard) blocks(guard) {
        self.guard[0].answers_intact.next =
            self.health[0].data_path.val() & self.health[0].gate.val() & self.health[0].scrubber.val();
        self.guard[0].operands_intact.next =
            self.health[0].register_port.val() & self.health[0].manifest.val() & self.health[0].operands.val();
        self.guard[0].commands_intact.next = self.health[0].engine.val()
            & self.health[0].allocator.val()
            & self.health[0].shadow_writer.val()
            & self.health[0].audit.val()
            & self.health[0].map.val()
            & self.patrol[0].intact[0].val();
        self.guard[0].lost.next = self.patrol[0].lost.val();
        self.guard[0].busy.next = self.health[0].busy.val();
        self.guard[0].map_busy.next = self.store[0].map_busy.val();
        self.guard[0].start.next = self.start.val();
        self.go.next = self.guard[0].go.val();
        self.active.next = self.boot_active.val() & !self.guard[0].tripped.val();
        self.runs.next = self.boot_runs.val() & !self.guard[0].tripped.val();
        self.alarm.next = self.guard[0].tripped.val();
        self.cleared.next = self.swept.val() & self.store[0].map_cleared.val();
        self.store[0].closed.next = self.guard[0].closes.val();
        self.store[0].quiet.next = self.guard[0].quiet.val();
        // A word would go elsewhere in the very cycle in which the frame lost a bit.
        self.health[0].halt.next = self.guard[0].halts.val() | !self.health[0].frame.val();
        self.health[0].tripped.next = self.guard[0].tripped.val();
    }
    // The patrol has the store while no command is at work, and the log's way of the boot while that rests.
    when(patrol) blocks(patrol) {
        self.patrol[0].run.next = self.boot_active.val()
            & !self.guard[0].tripped.val()
            & self.guard[0].quiet.val()
            & !self.health[0].busy.val();
        self.patrol[0].row.next = self.store[0].row.val();
        self.patrol[0].sound.next = self.store[0].sound.val();
        self.patrol[0].single.next = self.store[0].single.val();
        self.patrol[0].live.next = self.store[0].live.val();
        self.patrol[0].tripped.next = self.guard[0].tripped.val();
        self.patrol[0].record_taken.next = self.record_taken.val();
        self.patrol[0].room.next = self.health[0].room.val() & !self.boot_valid.val();
        self.health[0].repaired.next = self.patrol[0].repaired.val();
        self.health[0].records.next = self.patrol[0].record_valid.val();
        self.store[0].asks.next = self.guard[0].quiet.val() & !self.health[0].busy.val();
        self.store[0].slot.next = self.patrol[0].slot.val();
        self.store[0].renews.next = self.patrol[0].places.val();
        self.store[0].granule.next = self.patrol[0].granule.val();
        self.store[0].owner.next = self.patrol[0].owner.val();
        if self.patrol[0].holds.val() {
            self.table_write.enable.next = self.patrol[0].table_write.enable.val();
            self.table_write.slot.next = self.patrol[0].table_write.slot.val();
            self.table_write.row.next = self.patrol[0].table_write.row.val();
            self.table_write.valid.next = self.patrol[0].table_write.valid.val();
            self.table_write.held.next = self.patrol[0].table_write.held.val();
            self.table_write.guarded.next = self.patrol[0].table_write.guarded.val();
        }
        if self.patrol[0].places.val() {
            self.shadow_write.enable.next = self.patrol[0].shadow_write.enable.val();
            self.shadow_write.tenant.next = self.patrol[0].shadow_write.tenant.val();
            self.shadow_write.page.next = self.patrol[0].shadow_write.page.val();
            self.shadow_write.entry.next = self.patrol[0].shadow_write.entry.val();
        }
        if self.patrol[0].record_valid.val() {
            self.boot_taken.next = false;
            self.record_valid.next = true;
            self.record.next.event = self.event[0].val();
            self.record.next.slot = self.patrol[0].record_slot.val();
            self.record.next.kind = self.patrol[0].record_kind.val();
            self.record.next.reason = self.none[0].val();
        }
    }
    when(reports) {
        self.guard[0].lost.next = self.patrol[0].lost.val() | !self.reports[0].val();
    }
    when(differs) {
        if self.differs[0].val() {
            self.active.next = false;
            self.runs.next = false;
            self.alarm.next = true;
            self.alert.next = true;
        }
    }
}
