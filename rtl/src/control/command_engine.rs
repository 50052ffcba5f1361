//! The command engine: one command at a time, refused before anything changes or carried out whole.
//!
//! ```text
//!   code --> decoder --> kind --------------------------------------------------> every part
//!   operands --> asked --> verdicts, ranges --+--> judge --status--> outcome --> refused, record, result
//!   row, survey ------------------------------+                        v
//!                                             |     sequencer --step--> every part
//!                                             |         '--> driver --> store, allocator, log
//!                                             '--> row builder --> row to write --> row view --> CMD_*, RESULT
//! ```
//!
//! Latency: see the datasheet, "Timing of commands". In the cycle of `start` the operands are examined and the row of
//! `CMD_SLOT` is read, beside Idle. The allocator begins in Decide and is called back when the command is refused.
//!
//! Only the command engine and the patrol write the store. A row becomes valid in the one write of Update and invalid in the one
//! write of Revoke; while its block is scrubbed the block is held and guarded: no access reaches it, and no other row gets it.
//!
//! RESIZE works on a tail: the granules by which the row grows or shrinks. The row's end moves in one write, of Update when it
//! grows and of Shrink when it shrinks; while the tail is scrubbed it is guarded beside the row. No second command runs at the
//! same time, so no other row gets the tail. A block is shared when it equals the block of another row: the two are compared in
//! the two cycles before the judge asks; no count of sharers is kept.

use super::{
    allocator::Survey,
    audit::AuditEntry,
    command_bank::{CommandResult, Operands},
    command_decoder::CommandDecoder,
    command_driver::CommandDriver,
    command_judge::CommandJudge,
    command_operands::CommandOperands,
    command_outcome::CommandOutcome,
    command_sequencer::CommandSequencer,
    row_builder::{RowBuilder, Tail},
    row_view::RowView,
};
use crate::store::{Row, ShadowEntry, TableWrite};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The writing side of [`crate::store::TableWrite`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "TableWrite"]
pub struct TableDrive<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// High: the row is written at the next edge.
    pub enable: Signal<Out, Bit>,
    /// Slot of the row; steady since the cycle before `enable`.
    pub slot: Signal<Out, Bits<SLOT>>,
    /// New contents of the row; valid with `enable`.
    pub row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// High: accesses may be granted through the row.
    pub valid: Signal<Out, Bit>,
    /// High: the block of the row is taken.
    pub held: Signal<Out, Bit>,
    /// High: no physical access may reach the block.
    pub guarded: Signal<Out, Bit>,
}

block! {
    /// Carries out commands.
    pub struct CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no command runs, not sealed.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open and no alarm has closed it.
        pub active: Signal<In, Bit>,
        /// First byte of the window; steady while the gate is open.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool's frame; steady while the gate is open.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// High: a command begins; ignored while one runs.
        pub start: Signal<In, Bit>,
        /// Code of the command, one of [`super::Commands`]; steady from `start` to `done`.
        pub code: Signal<In, Bits<4>>,
        /// Operands of the command; steady from `start` to `done`.
        pub operands: Signal<In, Operands<ADDRESS>>,
        /// High in the last cycle of a command.
        pub done: Signal<Out, Bit>,
        /// Result of the last command that ended.
        pub result: Signal<Out, CommandResult<ADDRESS>>,
        /// High for one cycle: the operand registers are loaded with `shown_row`.
        pub show: Signal<Out, Bit>,
        /// Row that QUERY or FIND read, as operands; valid with `show`.
        pub shown_row: Signal<Out, Operands<ADDRESS>>,
        /// High from SEAL to reset: no row may change.
        pub sealed: Signal<Out, Bit>,
        /// Writes to the store.
        pub table_write: TableDrive<TENANT, SLOT, PAGE, BLOCK>,
        /// Slot of the row to read when the allocator reads none.
        pub slot: Signal<Out, Bits<SLOT>>,
        /// Row that was read, one edge after its slot.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// High: accesses may be granted through that row.
        pub live: Signal<In, Bit>,
        /// High: another row has the block of the row that was read three cycles before.
        pub shared: Signal<In, Bit>,
        /// High: the allocator begins.
        pub scan_start: Signal<Out, Bit>,
        /// High: the allocator stops, because the command is refused.
        pub scan_stop: Signal<Out, Bit>,
        /// High while the allocator walks the table.
        pub scan_busy: Signal<In, Bit>,
        /// Findings of the allocator; valid when it is no longer busy.
        pub survey: Signal<In, Survey<SLOT, BLOCK>>,
        /// High: the tenant would own more than its quota; valid when the allocator is no longer busy.
        pub over_quota: Signal<In, Bit>,
        /// Tenant whose rows the allocator looks at.
        pub wanted_tenant: Signal<Out, Bits<TENANT>>,
        /// First page that the allocator looks for.
        pub first_page: Signal<Out, Bits<PAGE>>,
        /// Last page that the allocator looks for.
        pub last_page: Signal<Out, Bits<PAGE>>,
        /// Granules that the allocator looks for, less one.
        pub span: Signal<Out, Bits<PAGE>>,
        /// High: the allocator looks at the tail only.
        pub probe: Signal<Out, Bit>,
        /// Granules that RESIZE works on.
        pub tail: Signal<Out, Tail<PAGE, BLOCK>>,
        /// High: no physical access may reach the tail.
        pub tail_guarded: Signal<Out, Bit>,
        /// Slot of the row that the tail belongs to.
        pub tail_slot: Signal<Out, Bits<SLOT>>,
        /// High: the scrubber begins.
        pub scrub_start: Signal<Out, Bit>,
        /// High while the scrubber works.
        pub scrub_busy: Signal<In, Bit>,
        /// High: the shadow writer begins.
        pub shadow_start: Signal<Out, Bit>,
        /// High while the shadow writer works.
        pub shadow_busy: Signal<In, Bit>,
        /// New contents of the shadow entries.
        pub shadow_entry: Signal<Out, ShadowEntry<SLOT>>,
        /// Range that scrubber and shadow writer work on: that of the row, or of its tail.
        pub current: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        /// High while the log has room for the command's record.
        pub audit_room: Signal<In, Bit>,
        /// High for one cycle: the command was refused for want of room in the log.
        pub audit_refused: Signal<Out, Bit>,
        /// High while the record waits for the log.
        pub record_valid: Signal<Out, Bit>,
        /// Record of the command; valid with `record_valid`.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        /// High: the log takes the record at this edge.
        pub record_taken: Signal<In, Bit>,
        decoder: CommandDecoder = CommandDecoder::new(geometry),
        asked: CommandOperands<ADDRESS, TENANT, PAGE, BLOCK> = CommandOperands::new(geometry),
        judge: CommandJudge<SLOT, PAGE, BLOCK> = CommandJudge::new(geometry),
        outcome: CommandOutcome<ADDRESS, TENANT, SLOT> = CommandOutcome::new(geometry),
        row_builder: RowBuilder<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = RowBuilder::new(geometry),
        row_view: RowView<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = RowView::new(geometry),
        sequencer: CommandSequencer = CommandSequencer::new(geometry),
        driver: CommandDriver = CommandDriver::new(geometry),
        /// High while no register of the parts has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the row that was read a cycle before is what was written.
        pub row_intact: Signal<In, Bit> where integrity,
        /// High: the block of the row that is read is taken. The contents of a free row have no effect.
        pub row_held: Signal<In, Bit> where integrity,
        /// High: an alarm has closed everything until reset.
        pub tripped: Signal<In, Bit> where integrity,
        /// With windows per tenant: first byte of the window of the tenant of `current`, while `window_base` is that of the tenant in
        /// the operands.
        pub row_window: Signal<In, Bits<ADDRESS>> where per_tenant,
    }
}

kernel! {
    CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) blocks(asked, outcome, row_builder, sequencer, driver)
        intact(asked, outcome, row_builder, sequencer, driver)
    {
        self.decoder.code.next = self.code.val();

        self.asked.window_base.next = self.window_base.val();
        self.asked.state.next = self.sequencer.state.val();
        self.asked.kind.next = self.decoder.kind.val();
        self.asked.operands.next = self.operands.val();
        self.asked.row.next = self.row_builder.target.val();
        self.asked.tail_page.next = self.row_builder.tail.val().first_page;

        self.judge.state.next = self.sequencer.state.val();
        self.judge.kind.next = self.decoder.kind.val();
        self.judge.audit_room.next = self.audit_room.val();
        self.judge.active.next = self.active.val();
        self.judge.sealed.next = self.outcome.sealed.val();
        self.judge.verdicts.next = self.asked.verdicts.val();
        self.judge.leaves_window.next = self.asked.leaves_window.val();
        self.judge.live.next = self.live.val();
        self.judge.locked.next = self.row.val().locked;
        self.judge.survey.next = self.survey.val();
        self.judge.over_quota.next = self.over_quota.val();
        self.judge.isolates.next = self.operands.val().rights.get_bit(3);
        self.judge.isolated.next = self.row_builder.target.val().isolated;
        self.judge.shared.next = self.shared.val();
        self.judge.block_shared.next = self.driver.block_shared.val();
        self.judge.resizes.next = self.asked.grows.val() | self.asked.shrinks.val();

        self.outcome.state.next = self.sequencer.state.val();
        self.outcome.code.next = self.code.val();
        self.outcome.kind.next = self.decoder.kind.val();
        self.outcome.operands.next = self.operands.val();
        self.outcome.judged.next = self.judge.status.val();
        self.outcome.refuses.next = self.judge.refuses.val();
        self.outcome.exposes.next = self.judge.exposes.val();
        self.outcome.audit_room.next = self.audit_room.val();
        self.outcome.active.next = self.active.val();
        self.outcome.slot_live.next = self.asked.verdicts.val().slot_known & self.live.val();
        self.outcome.tenant.next = self.row_builder.target.val().tenant;
        self.outcome.slot.next = self.row_builder.target_slot.val();
        self.outcome.logical.next = self.row_view.shown.val().logical;
        self.outcome.physical.next = self.row_view.physical.val();

        self.row_builder.state.next = self.sequencer.state.val();
        self.row_builder.kind.next = self.decoder.kind.val();
        self.row_builder.refused.next = self.outcome.refused.val();
        self.row_builder.operands.next = self.operands.val();
        self.row_builder.row.next = self.row.val();
        self.row_builder.survey.next = self.survey.val();
        self.row_builder.first_page.next = self.asked.verdicts.val().first_page;
        self.row_builder.last_page.next = self.asked.wanted_last.val();
        self.row_builder.span.next = self.asked.wanted_span.val();
        self.row_builder.end_block.next = self.asked.end_block.val();
        self.row_builder.grows.next = self.asked.grows.val();
        self.row_builder.shrinks.next = self.asked.shrinks.val();

        self.row_view.window_base.next = self.window_base.val();
        self.row_view.frame_base.next = self.frame_base.val();
        self.row_view.row.next = self.row_builder.target.val();
        self.row_view.slot.next = self.row_builder.target_slot.val();
        self.row_view.span.next = self.asked.row_span.val();

        self.sequencer.start.next = self.start.val();
        self.sequencer.kind.next = self.decoder.kind.val();
        self.sequencer.refused.next = self.outcome.refused.val();
        self.sequencer.no_room.next = self.outcome.no_room.val();
        self.sequencer.grows.next = self.asked.grows.val();
        self.sequencer.shrinks.next = self.asked.shrinks.val();
        self.sequencer.block_shared.next = self.driver.block_shared.val();
        self.sequencer.scan_busy.next = self.scan_busy.val();
        self.sequencer.scrub_busy.next = self.scrub_busy.val();
        self.sequencer.shadow_busy.next = self.shadow_busy.val();
        self.sequencer.record_taken.next = self.record_taken.val();

        self.driver.state.next = self.sequencer.state.val();
        self.driver.kind.next = self.decoder.kind.val();
        self.driver.refused.next = self.outcome.refused.val();
        self.driver.no_room.next = self.outcome.no_room.val();
        self.driver.exposes.next = self.judge.exposes.val();
        self.driver.grows.next = self.asked.grows.val();
        self.driver.isolated.next = self.row_builder.target.val().isolated;
        self.driver.shared.next = self.shared.val();
        self.driver.names_slot.next = self.outcome.names_slot.val();
        self.driver.record_taken.next = self.record_taken.val();

        self.done.next = self.driver.done.val();
        self.result.next = self.outcome.result.val();
        self.show.next = self.driver.show.val();
        self.shown_row.next = self.row_view.shown.val();
        self.sealed.next = self.outcome.sealed.val();
        self.table_write.enable.next = self.driver.table_order.val().enable;
        self.table_write.slot.next = self.row_builder.target_slot.val();
        self.table_write.row.next = self.row_builder.target.val();
        self.table_write.valid.next = self.driver.table_order.val().valid;
        self.table_write.held.next = self.driver.table_order.val().held;
        self.table_write.guarded.next = self.driver.table_order.val().guarded;
        self.slot.next = self.row_builder.slot.val();
        self.scan_start.next = self.driver.scan_start.val();
        self.scan_stop.next = self.driver.scan_stop.val();
        self.wanted_tenant.next = self.asked.wanted_tenant.val();
        self.first_page.next = self.asked.wanted_first.val();
        self.last_page.next = self.asked.wanted_last.val();
        self.span.next = self.asked.wanted_span.val();
        self.probe.next = self.decoder.kind.val().resize;
        self.tail.next = self.row_builder.tail.val();
        self.tail_guarded.next = self.driver.tail_guarded.val();
        self.tail_slot.next = self.row_builder.target_slot.val();
        self.scrub_start.next = self.sequencer.scrub_start.val();
        self.shadow_start.next = self.sequencer.shadow_start.val();
        self.shadow_entry.next.mapped = self.driver.mapped.val();
        self.shadow_entry.next.slot = self.row_builder.target_slot.val();
        self.current.next = self.row_builder.current.val();
        self.audit_refused.next = self.driver.audit_refused.val();
        self.record_valid.next = self.driver.record_valid.val();
        self.record.next = self.outcome.record.val();
    }
    when(tripped) {
        self.sequencer.row_intact[0].next = self.row_intact[0].val();
        self.sequencer.row_held[0].next = self.row_held[0].val();
        self.outcome.flawed[0].next = self.sequencer.flawed[0].val();
        self.outcome.tripped[0].next = self.tripped[0].val();
        self.driver.flawed[0].next = self.sequencer.flawed[0].val();
    }
    when(row_window) {
        self.row_view.window_base.next = self.row_window[0].val();
    }
}
