//! The physical port's verdict: allowed only when no byte touches a held, isolated block, or a tail under RESIZE.

use crate::{translate, Access, PhysicalVerdict, Slot, Tables};
use pm_interface::Reason;

/// What the physical port answers. The kind plays no part, nor does whose block it is.
pub fn verdict(tables: &Tables, active: bool, access: &Access) -> PhysicalVerdict {
    if let Some(reason) = translate::admit(tables, active, access) {
        return PhysicalVerdict::denied(reason, 0);
    }
    let Some(last) = last_byte(tables, access) else {
        return PhysicalVerdict::denied(Reason::OutOfRange, 0);
    };
    match isolating_slot(tables, access.address, last) {
        Some(slot) => PhysicalVerdict::denied(Reason::Isolated, slot),
        None => PhysicalVerdict::allowed(),
    }
}

/// The last byte, where the address space has it.
fn last_byte(tables: &Tables, access: &Access) -> Option<u64> {
    access.address.checked_add(access.length - 1).filter(|last| *last <= tables.geometry().last_address())
}

/// The lowest slot whose isolated block `[first, last]` touches; if there is none, that of the tail it touches.
fn isolating_slot(tables: &Tables, first: u64, last: u64) -> Option<u8> {
    let touches = |first_block: u64, last_block: u64| {
        let end = tables.block_address(last_block) | (tables.geometry().granule() - 1);
        first <= end && last >= tables.block_address(first_block)
    };
    let isolates = |row: &Slot| row.held && row.rights.isolated && touches(row.first_block, row.last_block);
    let row = (0u8..).zip(&tables.rows).find(|(_, row)| isolates(row)).map(|(slot, _)| slot);
    row.or_else(|| tables.tail.filter(|tail| touches(tail.first_block, tail.last_block)).map(|tail| tail.slot))
}
