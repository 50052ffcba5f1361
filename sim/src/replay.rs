//! Real programs' memory traces, run as tenants.
//!
//! ```text
//!  trace 0 ─► footprint ─┐                ┌─ round robin, one event a tenant ─► translate port ─► counts
//!  trace 1 ─► footprint ─┼─► plan ─► CREATE                     └ intruder: ─► physical port ─► denied, logged
//!  trace 2 ─► footprint ─┘                └─ the same accesses ─► TLB of 64 entries
//! ```
//! Every trace is opened once and read twice, for its footprint and to be replayed, and must say the same both times: number
//! and hash of the events are compared. Trace number n runs as tenant n. Partitions
//! are isolated. Every grant is checked: right slot, right physical address.
//!
//! An **intruder** owns no partition. Its accesses are shifted into its victim's: the translate port is asked first and
//! must not grant; then the physical port, as if the intruder had turned the standard MMU or a DMA engine to its ends,
//! and every one must be denied as `Isolated` and be logged: denied = records stored + counted in `AUDIT_LOST`.

use crate::device::{Access, Event, Operation, PhysicalVerdict, Reason, Status, Translation};
use crate::footprint::{plan, Footprint, Layout};
use crate::speed::Speed;
use crate::table;
use crate::tlb::Tlb;
use crate::trace::{TraceEvent, TraceFile, TraceKind};
use crate::{Device, InputError, UsageError};
use anyhow::{ensure, Result};
use pm_interface::registers::offset;
use pm_interface::{Geometry, Rights, WORD_BYTES};
use serde::Serialize;
use std::collections::hash_map::DefaultHasher;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// Accesses handed to a port at a time.
const BATCH: usize = 4096;
/// Granules that are remembered of a trace: more than any geometry's window and pool have.
const MOST_GRANULES: u64 = 1 << 21;
/// Quiet cycles after a batch, in which the audit log takes what is left.
const SETTLE: u64 = 32;

/// How to replay.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// The sizes.
    pub geometry: Geometry,
    /// At most so many events of each trace.
    pub limit: Option<u64>,
    /// Who intrudes upon whom, by trace number.
    pub intrude: Option<(usize, usize)>,
    /// Entries of the TLB that is compared with.
    pub tlb_entries: usize,
    /// Cycles of a page walk of that TLB.
    pub tlb_miss_cycles: u64,
}

impl ReplayOptions {
    /// For this geometry: everything, nobody intrudes, 64 entries, 40 cycles for the four dependent reads of a page walk.
    pub fn new(geometry: Geometry) -> ReplayOptions {
        ReplayOptions { geometry, limit: None, intrude: None, tlb_entries: 64, tlb_miss_cycles: 40 }
    }
}

/// What is going on, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayProgress {
    /// Reading the footprint: this many events so far.
    Reading(u64),
    /// Making partitions: done, of so many.
    Creating(u64, u64),
    /// Replaying: events done, of so many.
    Replaying(u64, u64),
}

/// Traces that were read once and laid out.
#[derive(Clone, Debug)]
pub struct Replay {
    traces: Vec<TraceFile>,
    /// Of each trace the hash of its events.
    hashes: Vec<u64>,
    options: ReplayOptions,
    layouts: Vec<Layout>,
    tenants: Vec<TenantReport>,
    events: u64,
}

/// One tenant's share of the result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TenantReport {
    /// Tenant number.
    pub tenant: u8,
    /// Its trace.
    pub trace: String,
    /// Whose partitions it was shifted into.
    pub intrudes_upon: Option<u8>,
    /// Lines of the trace that were read: those of accesses and those that were skipped.
    pub lines: u64,
    /// Lines of the trace that were accesses.
    pub events: u64,
    /// Of these, the ones that were replayed.
    pub replayed: u64,
    /// Lines that were valgrind's own, or empty.
    pub skipped_lines: u64,
    /// Reads, with the reading half of modifies.
    pub reads: u64,
    /// Writes, with the writing half of modifies.
    pub writes: u64,
    /// Instruction fetches.
    pub fetches: u64,
    /// Events longer than the longest access, sent in pieces.
    pub split: u64,
    /// Partitions made.
    pub partitions: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Granted, or allowed on the physical port.
    pub granted: u64,
    /// Left to the standard MMU; for an intruder these went on to the physical port.
    pub not_mine: u64,
    /// Denied, by reason.
    pub denied: BTreeMap<String, u64>,
}

impl TenantReport {
    /// Accesses sent to the translate port.
    pub fn accesses(&self) -> u64 {
        self.reads + self.writes + self.fetches
    }

    /// Denied for whatever reason.
    pub fn all_denied(&self) -> u64 {
        self.denied.values().sum()
    }
}

/// What a conventional TLB would have done.
#[derive(Clone, Debug, Serialize)]
pub struct TlbReport {
    /// Entries, fully associative, least recently used out first, tagged with the tenant.
    pub entries: usize,
    /// Bytes in a page.
    pub page_bytes: u64,
    /// Lookups that hit.
    pub hits: u64,
    /// Lookups that missed.
    pub misses: u64,
    /// Assumed cycles of a page walk.
    pub miss_cycles: u64,
    /// One cycle a lookup and the walks.
    pub cycles: u64,
}

/// What the audit log says of the denials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Denials that the ports answered.
    pub denied: u64,
    /// Records of denials that were read.
    pub stored: u64,
    /// `AUDIT_LOST`: denials counted instead of stored.
    pub lost: u64,
    /// The same, as the last record that tells of losses says.
    pub told: u64,
}

/// How a replay went.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayReport {
    /// What it ran on.
    pub device: String,
    /// The geometry's name.
    pub geometry: String,
    /// Whether everything was as it should be.
    pub passed: bool,
    /// What was not.
    pub failures: Vec<String>,
    /// By tenant.
    pub tenants: Vec<TenantReport>,
    /// Accesses sent to the translate port.
    pub accesses: u64,
    /// Cycles in which accesses were sent, with the latency of each batch.
    pub access_cycles: u64,
    /// Cycles that reset, activation and CREATE took, scrubbing included.
    pub setup_cycles: u64,
    /// All cycles, reading the audit log included.
    pub cycles: u64,
    /// The comparison.
    pub tlb: TlbReport,
    /// The audit log.
    pub audit: AuditReport,
}

impl Replay {
    /// Reads the traces for their footprints and lays these out. [`InputError`] for unreadable traces, [`UsageError`] when
    /// they do not fit.
    pub fn prepare(paths: &[PathBuf], options: ReplayOptions, progress: &mut dyn FnMut(ReplayProgress)) -> Result<Replay> {
        let geometry = &options.geometry;
        if paths.len() > geometry.tenants {
            return Err(UsageError(format!(
                "{} traces are more than the {} tenants of geometry {:?}; give fewer traces or a larger --geometry",
                paths.len(),
                geometry.tenants,
                geometry.name
            ))
            .into());
        }
        if let Some((intruder, victim)) = options.intrude {
            if intruder == victim || intruder.max(victim) >= paths.len() {
                return Err(UsageError(format!(
                    "trace {intruder} cannot intrude upon trace {victim}: use two different numbers below {} (the first trace is 0)",
                    paths.len()
                ))
                .into());
            }
        }
        let intruder = options.intrude.map(|(intruder, _)| intruder);
        let mut footprints = Vec::new();
        let mut tenants = Vec::new();
        let mut hashes = Vec::new();
        let mut events = 0;
        let traces = paths.iter().map(|path| TraceFile::open(path)).collect::<Result<Vec<TraceFile>, InputError>>()?;
        for ((tenant, path), trace) in (0u8..).zip(paths).zip(&traces) {
            let name = path.display().to_string();
            let (footprint, mut report, hash) = survey(trace, name, &options, &mut events, progress)?;
            hashes.push(hash);
            report.tenant = tenant;
            report.intrudes_upon = options.intrude.filter(|(from, _)| *from == usize::from(tenant)).map(|(_, to)| to as u8);
            footprints.push(footprint);
            tenants.push(report);
        }
        let owns: Vec<bool> = (0..paths.len()).map(|tenant| Some(tenant) != intruder).collect();
        let layouts = plan(geometry, geometry.default_setup().1, &footprints, &owns)?;
        for ((report, layout), owns) in tenants.iter_mut().zip(&layouts).zip(owns) {
            if owns {
                report.partitions = layout.partitions.len();
                report.bytes = layout.granules() << geometry.granule_bits;
            }
        }
        Ok(Replay { traces, hashes, options, layouts, tenants, events })
    }

    /// About how many cycles it takes: one for each event, and one for each word of a partition, which is scrubbed.
    pub fn expected_cycles(&self) -> u64 {
        let bytes: u64 = self.tenants.iter().map(|tenant| tenant.bytes).sum();
        self.events + bytes / WORD_BYTES
    }

    /// Makes the partitions and replays every access.
    pub fn run(&self, device: &mut dyn Device, progress: &mut dyn FnMut(ReplayProgress)) -> Result<ReplayReport> {
        let begun = device.cycles();
        let (pool_base, pool_size, window_base) = self.options.geometry.default_setup();
        let mut run = GranuleRun {
            replay: self,
            window_base,
            blocks: Vec::new(),
            tenants: self.tenants.clone(),
            tlb: Tlb::new(self.options.tlb_entries),
            audit: AuditReport::default(),
            failures: Failures::default(),
            access_cycles: 0,
        };
        device.reset()?;
        let status = device.activate(pool_base, pool_size, window_base)?;
        ensure!(status == Status::Ok, "the boot gate refused pool {pool_base:#x}+{pool_size:#x}: {status}");
        run.create(device, progress)?;
        let setup_cycles = device.cycles() - begun;
        run.replay(device, progress)?;
        run.check(device)?;
        let miss_cycles = self.options.tlb_miss_cycles;
        Ok(ReplayReport {
            device: device.name().into(),
            geometry: self.options.geometry.name.clone(),
            passed: run.failures.list.is_empty(),
            failures: run.failures.list,
            accesses: run.tenants.iter().map(TenantReport::accesses).sum(),
            tenants: run.tenants,
            access_cycles: run.access_cycles,
            setup_cycles,
            cycles: device.cycles() - begun,
            tlb: TlbReport {
                entries: self.options.tlb_entries,
                page_bytes: crate::tlb::PAGE,
                hits: run.tlb.hits(),
                misses: run.tlb.misses(),
                miss_cycles,
                cycles: run.tlb.cycles(miss_cycles),
            },
            audit: run.audit,
        })
    }

    /// The events of a trace, up to the limit.
    fn events(&self, tenant: usize) -> Result<impl Iterator<Item = Result<TraceEvent, InputError>>> {
        let limit = self.options.limit.unwrap_or(u64::MAX);
        Ok(self.traces[tenant].events()?.take(usize::try_from(limit).unwrap_or(usize::MAX)))
    }

    /// A trace does not say what it said when it was read before.
    fn changed(&self, tenant: usize) -> InputError {
        let what = "the trace changed while it was replayed; replay it again when the program that writes it has ended";
        InputError::new(&self.tenants[tenant].trace, 0, what)
    }
}

/// Reads a trace for its footprint and its counts.
fn survey(
    trace: &TraceFile,
    name: String,
    options: &ReplayOptions,
    events: &mut u64,
    progress: &mut dyn FnMut(ReplayProgress),
) -> Result<(Footprint, TenantReport, u64)> {
    let mut reader = trace.events()?;
    let mut footprint = Footprint::new(&options.geometry);
    let mut report = TenantReport { trace: name, ..TenantReport::default() };
    let mut hasher = DefaultHasher::new();
    while options.limit.is_none_or(|limit| report.events < limit) {
        let Some(event) = reader.next().transpose()? else { break };
        footprint.touch(&event);
        if footprint.granules() > MOST_GRANULES {
            let geometry = &options.geometry;
            let message = format!(
                "the trace touches more than {MOST_GRANULES} granules of {} bytes up to here, which no window holds; use a larger \
                 --geometry, a shorter trace, or --limit",
                geometry.granule()
            );
            return Err(InputError::new(&report.trace, reader.line(), message).into());
        }
        event.hash(&mut hasher);
        report.events += 1;
        *events += 1;
        if (*events).is_multiple_of(65536) {
            progress(ReplayProgress::Reading(*events));
        }
    }
    if report.events == 0 {
        let message =
            "there is no memory access in it; trace with: valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM";
        return Err(InputError::new(&report.trace, 0, message).into());
    }
    report.skipped_lines = reader.skipped();
    report.lines = reader.line() as u64;
    Ok((footprint, report, hasher.finish()))
}

/// A partition's slot and physical base, by tenant and partition.
#[derive(Clone, Copy)]
struct Block {
    slot: u8,
    physical: u64,
}

/// An access on its way, and what its answer must be.
struct Sent {
    access: Access,
    slot: u8,
    physical: u64,
}

/// Failures of the replay; the first few of them in words.
#[derive(Default)]
struct Failures {
    list: Vec<String>,
    more: u64,
}

impl Failures {
    fn add(&mut self, failure: impl FnOnce() -> String) {
        if self.list.len() < 8 {
            self.list.push(failure());
        } else {
            self.more += 1;
        }
    }
}

struct GranuleRun<'a> {
    replay: &'a Replay,
    window_base: u64,
    blocks: Vec<Vec<Block>>,
    tenants: Vec<TenantReport>,
    tlb: Tlb,
    audit: AuditReport,
    failures: Failures,
    access_cycles: u64,
}

impl GranuleRun<'_> {
    fn granule_bits(&self) -> usize {
        self.replay.options.geometry.granule_bits
    }

    fn intruder(&self) -> Option<usize> {
        self.replay.options.intrude.map(|(intruder, _)| intruder)
    }

    fn create(&mut self, device: &mut dyn Device, progress: &mut dyn FnMut(ReplayProgress)) -> Result<()> {
        let total = self.tenants.iter().map(|tenant| tenant.partitions as u64).sum();
        let mut done = 0;
        for (tenant, layout) in (0u8..).zip(&self.replay.layouts) {
            let mut blocks = Vec::new();
            let partitions = if Some(usize::from(tenant)) == self.intruder() { &[] } else { &layout.partitions[..] };
            for partition in partitions {
                progress(ReplayProgress::Creating(done, total));
                let logical = self.window_base + (partition.page << self.granule_bits());
                let size = partition.granules << self.granule_bits();
                let rights = Rights { isolated: true, ..partition.rights };
                let outcome = device.command(&Operation::create(tenant, logical, size, rights))?;
                let Status::Ok = outcome.status else {
                    anyhow::bail!("CREATE for tenant {tenant}, {logical:#x}+{size:#x}, was refused: {}", outcome.status);
                };
                blocks.push(Block { slot: outcome.slot, physical: outcome.physical });
                device.drain_audit()?;
                done += 1;
            }
            self.blocks.push(blocks);
        }
        Ok(())
    }

    fn replay(&mut self, device: &mut dyn Device, progress: &mut dyn FnMut(ReplayProgress)) -> Result<()> {
        let mut traces = Vec::new();
        for tenant in 0..self.tenants.len() {
            traces.push(self.replay.events(tenant)?);
        }
        let mut hashers = vec![DefaultHasher::new(); self.tenants.len()];
        let mut batch = Vec::with_capacity(BATCH + 64);
        let mut running = true;
        let mut done = 0;
        while running {
            running = false;
            for (tenant, trace) in traces.iter_mut().enumerate() {
                let Some(event) = trace.next().transpose()? else { continue };
                running = true;
                done += 1;
                event.hash(&mut hashers[tenant]);
                self.tenants[tenant].replayed += 1;
                self.send(tenant, &event, &mut batch)?;
            }
            if batch.len() >= BATCH || !running {
                self.answer(device, &batch)?;
                batch.clear();
                progress(ReplayProgress::Replaying(done, self.replay.events));
            }
        }
        for (tenant, hasher) in hashers.iter().enumerate() {
            let report = &self.tenants[tenant];
            if report.replayed != report.events || hasher.finish() != self.replay.hashes[tenant] {
                return Err(self.replay.changed(tenant).into());
            }
        }
        Ok(())
    }

    /// Appends the accesses of an event.
    fn send(&mut self, tenant: usize, event: &TraceEvent, batch: &mut Vec<Sent>) -> Result<()> {
        let longest = self.replay.options.geometry.max_length();
        let port = tenant as u8;
        self.tenants[tenant].split += u64::from(event.size > longest);
        for kind in event.kind.kinds() {
            self.tlb.access(port, event.address, event.size);
            let mut sent = 0;
            while sent < event.size {
                let length = (event.size - sent).min(longest);
                let (offset, slot, physical) = self.target(tenant, event.address + sent, length)?;
                let access = Access::new(port, self.window_base + offset, length, *kind);
                batch.push(Sent { access, slot, physical });
                sent += length;
                let report = &mut self.tenants[tenant];
                match event.kind {
                    TraceKind::Fetch => report.fetches += 1,
                    _ if *kind == pm_interface::Kind::Write => report.writes += 1,
                    _ => report.reads += 1,
                }
            }
        }
        Ok(())
    }

    /// Where an access goes: byte offset within the window, and the slot and physical address that are there.
    fn target(&self, tenant: usize, address: u64, length: u64) -> Result<(u64, u8, u64)> {
        let changed = || self.replay.changed(tenant);
        let (mut offset, mut index) = self.replay.layouts[tenant].relocate(address).ok_or_else(changed)?;
        let mut owner = tenant;
        if let Some((_, victim)) = self.replay.options.intrude.filter(|(intruder, _)| *intruder == tenant) {
            let layout = &self.replay.layouts[victim];
            let bytes = layout.granules() << self.granule_bits();
            owner = victim;
            offset = (offset % bytes).min(bytes.saturating_sub(length));
            index = layout.partition_at(offset).ok_or_else(changed)?;
        }
        let block = self.blocks[owner][index];
        let start = self.replay.layouts[owner].partitions[index].page << self.granule_bits();
        Ok((offset, block.slot, block.physical + (offset - start)))
    }

    /// Sends a batch to the translate port, what an intruder would do with it to the physical port, and reads the log.
    fn answer(&mut self, device: &mut dyn Device, batch: &[Sent]) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let begun = device.cycles();
        let accesses: Vec<Access> = batch.iter().map(|sent| sent.access).collect();
        let verdicts = device.translate(&accesses);
        ensure!(verdicts.len() == batch.len(), "{} accesses got {} answers", batch.len(), verdicts.len());
        let intruder = self.intruder();
        let mut intrusions = Vec::new();
        for (sent, verdict) in batch.iter().zip(&verdicts) {
            self.count_translation(sent, verdict);
            if Some(usize::from(sent.access.tenant)) == intruder && !verdict.granted {
                intrusions.push(sent);
            }
        }
        if !intrusions.is_empty() {
            let accesses: Vec<Access> = intrusions.iter().map(|sent| Access { address: sent.physical, ..sent.access }).collect();
            let verdicts = device.physical(&accesses);
            ensure!(verdicts.len() == accesses.len(), "{} accesses got {} answers", accesses.len(), verdicts.len());
            for (sent, verdict) in intrusions.iter().zip(&verdicts) {
                self.count_intrusion(sent, verdict);
            }
        }
        self.access_cycles += device.cycles() - begun;
        device.idle(SETTLE);
        self.read_log(device)
    }

    fn count_translation(&mut self, sent: &Sent, verdict: &Translation) {
        let intrudes = Some(usize::from(sent.access.tenant)) == self.intruder();
        let report = &mut self.tenants[usize::from(sent.access.tenant)];
        if verdict.granted {
            report.granted += 1;
        } else if verdict.not_mine {
            report.not_mine += 1;
        } else {
            *report.denied.entry(verdict.reason.to_string()).or_default() += 1;
            self.audit.denied += 1;
        }
        let proper = match intrudes {
            true => *verdict == Translation::not_mine(),
            false => *verdict == Translation::granted(sent.slot, sent.physical),
        };
        if !proper {
            let should =
                if intrudes { "not mine".into() } else { format!("granted at {:#x} by slot {}", sent.physical, sent.slot) };
            self.failures.add(|| format!("translate {:x?} should be {should}, but is {verdict:x?}", sent.access));
        }
    }

    fn count_intrusion(&mut self, sent: &Sent, verdict: &PhysicalVerdict) {
        let report = &mut self.tenants[usize::from(sent.access.tenant)];
        if verdict.allowed {
            report.granted += 1;
        } else {
            *report.denied.entry(verdict.reason.to_string()).or_default() += 1;
            self.audit.denied += 1;
        }
        // An access over the end of one partition touches the next as well; the lowest slot is named.
        let proper = !verdict.allowed && verdict.reason == Reason::Isolated && verdict.slot <= sent.slot;
        if !proper {
            let physical = sent.physical;
            self.failures.add(|| format!("physical {physical:#x} of {:x?} should be Isolated, but is {verdict:?}", sent.access));
        }
    }

    fn read_log(&mut self, device: &mut dyn Device) -> Result<()> {
        let intruder = self.intruder();
        for record in device.drain_audit()? {
            match record.event {
                Event::TranslateDenied | Event::PhysicalDenied => {
                    self.audit.stored += 1;
                    let expected = Some(usize::from(record.tenant)) == intruder
                        && record.event == Event::PhysicalDenied
                        && record.reason == Reason::Isolated.code();
                    if !expected {
                        self.failures.add(|| format!("the log holds an unexpected denial: {record:x?}"));
                    }
                }
                // Cumulative since reset: lost denials below, refused commands (none here) above.
                Event::Lost => self.audit.told = record.address & 0xFFFF_FFFF,
                Event::Command | Event::Boot | Event::Integrity => {
                    self.failures.add(|| format!("the log holds an unexpected record: {record:x?}"))
                }
            }
        }
        Ok(())
    }

    /// What can only be said at the end: the log is complete, and the device counted as we did.
    fn check(&mut self, device: &mut dyn Device) -> Result<()> {
        device.idle(SETTLE);
        self.read_log(device)?;
        self.audit.lost = u64::from(device.read_register(offset::AUDIT_LOST)?);
        let AuditReport { denied, stored, lost, told } = self.audit;
        if denied != stored + lost || told != lost {
            self.failures.add(|| format!("{denied} denials, but {stored} stored + {lost} lost ({told} told of)"));
        }
        for report in &self.tenants {
            // An intruder's access that is not managed goes on to the physical port, and is answered there.
            let answered =
                report.granted + report.all_denied() + if report.intrudes_upon.is_some() { 0 } else { report.not_mine };
            let (given, sent) = (report.lines - report.skipped_lines, report.accesses());
            if report.replayed != given || answered != sent {
                let (tenant, replayed) = (report.tenant, report.replayed);
                self.failures.add(|| {
                    format!("tenant {tenant}: {replayed} of {given} lines with an access replayed, {answered} of {sent} accesses answered")
                });
            }
        }
        let sum = |count: fn(&TenantReport) -> u64| self.tenants.iter().map(count).sum::<u64>() & 0xFFFF_FFFF;
        let counts = [
            ("COUNT_GRANTED", offset::COUNT_GRANTED, sum(|tenant| tenant.granted)),
            ("COUNT_DENIED", offset::COUNT_DENIED, sum(TenantReport::all_denied)),
            ("COUNT_NOT_MINE", offset::COUNT_NOT_MINE, sum(|tenant| tenant.not_mine)),
        ];
        for (name, register, seen) in counts {
            let counted = u64::from(device.read_register(register)?);
            if counted != seen {
                self.failures.add(|| format!("{name} reads {counted}, but {seen} were answered"));
            }
        }
        if self.failures.more > 0 {
            let more = self.failures.more;
            self.failures.list.push(format!("and {more} more"));
        }
        Ok(())
    }
}

impl ReplayReport {
    /// As tables for people, with how fast it was, where that is given.
    pub fn text(&self, speed: Option<&Speed>) -> String {
        let head =
            ["tenant", "trace", "events", "reads", "writes", "fetches", "partitions", "KiB", "granted", "denied", "not mine"];
        let mut rows = vec![head.map(String::from).to_vec()];
        for t in &self.tenants {
            let reasons: Vec<String> = t.denied.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            rows.push(vec![
                t.intrudes_upon.map_or(t.tenant.to_string(), |victim| format!("{} into {victim}", t.tenant)),
                t.trace.clone(),
                t.events.to_string(),
                t.reads.to_string(),
                t.writes.to_string(),
                t.fetches.to_string(),
                t.partitions.to_string(),
                format!("{:.1}", t.bytes as f64 / 1024.0),
                t.granted.to_string(),
                if reasons.is_empty() { "0".into() } else { reasons.join(" ") },
                t.not_mine.to_string(),
            ]);
        }
        let per_access = self.access_cycles as f64 / self.accesses.max(1) as f64;
        let lookups = self.tlb.hits + self.tlb.misses;
        let missed = 100.0 * self.tlb.misses as f64 / lookups.max(1) as f64;
        let mut text = format!("replay on the {}, geometry {}\n{}", self.device, self.geometry, table::render(&rows));
        text += &format!(
            "cycles: {} for {} accesses ({per_access:.3} each), {} to set up, {} in all\n",
            self.access_cycles, self.accesses, self.setup_cycles, self.cycles
        );
        text += &speed.map(Speed::text).unwrap_or_default();
        text += &format!(
            "TLB of {} entries, {} B pages, LRU: {} hits, {} misses ({missed:.2} %); at {} cycles a miss {} cycles\n",
            self.tlb.entries, self.tlb.page_bytes, self.tlb.hits, self.tlb.misses, self.tlb.miss_cycles, self.tlb.cycles
        );
        let AuditReport { denied, stored, lost, .. } = self.audit;
        text += &format!("audit: {} denials = {} stored + {} counted as lost\n", denied, stored, lost);
        for failure in &self.failures {
            text += &format!("FAILED: {failure}\n");
        }
        let sum = |count: fn(&TenantReport) -> u64| self.tenants.iter().map(count).sum::<u64>();
        text += &format!(
            "work: {} of {} lines with an access replayed, as {} accesses; {} more lines are valgrind's own or empty\n",
            sum(|tenant| tenant.replayed),
            sum(|tenant| tenant.lines - tenant.skipped_lines),
            self.accesses,
            sum(|tenant| tenant.skipped_lines)
        );
        let granted = sum(|tenant| if tenant.intrudes_upon.is_some() { 0 } else { tenant.granted });
        let intruding: u64 = self.tenants.iter().filter(|t| t.intrudes_upon.is_some()).map(TenantReport::accesses).sum();
        let logged = match self.audit.lost {
            0 => "and logged".into(),
            lost => format!("({} logged, {} only counted)", self.audit.stored, lost),
        };
        let verdict = match (self.passed, intruding) {
            (true, 0) => format!("passed: every access granted at its own place, {granted} of {}", self.accesses),
            (true, _) => format!(
                "passed: every intruding access denied {logged}, {} of {}; every other granted at its own place, {granted} of {}",
                self.audit.denied,
                intruding,
                self.accesses - intruding
            ),
            (false, _) => "FAILED: the replay went otherwise than it should".into(),
        };
        text + &verdict + "\n"
    }
}
