//! What a command answers, decided before anything changes: [`check`] gives a [`CommandPlan`] or the status of the refusal.
//!
//! ```text
//!  audit room? ─► active? ─► sealed? ─► the command's own checks, in order ─► CommandPlan
//!   AuditFull    NotActive    Sealed     BadTenant BadAlignment ...
//! ```

use crate::{Operation, Slot, Tables};
use pm_interface::{Command, Geometry, Rights, Status};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandPlan {
    /// Take this free slot with this row, not yet valid.
    Create(u8, Slot),
    /// Revoke, scrub and free this slot.
    Destroy(u8),
    /// Let this slot end here: last granule of the window and of the frame.
    Resize(u8, u64, u64),
    /// Take this free slot with this row, on a block that another row has.
    Share(u8, Slot),
    /// Give this slot these rights.
    SetRights(u8, Rights),
    /// Seal.
    Seal,
    /// Show this slot.
    Show(u8),
}

impl CommandPlan {
    /// The slot that the plan is about; zero for SEAL.
    pub fn slot(&self) -> u8 {
        match *self {
            CommandPlan::Create(slot, _) | CommandPlan::Share(slot, _) => slot,
            CommandPlan::Destroy(slot)
            | CommandPlan::Resize(slot, ..)
            | CommandPlan::SetRights(slot, _)
            | CommandPlan::Show(slot) => slot,
            CommandPlan::Seal => 0,
        }
    }
}

/// Everything but the tables that a command depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// There is room for the command's audit record.
    pub audit_room: bool,
    /// The gate is open.
    pub active: bool,
    /// SEAL was done.
    pub sealed: bool,
}

/// Whether hardware of this geometry knows the command; writing another code to `CMD` is a register error.
pub fn supported(geometry: &Geometry, command: Command) -> bool {
    geometry.features.dynamic || !matches!(command, Command::Resize | Command::Share)
}

/// Whether the command names its row by `CMD_SLOT`.
pub fn by_slot(command: Command) -> bool {
    use Command::{Destroy, Lock, Protect, Query, Resize, Share};
    matches!(command, Destroy | Resize | Protect | Share | Lock | Query)
}

/// What the command does, or why it is refused.
pub fn check(tables: &Tables, conditions: Conditions, operation: &Operation) -> Result<CommandPlan, Status> {
    gate(tables, conditions, operation)?;
    match operation.command {
        Command::Create => create(tables, operation),
        Command::Destroy => unlocked(tables, operation.slot).map(|_| CommandPlan::Destroy(operation.slot)),
        Command::Protect => protect(tables, operation),
        Command::Lock => lock(tables, operation.slot),
        Command::Seal => Ok(CommandPlan::Seal),
        Command::Query => existing(tables, operation.slot).map(|_| CommandPlan::Show(operation.slot)),
        Command::Find => find(tables, operation).map(CommandPlan::Show),
        Command::Resize => resize(tables, operation),
        Command::Share => share(tables, operation),
    }
}

/// The row that a slot command names, where it exists and the command got as far as looking. SHARE's record tells of the
/// new row instead.
pub fn found_row<'a>(tables: &'a Tables, conditions: Conditions, operation: &Operation) -> Option<&'a Slot> {
    let looked = by_slot(operation.command) && operation.command != Command::Share && gate(tables, conditions, operation).is_ok();
    looked.then(|| existing(tables, operation.slot).ok()).flatten()
}

fn gate(tables: &Tables, conditions: Conditions, operation: &Operation) -> Result<(), Status> {
    let command = operation.command;
    ensure(conditions.audit_room, Status::AuditFull)?;
    // The row of `CMD_SLOT` is read beside the first checks, and also by who does not ask for it.
    let named = operation.slot & ((1u16 << tables.geometry().shape.slot) - 1) as u8;
    ensure(command == Command::Seal || !tables.row_flawed(named), Status::Integrity)?;
    ensure(conditions.active, Status::NotActive)?;
    let reads_only = matches!(command, Command::Query | Command::Find);
    ensure(!conditions.sealed || reads_only, Status::Sealed)
}

fn ensure(holds: bool, otherwise: Status) -> Result<(), Status> {
    if holds {
        Ok(())
    } else {
        Err(otherwise)
    }
}

fn tenant_exists(tables: &Tables, tenant: u8) -> Result<(), Status> {
    ensure(usize::from(tenant) < tables.geometry().tenants, Status::BadTenant)
}

/// Every row is read.
fn walk(tables: &Tables) -> Result<(), Status> {
    let mut slots = 0..tables.rows.len() as u8;
    ensure(!slots.any(|slot| tables.row_flawed(slot)), Status::Integrity)
}

fn existing(tables: &Tables, slot: u8) -> Result<&Slot, Status> {
    tables.rows.get(usize::from(slot)).filter(|row| row.valid).ok_or(Status::BadSlot)
}

fn unlocked(tables: &Tables, slot: u8) -> Result<&Slot, Status> {
    let row = existing(tables, slot)?;
    ensure(!row.rights.locked, Status::Locked)?;
    Ok(row)
}

/// Whether another row has a part of this slot's block.
pub(crate) fn is_shared(tables: &Tables, slot: u8) -> bool {
    let row = &tables.rows[usize::from(slot)];
    (0u8..).zip(&tables.rows).any(|(other, taken)| other != slot && taken.held && row.touches(taken))
}

fn protect(tables: &Tables, operation: &Operation) -> Result<CommandPlan, Status> {
    let locked = unlocked(tables, operation.slot)?.rights.locked;
    ensure(!(operation.rights.isolated && is_shared(tables, operation.slot)), Status::Overlap)?;
    Ok(CommandPlan::SetRights(operation.slot, Rights { locked, ..operation.rights }))
}

fn lock(tables: &Tables, slot: u8) -> Result<CommandPlan, Status> {
    let rights = unlocked(tables, slot)?.rights;
    Ok(CommandPlan::SetRights(slot, Rights { locked: true, ..rights }))
}

fn find(tables: &Tables, operation: &Operation) -> Result<u8, Status> {
    tenant_exists(tables, operation.tenant)?;
    let offset = tables.window_offset(operation.tenant, operation.logical).ok_or(Status::OutsideWindow)?;
    walk(tables)?;
    let page = offset >> tables.geometry().granule_bits;
    let holds = |row: &Slot| row.valid && row.tenant == operation.tenant && page >= row.first_page && page <= row.last_page;
    (0u8..).zip(&tables.rows).find(|(_, row)| holds(row)).map(|(slot, _)| slot).ok_or(Status::BadSlot)
}

fn create(tables: &Tables, operation: &Operation) -> Result<CommandPlan, Status> {
    let geometry = tables.geometry();
    tenant_exists(tables, operation.tenant)?;
    let ragged = (operation.logical | operation.size) & (geometry.granule() - 1);
    ensure(ragged == 0, Status::BadAlignment)?;
    ensure(operation.size != 0 && operation.size <= geometry.window(), Status::BadSize)?;
    let offset = tables.window_offset(operation.tenant, operation.logical).ok_or(Status::OutsideWindow)?;
    ensure(offset + operation.size <= geometry.window(), Status::OutsideWindow)?;
    walk(tables)?;
    let pages = operation.size >> geometry.granule_bits;
    let first_page = offset >> geometry.granule_bits;
    let last_page = first_page + pages - 1;
    ensure(!overlaps(tables, operation.tenant, first_page, last_page), Status::Overlap)?;
    ensure(within_quota(tables, operation.tenant, pages, 1), Status::QuotaExceeded)?;
    let slot = free_slot(tables).ok_or(Status::TableFull)?;
    let first_block = first_fit(tables, pages).ok_or(Status::NoSpace)?;
    let row = Slot {
        valid: false,
        held: true,
        tenant: operation.tenant,
        first_page,
        last_page,
        first_block,
        last_block: first_block + pages - 1,
        delta: first_block.wrapping_sub(first_page) & ((1 << geometry.shape.block) - 1),
        rights: operation.rights,
    };
    Ok(CommandPlan::Create(slot, row))
}

fn resize(tables: &Tables, operation: &Operation) -> Result<CommandPlan, Status> {
    let geometry = tables.geometry();
    let row = unlocked(tables, operation.slot)?;
    ensure(operation.size & (geometry.granule() - 1) == 0, Status::BadAlignment)?;
    ensure(operation.size != 0 && operation.size <= geometry.window(), Status::BadSize)?;
    let pages = operation.size >> geometry.granule_bits;
    let last_page = row.first_page + pages - 1;
    let last_block = row.first_block + pages - 1;
    ensure(last_page < tables.pages(), Status::OutsideWindow)?;
    ensure(last_page == row.last_page || !is_shared(tables, operation.slot), Status::Overlap)?;
    if last_page > row.last_page {
        walk(tables)?;
        ensure(!overlaps(tables, row.tenant, row.last_page + 1, last_page), Status::Overlap)?;
        ensure(within_quota(tables, row.tenant, last_page - row.last_page, 0), Status::QuotaExceeded)?;
        let free = |block| tables.rows.iter().all(|taken| !taken.held || block < taken.first_block || block > taken.last_block);
        let fits = last_block <= tables.pool_blocks().1 && (row.last_block + 1..=last_block).all(free);
        ensure(fits, Status::NoSpace)?;
    }
    Ok(CommandPlan::Resize(operation.slot, last_page, last_block))
}

fn share(tables: &Tables, operation: &Operation) -> Result<CommandPlan, Status> {
    let geometry = tables.geometry();
    let source = unlocked(tables, operation.slot)?;
    tenant_exists(tables, operation.tenant)?;
    ensure(operation.logical & (geometry.granule() - 1) == 0, Status::BadAlignment)?;
    let offset = tables.window_offset(operation.tenant, operation.logical).ok_or(Status::OutsideWindow)?;
    let first_page = offset >> geometry.granule_bits;
    let last_page = first_page + (source.last_page - source.first_page);
    ensure(last_page < tables.pages(), Status::OutsideWindow)?;
    ensure(!source.rights.isolated && !operation.rights.isolated, Status::Overlap)?;
    walk(tables)?;
    ensure(!overlaps(tables, operation.tenant, first_page, last_page), Status::Overlap)?;
    ensure(within_quota(tables, operation.tenant, last_page - first_page + 1, 1), Status::QuotaExceeded)?;
    let slot = free_slot(tables).ok_or(Status::TableFull)?;
    let row = Slot {
        valid: false,
        tenant: operation.tenant,
        first_page,
        last_page,
        delta: source.first_block.wrapping_sub(first_page) & ((1 << geometry.shape.block) - 1),
        rights: operation.rights,
        ..*source
    };
    Ok(CommandPlan::Share(slot, row))
}

/// Does the tenant already have a partition in these granules?
fn overlaps(tables: &Tables, tenant: u8, first: u64, last: u64) -> bool {
    tables.rows.iter().any(|row| row.valid && row.tenant == tenant && first <= row.last_page && last >= row.first_page)
}

/// May the tenant own so many granules and slots more? A shared block counts for everybody who has a row on it.
fn within_quota(tables: &Tables, tenant: u8, granules: u64, slots: usize) -> bool {
    let Some(quota) = tables.quotas.get(usize::from(tenant)) else { return true };
    let owned = || tables.rows.iter().filter(|row| row.valid && row.tenant == tenant);
    let granules = granules + owned().map(|row| row.last_page - row.first_page + 1).sum::<u64>();
    quota.granule_limit().is_none_or(|limit| granules <= limit)
        && quota.slot_limit().is_none_or(|limit| owned().count() + slots <= limit)
}

/// The lowest slot that is neither valid nor held.
fn free_slot(tables: &Tables) -> Option<u8> {
    (0u8..).zip(&tables.rows).find(|(_, row)| !row.valid && !row.held).map(|(slot, _)| slot)
}

/// First fit: the lowest of pool base and the ends of held blocks after which `blocks` blocks are free.
pub fn first_fit(tables: &Tables, blocks: u64) -> Option<u64> {
    let (pool_first, pool_last) = tables.pool_blocks();
    let held = || tables.rows.iter().filter(|row| row.held);
    let fits = |first: &u64| {
        let last = first + blocks - 1;
        *first >= pool_first && last <= pool_last && held().all(|row| *first > row.last_block || last < row.first_block)
    };
    std::iter::once(pool_first).chain(held().map(|row| row.last_block + 1)).filter(fits).min()
}
