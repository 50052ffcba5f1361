//! The command engine: one command at a time, refused before anything changes or carried out whole.
//!
//! ```text
//!   Idle --start--> Decide --+--> Scan --> Choose --> Reserve, Settle --> Scrub --> Map --> Update  (CREATE)
//!                            |               +--> Fetch --> Read -------------------------+  |    (FIND)
//!                            +--> Revoke --> Unmap --> Scrub --> Free -------------------+|  |    (DESTROY)
//!                            +--> Update -----------------------------------------------+||  |    (PROTECT, LOCK)
//!                            +---------------------------------------------------------+|||  |    (SEAL, QUERY)
//!                                                                                      vvvv  v
//!   Idle <-- Done <------------------------------------------------------------------- Record
//!
//!   With `dynamic`:
//!   Decide --> Measure --> Compare --> Weigh --> Probe --+--> Record                             (RESIZE, the same size)
//!                                                        +--> Scan --> Choose --> Reserve, Settle
//!                                                        |      --> Scrub --> Map --> Update     (RESIZE, growth)
//!                                                        |      --> Map --> Update               (SHARE)
//!                                                        +--> Shrink --> Unmap --> Scrub --> Free (RESIZE, shrinking)
//! ```
//!
//! In the cycle of `start` the operands are examined and the row of `CMD_SLOT` is read, beside Idle. The allocator sets
//! out in Decide and is called back when the command is refused.
//! Decide and Choose only weigh: they register whether the command is refused, and which state comes next does not
//! depend on it. That state does nothing when the command is refused, and goes to Record.
//!
//! The only writer of the store. A row becomes valid in the one write of Update and invalid in the one write of Revoke;
//! while its block is scrubbed the block is held and guarded, so nobody reaches it and nobody gets it.
//!
//! RESIZE works on a tail: the granules by which the row grows or shrinks. The row's end moves in one write, of Update
//! when it grows and of Shrink when it shrinks; while the tail is scrubbed it is guarded beside the row. No other command
//! runs meanwhile, so nobody gets it. Whether a block is shared is seen by comparing it with every other row's in the two
//! cycles before it is asked; nothing counts sharers.

use super::{
    allocator::Survey,
    audit::AuditEntry,
    command_bank::{CommandResult, Commands, Operands},
};
use crate::{
    constants::Statuses,
    store::{Row, ShadowEntry, TableWrite},
};
use pm_interface::{Event, Geometry};
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Where a command is.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum CommandState {
    /// Waiting; with `start`, the operands are being examined and the row of `CMD_SLOT` is being read.
    Idle,
    /// Refused, or begun.
    Decide,
    /// The allocator walks the table.
    Scan,
    /// What it found is weighed.
    Choose,
    /// The row is written, not yet valid.
    Reserve,
    /// Physical accesses that met the block before it was guarded get their answers.
    Settle,
    /// The block is zeroed.
    Scrub,
    /// The shadow pages are mapped.
    Map,
    /// The row becomes valid, or its rights change.
    Update,
    /// The row becomes invalid.
    Revoke,
    /// The shadow pages are unmapped.
    Unmap,
    /// The block becomes free.
    Free,
    /// The row that FIND found is being read.
    Fetch,
    /// That row is taken.
    Read,
    /// The record is on its way to the log.
    Record,
    /// Software is told.
    Done,
    /// RESIZE, SHARE: the row is measured.
    Measure,
    /// RESIZE: the new size is compared with the old.
    Compare,
    /// What that means is weighed.
    Weigh,
    /// The allocator sets out, if it is needed.
    Probe,
    /// The row's end moves in.
    Shrink,
}

bundle! {
    /// The operands, examined.
    pub struct Verdicts<PAGE> {
        /// The tenant exists.
        pub tenant_known: Bit,
        /// Base and size are whole granules.
        pub aligned: Bit,
        /// The size is at least 1 and at most the window.
        pub sized: Bit,
        /// The address lies in the window.
        pub in_window: Bit,
        /// The slot exists.
        pub slot_known: Bit,
        /// First page.
        pub first_page: Bits<PAGE>,
        /// Granules, less one.
        pub span: Bits<PAGE>,
    }
}

bundle! {
    /// The granules by which RESIZE changes a row.
    pub struct Tail<PAGE, BLOCK> {
        /// First granule in the tenant's window.
        pub first_page: Bits<PAGE>,
        /// Last granule in the tenant's window.
        pub last_page: Bits<PAGE>,
        /// First granule in the pool's frame; zero when the row ends with the frame.
        pub first_block: Bits<BLOCK>,
        /// Last granule in the pool's frame.
        pub last_block: Bits<BLOCK>,
    }
}

/// A write to the store, all but the row and its slot.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct TableOrder {
    /// Write.
    pub enable: Bit,
    /// Accesses may be granted through it.
    pub valid: Bit,
    /// Its block is taken.
    pub held: Bit,
    /// No physical access may reach its block.
    pub guarded: Bit,
}

/// The writing side of [`crate::store::TableWrite`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "TableWrite"]
pub struct TableDrive<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Write at the next edge.
    pub enable: Signal<Out, Bit>,
    /// Which row.
    pub slot: Signal<Out, Bits<SLOT>>,
    /// Its new contents.
    pub row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// Accesses may be granted through it.
    pub valid: Signal<Out, Bit>,
    /// Its block is taken.
    pub held: Signal<Out, Bit>,
    /// No physical access may reach its block.
    pub guarded: Signal<Out, Bit>,
}

/// Carries out commands.
#[derive(Clone, Debug, LogicBlock)]
pub struct CommandEngine<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing runs, not sealed.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of the window.
    pub window_base: Signal<In, Bits<ADDRESS>>,
    /// First byte of the pool's frame.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// Begin.
    pub start: Signal<In, Bit>,
    /// Which command.
    pub code: Signal<In, Bits<4>>,
    /// Its operands, steady while it runs.
    pub operands: Signal<In, Operands<ADDRESS>>,
    /// A command ends in this cycle.
    pub done: Signal<Out, Bit>,
    /// How the last one ended.
    pub result: Signal<Out, CommandResult<ADDRESS>>,
    /// Load the operand registers with `shown_row`.
    pub show: Signal<Out, Bit>,
    /// The row that was read.
    pub shown_row: Signal<Out, Operands<ADDRESS>>,
    /// Nothing may change any more.
    pub sealed: Signal<Out, Bit>,
    /// The store's write port.
    pub table_write: TableDrive<TENANT, SLOT, PAGE, BLOCK>,
    /// Row to read when the allocator does not.
    pub slot: Signal<Out, Bits<SLOT>>,
    /// The row that was read.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// It is valid.
    pub live: Signal<In, Bit>,
    /// Another row has the block of the row that was read three cycles ago.
    pub shared: Signal<In, Bit>,
    /// The allocator begins.
    pub scan_start: Signal<Out, Bit>,
    /// The allocator stops: the command is refused.
    pub scan_stop: Signal<Out, Bit>,
    /// The allocator works.
    pub scan_busy: Signal<In, Bit>,
    /// What it found.
    pub survey: Signal<In, Survey<SLOT, BLOCK>>,
    /// What the walk found and what is asked for are more than the tenant's quota.
    pub over_quota: Signal<In, Bit>,
    /// Whose rows it looks at.
    pub wanted_tenant: Signal<Out, Bits<TENANT>>,
    /// First page it looks for.
    pub first_page: Signal<Out, Bits<PAGE>>,
    /// Last page it looks for.
    pub last_page: Signal<Out, Bits<PAGE>>,
    /// Granules it looks for, less one.
    pub span: Signal<Out, Bits<PAGE>>,
    /// It looks at the tail only.
    pub probe: Signal<Out, Bit>,
    /// The granules that RESIZE works on.
    pub tail: Signal<Out, Tail<PAGE, BLOCK>>,
    /// No physical access may reach them.
    pub tail_guarded: Signal<Out, Bit>,
    /// The row that they belong to.
    pub tail_slot: Signal<Out, Bits<SLOT>>,
    /// The scrubber begins.
    pub scrub_start: Signal<Out, Bit>,
    /// The scrubber works.
    pub scrub_busy: Signal<In, Bit>,
    /// The shadow writer begins.
    pub shadow_start: Signal<Out, Bit>,
    /// The shadow writer works.
    pub shadow_busy: Signal<In, Bit>,
    /// What the shadow writer writes.
    pub shadow_entry: Signal<Out, ShadowEntry<SLOT>>,
    /// What scrubber and shadow writer work on: the row, or its tail.
    pub current: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// The log has room for the record.
    pub audit_room: Signal<In, Bit>,
    /// The command was refused for want of room.
    pub audit_refused: Signal<Out, Bit>,
    /// There is a record.
    pub record_valid: Signal<Out, Bit>,
    /// The record.
    pub record: Signal<Out, AuditEntry<ADDRESS>>,
    /// It is in the log.
    pub record_taken: Signal<In, Bit>,
    state: Register<CommandState>,
    waiting: Register<Bit>,
    verdicts: Register<Verdicts<PAGE>>,
    target: Register<Row<TENANT, PAGE, BLOCK>>,
    target_slot: Register<Bits<SLOT>>,
    status: Register<Bits<4>>,
    finished: Register<CommandResult<ADDRESS>>,
    seal: Register<Bit>,
    found: Register<Bit>,
    refused: Register<Bit>,
    no_room: Register<Bit>,
    recording: Register<Bit>,
    order: Register<TableOrder>,
    wanted_last: Register<Bits<PAGE>>,
    wanted_span: Register<Bits<PAGE>>,
    leaves_window: Register<Bit>,
    row_span: Register<Bits<PAGE>>,
    shows: Register<Bit>,
    scrubs: Register<Bit>,
    maps: Register<Bit>,
    wanted_first: Register<Bits<PAGE>>,
    wanted_owner: Register<Bits<TENANT>>,
    end_block: Register<Bits<BLOCK>>,
    grows: Register<Bit>,
    shrinks: Register<Bit>,
    extent: Register<Tail<PAGE, BLOCK>>,
    guarding: Register<Bit>,
    block_shared: Register<Bit>,
    first_of_sum: Signal<Local, Bits<PAGE>>,
    isolates: Signal<Local, Bit>,
    names_slot: Signal<Local, Bit>,
    logical: Signal<Local, Bits<ADDRESS>>,
    size: Signal<Local, Bits<ADDRESS>>,
    rights: Signal<Local, Bits<5>>,
    last_page_sum: Signal<Local, Bits<ADDRESS>>,
    is_create: Signal<Local, Bit>,
    is_find: Signal<Local, Bit>,
    is_query: Signal<Local, Bit>,
    is_seal: Signal<Local, Bit>,
    is_destroy: Signal<Local, Bit>,
    is_protect: Signal<Local, Bit>,
    is_lock: Signal<Local, Bit>,
    is_resize: Signal<Local, Bit>,
    is_share: Signal<Local, Bit>,
    uses_slot: Signal<Local, Bit>,
    outcome: Signal<Local, Bits<4>>,
    granules_less_one: Signal<Local, Bits<PAGE>>,
    asked_span: Signal<Local, Bits<PAGE>>,
    granules: Signal<Local, Bits<ADDRESS>>,
    row_logical: Signal<Local, Bits<ADDRESS>>,
    row_physical: Signal<Local, Bits<ADDRESS>>,
    commands: Commands,
    statuses: Statuses,
    event: Constant<Bits<4>>,
    dynamic: Constant<Bit>,
    tenants: Constant<Bits<8>>,
    slots: Constant<Bits<8>>,
    granule_bits: Constant<Bits<6>>,
    page_bits: Constant<Bits<6>>,
    granule_mask: Constant<Bits<ADDRESS>>,
    window_mask: Constant<Bits<ADDRESS>>,
    window_size: Constant<Bits<ADDRESS>>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    finished_check: Vec<Register<Bit>>,
    /// With `integrity`: what `row` was a cycle before is what was written.
    pub row_intact: Vec<Signal<In, Bit>>,
    /// With `integrity`: its block is taken. What a free row says matters to nobody.
    pub row_held: Vec<Signal<In, Bit>>,
    /// With `integrity`: everything is closed until reset.
    pub tripped: Vec<Signal<In, Bit>>,
    rests_on_row: Vec<Register<Bit>>,
    flawed: Vec<Signal<Local, Bit>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize>
    CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            active: Default::default(),
            window_base: Default::default(),
            frame_base: Default::default(),
            start: Default::default(),
            code: Default::default(),
            operands: Default::default(),
            done: Default::default(),
            result: Default::default(),
            show: Default::default(),
            shown_row: Default::default(),
            sealed: Default::default(),
            table_write: Default::default(),
            slot: Default::default(),
            row: Default::default(),
            live: Default::default(),
            shared: Default::default(),
            scan_start: Default::default(),
            scan_stop: Default::default(),
            scan_busy: Default::default(),
            survey: Default::default(),
            over_quota: Default::default(),
            wanted_tenant: Default::default(),
            first_page: Default::default(),
            last_page: Default::default(),
            span: Default::default(),
            probe: Default::default(),
            tail: Default::default(),
            tail_guarded: Default::default(),
            tail_slot: Default::default(),
            scrub_start: Default::default(),
            scrub_busy: Default::default(),
            shadow_start: Default::default(),
            shadow_busy: Default::default(),
            shadow_entry: Default::default(),
            current: Default::default(),
            audit_room: Default::default(),
            audit_refused: Default::default(),
            record_valid: Default::default(),
            record: Default::default(),
            record_taken: Default::default(),
            state: Register::guarded(guards),
            waiting: Register::guarded(guards),
            verdicts: Register::guarded(guards),
            target: Register::guarded(guards),
            target_slot: Register::guarded(guards),
            status: Register::guarded(guards),
            finished: Default::default(),
            seal: Register::guarded(guards),
            found: Default::default(),
            refused: Register::guarded(guards),
            no_room: Register::guarded(guards),
            recording: Register::guarded(guards),
            order: Register::guarded(guards),
            wanted_last: Register::guarded(guards),
            wanted_span: Register::guarded(guards),
            leaves_window: Register::guarded(guards),
            row_span: Register::guarded(guards),
            shows: Register::guarded(guards),
            scrubs: Register::guarded(guards),
            maps: Register::guarded(guards),
            wanted_first: Register::guarded(guards),
            wanted_owner: Register::guarded(guards),
            end_block: Register::guarded(guards),
            grows: Register::guarded(guards),
            shrinks: Register::guarded(guards),
            extent: Register::guarded(guards),
            guarding: Register::guarded(guards),
            block_shared: Register::guarded(guards),
            first_of_sum: Default::default(),
            isolates: Default::default(),
            names_slot: Default::default(),
            logical: Default::default(),
            size: Default::default(),
            rights: Default::default(),
            last_page_sum: Default::default(),
            is_create: Default::default(),
            is_find: Default::default(),
            is_query: Default::default(),
            is_seal: Default::default(),
            is_destroy: Default::default(),
            is_protect: Default::default(),
            is_lock: Default::default(),
            is_resize: Default::default(),
            is_share: Default::default(),
            uses_slot: Default::default(),
            outcome: Default::default(),
            granules_less_one: Default::default(),
            asked_span: Default::default(),
            granules: Default::default(),
            row_logical: Default::default(),
            row_physical: Default::default(),
            commands: Default::default(),
            statuses: Default::default(),
            event: Constant::new(Event::Command.code().to_bits()),
            dynamic: Constant::new(geometry.features.dynamic),
            tenants: Constant::new(geometry.tenants.to_bits()),
            slots: Constant::new(geometry.slots.to_bits()),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            page_bits: Constant::new(PAGE.to_bits()),
            granule_mask: Constant::new((geometry.granule() - 1).to_bits()),
            window_mask: Constant::new((geometry.window() - 1).to_bits()),
            window_size: Constant::new(geometry.window().to_bits()),
            intact: vec![Default::default(); guards],
            finished_check: vec![Default::default(); guards],
            row_intact: vec![Default::default(); guards],
            row_held: vec![Default::default(); guards],
            tripped: vec![Default::default(); guards],
            // A bit that is lost here refuses a command, or is the second one.
            rests_on_row: vec![Default::default(); guards],
            flawed: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            state, waiting, verdicts, target, target_slot, status, finished, seal, found, refused, no_room, shows,
            wanted_last, wanted_span, leaves_window, row_span, order, recording, scrubs, maps, wanted_first, wanted_owner,
            end_block, grows, shrinks, extent, guarding, block_shared
        ) {
            self.logical.next = self.operands.val().logical;
            self.size.next = self.operands.val().size;
            self.rights.next = self.operands.val().rights;
            self.is_create.next = self.code.val() == self.commands.create.val();
            self.is_find.next = self.code.val() == self.commands.find.val();
            self.is_query.next = self.code.val() == self.commands.query.val();
            self.is_seal.next = self.code.val() == self.commands.seal.val();
            self.is_destroy.next = self.code.val() == self.commands.destroy.val();
            self.is_protect.next = self.code.val() == self.commands.protect.val();
            self.is_lock.next = self.code.val() == self.commands.lock.val();
            self.is_resize.next = self.dynamic.val() & (self.code.val() == self.commands.resize.val());
            self.is_share.next = self.dynamic.val() & (self.code.val() == self.commands.share.val());
            self.uses_slot.next = self.is_destroy.val()
                | self.is_protect.val()
                | self.is_lock.val()
                | self.is_query.val()
                | self.is_resize.val()
                | self.is_share.val();

            // The operands, examined beside Idle and used from Decide on.
            self.granules_less_one.next =
                self.size.val().get_bits::<PAGE>(self.granule_bits.val().index()) - 1;
            self.verdicts.d.next.tenant_known = self.operands.val().tenant < self.tenants.val();
            // RESIZE has no address, and SHARE no size of its own.
            self.verdicts.d.next.aligned = (((self.logical.val() & self.granule_mask.val()) == 0) | self.is_resize.val())
                & (((self.size.val() & self.granule_mask.val()) == 0) | self.is_share.val());
            self.verdicts.d.next.sized = (self.size.val() != 0)
                & (((self.size.val() & !self.window_mask.val()) == 0) | (self.size.val() == self.window_size.val()));
            self.verdicts.d.next.in_window =
                (self.logical.val() & !self.window_mask.val()) == self.window_base.val();
            self.verdicts.d.next.slot_known = self.operands.val().slot < self.slots.val();
            self.verdicts.d.next.first_page = self.logical.val().get_bits::<PAGE>(self.granule_bits.val().index());
            self.verdicts.d.next.span = self.granules_less_one.val();
            // A cycle later: FIND looks for one page, whatever the size says.
            self.asked_span.next = 0.into();
            if self.is_create.val() | self.is_resize.val() {
                self.asked_span.next = self.verdicts.q.val().span;
            } else if self.is_share.val() {
                self.asked_span.next = self.row_span.q.val();
            }
            self.first_of_sum.next = self.verdicts.q.val().first_page;
            if self.is_resize.val() {
                self.first_of_sum.next = self.target.q.val().first_page;
            }
            self.last_page_sum.next = bit_cast::<ADDRESS, PAGE>(self.first_of_sum.val())
                + bit_cast::<ADDRESS, PAGE>(self.asked_span.val());
            self.leaves_window.d.next = self.last_page_sum.val().get_bit(self.page_bits.val().index());
            self.wanted_tenant.next = bit_cast::<TENANT, 8>(self.operands.val().tenant);
            self.first_page.next = self.verdicts.q.val().first_page;
            self.wanted_owner.d.next = bit_cast::<TENANT, 8>(self.operands.val().tenant);
            self.wanted_first.d.next = self.verdicts.q.val().first_page;
            if self.is_resize.val() {
                self.wanted_owner.d.next = self.target.q.val().tenant;
                self.wanted_first.d.next = self.extent.q.val().first_page;
            }
            if self.dynamic.val() {
                self.wanted_tenant.next = self.wanted_owner.q.val();
                self.first_page.next = self.wanted_first.q.val();
            }
            self.wanted_last.d.next = bit_cast::<PAGE, ADDRESS>(self.last_page_sum.val());
            self.last_page.next = self.wanted_last.q.val();
            self.wanted_span.d.next = self.asked_span.val();
            if self.is_resize.val() {
                self.wanted_span.d.next = (self.verdicts.q.val().span - self.row_span.q.val()) - 1;
            }
            self.span.next = self.wanted_span.q.val();
            self.probe.next = self.is_resize.val();
            self.end_block.d.next =
                self.target.q.val().first_block + bit_cast::<BLOCK, PAGE>(self.verdicts.q.val().span);

            // The row worked on, as bytes.
            self.row_span.d.next = self.target.q.val().last_page - self.target.q.val().first_page;
            self.granules.next = bit_cast::<ADDRESS, PAGE>(self.row_span.q.val());
            self.row_logical.next = self.window_base.val()
                | (bit_cast::<ADDRESS, PAGE>(self.target.q.val().first_page) << self.granule_bits.val());
            self.row_physical.next = self.frame_base.val()
                | (bit_cast::<ADDRESS, BLOCK>(self.target.q.val().first_block) << self.granule_bits.val());
            self.shown_row.next.tenant = bit_cast::<8, TENANT>(self.target.q.val().tenant);
            self.shown_row.next.slot = bit_cast::<8, SLOT>(self.target_slot.q.val());
            self.shown_row.next.logical = self.row_logical.val();
            self.shown_row.next.size = (self.granules.val() + 1) << self.granule_bits.val();
            self.shown_row.next.rights = bit_cast::<5, 1>(self.target.q.val().read.into())
                | (bit_cast::<5, 1>(self.target.q.val().write.into()) << 1)
                | (bit_cast::<5, 1>(self.target.q.val().execute.into()) << 2)
                | (bit_cast::<5, 1>(self.target.q.val().isolated.into()) << 3)
                | (bit_cast::<5, 1>(self.target.q.val().locked.into()) << 4);

            // Nothing happens unless a state says so.
            self.order.d.next.enable = false;
            self.order.d.next.valid = false;
            self.order.d.next.held = false;
            self.order.d.next.guarded = true;
            // A write follows the state that orders it by a cycle; slot and row are steady since before.
            self.table_write.enable.next = self.order.q.val().enable;
            self.table_write.slot.next = self.target_slot.q.val();
            self.table_write.row.next = self.target.q.val();
            self.table_write.valid.next = self.order.q.val().valid;
            self.table_write.held.next = self.order.q.val().held;
            self.table_write.guarded.next = self.order.q.val().guarded;
            self.scan_start.next = false;
            self.scan_stop.next = false;
            self.scrubs.d.next = false;
            self.maps.d.next = false;
            self.scrub_start.next = self.scrubs.q.val();
            self.shadow_start.next = self.maps.q.val();
            self.audit_refused.next = false;
            self.recording.d.next = false;
            self.record_valid.next = self.recording.q.val();
            self.done.next = false;
            self.names_slot.next = (self.status.q.val() == self.statuses.ok.val()) & !self.is_seal.val();
            self.shows.d.next = false;
            self.show.next = self.shows.q.val();
            self.outcome.next = self.statuses.ok.val();
            self.slot.next = self.target_slot.q.val();
            self.isolates.next = self.rights.val().get_bit(3);
            self.waiting.d.next = false;
            self.shadow_entry.next.mapped =
                self.is_create.val() | self.is_share.val() | (self.is_resize.val() & self.grows.q.val());
            self.shadow_entry.next.slot = self.target_slot.q.val();

            match self.state.q.val() {
                CommandState::Idle => {
                    self.target_slot.d.next = bit_cast::<SLOT, 8>(self.operands.val().slot);
                    // A cycle earlier: the row's block is compared with all others before it is asked whether it is shared.
                    if self.dynamic.val() {
                        self.slot.next = bit_cast::<SLOT, 8>(self.operands.val().slot);
                    }
                    self.found.d.next = false;
                    self.status.d.next = self.statuses.ok.val();
                    if self.start.val() {
                        self.state.d.next = CommandState::Decide;
                    }
                }
                CommandState::Decide => {
                    // Where to go depends on the command only; whether anything happens there, on `refused`.
                    self.target.d.next = self.row.val();
                    self.found.d.next = self.uses_slot.val()
                        & !self.is_share.val()
                        & self.audit_room.val()
                        & self.active.val()
                        & (!self.seal.q.val() | self.is_query.val())
                        & self.verdicts.q.val().slot_known
                        & self.live.val();
                    self.state.d.next = CommandState::Record;
                    if self.is_create.val() | self.is_find.val() {
                        self.scan_start.next = true;
                        self.state.d.next = CommandState::Scan;
                    } else if self.is_resize.val() | self.is_share.val() {
                        self.state.d.next = CommandState::Measure;
                    } else if self.is_destroy.val() {
                        self.state.d.next = CommandState::Revoke;
                    } else if self.is_protect.val() {
                        self.target.d.next.read = self.rights.val().get_bit(0);
                        self.target.d.next.write = self.rights.val().get_bit(1);
                        self.target.d.next.execute = self.rights.val().get_bit(2);
                        self.target.d.next.isolated = self.rights.val().get_bit(3);
                        self.state.d.next = CommandState::Update;
                    } else if self.is_lock.val() {
                        self.target.d.next.locked = true;
                        self.state.d.next = CommandState::Update;
                    }

                    self.outcome.next = self.statuses.not_active.val();
                    if !self.audit_room.val() {
                        self.outcome.next = self.statuses.audit_full.val();
                    } else if !self.active.val() {
                        self.outcome.next = self.statuses.not_active.val();
                    } else if self.seal.q.val() & !(self.is_query.val() | self.is_find.val()) {
                        self.outcome.next = self.statuses.sealed.val();
                    } else if self.is_create.val() | self.is_find.val() {
                        if !self.verdicts.q.val().tenant_known {
                            self.outcome.next = self.statuses.bad_tenant.val();
                        } else if self.is_create.val() & !self.verdicts.q.val().aligned {
                            self.outcome.next = self.statuses.bad_alignment.val();
                        } else if self.is_create.val() & !self.verdicts.q.val().sized {
                            self.outcome.next = self.statuses.bad_size.val();
                        } else if !self.verdicts.q.val().in_window | self.leaves_window.q.val() {
                            self.outcome.next = self.statuses.outside_window.val();
                        } else {
                            self.outcome.next = self.statuses.ok.val();
                        }
                    } else if self.is_seal.val() {
                        self.outcome.next = self.statuses.ok.val();
                    } else if self.uses_slot.val() {
                        if !self.verdicts.q.val().slot_known | !self.live.val() {
                            self.outcome.next = self.statuses.bad_slot.val();
                        } else if self.row.val().locked & !self.is_query.val() {
                            self.outcome.next = self.statuses.locked.val();
                        } else if self.is_share.val() & !self.verdicts.q.val().tenant_known {
                            self.outcome.next = self.statuses.bad_tenant.val();
                        } else if (self.is_resize.val() | self.is_share.val()) & !self.verdicts.q.val().aligned {
                            self.outcome.next = self.statuses.bad_alignment.val();
                        } else if self.is_resize.val() & !self.verdicts.q.val().sized {
                            self.outcome.next = self.statuses.bad_size.val();
                        } else {
                            self.outcome.next = self.statuses.ok.val();
                        }
                    }
                    self.status.d.next = self.outcome.val();
                    self.refused.d.next = self.outcome.val() != self.statuses.ok.val();
                    self.no_room.d.next = !self.audit_room.val();
                }
                CommandState::Scan => {
                    self.scan_stop.next = self.refused.q.val();
                    if self.refused.q.val() {
                        self.state.d.next = CommandState::Record;
                    } else if !self.scan_busy.val() {
                        self.state.d.next = CommandState::Choose;
                    }
                }
                CommandState::Choose => {
                    self.target.d.next.last_page = self.wanted_last.q.val();
                    if self.is_resize.val() {
                        self.target.d.next.last_block = self.end_block.q.val();
                    } else {
                        self.target.d.next.tenant = bit_cast::<TENANT, 8>(self.operands.val().tenant);
                        self.target.d.next.first_page = self.verdicts.q.val().first_page;
                        self.target.d.next.read = self.rights.val().get_bit(0);
                        self.target.d.next.write = self.rights.val().get_bit(1);
                        self.target.d.next.execute = self.rights.val().get_bit(2);
                        self.target.d.next.isolated = self.isolates.val();
                        self.target.d.next.locked = self.rights.val().get_bit(4);
                        self.target_slot.d.next = self.survey.val().slot;
                        if self.is_share.val() {
                            self.target.d.next.delta = self.target.q.val().first_block
                                - bit_cast::<BLOCK, PAGE>(self.verdicts.q.val().first_page);
                        } else {
                            self.target.d.next.first_block = self.survey.val().first_block;
                            self.target.d.next.last_block =
                                self.survey.val().first_block + bit_cast::<BLOCK, PAGE>(self.wanted_span.q.val());
                            self.target.d.next.delta = self.survey.val().first_block
                                - bit_cast::<BLOCK, PAGE>(self.verdicts.q.val().first_page);
                        }
                    }
                    self.state.d.next = CommandState::Reserve;
                    if self.is_find.val() {
                        self.target_slot.d.next = self.survey.val().overlapping;
                        self.state.d.next = CommandState::Fetch;
                        if !self.survey.val().overlaps {
                            self.outcome.next = self.statuses.bad_slot.val();
                        }
                    } else if self.survey.val().overlaps {
                        self.outcome.next = self.statuses.overlap.val();
                    } else if self.over_quota.val() {
                        self.outcome.next = self.statuses.quota_exceeded.val();
                    } else if !self.survey.val().slot_free & !self.is_resize.val() {
                        self.outcome.next = self.statuses.table_full.val();
                    } else if !self.survey.val().fits & !self.is_share.val() {
                        self.outcome.next = self.statuses.no_space.val();
                    }
                    self.status.d.next = self.outcome.val();
                    self.refused.d.next = self.outcome.val() != self.statuses.ok.val();
                }
                CommandState::Reserve => {
                    // The tail of a row that grows is guarded beside it, and a shared block stays as it is.
                    self.order.d.next.enable = !self.refused.q.val() & !self.is_resize.val();
                    self.order.d.next.held = true;
                    self.order.d.next.guarded = !self.is_share.val();
                    self.guarding.d.next = !self.refused.q.val() & self.is_resize.val();
                    self.state.d.next = CommandState::Settle;
                    if self.refused.q.val() {
                        self.state.d.next = CommandState::Record;
                    }
                }
                CommandState::Settle => {
                    self.state.d.next = CommandState::Scrub;
                    if self.is_share.val() {
                        self.state.d.next = CommandState::Map;
                    }
                }
                CommandState::Scrub => {
                    self.waiting.d.next = true;
                    self.scrubs.d.next = !self.waiting.q.val();
                    if self.waiting.q.val() & !self.scrubs.q.val() & !self.scrub_busy.val() {
                        self.waiting.d.next = false;
                        self.state.d.next = CommandState::Free;
                        if self.is_create.val() | (self.is_resize.val() & self.grows.q.val()) {
                            self.state.d.next = CommandState::Map;
                        }
                    }
                }
                CommandState::Map => {
                    self.waiting.d.next = true;
                    self.maps.d.next = !self.waiting.q.val();
                    if self.waiting.q.val() & !self.maps.q.val() & !self.shadow_busy.val() {
                        self.state.d.next = CommandState::Update;
                    }
                }
                // SEC_CM: STORE.ATOMIC
                CommandState::Update => {
                    self.order.d.next.enable = !self.refused.q.val();
                    self.order.d.next.valid = true;
                    self.order.d.next.held = true;
                    self.order.d.next.guarded = self.target.q.val().isolated;
                    self.guarding.d.next = false;
                    self.state.d.next = CommandState::Record;
                    // A block that others have may not be isolated.
                    if self.dynamic.val()
                        & self.is_protect.val()
                        & self.isolates.val()
                        & self.shared.val()
                        & !self.refused.q.val()
                    {
                        self.order.d.next.enable = false;
                        self.refused.d.next = true;
                        self.status.d.next = self.statuses.overlap.val();
                    }
                }
                CommandState::Revoke => {
                    self.order.d.next.enable = !self.refused.q.val();
                    self.order.d.next.held = true;
                    // Others go on using a block that they share.
                    self.block_shared.d.next = self.dynamic.val() & self.shared.val();
                    self.order.d.next.guarded = !(self.dynamic.val() & self.shared.val());
                    self.state.d.next = CommandState::Unmap;
                    if self.refused.q.val() {
                        self.state.d.next = CommandState::Record;
                    }
                }
                CommandState::Unmap => {
                    self.waiting.d.next = true;
                    self.maps.d.next = !self.waiting.q.val();
                    if self.waiting.q.val() & !self.maps.q.val() & !self.shadow_busy.val() {
                        self.waiting.d.next = false;
                        self.state.d.next = CommandState::Scrub;
                        if self.is_destroy.val() & self.block_shared.q.val() {
                            self.state.d.next = CommandState::Free;
                        }
                    }
                }
                CommandState::Free => {
                    self.order.d.next.enable = !self.is_resize.val();
                    self.order.d.next.guarded = false;
                    self.guarding.d.next = false;
                    self.state.d.next = CommandState::Record;
                }
                // Each of these states names `dynamic`, so that without it synthesis leaves them out.
                CommandState::Measure => {
                    self.block_shared.d.next = self.dynamic.val() & self.shared.val();
                    self.state.d.next = CommandState::Record;
                    if self.dynamic.val() & !self.refused.q.val() {
                        self.state.d.next = CommandState::Compare;
                    }
                }
                CommandState::Compare => {
                    self.grows.d.next = self.is_resize.val() & (self.row_span.q.val() < self.verdicts.q.val().span);
                    self.shrinks.d.next = self.is_resize.val() & (self.row_span.q.val() > self.verdicts.q.val().span);
                    self.state.d.next = CommandState::Record;
                    if self.dynamic.val() {
                        self.state.d.next = CommandState::Weigh;
                    }
                }
                CommandState::Weigh => {
                    self.extent.d.next.first_page = self.wanted_last.q.val() + 1;
                    self.extent.d.next.last_page = self.target.q.val().last_page;
                    self.extent.d.next.first_block = self.end_block.q.val() + 1;
                    self.extent.d.next.last_block = self.target.q.val().last_block;
                    if self.grows.q.val() {
                        self.extent.d.next.first_page = self.target.q.val().last_page + 1;
                        self.extent.d.next.last_page = self.wanted_last.q.val();
                        self.extent.d.next.first_block = self.target.q.val().last_block + 1;
                        self.extent.d.next.last_block = self.end_block.q.val();
                    }
                    if self.leaves_window.q.val() | (self.is_share.val() & !self.verdicts.q.val().in_window) {
                        self.outcome.next = self.statuses.outside_window.val();
                    } else if (self.block_shared.q.val() & (self.grows.q.val() | self.shrinks.q.val()))
                        | (self.is_share.val() & (self.isolates.val() | self.target.q.val().isolated))
                    {
                        self.outcome.next = self.statuses.overlap.val();
                    }
                    self.status.d.next = self.outcome.val();
                    self.refused.d.next = self.outcome.val() != self.statuses.ok.val();
                    self.state.d.next = CommandState::Record;
                    if self.dynamic.val() {
                        self.state.d.next = CommandState::Probe;
                    }
                }
                CommandState::Probe => {
                    // As Decide: the allocator is called back when the command is refused.
                    self.state.d.next = CommandState::Record;
                    if self.is_share.val() | self.grows.q.val() {
                        self.scan_start.next = true;
                        self.state.d.next = CommandState::Scan;
                    } else if self.dynamic.val() & self.shrinks.q.val() & !self.refused.q.val() {
                        self.target.d.next.last_page = self.wanted_last.q.val();
                        self.target.d.next.last_block = self.end_block.q.val();
                        self.state.d.next = CommandState::Shrink;
                    }
                }
                // The end moves in, and the tail is guarded, at the same edge.
                CommandState::Shrink => {
                    self.order.d.next.enable = true;
                    self.order.d.next.valid = true;
                    self.order.d.next.held = true;
                    self.order.d.next.guarded = self.target.q.val().isolated;
                    self.guarding.d.next = true;
                    self.state.d.next = CommandState::Unmap;
                }
                CommandState::Fetch => {
                    self.state.d.next = CommandState::Read;
                    if self.refused.q.val() {
                        self.state.d.next = CommandState::Record;
                    }
                }
                CommandState::Read => {
                    self.target.d.next = self.row.val();
                    self.state.d.next = CommandState::Record;
                }
                CommandState::Record => {
                    self.recording.d.next = !self.no_room.q.val();
                    self.audit_refused.next = self.no_room.q.val();
                    if self.record_taken.val() | self.audit_refused.val() {
                        self.recording.d.next = false;
                        self.shows.d.next = self.names_slot.val() & (self.is_query.val() | self.is_find.val());
                        self.state.d.next = CommandState::Done;
                    }
                }
                CommandState::Done => {
                    self.done.next = true;
                    if self.is_seal.val() & !self.refused.q.val() {
                        self.seal.d.next = true;
                    }
                    self.state.d.next = CommandState::Idle;
                }
                _ => {
                    self.state.d.next = CommandState::Idle;
                }
            }

            // With `integrity`: who has read a row with a wrong bit goes no further, and has changed nothing.
            for i in 0..self._guards {
                self.rests_on_row[i].clock.next = self.clock.val();
                self.rests_on_row[i].reset.next = self.reset.val();
                self.rests_on_row[i].d.next = self.row_held[i].val()
                    & (((self.state.q.val() == CommandState::Decide) & self.uses_slot.val())
                        | (self.state.q.val() == CommandState::Scan)
                        | (self.state.q.val() == CommandState::Read));
                self.flawed[i].next = self.rests_on_row[i].q.val() & !self.row_intact[i].val();
                if self.tripped[i].val() & (self.state.q.val() == CommandState::Decide) & self.audit_room.val() {
                    self.status.d.next = self.statuses.integrity.val();
                }
                if self.flawed[i].val() & !self.no_room.q.val() {
                    self.order.d.next.enable = false;
                    self.scan_start.next = false;
                    self.scan_stop.next = true;
                    self.found.d.next = false;
                    self.refused.d.next = true;
                    self.status.d.next = self.statuses.integrity.val();
                    if self.state.q.val() != CommandState::Record {
                        self.state.d.next = CommandState::Record;
                    }
                }
            }

            // The end: what software and the log are told.
            self.record.next.event = self.event.val();
            self.record.next.tenant = self.operands.val().tenant;
            self.record.next.slot = 0.into();
            self.record.next.kind = self.code.val();
            self.record.next.reason = self.status.q.val();
            self.record.next.address = 0.into();
            if self.is_create.val() | self.is_find.val() | self.is_share.val() {
                self.record.next.address = self.logical.val();
            }
            if self.uses_slot.val() {
                self.record.next.slot = self.operands.val().slot;
            }
            // SHARE names the row whose block it is about.
            if self.names_slot.val() & !self.is_share.val() {
                self.record.next.slot = bit_cast::<8, SLOT>(self.target_slot.q.val());
            }
            if self.found.q.val() {
                self.record.next.tenant = bit_cast::<8, TENANT>(self.target.q.val().tenant);
                self.record.next.address = self.row_logical.val();
            }
            if self.done.val() {
                self.finished.d.next.status = self.status.q.val();
                self.finished.d.next.slot = 0.into();
                self.finished.d.next.physical = 0.into();
                if self.names_slot.val() {
                    self.finished.d.next.slot = bit_cast::<8, SLOT>(self.target_slot.q.val());
                    self.finished.d.next.physical = self.row_physical.val();
                }
            }
            self.result.next = self.finished.q.val();
            self.sealed.next = self.seal.q.val();
            self.tail.next = self.extent.q.val();
            self.tail_guarded.next = self.guarding.q.val();
            self.tail_slot.next = self.target_slot.q.val();
            self.current.next = self.target.q.val();
            if self.is_resize.val() {
                self.current.next.first_page = self.extent.q.val().first_page;
                self.current.next.last_page = self.extent.q.val().last_page;
                self.current.next.first_block = self.extent.q.val().first_block;
                self.current.next.last_block = self.extent.q.val().last_block;
            }
            for i in 0..self._guards {
                self.finished_check[i].clock.next = self.clock.val();
                self.finished_check[i].reset.next = self.reset.val();
                self.finished_check[i].d.next = self.finished_check[i].q.val();
                if self.done.val() {
                    self.finished_check[i].d.next = self.status.q.val().xor();
                    if self.names_slot.val() {
                        self.finished_check[i].d.next =
                            self.status.q.val().xor() ^ self.target_slot.q.val().xor() ^ self.row_physical.val().xor();
                    }
                }
                self.intact[i].next = !(self.finished_check[i].q.val()
                    ^ self.finished.q.val().status.xor()
                    ^ self.finished.q.val().slot.xor()
                    ^ self.finished.q.val().physical.xor())
                    & self.state.intact[i].val()
                    & self.waiting.intact[i].val()
                    & self.verdicts.intact[i].val()
                    & self.target.intact[i].val()
                    & self.target_slot.intact[i].val()
                    & self.status.intact[i].val()
                    & self.seal.intact[i].val()
                    & self.refused.intact[i].val()
                    & self.recording.intact[i].val()
                    & self.no_room.intact[i].val()
                    & self.shows.intact[i].val()
                    & self.wanted_last.intact[i].val()
                    & self.wanted_span.intact[i].val()
                    & self.leaves_window.intact[i].val()
                    & self.row_span.intact[i].val()
                    & self.order.intact[i].val()
                    & self.scrubs.intact[i].val()
                    & self.maps.intact[i].val()
                    & self.wanted_first.intact[i].val()
                    & self.wanted_owner.intact[i].val()
                    & self.end_block.intact[i].val()
                    & self.grows.intact[i].val()
                    & self.shrinks.intact[i].val()
                    & self.extent.intact[i].val()
                    & self.guarding.intact[i].val()
                    & self.block_shared.intact[i].val();
            }
        }
    }
}
