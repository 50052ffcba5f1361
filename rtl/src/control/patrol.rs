//! The patrol: does every table still say what was written? With `integrity` it walks them while nothing else does.
//!
//! ```text
//!   Ask --> Check --> Take --> Weigh --+--> next slot --> Ask ... --last slot--> Place --> next page, next granule --> Ask
//!    ^      (code)   (row)     |       '--> Write --'  one bit was wrong, or a tenant's first page: the row is written anew
//!    |                         '--> Report --> Record --> Ask    a row was repaired, or is lost: it has a record
//!    '--- a command begins: the scan of this page begins anew when it has ended
//! ```
//!
//! For every page of every tenant, and for every granule of the frame beside it, all rows are looked at; then the shadow page
//! table gets the slot of the row that has the page, or none, and the ownership map that of the row that guards the granule.
//! A row is written as it stands, so the data path's copies, CAM and comparators get nothing new but what they have lost.
//!
//! It must never work while a command does, write a row that is not valid, or repair a word silently.

use super::{command_engine::TableDrive, shadow_writer::ShadowDrive};
use crate::store::{OwnedGranule, Row};
use pm_interface::{Geometry, Upset};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// What the patrol does next.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum PatrolState {
    /// A row is being read; it rests here.
    Ask,
    /// Its code is.
    Check,
    /// The row is taken.
    Take,
    /// It is looked at.
    Weigh,
    /// It is written.
    Write,
    /// Page and granule are written.
    Place,
    /// The log has to have room for a record.
    Report,
    /// The record is on its way.
    Record,
}

/// What was read beside a row.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Condition {
    /// Its word had the code with which it was written.
    pub sound: Bit,
    /// One bit of the word was wrong.
    pub single: Bit,
}

/// Walks rows, shadow page tables and ownership map.
#[derive(Clone, Debug, LogicBlock)]
pub struct Patrol<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: begins anew, with nothing to report.
    pub reset: Signal<In, Bit>,
    /// The gate is open, no command has been at work for some cycles, and nothing has lost a bit.
    pub run: Signal<In, Bit>,
    /// Row to read.
    pub slot: Signal<Out, Bits<SLOT>>,
    /// That row two edges later, with one wrong bit put right.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// Two edges later: it had no wrong bit.
    pub sound: Signal<In, Bit>,
    /// Two edges later: it had one.
    pub single: Signal<In, Bit>,
    /// It is valid, one edge later.
    pub live: Signal<In, Bit>,
    /// The store's write port is the patrol's.
    pub holds: Signal<Out, Bit>,
    /// A row, as it stands.
    pub table_write: TableDrive<TENANT, SLOT, PAGE, BLOCK>,
    /// Page and granule are written in this cycle.
    pub places: Signal<Out, Bit>,
    /// The page.
    pub shadow_write: ShadowDrive<TENANT, SLOT, PAGE>,
    /// The granule.
    pub granule: Signal<Out, Bits<BLOCK>>,
    /// Who guards it.
    pub owner: Signal<Out, OwnedGranule<SLOT>>,
    /// A row was repaired in this cycle.
    pub repaired: Signal<Out, Bit>,
    /// A valid row cannot be known any more.
    pub lost: Signal<Out, Bit>,
    /// Everything is closed.
    pub tripped: Signal<In, Bit>,
    /// A record may begin.
    pub room: Signal<In, Bit>,
    /// There is a record; held until taken.
    pub record_valid: Signal<Out, Bit>,
    /// What it tells: code of an `Upset`.
    pub record_kind: Signal<Out, Bits<4>>,
    /// Of which row.
    pub record_slot: Signal<Out, Bits<8>>,
    /// It is in the log.
    pub record_taken: Signal<In, Bit>,
    /// No register here has lost a bit.
    pub intact: Signal<Out, Bit>,
    state: Register<PatrolState>,
    index: Register<Bits<SLOT>>,
    copy: Register<Row<TENANT, PAGE, BLOCK>>,
    valid: Register<Bit>,
    condition: Register<Condition>,
    tenant: Register<Bits<TENANT>>,
    page: Register<Bits<PAGE>>,
    block: Register<Bits<BLOCK>>,
    mapped: Register<Bit>,
    mapped_slot: Register<Bits<SLOT>>,
    guarded: Register<Bit>,
    guarded_slot: Register<Bits<SLOT>>,
    kind: Register<Bits<4>>,
    told: Register<Bit>,
    has_page: Signal<Local, Bit>,
    has_block: Signal<Local, Bit>,
    at_last: Signal<Local, Bit>,
    agrees: Signal<Local, Bit>,
    writes: Signal<Local, Bit>,
    moves_on: Signal<Local, Bit>,
    last_index: Constant<Bits<SLOT>>,
    tenant_mask: Constant<Bits<TENANT>>,
    row_repaired: Constant<Bits<4>>,
    row_lost: Constant<Bits<4>>,
    register_lost: Constant<Bits<4>>,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Patrol<TENANT, SLOT, PAGE, BLOCK> {
    /// For the slots of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            run: Default::default(),
            slot: Default::default(),
            row: Default::default(),
            sound: Default::default(),
            single: Default::default(),
            live: Default::default(),
            holds: Default::default(),
            table_write: Default::default(),
            places: Default::default(),
            shadow_write: Default::default(),
            granule: Default::default(),
            owner: Default::default(),
            repaired: Default::default(),
            lost: Default::default(),
            tripped: Default::default(),
            room: Default::default(),
            record_valid: Default::default(),
            record_kind: Default::default(),
            record_slot: Default::default(),
            record_taken: Default::default(),
            intact: Default::default(),
            state: Register::guarded(1),
            index: Register::guarded(1),
            copy: Register::guarded(1),
            valid: Register::guarded(1),
            // Of a word that lost one bit it can at worst tell the wrong thing: the row is repaired now or in the next pass.
            condition: Default::default(),
            tenant: Default::default(),
            page: Default::default(),
            block: Default::default(),
            mapped: Default::default(),
            mapped_slot: Default::default(),
            guarded: Default::default(),
            guarded_slot: Default::default(),
            kind: Default::default(),
            told: Default::default(),
            has_page: Default::default(),
            has_block: Default::default(),
            at_last: Default::default(),
            agrees: Default::default(),
            writes: Default::default(),
            moves_on: Default::default(),
            last_index: Constant::new((geometry.slots - 1).to_bits()),
            // Tenants beyond these share their entries.
            tenant_mask: Constant::new((geometry.tenants.next_power_of_two() - 1).to_bits()),
            row_repaired: Constant::new(Upset::RowRepaired.code().to_bits()),
            row_lost: Constant::new(Upset::RowLost.code().to_bits()),
            register_lost: Constant::new(Upset::RegisterLost.code().to_bits()),
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic for Patrol<TENANT, SLOT, PAGE, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            state, index, copy, valid, condition, tenant, page, block, mapped, mapped_slot, guarded, guarded_slot, kind, told
        ) {
            self.has_page.next = self.valid.q.val()
                & (self.copy.q.val().tenant == self.tenant.q.val())
                & (self.copy.q.val().first_page <= self.page.q.val())
                & (self.copy.q.val().last_page >= self.page.q.val());
            self.has_block.next = self.valid.q.val()
                & self.copy.q.val().isolated
                & (self.copy.q.val().first_block <= self.block.q.val())
                & (self.copy.q.val().last_block >= self.block.q.val());
            self.at_last.next = self.index.q.val() == self.last_index.val();
            // What is not valid has nothing to lose. All valid rows are renewed where a tenant's window begins.
            self.writes.next = self.valid.q.val() & (!self.condition.q.val().sound | !self.page.q.val().any());

            // The code of the very word that was taken, now: where it is another than that of the word before, which has said what
            // is to be repaired, the row is read anew.
            self.agrees.next = self.sound.val() == self.condition.q.val().sound;

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
                    if self.agrees.val() & self.has_page.val() {
                        self.mapped.d.next = true;
                        self.mapped_slot.d.next = self.index.q.val();
                    }
                    if self.agrees.val() & self.has_block.val() {
                        self.guarded.d.next = true;
                        self.guarded_slot.d.next = self.index.q.val();
                    }
                    self.moves_on.next = self.agrees.val() & !self.writes.val();
                    self.state.d.next = PatrolState::Ask;
                    if self.agrees.val() & self.writes.val() {
                        self.state.d.next = PatrolState::Write;
                    }
                    // SEC_CM: ROW.SECDED
                    if self.agrees.val()
                        & self.valid.q.val()
                        & !self.condition.q.val().sound
                        & !self.condition.q.val().single
                    {
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
            // What is to be reported is reported whatever begins; the scan then begins anew.
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
            // A trip is told once, by who saw the row that is lost, or else here.
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
            // What is told of an upset is no part of a grant. A shadow entry or a granule's word that is written wrong has a second
            // witness against it, and is right again after the next pass.
            self.intact.next = self.state.intact[0].val()
                & self.index.intact[0].val()
                & self.copy.intact[0].val()
                & self.valid.intact[0].val();
        }
    }
}
