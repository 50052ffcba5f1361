//! The judge: was a grant due?
//!
//! ```text
//!   commands as written, results as read --> table 0, table 1, ...       an access in flight while a command runs may
//!   grant --> some table of its time permits it, at this address?        see the table before it or after it
//! ```
//!
//! A command is told by its result, which a flip may spoil as well as the command. So there are three lines of tables: from
//! the results without the flip, from those read, and from those read where a slot or an address that differs counts as
//! misread. A grant is due that one of them permits.
//!
//! The table before the first command is what the device was opened with: the partitions of its manifest, or nothing. A
//! manifest takes its time, and nothing is due before that is over. A result is believed no further than the rules go: what a
//! command says that it did is in no table if it was forbidden, by SEAL, a lock, a quota, or because the block is another's.

use super::traffic::{Order, Traffic, TOLD_WITHIN};
use crate::block_cosim::Flipped;
use crate::verilated::Places;
use anyhow::{ensure, Result};
use pm_interface::manifest::{BootPartition, Manifest, Quota};
use pm_interface::{BootState, Command, Geometry, Reason, Rights, Status};
use pm_model::{Access, Operation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Cycles from an offer, on any port, to the row that shows its answer: four edges, of which the offer's own is the first.
const SHOWN_AFTER: usize = 3;

/// What a flip led to, from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpsetOutcome {
    /// Nobody sees it.
    Harmless,
    /// Nothing but an alert, or the interrupt for a repair; what reads differently has been told of.
    Corrected,
    /// A register, a reason or a slot reads differently; every verdict is as it was.
    Misreported,
    /// The scrubber writes elsewhere, or not at all.
    StrayScrub,
    /// Something is refused, and the alert raised.
    DeniedWithAlert,
    /// Something is refused, and nobody told.
    DeniedSilently,
    /// An answer or the end of a command does not come, and nobody is told.
    Hang,
    /// A grant that no command gave.
    Unauthorised,
}

/// A grant that was not due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Cycle of its answer.
    pub cycle: usize,
    /// It is the physical port's.
    pub physical_port: bool,
    /// What was asked; nothing, when nothing was.
    pub access: Option<Access>,
    /// Where it leads; of the physical port the address that was asked.
    pub physical: u64,
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Grant { cycle, physical_port, access, physical } = self;
        let port = if *physical_port { "physical" } else { "translate" };
        match access {
            None => write!(f, "cycle {cycle}, {port} port: granted to nobody, {physical:#x}"),
            Some(Access { tenant, address, length, kind }) => write!(
                f,
                "cycle {cycle}, {port} port: tenant {tenant} kind {kind} {address:#x}+{length} granted at {physical:#x}"
            ),
        }
    }
}

/// A partition as software knows it.
#[derive(Clone, Copy, Debug)]
struct Row {
    tenant: u8,
    logical: u64,
    size: u64,
    rights: Rights,
    physical: u64,
}

impl Row {
    fn ends(&self) -> [u64; 2] {
        [self.logical + self.size, self.physical + self.size]
    }

    fn touches(&self, other: &Row) -> bool {
        self.physical < other.ends()[1] && other.physical < self.ends()[1]
    }
}

type Table = BTreeMap<u8, Row>;

/// How a command went, as software read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    accepted: bool,
    busy: bool,
    status: u8,
    slot: u8,
    physical: u64,
}

/// Knows the run without a flip.
pub struct Judge {
    geometry: Geometry,
    traffic: Traffic,
    places: Places,
    kept: Vec<Vec<u64>>,
    told: Vec<Told>,
    tables: Vec<Table>,
    /// The first cycle that may show an answer of the open gate.
    opened: usize,
}

/// The run with a flip: the kept rows, and those that differ.
struct Run<'a> {
    kept: &'a [Vec<u64>],
    differing: BTreeMap<usize, &'a [u64]>,
}

impl Run<'_> {
    fn row(&self, cycle: usize) -> &[u64] {
        self.differing.get(&cycle).copied().unwrap_or(&self.kept[cycle])
    }
}

impl Judge {
    /// Judges the run without a flip first: there every grant must be due, and there must be some of each kind.
    pub fn new(geometry: Geometry, traffic: Traffic, places: Places, kept: Vec<Vec<u64>>) -> Result<Judge> {
        let not_active = u64::from(Reason::NotActive.code());
        let told = |row: &Vec<u64>| row[places.translate[0]] == 1 && row[places.translate[3]] != not_active;
        let opened = match geometry.features.boot {
            // A flip may spare its records the wait for others, and nothing else.
            true => kept.iter().position(told).unwrap_or(kept.len()).saturating_sub(traffic.delays(&geometry)),
            false => traffic.opening.strobe,
        };
        let mut judge = Judge { geometry, traffic, places, kept, told: Vec::new(), tables: Vec::new(), opened };
        let run = Run { kept: &judge.kept, differing: BTreeMap::new() };
        let state = judge.register(&run, judge.traffic.opening.state)[2] & 7;
        ensure!(
            state == u64::from(BootState::Active.code()),
            "the gate does not open in time: {:?}",
            BootState::from_code(state as u8)
        );
        judge.told = judge.traffic.orders.iter().map(|order| judge.told_of(&run, order)).collect();
        judge.tables = judge.tables(&judge.told);
        let run = Run { kept: &judge.kept, differing: BTreeMap::new() };
        let mut grants = [0; 2];
        for cycle in SHOWN_AFTER..judge.kept.len() {
            if let Some(grant) = judge.undue(cycle, run.row(cycle), &judge.told, &judge.tables) {
                anyhow::bail!("without any flip a grant is not due: {grant}; the judge or the design is wrong");
            }
            grants[0] += judge.kept[cycle][judge.places.translate[1]];
            grants[1] += judge.kept[cycle][judge.places.physical[1]];
        }
        ensure!(grants.iter().all(|count| *count > 0), "the traffic shows nothing: {grants:?} grants; take another seed");
        ensure!(judge.told.iter().all(|told| told.accepted && !told.busy), "a command takes longer than its round");
        Ok(judge)
    }

    /// What the traffic is.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// How often each command went well without a flip.
    pub fn done(&self) -> BTreeMap<Command, usize> {
        let mut done = BTreeMap::new();
        for (order, _) in self.traffic.orders.iter().zip(&self.told).filter(|(_, told)| told.status == Status::Ok.code()) {
            *done.entry(order.operation.command).or_insert(0) += 1;
        }
        done
    }

    /// Valid, error and data of the answer to a register access.
    fn register(&self, run: &Run<'_>, offered: usize) -> [u64; 3] {
        self.places.register.map(|place| run.row(offered + SHOWN_AFTER)[place])
    }

    fn told_of(&self, run: &Run<'_>, order: &Order) -> Told {
        let [valid, error, _] = self.register(run, order.strobe);
        let [answered, refused, result] = self.register(run, order.result);
        let [_, _, physical] = self.register(run, order.physical);
        Told {
            accepted: valid == 1 && error == 0,
            busy: answered == 0 || refused == 1 || result >> 31 == 1,
            status: result as u8,
            slot: (result >> 8) as u8,
            physical,
        }
    }

    /// What the device opens with: the manifest's partitions, one behind the other from the pool's first byte.
    fn opening(&self) -> Table {
        let mut physical = self.traffic.manifest.pool_base;
        let mut table = Table::new();
        for (slot, partition) in (0..).zip(&self.traffic.manifest.partitions) {
            let BootPartition { tenant, rights, logical, size } = *partition;
            table.insert(slot, Row { tenant, logical, size, rights, physical });
            physical += size;
        }
        table
    }

    /// The table before the first command, after the first, ...
    fn tables(&self, told: &[Told]) -> Vec<Table> {
        let mut table = self.opening();
        let mut tables = vec![table.clone()];
        let mut sealed = false;
        for (order, told) in self.traffic.orders.iter().zip(told) {
            if told.accepted && !told.busy && told.status == Status::Ok.code() && !sealed {
                sealed = order.operation.command == Command::Seal;
                self.carry_out(&mut table, &order.operation, told);
            }
            tables.push(table.clone());
        }
        tables
    }

    /// What a command did that says it went well; nothing, where it may not have.
    fn carry_out(&self, table: &mut Table, operation: &Operation, told: &Told) {
        let Operation { tenant, logical, size, rights, .. } = *operation;
        let source = table.get(&operation.slot).filter(|row| !row.rights.locked).copied();
        match (operation.command, source) {
            (Command::Create, _) => {
                let row = Row { tenant, logical, size, rights, physical: told.physical };
                if table.values().all(|other| !other.touches(&row)) {
                    self.insert(table, told.slot, row);
                }
            }
            (Command::Share, Some(source)) if !source.rights.isolated && !rights.isolated => {
                self.insert(table, told.slot, Row { tenant, logical, rights, ..source });
            }
            (Command::Resize, Some(source)) => {
                let row = Row { size, ..source };
                let others = || table.iter().filter(|(slot, _)| **slot != operation.slot).map(|(_, other)| other);
                if size <= source.size || others().all(|other| !other.touches(&row)) {
                    self.insert(table, operation.slot, row);
                }
            }
            (Command::Destroy, Some(_)) => {
                table.remove(&operation.slot);
            }
            (Command::Protect | Command::Lock, Some(source)) => {
                let rights = match operation.command {
                    Command::Lock => Rights { locked: true, ..source.rights },
                    _ => Rights { locked: false, ..rights },
                };
                table.insert(operation.slot, Row { rights, ..source });
            }
            _ => {}
        }
    }

    /// Puts a row into the table, if it lies in pool and window and its tenant may own it.
    fn insert(&self, table: &mut Table, slot: u8, row: Row) {
        let Manifest { pool_base, pool_size, window_base, quotas, .. } = &self.traffic.manifest;
        let [logical_end, physical_end] = row.ends();
        let inside = row.logical >= *window_base
            && logical_end <= window_base + self.geometry.window()
            && row.physical >= *pool_base
            && physical_end <= pool_base + pool_size;
        let owned =
            || table.iter().filter(|(other, owned)| **other != slot && owned.tenant == row.tenant).map(|(_, owned)| owned);
        let granules = (owned().map(|row| row.size).sum::<u64>() + row.size) >> self.geometry.granule_bits;
        let quota = quotas.get(usize::from(row.tenant)).copied().unwrap_or(Quota::UNLIMITED);
        let within = quota.granule_limit().is_none_or(|limit| granules <= limit)
            && quota.slot_limit().is_none_or(|limit| owned().count() < limit);
        if inside && within {
            table.insert(slot, row);
        }
    }

    /// The grant of a row that no table of its time permits.
    fn undue(&self, cycle: usize, row: &[u64], told: &[Told], tables: &[Table]) -> Option<Grant> {
        let offered = &self.traffic.offered[cycle - SHOWN_AFTER];
        let closed = cycle < self.opened;
        let orders = &self.traffic.orders;
        // A command that never ended may have done its work or not.
        let ended = |(order, told): &(&Order, &Told)| order.result + SHOWN_AFTER < cycle && !(told.accepted && told.busy);
        let first = orders.iter().zip(told).take_while(ended).count();
        let last = orders.iter().take_while(|order| order.strobe <= cycle).count();
        let tables = &tables[first..=last.max(first)];
        let [valid, granted, _, _, _, physical] = self.places.translate.map(|place| row[place]);
        if valid == 1 && granted == 1 {
            let due = !closed
                && offered.translate.is_some_and(|access| {
                    tables.iter().any(|table| table.values().any(|row| self.permits(row, &access, physical)))
                });
            if !due {
                return Some(Grant { cycle, physical_port: false, access: offered.translate, physical });
            }
        }
        let [valid, allowed, _, _] = self.places.physical.map(|place| row[place]);
        if valid == 1 && allowed == 1 {
            let due = !closed && offered.physical.is_some_and(|access| tables.iter().any(|table| self.allows(table, &access)));
            if !due {
                let physical = offered.physical.map_or(0, |access| access.address);
                return Some(Grant { cycle, physical_port: true, access: offered.physical, physical });
            }
        }
        None
    }

    fn permits(&self, row: &Row, access: &Access, physical: u64) -> bool {
        let kind = [row.rights.read, row.rights.write, row.rights.execute].get(usize::from(access.kind)).copied();
        let sized = (1..=self.geometry.max_length()).contains(&access.length);
        access.tenant == row.tenant
            && sized
            && kind == Some(true)
            && access.address >= row.logical
            && access.address + access.length <= row.logical + row.size
            && physical == row.physical + (access.address - row.logical)
    }

    fn allows(&self, table: &Table, access: &Access) -> bool {
        let sized = (1..=self.geometry.max_length()).contains(&access.length);
        let end = access.address + access.length;
        let touches = |row: &Row| row.rights.isolated && access.address < row.physical + row.size && end > row.physical;
        usize::from(access.tenant) < self.geometry.tenants
            && sized
            && end - 1 <= self.geometry.last_address()
            && !table.values().any(touches)
    }

    /// Without a flip the command that is under way in this cycle scrubs the word at this address.
    fn scrubs_at(&self, cycle: usize, address: u64) -> bool {
        let order = self.traffic.orders.iter().rev().find(|order| order.first <= cycle);
        let opening = &self.traffic.opening;
        let (first, last) = order.map_or((opening.strobe, opening.state), |order| (order.first, order.physical));
        let [valid, place, _] = self.places.memory;
        let scrubbed = |row: &Vec<u64>| row[valid] == 1 && row[place] == address;
        cycle >= first && self.kept[first..=last].iter().any(scrubbed)
    }

    /// What a flip after cycle `moment` led to, and the first unauthorised grant.
    pub fn judge(&self, moment: usize, flipped: &Flipped) -> (UpsetOutcome, Option<Grant>) {
        if flipped.rows.is_empty() {
            return (UpsetOutcome::Harmless, None);
        }
        let differing = flipped.rows.iter().map(|(cycle, row)| (*cycle, row.as_slice())).collect();
        let run = Run { kept: &self.kept, differing };
        let places = &self.places;
        let mut seen = UpsetOutcome::Harmless;
        let mut alerted = false;
        let mut repaired = false;
        let mut refused = false;
        let mut silent = false;
        let mut stray = false;
        // Words that the scrubber writes, less those that it writes without the flip: none is left where it only comes late.
        let mut words: BTreeMap<u64, i32> = BTreeMap::new();
        // What software was told, as far as the run went; from where it differs on, every grant is examined.
        let mut told = self.told.clone();
        let mut read = told.clone();
        let mut diverged = usize::MAX;
        // What is run after that shows only whether somebody was told.
        let end = flipped.end.min(self.traffic.last(moment));
        let mut stop = end;
        // A write that was refused: software goes no further.
        let wrong = |cycle: &usize| {
            let [valid, error, _] = self.register(&run, *cycle);
            let [_, kept_error, _] = places.register.map(|place| self.kept[cycle + SHOWN_AFTER][place]);
            valid == 0 || error != kept_error
        };
        let opening = &self.traffic.opening;
        if opening.state >= moment {
            // With authenticated boot nothing but the manifest is ever due, whatever was refused.
            if let Some(cycle) = (opening.first.max(moment)..=opening.strobe).find(wrong) {
                refused = true;
                stop = if self.geometry.features.boot { stop } else { stop.min(cycle + SHOWN_AFTER) };
            }
            let [_, _, state] = self.register(&run, opening.state);
            refused |= state & 7 != u64::from(BootState::Active.code());
        }
        for (place, order) in self.traffic.orders.iter().enumerate() {
            let shown = order.physical + SHOWN_AFTER;
            if shown > end || shown < moment {
                continue;
            }
            if stop < shown {
                break;
            }
            if let Some(cycle) = (order.first.max(moment)..order.strobe).find(wrong) {
                stop = stop.min(cycle + SHOWN_AFTER);
                refused = true;
                break;
            }
            let mut now = self.told_of(&run, order);
            read[place] = now;
            let kept = self.told[place];
            alerted |= now.accepted && now.status == Status::Integrity.code() && kept.status != now.status;
            if (now.accepted, now.busy, now.status) != (kept.accepted, kept.busy, kept.status) {
                diverged = diverged.min(order.strobe);
                refused |= now.status != Status::Ok.code() || !now.accepted;
                silent |= now.busy;
                seen = seen.max(UpsetOutcome::Misreported);
            } else if diverged == usize::MAX {
                // A result that is only misread does not move the partition.
                now = kept;
            }
            told[place] = now;
        }
        let lines = [(&told, self.tables(&told)), (&read, self.tables(&read))];
        for cycle in moment..=stop {
            let differs = run.differing.get(&cycle);
            if differs.is_none() && cycle < diverged {
                continue;
            }
            let (row, kept) = (run.row(cycle), &self.kept[cycle]);
            let same_grant = |places: &[usize]| places.iter().all(|place| row[*place] == kept[*place]);
            let unchanged =
                same_grant(&[places.translate[0], places.translate[1], places.translate[5]]) && same_grant(&places.physical[..2]);
            if !unchanged || cycle >= diverged {
                // A status that is only misread builds no table: what the commands did without the flip counts too.
                let undue = self.undue(cycle, row, &self.told, &self.tables);
                let undue = undue.filter(|_| lines.iter().all(|(told, tables)| self.undue(cycle, row, told, tables).is_some()));
                if let Some(grant) = undue {
                    return (UpsetOutcome::Unauthorised, Some(grant));
                }
            }
            if differs.is_none() {
                continue;
            }
            let [valid, granted, ..] = places.translate.map(|place| row[place]);
            let [was_valid, was_granted, ..] = places.translate.map(|place| kept[place]);
            let [p_valid, allowed, ..] = places.physical.map(|place| row[place]);
            let [p_was_valid, was_allowed, ..] = places.physical.map(|place| kept[place]);
            repaired |= row[places.irq] > kept[places.irq];
            // Nobody counts on an answer before he has read that the gate is open.
            refused |= cycle > opening.state + SHOWN_AFTER && (was_granted > granted || was_allowed > allowed);
            silent |= valid < was_valid || p_valid < p_was_valid || row[places.register[0]] < kept[places.register[0]];
            let [scrubs, at, _] = places.memory.map(|place| (row[place], kept[place]));
            *words.entry(at.0).or_default() += i32::from(scrubs.0 == 1);
            *words.entry(at.1).or_default() -= i32::from(scrubs.1 == 1);
            if scrubs.0 != scrubs.1 || (scrubs.0 == 1 && at.0 != at.1) {
                // A word that the command does not own is worse than any denial; one that is late or left out is not.
                stray |= scrubs.0 == 1 && cycle < diverged && !self.scrubs_at(cycle, at.0);
            }
            // What stands beside a bit that says that it means nothing is nobody's business.
            let meant = |places: &[usize]| row[places[0]] != kept[places[0]] || (row[places[0]] == 1 && !same_grant(places));
            let groups: [&[usize]; 4] = [&places.translate, &places.physical, &places.register, &places.memory];
            let alone = |place: &usize| groups.iter().all(|group| !group.contains(place)) && *place != places.alert;
            let levels = (0..row.len()).filter(alone).any(|place| row[place] != kept[place]);
            if groups.iter().any(|group| meant(group)) || levels || row[places.alert] < kept[places.alert] {
                seen = seen.max(UpsetOutcome::Misreported);
            }
        }
        if words.values().any(|count| *count != 0) {
            seen = seen.max(UpsetOutcome::StrayScrub);
        }
        // An alert, or a refusal that is one by itself.
        let alarming = |row: &[u64], kept: &[u64], valid: usize, reason: usize| {
            let alarms = [Reason::Integrity, Reason::Isolated].map(|reason| u64::from(reason.code()));
            row[valid] == 1 && row[reason] != kept[reason] && alarms.contains(&row[reason])
        };
        alerted |= run.differing.range(moment..=stop + TOLD_WITHIN).any(|(cycle, row)| {
            let kept = &self.kept[*cycle];
            row[places.alert] > kept[places.alert]
                || alarming(row, kept, places.translate[0], places.translate[3])
                || alarming(row, kept, places.physical[0], places.physical[2])
        });
        let outcome = match (silent, refused, alerted) {
            _ if stray => UpsetOutcome::StrayScrub,
            (true, _, true) | (_, true, true) => UpsetOutcome::DeniedWithAlert,
            (true, _, false) => UpsetOutcome::Hang,
            (_, true, false) => UpsetOutcome::DeniedSilently,
            (false, false, _) if (alerted || repaired) && seen < UpsetOutcome::StrayScrub => UpsetOutcome::Corrected,
            _ => seen,
        };
        (outcome, None)
    }
}
