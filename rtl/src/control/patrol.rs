//! The patrol: does every table still hold what was written? With `integrity` the patrol walks the tables while no command runs.
//!
//! ```text
//!   Ask --> Check --> Take --> Weigh --+--> next slot --> Ask ... --last slot--> Place --> next page, next granule --> Ask
//!    ^      (code)   (row)     |       '--> Write --'  one bit was wrong, or a tenant's first page: the row is written anew
//!    |                         '--> Report --> Record --> Ask    a row was repaired, or is lost: it has a record
//!    '--- a command begins: the scan of this page begins anew when it has ended
//! ```
//!
//! For every page of every tenant, and at the same time for every granule of the frame, the patrol reads all rows. Then the
//! patrol writes the slot of the row that has the page, or no slot, to the shadow page table, and the slot of the row that guards
//! the granule to the ownership map. The patrol writes a row with unchanged contents, which restores lost bits in the data path's
//! copies, in the CAM and in the comparators.
//!
//! The patrol must never work while a command does, write a row that is not valid, or repair a word silently.

use super::{
    command_engine::TableDrive,
    patrol_judge::{Condition, PatrolJudge},
    shadow_writer::ShadowDrive,
};
use crate::store::{OwnedGranule, Row};
use pm_interface::Upset;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Step of the patrol.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum PatrolState {
    /// A row is being read; the patrol rests in this state.
    Ask,
    /// The code of the row is being read.
    Check,
    /// The row is taken.
    Take,
    /// The row is weighed.
    Weigh,
    /// The row is written.
    Write,
    /// Page and granule are written.
    Place,
    /// The log has to have room for a record.
    Report,
    /// The record is on its way to the log.
    Record,
}

block! {
    /// Walks rows, shadow page tables and ownership map.
    pub struct Patrol<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the walk restarts, and no report is pending.
        pub reset: Signal<In, Bit>,
        /// High while the gate is open, no command has been at work for some cycles, and no register has lost a bit.
        pub run: Signal<In, Bit>,
        /// Row to read.
        pub slot: Signal<Out, Bits<SLOT>>,
        /// Row of `slot` two edges later, with one wrong bit put right.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// High when the word of `slot`, two edges later, had no wrong bit.
        pub sound: Signal<In, Bit>,
        /// High when the word of `slot`, two edges later, had one wrong bit.
        pub single: Signal<In, Bit>,
        /// High when the row of `slot` is valid, one edge later.
        pub live: Signal<In, Bit>,
        /// High while the store's write port is the patrol's.
        pub holds: Signal<Out, Bit>,
        /// Write of a row, unchanged except for a repaired bit.
        pub table_write: TableDrive<TENANT, SLOT, PAGE, BLOCK>,
        /// High: page and granule are written in this cycle.
        pub places: Signal<Out, Bit>,
        /// Write of the page.
        pub shadow_write: ShadowDrive<TENANT, SLOT, PAGE>,
        /// Granule to write.
        pub granule: Signal<Out, Bits<BLOCK>>,
        /// Row that guards the granule, if any.
        pub owner: Signal<Out, OwnedGranule<SLOT>>,
        /// High for one cycle: a row was repaired.
        pub repaired: Signal<Out, Bit>,
        /// High for one cycle: a valid row cannot be known any more.
        pub lost: Signal<Out, Bit>,
        /// High once everything is closed.
        pub tripped: Signal<In, Bit>,
        /// High when the log has room for a record of the patrol.
        pub room: Signal<In, Bit>,
        /// High while a record of the patrol is offered; stays high until taken.
        pub record_valid: Signal<Out, Bit>,
        /// Kind of the record: code of an `Upset`.
        pub record_kind: Signal<Out, Bits<4>>,
        /// Row that the record is about.
        pub record_slot: Signal<Out, Bits<8>>,
        /// High: the record is in the log.
        pub record_taken: Signal<In, Bit>,
        state: Register<PatrolState> where guarded,
        index: Register<Bits<SLOT>> where guarded,
        copy: Register<Row<TENANT, PAGE, BLOCK>> where guarded,
        valid: Register<Bit> where guarded,
        // A bit lost here is wrong at worst about a word that lost one bit: the row is repaired now or in the next pass.
        condition: Register<Condition>,
        tenant: Register<Bits<TENANT>>,
        page: Register<Bits<PAGE>>,
        block: Register<Bits<BLOCK>>,
        // A shadow entry or a granule's word that is written wrong has a second witness against it, and is right again after the
        // next pass.
        mapped: Register<Bit>,
        mapped_slot: Register<Bits<SLOT>>,
        guarded: Register<Bit>,
        guarded_slot: Register<Bits<SLOT>>,
        // No grant rests on a record.
        kind: Register<Bits<4>>,
        told: Register<Bit>,
        judge: PatrolJudge<TENANT, PAGE, BLOCK>,
        at_last: Signal<Local, Bit>,
        moves_on: Signal<Local, Bit>,
        last_index: Constant<Bits<SLOT>> = Constant::new((geometry.slots - 1).to_bits()),
        // Tenants beyond these share their entries.
        tenant_mask: Constant<Bits<TENANT>> = Constant::new((geometry.tenants.next_power_of_two() - 1).to_bits()),
        row_repaired: Constant<Bits<4>> = Constant::new(Upset::RowRepaired.code().to_bits()),
        row_lost: Constant<Bits<4>> = Constant::new(Upset::RowLost.code().to_bits()),
        register_lost: Constant<Bits<4>> = Constant::new(Upset::RegisterLost.code().to_bits()),
        /// High while no register that the patrol's writes rest on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Patrol<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(state, index, copy, valid) registers(
        condition, tenant, page, block, mapped, mapped_slot, guarded, guarded_slot, kind, told
    ) {
        self.judge.row.next = self.copy.q.val();
        self.judge.valid.next = self.valid.q.val();
        self.judge.condition.next = self.condition.q.val();
        self.judge.sound.next = self.sound.val();
        self.judge.tenant.next = self.tenant.q.val();
        self.judge.page.next = self.page.q.val();
        self.judge.block.next = self.block.q.val();
        self.at_last.next = self.index.q.val() == self.last_index.val();

        self.repaired.next = false;
        self.lost.next = false;
        self.moves_on.next = false;
        match self.state.q.val() {
            PatrolState::Ask => {
                self.state.d.next = PatrolState::Check;
            }
            PatrolState::Check => {
                self.state.d.next = PatrolState::Take;
            }
            PatrolState::Take => {
                self.copy.d.next = self.row.val();
                self.valid.d.next = self.live.val();
                self.condition.d.next.sound = self.sound.val();
                self.condition.d.next.single = self.single.val();
                self.state.d.next = PatrolState::Weigh;
            }
            PatrolState::Weigh => {
                if self.judge.agrees.val() & self.judge.has_page.val() {
                    self.mapped.d.next = true;
                    self.mapped_slot.d.next = self.index.q.val();
                }
                if self.judge.agrees.val() & self.judge.has_block.val() {
                    self.guarded.d.next = true;
                    self.guarded_slot.d.next = self.index.q.val();
                }
                self.moves_on.next = self.judge.agrees.val() & !self.judge.writes.val();
                self.state.d.next = PatrolState::Ask;
                if self.judge.agrees.val() & self.judge.writes.val() {
                    self.state.d.next = PatrolState::Write;
                }
                if self.judge.lost.val() {
                    self.lost.next = self.run.val();
                    self.kind.d.next = self.row_lost.val();
                    self.state.d.next = PatrolState::Report;
                }
            }
            PatrolState::Write => {
                self.moves_on.next = true;
                // SEC_CM: PATROL.REPAIR
                self.repaired.next = !self.condition.q.val().sound;
            }
            PatrolState::Place => {
                self.page.d.next = self.page.q.val() + 1;
                self.block.d.next = self.block.q.val() + 1;
                if self.page.q.val().all() {
                    self.tenant.d.next = (self.tenant.q.val() + 1) & self.tenant_mask.val();
                }
                self.mapped.d.next = false;
                self.guarded.d.next = false;
                self.state.d.next = PatrolState::Ask;
            }
            PatrolState::Report => {
                if self.room.val() {
                    self.state.d.next = PatrolState::Record;
                }
            }
            PatrolState::Record => {
                if self.record_taken.val() {
                    self.state.d.next = PatrolState::Ask;
                }
            }
            _ => {
                self.state.d.next = PatrolState::Ask;
            }
        }
        if self.moves_on.val() {
            self.index.d.next = self.index.q.val() + 1;
            self.state.d.next = PatrolState::Ask;
            if self.at_last.val() {
                self.index.d.next = 0.into();
                self.state.d.next = PatrolState::Place;
            }
        }
        // A report goes before every other step; afterwards the scan starts from the first row.
        if self.repaired.val() {
            self.kind.d.next = self.row_repaired.val();
            self.index.d.next = self.index.q.val();
            self.state.d.next = PatrolState::Report;
        }
        if !self.run.val()
            & (self.state.q.val() != PatrolState::Report)
            & (self.state.q.val() != PatrolState::Record)
            & !self.repaired.val()
        {
            self.state.d.next = PatrolState::Ask;
            self.index.d.next = 0.into();
        }
        if (self.state.q.val() == PatrolState::Record) & self.record_taken.val() {
            self.index.d.next = 0.into();
        }
        if !self.run.val() | self.repaired.val() | self.lost.val() {
            self.mapped.d.next = false;
            self.guarded.d.next = false;
        }
        // A trip is reported once: as the loss of a row where the patrol found the row, or else here.
        if self.lost.val() {
            self.told.d.next = true;
        }
        if self.tripped.val() & !self.told.q.val() & (self.state.q.val() == PatrolState::Ask) {
            self.told.d.next = true;
            self.kind.d.next = self.register_lost.val();
            self.index.d.next = 0.into();
            self.state.d.next = PatrolState::Report;
        }

        self.slot.next = self.index.q.val();
        self.holds.next =
            (self.state.q.val() == PatrolState::Weigh) | (self.state.q.val() == PatrolState::Write);
        self.table_write.enable.next = self.state.q.val() == PatrolState::Write;
        self.table_write.slot.next = self.index.q.val();
        self.table_write.row.next = self.copy.q.val();
        self.table_write.valid.next = true;
        self.table_write.held.next = true;
        self.table_write.guarded.next = self.copy.q.val().isolated;
        self.places.next = self.state.q.val() == PatrolState::Place;
        self.shadow_write.enable.next = self.state.q.val() == PatrolState::Place;
        self.shadow_write.tenant.next = self.tenant.q.val();
        self.shadow_write.page.next = self.page.q.val();
        self.shadow_write.entry.next.mapped = self.mapped.q.val();
        self.shadow_write.entry.next.slot = self.mapped_slot.q.val();
        self.granule.next = self.block.q.val();
        self.owner.next.guarded = self.guarded.q.val();
        self.owner.next.slot = self.guarded_slot.q.val();
        self.record_valid.next = self.state.q.val() == PatrolState::Record;
        self.record_kind.next = self.kind.q.val();
        self.record_slot.next = bit_cast::<8, SLOT>(self.index.q.val());
    }
}
