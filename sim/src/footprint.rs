//! From the granules that programs touch to partitions that fit slots, windows and pool.
//!
//! ```text
//!  touched:     ##.####....#.........###     '#' a granule of the program's address space
//!  runs:        [] [--]    ^         [-]     contiguous granules, with all that is done to them
//!  partitions:  [------]   ^         [-]     neighbours merged while there are more runs than slots: first those of equal
//!                                            rights, then those with the smallest gap between them
//!  window:      ######|#|###                 packed from the window's base, in the order of their addresses, without gaps
//! ```
//! The packing is what an OS's page tables do: a trace has the program's virtual addresses, and a tenant's logical address
//! is the one after those tables. Granules that the program never touched take no room. Offsets within a granule stay as
//! they are and so do neighbours within a run, hence an access never crosses the end of a partition.

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
pub struct GranuleRun {
    /// First granule.
    pub first: u64,
    /// Last granule.
    pub last: u64,
    /// Everything that is done to any of its granules.
    pub rights: Rights,
}

impl GranuleRun {
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
    pub fn runs(&self) -> Vec<GranuleRun> {
        let mut runs: Vec<GranuleRun> = Vec::new();
        for (&granule, &rights) in &self.granules {
            match runs.last_mut() {
                Some(run) if run.last + 1 == granule => {
                    run.last = granule;
                    run.rights = union(run.rights, rights);
                }
                _ => runs.push(GranuleRun { first: granule, last: granule, rights }),
            }
        }
        runs
    }
}

/// Neighbouring runs that share a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// By rising address; at least one.
    pub runs: Vec<GranuleRun>,
    /// Everything that is done to any of them.
    pub rights: Rights,
}

impl Group {
    /// Granules, without the gaps between the runs.
    pub fn granules(&self) -> u64 {
        self.runs.iter().map(GranuleRun::granules).sum()
    }

    fn first(&self) -> u64 {
        self.runs.first().map_or(0, |run| run.first)
    }

    fn last(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.last)
    }
}

/// Merges neighbours until at most `most` (at least one) are left: first those of equal rights, then over the smallest gap.
pub fn merge(runs: Vec<GranuleRun>, most: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = runs.into_iter().map(|run| Group { rights: run.rights, runs: vec![run] }).collect();
    while groups.len() > most.max(1) {
        let cost = |index: &usize| {
            let (left, right) = (&groups[*index], &groups[index + 1]);
            (left.rights != right.rights, right.first() - left.last())
        };
        let Some(index) = (0..groups.len() - 1).min_by_key(cost) else { break };
        let right = groups.remove(index + 1);
        let left = &mut groups[index];
        left.rights = union(left.rights, right.rights);
        left.runs.extend(right.runs);
    }
    groups
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

/// A partition of a tenant's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// First granule within the window.
    pub page: u64,
    /// Granules.
    pub granules: u64,
    /// Everything that is done to any of them.
    pub rights: Rights,
}

/// Where a tenant's runs lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// By rising address.
    pub partitions: Vec<Packed>,
    /// Each run with its first granule within the window and its partition, by rising address.
    runs: Vec<(GranuleRun, u64, usize)>,
    granule_bits: usize,
}

impl Layout {
    fn pack(groups: &[Group], granule_bits: usize) -> Layout {
        let mut layout = Layout { granule_bits, ..Layout::default() };
        let mut page = 0;
        for (index, group) in groups.iter().enumerate() {
            layout.partitions.push(Packed { page, granules: group.granules(), rights: group.rights });
            for run in &group.runs {
                layout.runs.push((*run, page, index));
                page += run.granules();
            }
        }
        layout
    }

    /// Granules in all.
    pub fn granules(&self) -> u64 {
        self.partitions.iter().map(|partition| partition.granules).sum()
    }

    /// Byte offset within the window, and index of the partition, of an address of the program.
    pub fn relocate(&self, address: u64) -> Option<(u64, usize)> {
        let granule = address >> self.granule_bits;
        let index = self.runs.partition_point(|(run, _, _)| run.last < granule);
        let (run, page, partition) = self.runs.get(index).filter(|(run, _, _)| run.first <= granule)?;
        let within = address - (run.first << self.granule_bits);
        Some(((page << self.granule_bits) + within, *partition))
    }

    /// Index of the partition that holds a byte offset within the window.
    pub fn partition_at(&self, offset: u64) -> Option<usize> {
        let page = offset >> self.granule_bits;
        (page < self.granules()).then(|| self.partitions.partition_point(|partition| partition.page <= page) - 1)
    }
}

/// Lays out every tenant's footprint. `owns` says who gets partitions; the others are packed as well, but take nothing.
pub fn plan(geometry: &Geometry, pool_size: u64, footprints: &[Footprint], owns: &[bool]) -> Result<Vec<Layout>, UsageError> {
    let runs: Vec<Vec<GranuleRun>> = footprints.iter().map(Footprint::runs).collect();
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
        .map(|((runs, share), owns)| {
            let most = if *owns { *share } else { runs.len() };
            Layout::pack(&merge(runs, most), geometry.granule_bits)
        })
        .collect();
    let window = geometry.window() >> geometry.granule_bits;
    let pool = pool_size >> geometry.granule_bits;
    let mut total = 0;
    for (tenant, layout) in layouts.iter().enumerate().filter(|(tenant, _)| owns[*tenant]) {
        let needs = layout.granules();
        total += needs;
        if needs > window {
            return Err(UsageError(format!(
                "tenant {tenant} touches {needs} granules of {} bytes, but the window of geometry {:?} holds {window}; \
                 use a larger --geometry, a shorter trace, or --limit",
                geometry.granule(),
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

    fn spans(runs: &[GranuleRun]) -> Vec<(u64, u64, u32)> {
        runs.iter().map(|run| (run.first, run.last, run.rights.bits())).collect()
    }

    #[test]
    fn neighbouring_granules_are_one_run_with_all_rights() {
        let geometry = Geometry::preset("cu").unwrap();
        let touched = footprint(
            &geometry,
            &[
                (TraceKind::Fetch, 0x1000, 4),
                (TraceKind::Store, 0x11FE, 4),
                (TraceKind::Load, 0x5000, 1),
                (TraceKind::Modify, 0x5000, 1),
            ],
        );
        assert_eq!(spans(&touched.runs()), [(0x10, 0x12, 0b111), (0x50, 0x50, 0b011)]);
        assert_eq!(touched.granules(), 4);
    }

    #[test]
    fn equal_rights_are_merged_first_then_the_smallest_gaps() {
        let run = |first, last, bits| GranuleRun { first, last, rights: Rights::from_bits(bits) };
        let runs = vec![run(0, 1, 1), run(3, 3, 3), run(10, 10, 5), run(20, 29, 5), run(90, 99, 3)];
        let merged = |most| {
            let groups = merge(runs.clone(), most);
            groups.iter().map(|group| (group.first(), group.last(), group.granules(), group.rights.bits())).collect::<Vec<_>>()
        };
        assert_eq!(merged(5).len(), 5);
        assert_eq!(merged(4), [(0, 1, 2, 1), (3, 3, 1, 3), (10, 29, 11, 5), (90, 99, 10, 3)]);
        assert_eq!(merged(3), [(0, 3, 3, 3), (10, 29, 11, 5), (90, 99, 10, 3)]);
        assert_eq!(merged(2), [(0, 29, 14, 7), (90, 99, 10, 3)]);
        assert_eq!(merged(0), [(0, 99, 24, 7)]);
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
        assert_eq!([0, 0x1FF, 0x200, 0x300].map(|offset| layout.partition_at(offset)), [Some(0), Some(0), Some(1), None]);
    }

    /// Runs that share a partition lie side by side in the window: the gap between them takes no room.
    #[test]
    fn merged_runs_are_packed_without_their_gap() {
        let geometry = Geometry { slots: 2, ..Geometry::preset("cu").unwrap() };
        let touched =
            footprint(&geometry, &[(TraceKind::Load, 0x1000, 4), (TraceKind::Load, 0x8000, 4), (TraceKind::Store, 0x9000, 4)]);
        let layout = &plan(&geometry, geometry.frame(), &[touched], &[true]).unwrap()[0];
        let partitions: Vec<_> = layout.partitions.iter().map(|p| (p.page, p.granules, p.rights.bits())).collect();
        assert_eq!(partitions, [(0, 2, 1), (2, 1, 2)]);
        assert_eq!(
            [0x1010, 0x8010, 0x9010].map(|address| layout.relocate(address)),
            [Some((0x10, 0)), Some((0x110, 0)), Some((0x210, 1))]
        );
    }

    #[test]
    fn what_does_not_fit_is_named_with_numbers() {
        let geometry = Geometry { slots: 2, ..Geometry::preset("cu").unwrap() };
        let wide = footprint(&geometry, &[(TraceKind::Load, 0xFF00, 0x1_0000), (TraceKind::Load, 0x9_0000, 1)]);
        let refused = |footprints: &[Footprint], pool| {
            plan(&geometry, pool, footprints, &vec![true; footprints.len()]).unwrap_err().to_string()
        };
        assert!(refused(&[wide], 0x1_0000)
            .contains("tenant 0 touches 257 granules of 256 bytes, but the window of geometry \"cu\" holds 256"));
        let small = footprint(&geometry, &[(TraceKind::Load, 0, 0x200)]);
        assert!(refused(&[small.clone(), small.clone()], 0x300).contains("need 4 granules of 256 bytes in all"));
        assert!(refused(&[small.clone(), small.clone(), small], 0x1_0000).contains("3 traces need at least a slot each"));
    }
}
