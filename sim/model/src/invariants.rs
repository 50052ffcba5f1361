//! What must hold of the tables at all times, whatever the commands were.

use crate::{Slot, Tables};

/// Checks it all; `pending` is the slot that a command is working on, whose shadow entries are half written.
pub(crate) fn check(tables: &Tables, rows_may_be: bool, pending: Option<u8>) -> Result<(), String> {
    let held: Vec<(u8, &Slot)> = (0u8..).zip(&tables.rows).filter(|(_, row)| row.held || row.valid).collect();
    if !rows_may_be && !held.is_empty() {
        return Err("a slot is held before any could be made".into());
    }
    for (slot, row) in &held {
        shape(tables, *slot, row)?;
    }
    for (index, (slot, row)) in held.iter().enumerate() {
        for (other_slot, other) in &held[index + 1..] {
            apart(*slot, row, *other_slot, other)?;
        }
    }
    for (slot, row) in &held {
        tail(tables, *slot, row)?;
    }
    ensure(tables.tail.is_none_or(|tail| pending == Some(tail.slot)), || "a tail is guarded though nothing resizes it".into())?;
    cam(tables)?;
    shadow(tables, pending)
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(message())
    }
}

fn shape(tables: &Tables, slot: u8, row: &Slot) -> Result<(), String> {
    let (pool_first, pool_last) = tables.pool_blocks();
    ensure(row.held, || format!("slot {slot} is valid but its block is not held"))?;
    ensure(usize::from(row.tenant) < tables.geometry().tenants, || format!("slot {slot} names tenant {}", row.tenant))?;
    ensure(row.first_page <= row.last_page && row.last_page < tables.pages(), || {
        format!("slot {slot} leaves the window: granules {} to {}", row.first_page, row.last_page)
    })?;
    ensure(row.first_block >= pool_first && row.last_block <= pool_last, || {
        format!("slot {slot} leaves the pool: blocks {} to {}", row.first_block, row.last_block)
    })?;
    let same_size = row.last_page - row.first_page == row.last_block.wrapping_sub(row.first_block);
    ensure(same_size, || format!("slot {slot} has more granules on one side than on the other"))
}

/// Two rows have no block in common, or share one exactly, that neither isolates.
fn apart(slot: u8, row: &Slot, other_slot: u8, other: &Slot) -> Result<(), String> {
    let exactly = (row.first_block, row.last_block) == (other.first_block, other.last_block);
    let open = !row.rights.isolated && !other.rights.isolated;
    ensure(!row.touches(other) || exactly, || format!("slots {slot} and {other_slot} overlap physically"))?;
    ensure(!row.touches(other) || open, || format!("slots {slot} and {other_slot} share a block that is isolated"))?;
    let pages = row.tenant == other.tenant && row.first_page <= other.last_page && other.first_page <= row.last_page;
    ensure(!(pages && row.valid && other.valid), || format!("slots {slot} and {other_slot} share logical granules"))
}

/// What is being resized lies in the pool, where no row is.
fn tail(tables: &Tables, slot: u8, row: &Slot) -> Result<(), String> {
    let Some(tail) = tables.tail else { return Ok(()) };
    let (pool_first, pool_last) = tables.pool_blocks();
    ensure(tail.first_block >= pool_first && tail.last_block <= pool_last && tail.first_block <= tail.last_block, || {
        format!("the tail leaves the pool: blocks {} to {}", tail.first_block, tail.last_block)
    })?;
    let apart = row.last_block < tail.first_block || row.first_block > tail.last_block;
    ensure(apart, || format!("the tail of slot {} lies in the block of slot {slot}", tail.slot))
}

fn cam(tables: &Tables) -> Result<(), String> {
    for (slot, (row, cam)) in tables.rows.iter().zip(&tables.cam).enumerate() {
        let same = (row.tenant, row.first_page, row.last_page) == (cam.tenant, cam.first_page, cam.last_page);
        ensure(row.valid == cam.valid && (!row.valid || same), || format!("CAM row {slot} differs from the table"))?;
    }
    Ok(())
}

fn shadow(tables: &Tables, pending: Option<u8>) -> Result<(), String> {
    for tenant in (0..=u8::MAX).take(tables.geometry().tenants) {
        for page in 0..tables.pages() {
            let entry = tables.shadow(tenant, page);
            if entry.is_some() && entry == pending {
                continue;
            }
            let holds = |row: &Slot| row.valid && row.tenant == tenant && page >= row.first_page && page <= row.last_page;
            let row = (0u8..).zip(&tables.rows).find(|(_, row)| holds(row)).map(|(slot, _)| slot);
            ensure(entry == row, || {
                format!("shadow entry of tenant {tenant}, granule {page} is {entry:?}, the table says {row:?}")
            })?;
        }
    }
    Ok(())
}
