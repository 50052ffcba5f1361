//! The state of the whole Partition Manager, its ports and its commands: what an access is answered, how a command begins and ends.
//!
//! ```text
//!   Closed ─► Active ─► commands, one at a time: start ─► work ─► end, with its record
//!      ▲        │
//!      └ Refused┘
//! ```
//! Work takes one cycle for each word scrubbed and each shadow entry written; everything else is done at once. The files
//! above this one carry out manifests (`loader`) and let time pass (`operate`).

use crate::audit::Log;
use crate::boot::Booting;
use crate::commands::{self, CommandPlan, Conditions};
use crate::manifest::DeviceKey;
use crate::{
    physical, translate, Access, CamRow, Fault, Memory, Operation, Outcome, PhysicalVerdict, Row, ShadowEntry, Slot, Tables,
    Tail, Translation,
};
use pm_interface::manifest::DEVELOPMENT_KEY;
use pm_interface::registers::irq;
use pm_interface::{AuditRecord, BootState, Command, Event, Geometry, Reason, Rights, Status, Upset, WORD_BYTES};
use std::collections::VecDeque;

/// Which port an access came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessPort {
    /// Logical addresses.
    Translate,
    /// Physical addresses.
    Physical,
}

/// The first denial since `IRQ_STATUS` bit 1 was cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    pub port: AccessPort,
    pub access: Access,
    pub slot: u8,
    pub reason: Reason,
}

/// Words yet to be scrubbed (byte addresses) and shadow entries yet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    scrub_next: u64,
    scrub_end: u64,
    page_next: u64,
    page_end: u64,
    /// What the shadow entries are to say.
    entry: ShadowEntry,
}

impl Work {
    /// The same without the scrubbing.
    fn without_scrub(work: Work) -> Work {
        Work { scrub_next: 0, scrub_end: 0, ..work }
    }

    fn is_done(&self) -> bool {
        self.scrub_next == self.scrub_end && self.page_next == self.page_end
    }
}

/// A command between its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    plan: CommandPlan,
    /// The rights that the row gets at the end of a CREATE.
    rights: Rights,
    record: AuditRecord,
    work: Work,
}

impl Pending {
    pub(crate) fn slot(&self) -> u8 {
        self.plan.slot()
    }
}

/// The golden model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) tables: Tables,
    pub(crate) log: Log,
    pub(crate) memory: Memory,
    pub(crate) time: u64,
    pub(crate) clearing: u64,
    pub(crate) boot: BootState,
    pub(crate) boot_status: Status,
    sealed: bool,
    pub(crate) operands: Operation,
    pub(crate) result: Outcome,
    pub(crate) pending: Option<Pending>,
    pub(crate) irq_status: u32,
    pub(crate) irq_enable: u32,
    pub(crate) captured: Option<Captured>,
    pub(crate) overrun: bool,
    pub(crate) deny_threshold: u16,
    pub(crate) deny_count: u16,
    told: bool,
    pub(crate) granted: u32,
    pub(crate) denied: u32,
    pub(crate) not_mine: u32,
    /// What manifests are to be signed with.
    pub(crate) key: DeviceKey,
    /// The words of the manifest so far.
    pub(crate) words: Vec<u32>,
    pub(crate) booting: Option<Booting>,
    /// The boot has ended, and its record waits for room.
    pub(crate) untold: bool,
    /// With `integrity`: what was lost, and of which slot, that waits for its record.
    upsets: VecDeque<(Upset, u8)>,
    /// Cycles that the patrol has walked since a bit was lost.
    walked: u64,
}

impl Model {
    /// As after power-up and reset: clearing its shadow tables. The geometry is one that [`Geometry::check`] accepts.
    pub fn new(geometry: &Geometry) -> Model {
        Model {
            tables: Tables::new(geometry),
            log: Log::new(geometry.features.chain),
            memory: Memory::default(),
            time: 0,
            clearing: 1 << (geometry.shape.tenant + geometry.shape.page),
            boot: BootState::Clearing,
            boot_status: Status::NotActive,
            sealed: false,
            operands: Operation::new(Command::Create),
            result: Outcome { status: Status::NotActive, slot: 0, physical: 0, row: None },
            pending: None,
            irq_status: 0,
            irq_enable: 0,
            captured: None,
            overrun: false,
            deny_threshold: 0,
            deny_count: 0,
            told: false,
            granted: 0,
            denied: 0,
            not_mine: 0,
            key: DeviceKey::new(DEVELOPMENT_KEY),
            words: Vec::new(),
            booting: None,
            untold: false,
            upsets: VecDeque::new(),
            walked: 0,
        }
    }

    /// Everything back to power-up, except memory.
    pub fn reset(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        *self = Model { memory, ..Model::new(self.tables.geometry()) };
    }

    /// The sizes.
    pub fn geometry(&self) -> &Geometry {
        self.tables.geometry()
    }

    /// The lookup state.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The audit log.
    pub fn audit(&self) -> &Log {
        &self.log
    }

    /// The memory that blocks are scrubbed in.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The same, to put something there.
    pub fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Cycles since reset.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Tells the time that coming records carry; work under way does not move.
    pub fn set_time(&mut self, time: u64) {
        self.time = time;
    }

    /// State of the boot gate.
    pub fn boot_state(&self) -> BootState {
        self.boot
    }

    /// The gate is open.
    pub fn active(&self) -> bool {
        self.boot == BootState::Active && !self.tables.tripped
    }

    /// SEAL was done.
    pub fn sealed(&self) -> bool {
        self.sealed
    }

    /// A command is under way.
    pub fn busy(&self) -> bool {
        self.pending.is_some()
    }

    /// `IRQ_STATUS`: what was raised here, and what the log's records raise.
    pub(crate) fn causes(&self) -> u32 {
        self.irq_status | self.log.raised()
    }

    /// The interrupt output.
    pub fn irq(&self) -> bool {
        self.causes() & self.irq_enable != 0
    }

    /// The alert output.
    pub fn alert(&self) -> bool {
        self.causes() & irq::CRITICAL != 0 || self.tables.tripped
    }

    /// The patrol walks while no command is at work: what was lost is found within a pass.
    pub(crate) fn walk(&mut self, cycles: u64) {
        if !self.active() || !self.tables.flawed() {
            self.walked = 0;
            return;
        }
        self.walked = self.walked.saturating_add(cycles);
        if self.walked < self.geometry().patrol_cycles() {
            return;
        }
        let (repaired, lost) = self.tables.patrol();
        for slot in repaired {
            self.irq_status |= irq::REPAIRED;
            self.upsets.push_back((Upset::RowRepaired, slot));
        }
        if let Some(slot) = lost {
            self.trip(Upset::RowLost, slot);
        }
        self.tell_upsets();
    }

    /// Closes everything until reset.
    fn trip(&mut self, upset: Upset, slot: u8) {
        self.tables.tripped = true;
        self.upsets.push_back((upset, slot));
    }

    /// Writes the record of a boot that has ended, once there is room; only then the gate opens.
    pub(crate) fn tell_boot(&mut self) {
        if !self.untold || !self.log.has_room_for_boot() {
            return;
        }
        self.untold = false;
        if self.boot_status == Status::Ok {
            self.boot = BootState::Active;
        }
        let address = self.tables.configuration.pool_base;
        self.log.store(self.record(Event::Boot, 0, self.boot_status.code(), address));
    }

    /// Writes the records of what was lost, as far as there is room.
    pub(crate) fn tell_upsets(&mut self) {
        while self.log.has_room_for_boot() {
            let Some((upset, slot)) = self.upsets.pop_front() else { return };
            let address = self.tables.configuration.pool_base;
            let record = self.record(Event::Integrity, upset.code(), Reason::None.code(), address);
            self.log.store(AuditRecord { slot, ..record });
        }
    }

    /// Does at most `cycles` of a command's next stretch of work and says how many it took.
    pub(crate) fn work_on_command(&mut self, mut pending: Pending, cycles: u64) -> u64 {
        let work = &mut pending.work;
        let scrubbing = work.scrub_next < work.scrub_end;
        let writing = work.page_next < work.page_end;
        // What comes is shown when it is clean; what goes is hidden before it is cleaned.
        let done = if scrubbing && (!writing || work.entry.is_some()) {
            let words = ((work.scrub_end - work.scrub_next) / WORD_BYTES).min(cycles);
            self.memory.scrub(work.scrub_next, work.scrub_next + words * WORD_BYTES);
            work.scrub_next += words * WORD_BYTES;
            words
        } else {
            let pages = (work.page_end - work.page_next).min(cycles);
            let tenant = self.tables.rows[usize::from(pending.plan.slot())].tenant;
            for page in work.page_next..work.page_next + pages {
                self.tables.set_shadow(tenant, page, work.entry);
            }
            work.page_next += pages;
            pages
        };
        self.time += done;
        let finished = work.is_done();
        self.pending = Some(pending);
        if finished {
            self.finish(pending);
        }
        done
    }

    /// Looks at the configuration and opens the gate, or not; logged either way.
    pub(crate) fn check_configuration(&mut self) {
        let status = if self.log.has_room_for_boot() { configuration_status(&self.tables) } else { Status::AuditFull };
        self.boot_status = status;
        self.boot = if status == Status::Ok { BootState::Active } else { BootState::Refused };
        let address = self.tables.configuration.pool_base;
        if status != Status::AuditFull {
            self.log.store(self.record(Event::Boot, 0, status.code(), address));
        }
    }

    /// The translate port's answer, with nothing counted or logged.
    pub fn decide_translate(&self, access: &Access) -> Translation {
        let verdict = translate::verdict(&self.tables, self.boot == BootState::Active, access);
        // Only a command leaves pages mapped for a row that is not valid: with none at work, a bit was lost.
        if verdict.reason == Reason::InvalidPartition && self.maps(access) && self.geometry().features.integrity && !self.busy() {
            return Translation::denied(Reason::Integrity);
        }
        if self.tables.tripped || (self.active() && self.tables.meets_flaw(access)) {
            return Translation::denied_by(Reason::Integrity, verdict.slot);
        }
        verdict
    }

    /// Whether the shadow page table knows a row for the access's first granule.
    fn maps(&self, access: &Access) -> bool {
        let page = self.tables.window_offset(access.tenant, access.address).map(|offset| offset >> self.geometry().granule_bits);
        page.is_some_and(|page| self.tables.shadow(access.tenant, page).is_some())
    }

    /// The physical port's answer, with nothing counted or logged.
    pub fn decide_physical(&self, access: &Access) -> PhysicalVerdict {
        let verdict = physical::verdict(&self.tables, self.boot == BootState::Active, access);
        let improper = matches!(verdict.reason, Reason::NoTenant | Reason::OutOfRange);
        if self.tables.tripped || (self.active() && !improper && self.tables.meets_flawed_granule(access)) {
            return PhysicalVerdict::denied(Reason::Integrity, verdict.slot);
        }
        verdict
    }

    /// An access on the translate port; a denial is recorded if the log has room.
    pub fn translate(&mut self, access: &Access) -> Translation {
        let verdict = self.decide_translate(access);
        self.conclude_translate(access, &verdict, true);
        verdict
    }

    /// An access on the physical port; a denial is recorded if the log has room.
    pub fn physical(&mut self, access: &Access) -> PhysicalVerdict {
        let verdict = self.decide_physical(access);
        self.conclude_physical(access, &verdict, true);
        verdict
    }

    /// Counts and logs an answer of the translate port. With `recorded` false the denial finds the log's front end
    /// occupied, as it does in hardware when denials follow each other closely: it is counted as lost.
    pub fn conclude_translate(&mut self, access: &Access, verdict: &Translation, recorded: bool) {
        if verdict.granted {
            self.granted = self.granted.wrapping_add(1);
        } else if verdict.not_mine {
            self.not_mine = self.not_mine.wrapping_add(1);
        } else {
            self.conclude_denial(AccessPort::Translate, access, verdict.slot, verdict.reason, recorded);
        }
    }

    /// Counts and logs an answer of the physical port; see [`Model::conclude_translate`].
    pub fn conclude_physical(&mut self, access: &Access, verdict: &PhysicalVerdict, recorded: bool) {
        if verdict.allowed {
            self.granted = self.granted.wrapping_add(1);
        } else {
            self.conclude_denial(AccessPort::Physical, access, verdict.slot, verdict.reason, recorded);
        }
    }

    /// Once the threshold is reached that is told, and not again before it has been acknowledged.
    fn compare_denials(&mut self) {
        if self.deny_threshold != 0 && self.deny_count >= self.deny_threshold && !self.told {
            self.told = true;
            self.irq_status |= irq::THRESHOLD;
        }
    }

    pub(crate) fn set_deny_threshold(&mut self, threshold: u16) {
        self.deny_threshold = threshold;
        self.compare_denials();
    }

    /// Software has seen these causes.
    pub(crate) fn clear_irq(&mut self, bits: u32) {
        self.irq_status &= !bits;
        self.log.acknowledge(bits);
        if bits & irq::DENIAL != 0 {
            self.captured = None;
            self.overrun = false;
        }
        if bits & irq::THRESHOLD != 0 {
            self.deny_count = 0;
            self.told = false;
        }
    }

    fn conclude_denial(&mut self, port: AccessPort, access: &Access, slot: u8, reason: Reason, recorded: bool) {
        self.denied = self.denied.wrapping_add(1);
        self.irq_status |= irq::DENIAL;
        if matches!(reason, Reason::Isolated | Reason::Integrity) {
            self.irq_status |= irq::ALERT;
        }
        if self.captured.is_some() && self.geometry().features.alerts {
            self.overrun = true;
            self.irq_status |= irq::OVERRUN;
        }
        self.captured.get_or_insert(Captured { port, access: *access, slot, reason });
        self.deny_count = self.deny_count.saturating_add(1);
        self.compare_denials();
        let event = match port {
            AccessPort::Translate => Event::TranslateDenied,
            AccessPort::Physical => Event::PhysicalDenied,
        };
        let record =
            AuditRecord { tenant: access.tenant, slot, ..self.record(event, access.kind, reason.code(), access.address) };
        if !recorded {
            self.log.lose();
        }
        if !recorded || !self.log.store_denial(record) {
            self.irq_status |= irq::LOST;
        }
        self.log.settle(self.time);
    }

    pub(crate) fn record(&self, event: Event, kind: u8, reason: u8, address: u64) -> AuditRecord {
        AuditRecord { sequence: 0, time: self.time, event, tenant: 0, slot: 0, kind, reason, address }
    }

    fn record_or_refuse(&mut self, record: AuditRecord) {
        if self.log.has_room() {
            self.log.store(record);
        } else {
            self.log.refuse();
        }
    }

    /// Loads the operand registers and starts a command; does nothing while another is under way.
    pub fn start(&mut self, operation: &Operation) {
        if self.busy() || self.booting.is_some() || !commands::supported(self.geometry(), operation.command) {
            return;
        }
        self.operands = *operation;
        self.start_command(operation.command);
    }

    /// Starts a command on the operand registers. The caller has made sure that none is under way.
    pub(crate) fn start_command(&mut self, command: Command) {
        let operation = Operation { command, ..self.operands };
        let conditions =
            Conditions { audit_room: self.log.has_room(), active: self.active() || self.booting.is_some(), sealed: self.sealed };
        let checked = commands::check(&self.tables, conditions, &operation);
        // A row that has lost a bit is not told of.
        let readable = checked != Err(Status::Integrity);
        let found = readable.then(|| commands::found_row(&self.tables, conditions, &operation)).flatten();
        let record = self.command_record(&operation, found);
        match checked {
            Ok(plan) => self.begin(plan, record),
            Err(status) => {
                // Closed for another reason than that nothing was opened.
                let closed = status == Status::NotActive && self.tables.tripped;
                let status = if closed { Status::Integrity } else { status };
                self.result = Outcome { status, slot: 0, physical: 0, row: None };
                self.irq_status |= irq::COMMAND;
                let (time, reason) = (self.time, status.code());
                self.record_or_refuse(AuditRecord { time, reason, ..record });
            }
        }
    }

    /// The record of a command as far as it is known at the start; time, status and slot are filled in at the end.
    fn command_record(&self, operation: &Operation, found: Option<&Slot>) -> AuditRecord {
        let by_slot = commands::by_slot(operation.command);
        let address = match (operation.command, found) {
            (Command::Create | Command::Find | Command::Share, _) => operation.logical,
            (_, Some(row)) => self.tables.page_address(row.tenant, row.first_page),
            (_, None) => 0,
        };
        AuditRecord {
            tenant: found.map_or(operation.tenant, |row| row.tenant),
            slot: if by_slot { operation.slot } else { 0 },
            ..self.record(Event::Command, operation.command.code(), 0, address)
        }
    }

    fn begin(&mut self, plan: CommandPlan, record: AuditRecord) {
        let mut work = Work { scrub_next: 0, scrub_end: 0, page_next: 0, page_end: 0, entry: None };
        let mut rights = Rights::default();
        match plan {
            CommandPlan::Create(slot, row) => {
                rights = row.rights;
                self.tables.rows[usize::from(slot)] = Slot { rights: Rights { isolated: true, ..rights }, ..row };
                work = self.work_on(&row, Some(slot));
            }
            CommandPlan::Share(slot, row) => {
                rights = row.rights;
                self.tables.rows[usize::from(slot)] = row;
                work = Work::without_scrub(self.work_on(&row, Some(slot)));
            }
            CommandPlan::Destroy(slot) => {
                let last = !commands::is_shared(&self.tables, slot);
                let row = &mut self.tables.rows[usize::from(slot)];
                row.valid = false;
                row.rights.isolated = last;
                let row = *row;
                self.tables.cam[usize::from(slot)].valid = false;
                work = self.work_on(&row, None);
                work = if last { work } else { Work::without_scrub(work) };
            }
            CommandPlan::Resize(slot, last_page, last_block) => {
                let old = self.tables.rows[usize::from(slot)];
                let shrinks = last_page < old.last_page;
                if last_page != old.last_page {
                    let tail = Slot {
                        first_page: old.last_page.min(last_page) + 1,
                        last_page: old.last_page.max(last_page),
                        first_block: old.last_block.min(last_block) + 1,
                        last_block: old.last_block.max(last_block),
                        ..old
                    };
                    self.tables.tail = Some(Tail { slot, first_block: tail.first_block, last_block: tail.last_block });
                    work = self.work_on(&tail, (!shrinks).then_some(slot));
                }
                if shrinks {
                    self.set_end(slot, last_page, last_block);
                }
            }
            CommandPlan::SetRights(..) | CommandPlan::Seal | CommandPlan::Show(_) => {}
        }
        let pending = Pending { plan, rights, record, work };
        self.pending = Some(pending);
        if work.is_done() {
            self.finish(pending);
        }
    }

    fn work_on(&self, row: &Slot, entry: ShadowEntry) -> Work {
        Work {
            scrub_next: self.tables.block_address(row.first_block),
            scrub_end: self.tables.block_address(row.last_block) + self.geometry().granule(),
            page_next: row.first_page,
            page_end: row.last_page + 1,
            entry,
        }
    }

    /// Moves the end of a row, for CAM and table at once.
    fn set_end(&mut self, slot: u8, last_page: u64, last_block: u64) {
        let row = &mut self.tables.rows[usize::from(slot)];
        (row.last_page, row.last_block) = (last_page, last_block);
        self.tables.cam[usize::from(slot)].last_page = last_page;
    }

    /// Makes the command's effect visible in one step, and answers.
    fn finish(&mut self, pending: Pending) {
        let slot = pending.plan.slot();
        self.tables.row_written(slot);
        let index = usize::from(slot);
        let mut physical = self.tables.block_address(self.tables.rows[index].first_block);
        let mut shown = None;
        match pending.plan {
            CommandPlan::Create(..) | CommandPlan::Share(..) => {
                let row = &mut self.tables.rows[index];
                row.valid = true;
                row.rights = pending.rights;
                let Slot { tenant, first_page, last_page, .. } = *row;
                self.tables.cam[index] = CamRow { valid: true, tenant, first_page, last_page };
            }
            CommandPlan::Destroy(_) => {
                self.tables.rows[index] = Slot::default();
                self.tables.cam[index] = CamRow::default();
            }
            CommandPlan::Resize(_, last_page, last_block) => {
                self.set_end(slot, last_page, last_block);
                self.tables.tail = None;
            }
            CommandPlan::SetRights(_, rights) => self.tables.rows[index].rights = rights,
            CommandPlan::Seal => {
                self.sealed = true;
                physical = 0;
            }
            CommandPlan::Show(_) => {
                let row = self.row(slot);
                let Row { tenant, logical, size, rights } = row;
                self.operands = Operation { tenant, slot, logical, size, rights, ..self.operands };
                shown = Some(row);
            }
        }
        self.pending = None;
        self.result = Outcome { status: Status::Ok, slot, physical, row: shown };
        self.irq_status |= irq::COMMAND;
        let (time, reason) = (self.time, Status::Ok.code());
        // SHARE's record names the row whose block it is about.
        let slot = if matches!(pending.plan, CommandPlan::Share(..)) { pending.record.slot } else { slot };
        self.log.store(AuditRecord { time, slot, reason, ..pending.record });
        self.log.settle(self.time);
    }

    fn row(&self, slot: u8) -> Row {
        let row = &self.tables.rows[usize::from(slot)];
        Row {
            tenant: row.tenant,
            logical: self.tables.page_address(row.tenant, row.first_page),
            size: (row.last_page - row.first_page + 1) << self.geometry().granule_bits,
            rights: row.rights,
        }
    }

    /// Applies an upset to the lookup state. Errors name what does not exist.
    pub fn corrupt(&mut self, fault: &Fault) -> Result<(), String> {
        let before = self.tables.tripped;
        self.tables.corrupt(fault)?;
        if self.tables.tripped && !before {
            self.trip(Upset::RegisterLost, 0);
            self.tell_upsets();
        }
        Ok(())
    }

    /// Checks everything that must hold at all times; the error names what does not.
    pub fn invariants(&self) -> Result<(), String> {
        let rows_may_be = matches!(self.boot, BootState::Active | BootState::Checking | BootState::Failed);
        crate::invariants::check(&self.tables, rows_may_be, self.pending.as_ref().map(Pending::slot))
    }
}

/// Is this a configuration that the gate may open with?
pub(crate) fn configuration_status(tables: &Tables) -> Status {
    let geometry = tables.geometry();
    let crate::Configuration { pool_base, pool_size, ref window_bases, .. } = tables.configuration;
    let ragged_pool = (pool_base | pool_size) & (geometry.granule() - 1) != 0;
    let ragged_window = window_bases.iter().any(|base| base & (geometry.window() - 1) != 0);
    let offset = pool_base & (geometry.frame() - 1);
    let too_large = pool_size > geometry.largest_pool().min(geometry.frame() - offset);
    if ragged_pool || ragged_window {
        Status::BadAlignment
    } else if pool_size == 0 || too_large {
        Status::BadSize
    } else {
        Status::Ok
    }
}
