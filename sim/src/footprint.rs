//! From the granules that programs touch to partitions that fit slots, windows and pool.
//!
//! ```text
//!  touched:   ##.####....#........###        '#' a granule of the program's address space
//!  runs:      [] [--]    ^        [-]        merged over the smallest gaps while there are more runs than slots
//!  window:    []-[--][][-]                   packed from the window's base, in the order of their addresses
//! ```
//! The packing is what an OS's page tables would do: a trace has the program's virtual addresses, and a tenant's logical
//! address is the one after those tables. Offsets within a run stay as they are, so every access keeps its neighbours.
//! Granules of a gap that was merged over are part of the partition, though the program never touched them.

use crate::trace::TraceEvent;
use crate::UsageError;
use pm_interface::{Geometry, Kind, Rights};
use std::collections::BTreeMap;

/// The granules that one program touches, and how.
#[derive(Clone, Debug)]
pub struct Footprint {
    granule_bits: usize,
    granules: BTreeMap<u64, Rights>,
    last: Option<(u64, Rights)>,
}

/// A contiguous range of granules of the program's address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First granule.
    pub first: u64,
    /// Last granule.
    pub last: u64,
    /// Everything that is done to any of its granules.
    pub rights: Rights,
}

impl Run {
    /// Granules.
    pub fn granules(&self) -> u64 {
        self.last - self.first + 1
    }
}

fn union(a: Rights, b: Rights) -> Rights {
    Rights::from_bits(a.bits() | b.bits())
}

/// What a program needs for its accesses: code may be read, everything else is what it was used for.
fn needed(event: &TraceEvent) -> Rights {
    let kinds = event.kind.kinds();
    let execute = kinds.contains(&Kind::Execute);
    Rights { read: execute || kinds.contains(&Kind::Read), write: kinds.contains(&Kind::Write), execute, ..Rights::default() }
}

impl Footprint {
    /// Nothing touched yet.
    pub fn new(geometry: &Geometry) -> Footprint {
        Footprint { granule_bits: geometry.granule_bits, granules: BTreeMap::new(), last: None }
    }

    /// Adds the granules of an event.
    pub fn touch(&mut self, event: &TraceEvent) {
        let rights = needed(event);
        let (first, last) = (event.address >> self.granule_bits, (event.address + (event.size - 1)) >> self.granule_bits);
        // Most events repeat the one before.
        if first == last && self.last == Some((first, rights)) {
            return;
        }
        for granule in first..=last {
            let held = self.granules.entry(granule).or_default();
            *held = union(*held, rights);
        }
        self.last = Some((last, rights));
    }

    /// Granules touched.
    pub fn granules(&self) -> u64 {
        self.granules.len() as u64
    }

    /// The contiguous runs, by rising address.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (&granule, &rights) in &self.granules {
            match runs.last_mut() {
                Some(run) if run.last + 1 == granule => {
                    run.last = granule;
                    run.rights = union(run.rights, rights);
                }
                _ => runs.push(Run { first: granule, last: granule, rights }),
            }
        }
        runs
    }
}

/// Merges runs over the smallest gaps until at most `most` (at least one) are left.
pub fn merge(mut runs: Vec<Run>, most: usize) -> Vec<Run> {
    while runs.len() > most.max(1) {
        let gap = |index: &usize| runs[index + 1].first - runs[*index].last;
        let Some(index) = (0..runs.len() - 1).min_by_key(gap) else { break };
        let right = runs.remove(index + 1);
        let left = &mut runs[index];
        left.last = right.last;
        left.rights = union(left.rights, right.rights);
    }
    runs
}

/// Shares `slots` among tenants that would like `wanted` each: nobody gets more than wanted, and nobody's share is raised
/// while a smaller one could be.
pub fn share(wanted: &[usize], slots: usize) -> Vec<usize> {
    let mut shares = vec![0; wanted.len()];
    for _ in 0..slots {
        let hungry = (0..wanted.len()).filter(|&tenant| shares[tenant] < wanted[tenant]);
        let Some(tenant) = hungry.min_by_key(|&tenant| shares[tenant]) else { break };
        shares[tenant] += 1;
    }
    shares
}

/// A run and where it lies in its tenant's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where the program has it.
    pub run: Run,
    /// First granule within the window.
    pub page: u64,
}

/// Where a tenant's runs lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// By rising address, of the program and of the window alike.
    pub placed: Vec<Placed>,
    granule_bits: usize,
}

impl Layout {
    fn pack(runs: Vec<Run>, granule_bits: usize) -> Layout {
        let mut page = 0;
        let mut placed = Vec::with_capacity(runs.len());
        for run in runs {
            placed.push(Placed { run, page });
            page += run.granules();
        }
        Layout { placed, granule_bits }
    }

    /// Granules in all.
    pub fn granules(&self) -> u64 {
        self.placed.iter().map(|placed| placed.run.granules()).sum()
    }

    /// Byte offset within the window, and index of the run, of an address of the program.
    pub fn relocate(&self, address: u64) -> Option<(u64, usize)> {
        let granule = address >> self.granule_bits;
        let index = self.placed.partition_point(|placed| placed.run.last < granule);
        let placed = self.placed.get(index).filter(|placed| placed.run.first <= granule)?;
        let within = address - (placed.run.first << self.granule_bits);
        Some(((placed.page << self.granule_bits) + within, index))
    }

    /// Index of the run that holds a byte offset within the window.
    pub fn run_at(&self, offset: u64) -> Option<usize> {
        let page = offset >> self.granule_bits;
        (page < self.granules()).then(|| self.placed.partition_point(|placed| placed.page <= page) - 1)
    }
}

/// Lays out every tenant's footprint. `owns` says who gets partitions; the others are packed as well, but take nothing.
pub fn plan(geometry: &Geometry, pool_size: u64, footprints: &[Footprint], owns: &[bool]) -> Result<Vec<Layout>, UsageError> {
    let runs: Vec<Vec<Run>> = footprints.iter().map(Footprint::runs).collect();
    let wanted: Vec<usize> = runs.iter().zip(owns).map(|(runs, owns)| if *owns { runs.len() } else { 0 }).collect();
    let owners = owns.iter().filter(|owns| **owns).count();
    if owners > geometry.slots {
        return Err(UsageError(format!(
            "{owners} traces need at least a slot each, but geometry {:?} has {} slots; give fewer traces or a larger --geometry",
            geometry.name, geometry.slots
        )));
    }
    let shares = share(&wanted, geometry.slots);
    let layouts: Vec<Layout> = runs
        .into_iter()
        .zip(&shares)
        .zip(owns)
        .map(|((runs, share), owns)| Layout::pack(if *owns { merge(runs, *share) } else { runs }, geometry.granule_bits))
        .collect();
    let window = geometry.window() >> geometry.granule_bits;
    let pool = pool_size >> geometry.granule_bits;
    let mut total = 0;
    for (tenant, layout) in layouts.iter().enumerate().filter(|(tenant, _)| owns[*tenant]) {
        let (needs, share) = (layout.granules(), shares[tenant]);
        total += needs;
        if needs > window {
            return Err(UsageError(format!(
                "tenant {tenant} needs {needs} granules of {} bytes ({} touched, the rest are gaps merged to fit {share} slots), but the \
                 window of geometry {:?} holds {window}; use a larger --geometry, a shorter trace, or --limit",
                geometry.granule(),
                footprints[tenant].granules(),
                geometry.name
            )));
        }
    }
    if total > pool {
        return Err(UsageError(format!(
            "the traces need {total} granules of {} bytes in all, but the pool of geometry {:?} holds {pool}; \
             use a larger --geometry, fewer or shorter traces, or --limit",
            geometry.granule(),
            geometry.name
        )));
    }
    Ok(layouts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::TraceKind;

    fn footprint(geometry: &Geometry, events: &[(TraceKind, u64, u64)]) -> Footprint {
        let mut footprint = Footprint::new(geometry);
        for &(kind, address, size) in events {
            footprint.touch(&TraceEvent { kind, address, size });
        }
        footprint
    }

    fn spans(runs: &[Run]) -> Vec<(u64, u64, u32)> {
        runs.iter().map(|run| (run.first, run.last, run.rights.bits())).collect()
    }

    #[test]
    fn neighbouring_granules_are_one_run_with_all_rights() {
        let geometry = Geometry::preset("cu").unwrap();
        let touched = footprint(
            &geometry,
            &[(TraceKind::Fetch, 0x1000, 4), (TraceKind::Store, 0x11FE, 4), (TraceKind::Load, 0x5000, 1), (TraceKind::Modify, 0x5000, 1)],
        );
        assert_eq!(spans(&touched.runs()), [(0x10, 0x12, 0b111), (0x50, 0x50, 0b011)]);
        assert_eq!(touched.granules(), 4);
    }

    #[test]
    fn the_smallest_gaps_are_merged_first() {
        let run = |first, last| Run { first, last, rights: Rights::default() };
        let runs = vec![run(0, 1), run(10, 10), run(13, 20), run(100, 100)];
        assert_eq!(spans(&merge(runs.clone(), 4)).len(), 4);
        assert_eq!(spans(&merge(runs.clone(), 3)), [(0, 1, 0), (10, 20, 0), (100, 100, 0)]);
        assert_eq!(spans(&merge(runs.clone(), 2)), [(0, 20, 0), (100, 100, 0)]);
        assert_eq!(spans(&merge(runs, 1)), [(0, 100, 0)]);
    }

    #[test]
    fn slots_are_shared_fairly() {
        for (wanted, slots, expected) in [
            (vec![5, 5], 4, vec![2, 2]),
            (vec![1, 9, 9], 8, vec![1, 4, 3]),
            (vec![2, 2], 16, vec![2, 2]),
            (vec![0, 3], 2, vec![0, 2]),
        ] {
            assert_eq!(share(&wanted, slots), expected, "{wanted:?} of {slots}");
        }
    }

    #[test]
    fn relocation_keeps_offsets_and_packs_runs() {
        let geometry = Geometry::preset("cu").unwrap();
        let touched = footprint(&geometry, &[(TraceKind::Load, 0x1000, 0x200), (TraceKind::Load, 0x9080, 4)]);
        let layout = &plan(&geometry, geometry.frame(), &[touched], &[true]).unwrap()[0];
        assert_eq!(layout.relocate(0x1000), Some((0, 0)));
        assert_eq!(layout.relocate(0x11FF), Some((0x1FF, 0)));
        assert_eq!(layout.relocate(0x1200), None);
        assert_eq!(layout.relocate(0x9080), Some((0x280, 1)));
        assert_eq!([0, 0x1FF, 0x200, 0x300].map(|offset| layout.run_at(offset)), [Some(0), Some(0), Some(1), None]);
    }

    #[test]
    fn what_does_not_fit_is_named_with_numbers() {
        let geometry = Geometry { slots: 2, ..Geometry::preset("cu").unwrap() };
        let spread = footprint(&geometry, &[(TraceKind::Load, 0, 1), (TraceKind::Load, 0x1_0000, 1), (TraceKind::Load, 0x9_0000, 1)]);
        let refused = |footprints: &[Footprint], pool| {
            plan(&geometry, pool, footprints, &vec![true; footprints.len()]).unwrap_err().to_string()
        };
        assert!(refused(std::slice::from_ref(&spread), 0x1_0000).contains("tenant 0 needs 258 granules of 256 bytes (3 touched"));
        let small = footprint(&geometry, &[(TraceKind::Load, 0, 0x200)]);
        assert!(refused(&[small.clone(), small.clone()], 0x300).contains("need 4 granules of 256 bytes in all"));
        assert!(refused(&[small.clone(), small.clone(), small], 0x1_0000).contains("3 traces need at least a slot each"));
    }
}
