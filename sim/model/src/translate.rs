//! The translate port's verdict: one question a function, the first refusal stands, nothing is granted unless all agree.
//!
//! ```text
//!  active? tenant? length? ─► in window? ─► agree ─► row ─► permit ─► extent ─► recheck ─► granted
//!     NotActive NoTenant       NotMine     NotMine  Integrity  Permission OutOfRange Integrity
//!     OutOfRange                           InvalidPartition    (with the row's slot)
//!                                          Integrity
//! ```

use crate::{Access, Slot, Tables, Translation};
use pm_interface::{Kind, Reason, Rights};

/// What shadow page table and CAM say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Neither knows the granule.
    NotMine,
    /// Both name this slot, and the CAM no other.
    Slot(u8),
    /// They disagree.
    Denied(Reason),
}

/// What the translate port answers.
pub fn verdict(tables: &Tables, active: bool, access: &Access) -> Translation {
    if let Some(reason) = admit(tables, active, access) {
        return Translation::denied(reason);
    }
    let Some(offset) = tables.window_offset(access.tenant, access.address) else {
        return Translation::not_mine();
    };
    let page = offset >> tables.geometry().granule_bits;
    let slot = match agree(tables, access.tenant, page) {
        Agreement::NotMine if tables.configuration.strict => return Translation::denied(Reason::InvalidPartition),
        Agreement::NotMine => return Translation::not_mine(),
        Agreement::Denied(reason) => return Translation::denied(reason),
        Agreement::Slot(slot) => slot,
    };
    let Some(row) = tables.rows.get(usize::from(slot)) else {
        return Translation::denied(Reason::Integrity);
    };
    let block = translate(tables, row, page);
    let refusal = row_holds(row, access.tenant, page)
        .or_else(|| live(row))
        .or_else(|| permit(row.rights, access.kind))
        .or_else(|| extent(tables, row, offset, access.length))
        .or_else(|| recheck(row, block));
    match refusal {
        Some(reason) => Translation::denied_by(reason, slot),
        None => {
            let within = access.address & (tables.geometry().granule() - 1);
            Translation::granted(slot, tables.block_address(block) | within)
        }
    }
}

/// May the request be looked at? The same for both ports.
pub fn admit(tables: &Tables, active: bool, access: &Access) -> Option<Reason> {
    if !active {
        return Some(Reason::NotActive);
    }
    if usize::from(access.tenant) >= tables.geometry().tenants {
        return Some(Reason::NoTenant);
    }
    if access.length == 0 || access.length > tables.geometry().max_length() {
        return Some(Reason::OutOfRange);
    }
    None
}

/// The agreement table.
pub fn agree(tables: &Tables, tenant: u8, page: u64) -> Agreement {
    let mut matching = (0u8..).zip(&tables.cam).filter(|(_, row)| row.matches(tenant, page)).map(|(slot, _)| slot);
    let (matched, second) = (matching.next(), matching.next());
    match (tables.shadow(tenant, page), matched, second) {
        (_, _, Some(_)) => Agreement::Denied(Reason::Integrity),
        (None, None, None) => Agreement::NotMine,
        (Some(_), None, None) => Agreement::Denied(Reason::InvalidPartition),
        (Some(mapped), Some(matched), None) if mapped == matched => Agreement::Slot(matched),
        (_, Some(_), None) => Agreement::Denied(Reason::Integrity),
    }
}

/// Does the row itself name this tenant and hold this granule?
fn row_holds(row: &Slot, tenant: u8, page: u64) -> Option<Reason> {
    let holds = row.tenant == tenant && page >= row.first_page && page <= row.last_page;
    (!holds).then_some(Reason::Integrity)
}

/// Is the row still valid? It may have been revoked since the lookup.
fn live(row: &Slot) -> Option<Reason> {
    (!row.valid).then_some(Reason::InvalidPartition)
}

/// Do the rights permit this kind?
fn permit(rights: Rights, kind: u8) -> Option<Reason> {
    let permitted = match Kind::from_code(kind) {
        Some(Kind::Read) => rights.read,
        Some(Kind::Write) => rights.write,
        Some(Kind::Execute) => rights.execute,
        None => false,
    };
    (!permitted).then_some(Reason::Permission)
}

/// Does the last byte lie in the partition, and so in the window?
fn extent(tables: &Tables, row: &Slot, offset: u64, length: u64) -> Option<Reason> {
    let last_byte = offset + (length - 1);
    let last_page = last_byte >> tables.geometry().granule_bits;
    let inside = last_byte < tables.geometry().window() && last_page <= row.last_page;
    (!inside).then_some(Reason::OutOfRange)
}

/// The block that a granule translates to, modulo the block width.
fn translate(tables: &Tables, row: &Slot, page: u64) -> u64 {
    page.wrapping_add(row.delta) & ((1 << tables.geometry().shape.block) - 1)
}

/// Does the translated block belong to the row? Trusts no earlier step.
fn recheck(row: &Slot, block: u64) -> Option<Reason> {
    let belongs = block >= row.first_block && block <= row.last_block;
    (!belongs).then_some(Reason::Integrity)
}
