//! Allocation: the allocator finds space exactly when space exists, within its bound.

use crate::sizes::Sizes;
use pm_rtl::{
    control::{CommandState, Commands, Survey},
    store::Row,
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches the allocator's findings when the engine uses them.
    pub struct Allocation<TENANT, SLOT, PAGE, BLOCK, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Code of the command that runs; valid with `busy`.
        pub code: Signal<In, Bits<4>>,
        /// A command begins in this cycle.
        pub start: Signal<In, Bit>,
        /// Granules wanted, less one.
        pub span: Signal<In, Bits<PAGE>>,
        /// Tenant of the wanted partition.
        pub wanted_tenant: Signal<In, Bits<TENANT>>,
        /// First page wanted.
        pub wanted_first: Signal<In, Bits<PAGE>>,
        /// Last page wanted.
        pub wanted_last: Signal<In, Bits<PAGE>>,
        /// First block of the pool.
        pub pool_first: Signal<In, Bits<BLOCK>>,
        /// Last block of the pool.
        pub pool_last: Signal<In, Bits<BLOCK>>,
        /// Findings of the allocator.
        pub survey: Signal<In, Survey<SLOT, BLOCK>>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: last page.
        pub last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each row: the block of the row is taken.
        pub held: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: no physical access may reach the block of the row.
        pub guarded: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: first granule of the block.
        pub first: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// For each row: last granule of the block.
        pub last: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// For each slot: index into the control side's copy of the rows, always the slot itself.
        pub copy_index: Vec<Signal<Out, Bits<SLOT>>> = vec![Default::default(); geometry.slots],
        /// For each slot: row in the control side's copy.
        pub copy: Vec<Signal<In, Row<TENANT, PAGE, BLOCK>>> = vec![Default::default(); geometry.slots],
        /// The control side's copy of a valid row ends where its comparator does; valid rows' blocks are held and in order.
        pub assumed: Signal<Out, Bit>,
        /// A command runs.
        pub busy: Signal<In, Bit>,
        /// While CREATE is decided a row's block is held exactly when the row is valid.
        pub holds_held: Signal<Out, Bit>,
        /// The engine works only while `busy`.
        pub holds_busy: Signal<Out, Bit>,
        /// The allocator finds space exactly when a gap of the pool is large enough, and takes the lowest gap.
        pub holds_space: Signal<Out, Bit>,
        /// The allocator finds a slot exactly when a slot is free, and takes the lowest slot.
        pub holds_slot: Signal<Out, Bit>,
        /// The allocator reports an overlap exactly when a valid row of the tenant has one of the pages.
        pub holds_overlap: Signal<Out, Bit>,
        /// The allocator's verdict comes within `allocator_bound` cycles.
        pub holds_time: Signal<Out, Bit>,
        row: Signal<Local, Row<TENANT, PAGE, BLOCK>>,
        weighing: Signal<Local, Bit>,
        gap: Signal<Local, Bit>,
        lowest: Signal<Local, Bits<16>>,
        fits: Signal<Local, Bit>,
        begins: Signal<Local, Bits<16>>,
        ends: Signal<Local, Bits<16>>,
        first_held: Signal<Local, Bits<BLOCK>>,
        last_held: Signal<Local, Bits<BLOCK>>,
        free: Signal<Local, Bit>,
        free_slot: Signal<Local, Bits<SLOT>>,
        clash: Signal<Local, Bit>,
        deciding: Signal<Local, Bit>,
        cycles: Register<Bits<16>>,
        commands: Commands,
        _blocks: usize = 1 << geometry.shape.block,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Allocation<TENANT, SLOT, PAGE, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(cycles) {
        self.deciding.next = (self.state.val() == CommandState::Choose) & (self.code.val() == self.commands.create.val());
        self.gap.next = false;
        self.lowest.next = 0.into();
        for b in 0..self._blocks {
            self.begins.next = b.to_bits::<16>();
            self.ends.next = self.begins.val() + bit_cast::<16, PAGE>(self.span.val());
            self.fits.next = (self.begins.val() >= bit_cast::<16, BLOCK>(self.pool_first.val()))
                & (self.ends.val() <= bit_cast::<16, BLOCK>(self.pool_last.val()));
            for i in 0..self.valid.len() {
                self.first_held.next = self.first[i].val();
                self.last_held.next = self.last[i].val();
                if self.held[i].val()
                    & (self.begins.val() <= bit_cast::<16, BLOCK>(self.last_held.val()))
                    & (self.ends.val() >= bit_cast::<16, BLOCK>(self.first_held.val()))
                {
                    self.fits.next = false;
                }
            }
            if self.fits.val() & !self.gap.val() {
                self.lowest.next = self.begins.val();
            }
            self.gap.next = self.gap.val() | self.fits.val();
        }
        self.holds_busy.next = self.busy.val() | (self.state.val() == CommandState::Idle);
        self.weighing.next = (self.state.val() == CommandState::Decide)
            | (self.state.val() == CommandState::Scan)
            | (self.state.val() == CommandState::Choose);
        self.holds_held.next = true;
        for i in 0..self.valid.len() {
            if self.weighing.val() & (self.held[i].val() != self.valid[i].val()) {
                self.holds_held.next = false;
            }
        }
        self.assumed.next = self.holds_busy.val() & self.holds_held.val();
        for i in 0..self.valid.len() {
            self.copy_index[i].next = i.to_bits::<SLOT>();
            self.row.next = self.copy[i].val();
            if self.valid[i].val()
                & (!self.held[i].val()
                    | (self.row.val().last_block != self.last[i].val())
                    | (self.first[i].val() > self.last[i].val())
                    | (self.first[i].val() < self.pool_first.val())
                    | (self.last[i].val() > self.pool_last.val()))
            {
                self.assumed.next = false;
            }
        }
        self.free.next = false;
        self.free_slot.next = 0.into();
        self.clash.next = false;
        for i in 0..self.valid.len() {
            if !self.held[i].val() & !self.free.val() {
                self.free_slot.next = i.to_bits::<SLOT>();
            }
            self.free.next = self.free.val() | !self.held[i].val();
            self.clash.next = self.clash.val()
                | (self.valid[i].val()
                    & (self.owner[i].val() == self.wanted_tenant.val())
                    & (!self.floor[i].val() <= self.wanted_last.val())
                    & (self.last_page[i].val() >= self.wanted_first.val()));
        }
        self.holds_space.next = !self.deciding.val()
            | ((self.survey.val().fits == self.gap.val())
                & (!self.gap.val() | (bit_cast::<16, BLOCK>(self.survey.val().first_block) == self.lowest.val())));
        self.holds_slot.next = !self.deciding.val()
            | ((self.survey.val().slot_free == self.free.val())
                & (!self.free.val() | (self.survey.val().slot == self.free_slot.val())));
        self.holds_overlap.next = !self.deciding.val() | (self.survey.val().overlaps == self.clash.val());
        // `start` comes three cycles after the strobe.
        if self.start.val() {
            self.cycles.d.next = 3.into();
        } else if (self.state.val() == CommandState::Decide) | (self.state.val() == CommandState::Scan) {
            self.cycles.d.next = self.cycles.q.val() + 1;
        }
        self.holds_time.next = self.cycles.q.val() <= self.sizes.allocator_bound.val();
    }
}
