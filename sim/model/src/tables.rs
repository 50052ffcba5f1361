//! The lookup state: Partition Table, CAM and shadow page tables, kept apart as in hardware.
//!
//! ```text
//!            rows[slot]          cam[slot]              shadow[tenant][page]
//!  valid held tenant pages     valid tenant pages       mapped slot
//!  blocks delta rights
//! ```
//! Pages and blocks are inclusive ranges `[first, last]` of granule indices: pages count from the window's base,
//! blocks from the base of the frame that the pool lies in.

use crate::Access;
use pm_interface::manifest::Quota;
use pm_interface::{Geometry, Rights, Windows};
use std::collections::{BTreeMap, BTreeSet};

/// Pool and windows, as activated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// First byte of the pool.
    pub pool_base: u64,
    /// Bytes in the pool.
    pub pool_size: u64,
    /// First byte of every tenant's window; with windows per tenant, of each tenant's.
    pub window_bases: Vec<u64>,
    /// An address in the window that no partition has is refused.
    pub strict: bool,
}

/// A row of the Partition Table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// The partition exists.
    pub valid: bool,
    /// The block is taken: valid, or being scrubbed.
    pub held: bool,
    /// Whose it is.
    pub tenant: u8,
    /// First granule within the window.
    pub first_page: u64,
    /// Last granule within the window.
    pub last_page: u64,
    /// First granule within the frame.
    pub first_block: u64,
    /// Last granule within the frame.
    pub last_block: u64,
    /// `first_block - first_page`, modulo the block width: what translation adds.
    pub delta: u64,
    /// Rights; `isolated` is forced while the block is scrubbed.
    pub rights: Rights,
}

impl Slot {
    /// Whether both lie on some block together.
    pub fn touches(&self, other: &Slot) -> bool {
        self.first_block <= other.last_block && other.first_block <= self.last_block
    }
}

/// The blocks by which RESIZE changes a row, while it works on them: guarded, whatever the rows say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Whose they will be, or were.
    pub slot: u8,
    /// First granule within the frame.
    pub first_block: u64,
    /// Last granule within the frame.
    pub last_block: u64,
}

/// A row of the lookup CAM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CamRow {
    /// Takes part in the match.
    pub valid: bool,
    /// Whose it is.
    pub tenant: u8,
    /// First granule within the window.
    pub first_page: u64,
    /// Last granule within the window.
    pub last_page: u64,
}

impl CamRow {
    /// Whether this row matches.
    pub fn matches(&self, tenant: u8, page: u64) -> bool {
        self.valid && self.tenant == tenant && page >= self.first_page && page <= self.last_page
    }
}

/// An entry of a shadow page table: the slot, where mapped.
pub type ShadowEntry = Option<u8>;

/// An upset in the lookup state, for tests that show it is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Overwrites the shadow entry of a tenant's granule.
    Shadow {
        /// Whose table.
        tenant: u8,
        /// Granule within the window.
        page: u64,
        /// What it becomes.
        entry: ShadowEntry,
    },
    /// Overwrites a CAM row.
    Cam {
        /// Which row.
        slot: u8,
        /// What it becomes.
        row: CamRow,
    },
    /// With `integrity`: flips bits of a word, those of its code or parity above the others.
    Bits {
        /// Which word.
        word: Word,
        /// Which of its bits.
        bits: u128,
    },
    /// Overwrites a row of the Partition Table as the translation reads it.
    Row {
        /// Which row.
        slot: u8,
        /// What it becomes.
        row: Slot,
    },
}

/// A word of the tables that the patrol walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The control side's copy of a row.
    Row(u8),
    /// The data path's copy of a row, without its rights and, with `dynamic`, its end.
    LookupRow(u8),
    /// An entry of a tenant's shadow page table: mapped, slot, parity.
    Shadow(u8, u64),
    /// What the ownership map says of a granule of the frame: guarded, slot, parity.
    Granule(u64),
}

/// All lookup state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    geometry: Geometry,
    /// Pool and window.
    pub configuration: Configuration,
    /// The Partition Table.
    pub rows: Vec<Slot>,
    /// The lookup CAM.
    pub cam: Vec<CamRow>,
    /// What RESIZE is working on.
    pub tail: Option<Tail>,
    /// What each tenant may own; empty where nobody is limited.
    pub quotas: Vec<Quota>,
    shadow: Vec<ShadowEntry>,
    /// With `integrity`: words that do not have the parity with which they were written.
    flaws: BTreeSet<Flaw>,
    /// With `integrity`: wrong bits of the control side's copies of rows.
    wrong: BTreeMap<u8, u128>,
    /// With `integrity`: rows as the control side knows them, where the data path's copy was overwritten.
    originals: BTreeMap<u8, Slot>,
    /// With `integrity`: the control side has lost a bit.
    pub tripped: bool,
}

/// A word with the wrong parity or code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Flaw {
    /// Of a tenant's shadow page table.
    Shadow(u8, u64),
    /// A row, but for its rights.
    Row(u8),
    /// A row's rights.
    Rights(u8),
    /// A row's end, which with `dynamic` is a word of its own.
    End(u8),
    /// Of the ownership map.
    Granule(u64),
}

impl Tables {
    /// Everything empty.
    pub fn new(geometry: &Geometry) -> Tables {
        Tables {
            geometry: geometry.clone(),
            configuration: Configuration { window_bases: vec![0; geometry.window_bases()], ..Configuration::default() },
            rows: vec![Slot::default(); geometry.slots],
            cam: vec![CamRow::default(); geometry.slots],
            tail: None,
            quotas: Vec::new(),
            shadow: vec![None; geometry.tenants << geometry.shape.page],
            flaws: BTreeSet::new(),
            wrong: BTreeMap::new(),
            originals: BTreeMap::new(),
            tripped: false,
        }
    }

    /// The sizes.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The shadow entry of a tenant's granule; unmapped where there is no such tenant or granule.
    pub fn shadow(&self, tenant: u8, page: u64) -> ShadowEntry {
        self.shadow_index(tenant, page).and_then(|index| self.shadow[index])
    }

    /// Overwrites the shadow entry of a tenant's granule; nothing happens where there is none.
    pub fn set_shadow(&mut self, tenant: u8, page: u64, entry: ShadowEntry) {
        if let Some(index) = self.shadow_index(tenant, page) {
            self.shadow[index] = entry;
            self.flaws.remove(&Flaw::Shadow(tenant, page));
        }
    }

    /// With `integrity`: does the access meet a word with the wrong parity? The tables are read before the access is
    /// looked at, with the low bits of its tenant and page.
    pub fn meets_flaw(&self, access: &Access) -> bool {
        let shape = self.geometry.shape;
        let tenant = access.tenant & ((1u16 << shape.tenant) - 1) as u8;
        let page = access.address >> self.geometry.granule_bits & (self.pages() - 1);
        let named = self.shadow(tenant, page);
        let of_row = |slot| [Flaw::Row(slot), Flaw::Rights(slot), Flaw::End(slot)].iter().any(|flaw| self.flaws.contains(flaw));
        self.flaws.contains(&Flaw::Shadow(tenant, page)) || named.is_some_and(of_row)
    }

    /// With `integrity`: does the access meet a word of the ownership map that lost a bit? Its two ends are looked up.
    pub fn meets_flawed_granule(&self, access: &Access) -> bool {
        let frame = self.geometry.frame() - 1;
        let block =
            |address: u64| (address & !frame == self.frame_base()).then_some((address & frame) >> self.geometry.granule_bits);
        let ends = [block(access.address), block(access.address.saturating_add(access.length.max(1) - 1))];
        ends.into_iter().flatten().any(|block| self.flaws.contains(&Flaw::Granule(block)))
    }

    /// With `integrity`: has any word lost a bit?
    pub fn flawed(&self) -> bool {
        !self.flaws.is_empty() || !self.wrong.is_empty() || !self.originals.is_empty()
    }

    /// With `integrity`: is the control side's copy of a taken row wrong?
    pub fn row_flawed(&self, slot: u8) -> bool {
        self.rows.get(usize::from(slot)).is_some_and(|row| row.held) && self.wrong.get(&slot).is_some_and(|bits| *bits != 0)
    }

    /// A pass of the patrol: the slots whose row it repaired, and then that of a row which is lost, if any is.
    pub fn patrol(&mut self) -> (Vec<u8>, Option<u8>) {
        let mut repaired = Vec::new();
        for (slot, bits) in std::mem::take(&mut self.wrong) {
            if !self.rows[usize::from(slot)].valid {
                continue;
            }
            match bits.count_ones() {
                0 => {}
                1 => repaired.push(slot),
                _ => return (repaired, Some(slot)),
            }
        }
        for (slot, row) in std::mem::take(&mut self.originals) {
            self.rows[usize::from(slot)] = row;
        }
        for slot in 0..self.rows.len() {
            let Slot { valid, tenant, first_page, last_page, .. } = self.rows[slot];
            if valid {
                self.cam[slot] = CamRow { valid, tenant, first_page, last_page };
            }
        }
        for tenant in 0..self.geometry.tenants as u8 {
            for page in 0..self.pages() {
                let holds = |row: &Slot| row.valid && row.tenant == tenant && page >= row.first_page && page <= row.last_page;
                let entry = (0u8..).zip(&self.rows).find(|(_, row)| holds(row)).map(|(slot, _)| slot);
                self.set_shadow(tenant, page, entry);
            }
        }
        self.flaws.clear();
        (repaired, None)
    }

    /// A row was written: it has its code again.
    pub fn row_written(&mut self, slot: u8) {
        self.wrong.remove(&slot);
        self.originals.remove(&slot);
        for flaw in [Flaw::Row(slot), Flaw::Rights(slot), Flaw::End(slot)] {
            self.flaws.remove(&flaw);
        }
    }

    /// Notes a word of a row, which does not have its code any more; one or two wrong bits are always found.
    fn upset_row(&mut self, flaw: Flaw, before: &[u64], after: &[u64]) {
        if self.geometry.features.integrity && before != after {
            self.flaws.insert(flaw);
        }
    }

    /// Flips bits of a word.
    fn flip(&mut self, word: Word, bits: u128) -> Result<(), String> {
        if !self.geometry.features.integrity {
            return Err(format!("geometry {:?} has no codes; use one with the feature integrity", self.geometry.name));
        }
        let toggle = |flaws: &mut BTreeSet<Flaw>, flaw: Flaw, odd: bool| {
            if odd && !flaws.remove(&flaw) {
                flaws.insert(flaw);
            }
        };
        let odd = bits.count_ones() % 2 == 1;
        match word {
            Word::Row(slot) if usize::from(slot) < self.rows.len() => {
                let wrong = self.wrong.entry(slot).or_default();
                *wrong ^= bits;
            }
            Word::LookupRow(slot) if usize::from(slot) < self.rows.len() => {
                self.flaws.insert(Flaw::Row(slot));
            }
            Word::Shadow(tenant, page) => {
                let index =
                    self.shadow_index(tenant, page).ok_or_else(|| format!("there is no page {page} of tenant {tenant}"))?;
                let slot_bits = self.geometry.shape.slot;
                let before = self.shadow[index].map_or(0, |slot| 1 | u128::from(slot) << 1);
                let after = (before ^ bits) & ((2 << slot_bits) - 1);
                self.shadow[index] = (after & 1 == 1).then_some((after >> 1) as u8);
                toggle(&mut self.flaws, Flaw::Shadow(tenant, page), odd);
            }
            Word::Granule(block) if odd => toggle(&mut self.flaws, Flaw::Granule(block), odd),
            Word::Granule(_) => return Err("two bits of the ownership map's word are not told from none; flip one".into()),
            Word::Row(slot) | Word::LookupRow(slot) => return Err(format!("there is no slot {slot}")),
        }
        Ok(())
    }

    /// Notes a word whose parity changes, or changes back.
    fn upset(&mut self, flaw: Flaw, before: &[u64], after: &[u64]) {
        let odd = |fields: &[u64]| fields.iter().map(|field| field.count_ones()).sum::<u32>() % 2;
        if self.geometry.features.integrity && odd(before) != odd(after) && !self.flaws.remove(&flaw) {
            self.flaws.insert(flaw);
        }
    }

    fn shadow_index(&self, tenant: u8, page: u64) -> Option<usize> {
        let exists = usize::from(tenant) < self.geometry.tenants && page < self.pages();
        exists.then(|| usize::from(tenant) << self.geometry.shape.page | page as usize)
    }

    /// Granules in a window.
    pub fn pages(&self) -> u64 {
        1 << self.geometry.shape.page
    }

    /// First byte of the frame that the pool lies in.
    pub fn frame_base(&self) -> u64 {
        self.configuration.pool_base & !(self.geometry.frame() - 1)
    }

    /// First and last block of the pool.
    pub fn pool_blocks(&self) -> (u64, u64) {
        let first = (self.configuration.pool_base - self.frame_base()) >> self.geometry.granule_bits;
        let blocks = self.configuration.pool_size >> self.geometry.granule_bits;
        (first, first + blocks.max(1) - 1)
    }

    /// Place of a tenant's base among [`Configuration::window_bases`]; `None` where there is no such tenant.
    pub fn window_place(&self, tenant: u8) -> Option<usize> {
        match self.geometry.windows {
            Windows::One => Some(0),
            Windows::PerTenant => Some(usize::from(tenant)).filter(|place| *place < self.geometry.tenants),
        }
    }

    /// First byte of a tenant's window; `None` where there is no such tenant.
    pub fn window_base(&self, tenant: u8) -> Option<u64> {
        self.window_place(tenant).map(|place| self.configuration.window_bases[place])
    }

    /// Offset of a logical address within its tenant's window, where it lies inside.
    pub fn window_offset(&self, tenant: u8, address: u64) -> Option<u64> {
        address.checked_sub(self.window_base(tenant)?).filter(|offset| *offset < self.geometry.window())
    }

    /// First byte of a block.
    pub fn block_address(&self, block: u64) -> u64 {
        self.frame_base() | block << self.geometry.granule_bits
    }

    /// First logical byte of a granule of a tenant's window.
    pub fn page_address(&self, tenant: u8, page: u64) -> u64 {
        self.window_base(tenant).unwrap_or(0) + (page << self.geometry.granule_bits)
    }

    /// Applies an upset. Errors name what does not exist.
    pub fn corrupt(&mut self, fault: &Fault) -> Result<(), String> {
        let slots = self.rows.len();
        match *fault {
            Fault::Shadow { tenant, page, entry } => {
                let index = self.shadow_index(tenant, page).ok_or_else(|| {
                    format!(
                        "there is no shadow entry for tenant {tenant}, granule {page}; use tenants below {} and granules below {}",
                        self.geometry.tenants,
                        self.pages()
                    )
                })?;
                let bits = |entry: ShadowEntry| [entry.is_some().into(), entry.unwrap_or(0).into()];
                self.upset(Flaw::Shadow(tenant, page), &bits(self.shadow[index]), &bits(entry));
                self.shadow[index] = entry;
            }
            Fault::Bits { word, bits } => self.flip(word, bits)?,
            Fault::Cam { slot, row } => {
                let place = self.cam.get_mut(usize::from(slot));
                let place = place.ok_or_else(|| format!("there is no CAM row {slot}; use one below {slots}"))?;
                self.tripped |= self.geometry.features.integrity && place.valid != row.valid;
                *place = row;
            }
            Fault::Row { slot, row } => {
                let place = self.rows.get_mut(usize::from(slot));
                let place = place.ok_or_else(|| format!("there is no table row {slot}; use one below {slots}"))?;
                let before = std::mem::replace(place, row);
                if self.geometry.features.integrity {
                    self.originals.entry(slot).or_insert(before);
                }
                let rights = |row: &Slot| [row.rights.read, row.rights.write, row.rights.execute].map(u64::from);
                let end = |row: &Slot| [row.last_page, row.last_block];
                let rest = |row: &Slot| [row.tenant.into(), row.first_page, row.first_block, row.delta];
                self.upset_row(Flaw::Rights(slot), &rights(&before), &rights(&row));
                let end_flaw = if self.geometry.features.dynamic { Flaw::End(slot) } else { Flaw::Row(slot) };
                self.upset_row(end_flaw, &end(&before), &end(&row));
                self.upset_row(Flaw::Row(slot), &rest(&before), &rest(&row));
            }
        }
        Ok(())
    }
}
