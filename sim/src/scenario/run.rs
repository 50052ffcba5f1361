//! Running a scenario: each step becomes a line of expected and got.

use super::format::{
    AccessStep, ActivateStep, AuditStep, BootStep, CorruptPlace, CorruptStep, CreateStep, Expected, FindStep, KindText,
    MemoryStep, QueryStep, QuotaText, RecordText, RegisterStep, ResizeStep, RightsText, RowText, Scenario, ShareStep, Step,
};
use crate::boot::{offered, Tampering};
use crate::device::{Access, AuditRecord, CamRow, Command, DeviceError, Fault, Operation, Outcome, Rights, Row, Status, Word};
use crate::speed::Speed;
use crate::{table, Device};
use pm_interface::manifest::{quotas, BootPartition, Limits, Manifest, DEVELOPMENT_VERSION};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{Event, Reason, Upset, AUDIT_WORDS};
use pm_model::chain::Digest;
use pm_model::log::{End, LogWriter};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Quiet cycles after each access, in which the audit log takes a denial.
const SETTLE: u64 = 16;

/// How a scenario went.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioReport {
    /// The file.
    pub scenario: String,
    /// What it ran on.
    pub device: String,
    /// The geometry's name.
    pub geometry: String,
    /// Whether every step was as expected.
    pub passed: bool,
    /// Clock cycles from reset to end.
    pub cycles: u64,
    /// The steps in order.
    pub steps: Vec<StepReport>,
}

/// How a step went.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// From 1.
    pub step: usize,
    /// Where it is in the file.
    pub line: usize,
    /// What was done.
    pub what: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Whether they are the same.
    pub passed: bool,
}

impl ScenarioReport {
    /// How many steps failed.
    pub fn failures(&self) -> usize {
        self.steps.iter().filter(|step| !step.passed).count()
    }

    /// As a table, with how fast it was, where that is given, and a closing line.
    pub fn text(&self, speed: Option<&Speed>) -> String {
        let mut rows = vec![["step", "line", "what", "expected", "got", "verdict"].map(String::from).to_vec()];
        for step in &self.steps {
            // Long agreement is cut short; the JSON has it all.
            let (cut, more) = match step.expected.char_indices().nth(48) {
                Some((end, _)) if step.passed => (&step.expected[..end], "..."),
                _ => (&step.expected[..], ""),
            };
            rows.push(vec![
                step.step.to_string(),
                step.line.to_string(),
                step.what.clone(),
                format!("{cut}{more}"),
                if more.is_empty() { step.got.clone() } else { "the same".into() },
                if step.passed { "ok" } else { "FAILED" }.into(),
            ]);
        }
        let verdict = match self.failures() {
            0 => format!("all {} steps as expected", self.steps.len()),
            failures => format!("{failures} of {} steps FAILED", self.steps.len()),
        };
        let ScenarioReport { scenario, device, geometry, cycles, .. } = self;
        let (table, speed) = (table::render(&rows), speed.map(Speed::text).unwrap_or_default());
        format!("{scenario}: geometry {geometry}, on the {device}\n{table}{speed}{verdict}, {cycles} cycles\n")
    }
}

/// What was taken from the audit log since the last reset.
#[derive(Clone, Debug, Default)]
pub struct AuditTrail {
    /// The records, each with the device's digest after it where that was read then.
    pub records: Vec<([u32; AUDIT_WORDS], Option<Digest>)>,
    /// What the device said at the end; `None` where it has no chain.
    pub end: Option<End>,
}

impl AuditTrail {
    fn take(&mut self, record: &AuditRecord) {
        self.records.push((record.words(), None));
    }

    /// Takes every record that waits; how many.
    pub(super) fn drain(&mut self, device: &mut dyn Device) -> Result<usize, DeviceError> {
        let records = device.drain_audit()?;
        records.iter().for_each(|record| self.take(record));
        Ok(records.len())
    }

    /// Reads the device's digest, and puts it at the last record if it covers no later one.
    fn read_digest(&mut self, device: &mut dyn Device) -> Result<Option<(Digest, u32)>, DeviceError> {
        device.catch_up()?;
        let read = device.read_digest()?;
        if let (Some((digest, records)), Some((words, place))) = (read, self.records.last_mut()) {
            if words[0].wrapping_add(1) == records {
                *place = Some(digest);
            }
        }
        Ok(read)
    }

    /// Reads the end.
    pub(super) fn finish(&mut self, device: &mut dyn Device) -> Result<(), DeviceError> {
        self.end = self.read_digest(device)?.map(|(digest, records)| End { digest, records });
        Ok(())
    }

    /// The chain over the records, and how many there are.
    fn chain(&self) -> (Digest, usize) {
        let chain = self.records.iter().fold(Digest::START, |digest, (words, _)| digest.next(words));
        (chain, self.records.len())
    }

    /// Writes them as `pm audit` reads them.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write(&self, sink: impl io::Write) -> io::Result<()> {
        let mut writer = LogWriter::new(sink);
        for (words, digest) in &self.records {
            writer.record(*words, *digest)?;
        }
        match self.end {
            Some(end) => writer.end(end).map(drop),
            None => Ok(()),
        }
    }
}

/// The code of a command's or an access kind's name.
pub(super) fn kind_code(name: &str) -> Option<u8> {
    let upset = || Upset::from_name(name).map(Upset::code);
    Command::from_name(name).map(Command::code).or_else(upset).or_else(|| KindText::from_name(name).map(KindText::code))
}

/// What one step was, should have given, and gave.
struct Finding {
    what: String,
    expected: Vec<String>,
    got: Vec<String>,
}

impl Finding {
    fn new(what: impl Into<String>) -> Finding {
        Finding { what: what.into(), expected: Vec::new(), got: Vec::new() }
    }

    fn compare(&mut self, expected: impl Into<String>, got: impl Into<String>) {
        self.expected.push(expected.into());
        self.got.push(got.into());
    }

    /// Shows `got` as `label value` and compares it, where something is expected of it.
    fn compare_if<T: PartialEq>(&mut self, label: &str, expected: Option<T>, got: T, show: impl Fn(&T) -> String) {
        if let Some(expected) = expected {
            self.compare(format!("{label} {}", show(&expected)), format!("{label} {}", show(&got)));
        }
    }

    fn passed(&self) -> bool {
        self.expected == self.got
    }
}

/// A named partition: its slot and physical base, known even after it is gone.
#[derive(Clone, Copy)]
struct Known {
    slot: u8,
    physical: u64,
}

struct Runner<'a> {
    scenario: &'a Scenario,
    device: &'a mut dyn Device,
    names: BTreeMap<String, Known>,
    /// Bases of the windows: one, or one for each tenant.
    window_bases: Vec<u64>,
    trail: AuditTrail,
}

type Done = Result<Finding, String>;

pub(super) fn run(scenario: &Scenario, device: &mut dyn Device, progress: &mut dyn FnMut(usize)) -> (ScenarioReport, AuditTrail) {
    let begun = device.cycles();
    let window_bases = vec![scenario.geometry.default_setup().2];
    let mut runner = Runner { scenario, device, names: BTreeMap::new(), window_bases, trail: AuditTrail::default() };
    let mut steps = Vec::new();
    if let Some(failure) = runner.begin() {
        steps.push(failure);
    }
    for (index, (line, step)) in scenario.steps.iter().enumerate() {
        progress(index);
        let finding = runner.repeat(step);
        steps.push(StepReport {
            step: index + 1,
            line: *line,
            passed: finding.passed(),
            what: finding.what,
            expected: finding.expected.join(", "),
            got: finding.got.join(", "),
        });
    }
    let report = ScenarioReport {
        scenario: scenario.file.clone(),
        device: runner.device.name().into(),
        geometry: scenario.geometry.name.clone(),
        passed: steps.iter().all(|step| step.passed),
        cycles: runner.device.cycles() - begun,
        steps,
    };
    (report, runner.trail)
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

fn hex(address: &u64) -> String {
    format!("{address:#x}")
}

fn letters(rights: Rights) -> String {
    let flag = |set: bool, letter: char| if set { letter } else { '-' };
    let mut text: String = [flag(rights.read, 'r'), flag(rights.write, 'w'), flag(rights.execute, 'x')].iter().collect();
    for (set, word) in [(rights.isolated, " isolated"), (rights.locked, " locked")] {
        text.push_str(if set { word } else { "" });
    }
    text
}

impl Runner<'_> {
    /// Reset and the setup's activation; a finding only where they fail.
    fn begin(&mut self) -> Option<StepReport> {
        let finding = match self.open() {
            Ok(finding) if finding.passed() => return None,
            Ok(finding) => finding,
            Err(error) => {
                let mut finding = Finding::new("setup");
                finding.compare("Ok", error);
                finding
            }
        };
        let (expected, got) = (finding.expected.join(", "), finding.got.join(", "));
        Some(StepReport { step: 0, line: 0, what: finding.what, expected, got, passed: false })
    }

    fn open(&mut self) -> Done {
        self.device.reset().map_err(text)?;
        let plain =
            ActivateStep { pool_base: None, pool_size: None, window_base: None, window_bases: None, strict: None, expect: None };
        match self.scenario.setup.activate {
            Some(false) => Ok(Finding::new("setup")),
            _ if self.scenario.geometry.features.boot => self.boot(&BootStep::default()),
            _ => self.activate(&plain),
        }
    }

    fn repeat(&mut self, step: &Step) -> Finding {
        let times = step.repeat.unwrap_or(1);
        let mut last = Finding::new("");
        for turn in 1..=times {
            last = self.step(step).unwrap_or_else(|error| {
                let mut finding = Finding::new(step.actions().join(", "));
                finding.compare("no error", error);
                finding
            });
            if !last.passed() {
                let which = if times > 1 { format!(" (time {turn} of {times})") } else { String::new() };
                last.what.push_str(&which);
                return last;
            }
        }
        if times > 1 {
            last.what.push_str(&format!(" ({times} times)"));
        }
        last
    }

    fn step(&mut self, step: &Step) -> Done {
        if let Some(s) = &step.activate {
            return self.activate(s);
        }
        if let Some(s) = &step.boot {
            return self.boot(s);
        }
        if step.reset.is_some() {
            self.device.reset().map_err(text)?;
            self.trail = AuditTrail::default();
            return Ok(Finding::new("reset"));
        }
        if let Some(s) = &step.create {
            return self.create(s);
        }
        if let Some(s) = &step.destroy {
            let (slot, label) = self.target(&s.name, s.slot)?;
            return self.plain(format!("destroy {label}"), &Operation::destroy(slot), s.expect);
        }
        if let Some(s) = &step.protect {
            let (slot, label) = self.target(&s.name, s.slot)?;
            let rights = s.rights.with(s.isolated, false);
            return self.plain(format!("protect {label} {}", letters(rights)), &Operation::protect(slot, rights), s.expect);
        }
        if let Some(s) = &step.resize {
            return self.resize(s);
        }
        if let Some(s) = &step.share {
            return self.share(s);
        }
        if let Some(s) = &step.lock {
            let (slot, label) = self.target(&s.name, s.slot)?;
            return self.plain(format!("lock {label}"), &Operation::lock(slot), s.expect);
        }
        if let Some(s) = &step.seal {
            return self.plain("seal".into(), &Operation::seal(), s.expect);
        }
        if let Some(s) = &step.query {
            return self.query(s);
        }
        if let Some(s) = &step.find {
            return self.find(s);
        }
        if let Some(s) = &step.access {
            return self.access(s);
        }
        if let Some(s) = &step.corrupt {
            return self.corrupt(s);
        }
        if step.patrol.is_some() {
            self.device.patrol().map_err(text)?;
            return Ok(Finding::new("patrol"));
        }
        if let Some(s) = &step.audit {
            return self.audit(s);
        }
        if let Some(s) = &step.register {
            return self.register(s);
        }
        if let Some(s) = &step.memory {
            return self.memory(s);
        }
        let level = |high: bool| if high { "high" } else { "low" };
        let mut finding = Finding::new(step.actions().join(", "));
        if let Some(expected) = step.alert {
            finding.compare(level(expected), level(self.device.alert()));
        }
        if let Some(expected) = step.irq {
            finding.compare(level(expected), level(self.device.irq()));
        }
        Ok(finding)
    }

    fn known(&self, name: &str) -> Result<Known, String> {
        self.names.get(name).copied().ok_or_else(|| format!("{name} was never created, since its create failed"))
    }

    fn place(&self, place: &CorruptPlace) -> Result<u64, String> {
        match place {
            CorruptPlace::Number(address) => Ok(*address),
            CorruptPlace::Named(name, offset) => Ok(self.known(name)?.physical.wrapping_add(*offset)),
        }
    }

    fn target(&self, name: &Option<String>, slot: Option<u8>) -> Result<(u8, String), String> {
        match (name, slot) {
            (Some(name), _) => Ok((self.known(name)?.slot, name.clone())),
            (None, Some(slot)) => Ok((slot, format!("slot {slot}"))),
            (None, None) => Err("no slot is named".into()),
        }
    }

    fn activate(&mut self, step: &ActivateStep) -> Done {
        let setup = &self.scenario.setup;
        let (pool_base, pool_size, window_base) = self.scenario.geometry.default_setup();
        let pool_base = step.pool_base.or(setup.pool_base).unwrap_or(pool_base);
        let pool_size = step.pool_size.or(setup.pool_size).unwrap_or(pool_size);
        let said = step.window_bases.clone().or(step.window_base.map(|base| vec![base]));
        let said = said.or(setup.window_bases.clone()).or(setup.window_base.map(|base| vec![base]));
        self.window_bases = said.unwrap_or(vec![window_base]);
        let windows: Vec<String> = self.window_bases.iter().map(|base| format!("{base:#x}")).collect();
        let mut finding = Finding::new(format!("activate pool {pool_base:#x}+{pool_size:#x} window {}", windows.join(", ")));
        let strict = step.strict.or(setup.strict);
        let status = self.device.activate_as(pool_base, pool_size, &self.window_bases, strict).map_err(text)?;
        finding.compare(step.expect.unwrap_or(Status::Ok).name(), status.name());
        Ok(finding)
    }

    fn boot(&mut self, step: &BootStep) -> Done {
        let (setup, boot) = (&self.scenario.setup, &self.scenario.boot);
        let (pool_base, pool_size, window_base) = self.scenario.geometry.default_setup();
        let window_base = step.window_base.or(setup.window_base).unwrap_or(window_base);
        self.window_bases = vec![window_base];
        let partitions = step.partitions.as_ref().unwrap_or(&boot.partition).iter().map(|partition| BootPartition {
            tenant: partition.tenant,
            rights: partition.rights.with(partition.isolated, partition.locked),
            logical: partition.base,
            size: partition.size,
        });
        let limits = step.quotas.as_ref().unwrap_or(&boot.quota);
        let limits: Vec<Limits> = limits.iter().map(QuotaText::limits).collect();
        let quotas = quotas(&self.scenario.geometry, &limits).map_err(|bad| bad.message)?;
        let manifest = Manifest {
            security_version: step.version.or(boot.version).unwrap_or(DEVELOPMENT_VERSION),
            seal: step.seal.unwrap_or(boot.seal),
            strict: step.strict.or(setup.strict),
            pool_base: step.pool_base.or(setup.pool_base).unwrap_or(pool_base),
            pool_size: step.pool_size.or(setup.pool_size).unwrap_or(pool_size),
            window_base,
            quotas,
            partitions: partitions.collect(),
        };
        let (tampering, how) = if let Some(flip) = step.flip {
            (Tampering::Flip { word: flip.word, bit: flip.bit }, format!(", bit {} of word {} flipped", flip.bit, flip.word))
        } else if let Some(length) = step.truncate {
            (Tampering::Truncate(length), format!(", cut to {length} words"))
        } else if let Some(more) = step.extend {
            (Tampering::Extend(more), format!(", {more} words longer"))
        } else if let Some(replaced) = step.replace {
            let (word, value) = (replaced.word, replaced.value);
            (Tampering::Resign { word, value }, format!(", word {word} signed as {value:#x}"))
        } else if step.other_key {
            (Tampering::OtherKey, ", signed with another key".into())
        } else {
            (Tampering::None, String::new())
        };
        let mut finding = Finding::new(format!(
            "boot version {:#x}, {} partitions{}{how}",
            manifest.security_version,
            manifest.partitions.len(),
            if manifest.seal { ", seal" } else { "" }
        ));
        let status = self.device.boot(&offered(&manifest, tampering)).map_err(text)?;
        finding.compare(step.expect.unwrap_or(Status::Ok).name(), status.name());
        Ok(finding)
    }

    fn command(&mut self, what: String, operation: &Operation, expect: Option<Status>) -> Result<(Finding, Outcome), String> {
        let outcome = self.device.command(operation).map_err(|error| format!("{what}: {error}"))?;
        let mut finding = Finding::new(what);
        finding.compare(expect.unwrap_or(Status::Ok).name(), outcome.status.name());
        Ok((finding, outcome))
    }

    fn plain(&mut self, what: String, operation: &Operation, expect: Option<Status>) -> Done {
        self.command(what, operation, expect).map(|(finding, _)| finding)
    }

    fn create(&mut self, step: &CreateStep) -> Done {
        let rights = step.rights.with(step.isolated, step.locked);
        let name = step.name.as_deref().map_or(String::new(), |name| format!("{name} "));
        let what = format!("create {name}tenant {} {:#x}+{:#x} {}", step.tenant, step.base, step.size, letters(rights));
        let operation = Operation::create(step.tenant, step.base, step.size, rights);
        let (mut finding, outcome) = self.command(what, &operation, step.expect)?;
        finding.compare_if("slot", step.slot, outcome.slot, u8::to_string);
        let at = step.at.as_ref().map(|place| self.place(place)).transpose()?;
        finding.compare_if("at", at, outcome.physical, hex);
        if let (Some(name), Status::Ok) = (&step.name, outcome.status) {
            self.names.insert(name.clone(), Known { slot: outcome.slot, physical: outcome.physical });
        }
        Ok(finding)
    }

    fn resize(&mut self, step: &ResizeStep) -> Done {
        let (slot, label) = self.target(&step.name, step.slot)?;
        let what = format!("resize {label} to {:#x}", step.size);
        let (mut finding, outcome) = self.command(what, &Operation::resize(slot, step.size), step.expect)?;
        let at = step.at.as_ref().map(|place| self.place(place)).transpose()?;
        finding.compare_if("at", at, outcome.physical, hex);
        Ok(finding)
    }

    fn share(&mut self, step: &ShareStep) -> Done {
        let (slot, label) = self.target(&step.name, step.slot)?;
        let rights = step.rights.with(step.isolated, step.locked);
        let name = step.new_name.as_deref().map_or(String::new(), |name| format!(" as {name}"));
        let what = format!("share {label}{name} tenant {} {:#x} {}", step.tenant, step.base, letters(rights));
        let operation = Operation::share(slot, step.tenant, step.base, rights);
        let (mut finding, outcome) = self.command(what, &operation, step.expect)?;
        let at = step.at.as_ref().map(|place| self.place(place)).transpose()?;
        finding.compare_if("at", at, outcome.physical, hex);
        if let (Some(name), Status::Ok) = (&step.new_name, outcome.status) {
            self.names.insert(name.clone(), Known { slot: outcome.slot, physical: outcome.physical });
        }
        Ok(finding)
    }

    fn query(&mut self, step: &QueryStep) -> Done {
        let (slot, label) = self.target(&step.name, step.slot)?;
        let (mut finding, outcome) = self.command(format!("query {label}"), &Operation::query(slot), step.expect)?;
        compare_row(&mut finding, step.row.as_ref(), outcome.row);
        Ok(finding)
    }

    fn find(&mut self, step: &FindStep) -> Done {
        let what = format!("find tenant {} {:#x}", step.tenant, step.address);
        let (mut finding, outcome) = self.command(what, &Operation::find(step.tenant, step.address), step.expect)?;
        finding.compare_if("slot", step.slot, outcome.slot, u8::to_string);
        compare_row(&mut finding, step.row.as_ref(), outcome.row);
        Ok(finding)
    }

    fn access(&mut self, step: &AccessStep) -> Done {
        let geometry = &self.scenario.geometry;
        let length = step.length.unwrap_or(geometry.max_length().min(4));
        let (what, address) = match (&step.address, &step.physical) {
            (Some(address), _) => (format!("{address:#x}"), *address),
            (None, Some(place)) => (format!("physical {place}"), self.place(place)?),
            (None, None) => return Err("no address is given".into()),
        };
        let access = Access { tenant: step.tenant, address, length, kind: step.kind.code() };
        access.check_fits(geometry)?;
        let mut finding = Finding::new(format!("{} tenant {} {what} {length} B", step.kind.name(), step.tenant));
        let at = step.at.as_ref().map(|place| self.place(place)).transpose()?;
        let (verdict, reason, slot, physical) = if step.address.is_some() {
            let answers = self.device.translate(&[access]);
            let answer = answers.first().ok_or("the translate port did not answer")?;
            let verdict = match (answer.granted, answer.not_mine) {
                (true, false) => Expected::Granted,
                (false, true) => Expected::NotMine,
                (false, false) => Expected::Denied,
                (true, true) => return Err("the translate port answered granted and not mine at once".into()),
            };
            (verdict, answer.reason, answer.slot, answer.physical)
        } else {
            let answers = self.device.physical(&[access]);
            let answer = answers.first().ok_or("the physical port did not answer")?;
            (if answer.allowed { Expected::Allowed } else { Expected::Denied }, answer.reason, answer.slot, 0)
        };
        self.device.idle(SETTLE);
        let show = |verdict: Expected, reason: Option<Reason>| match reason {
            Some(reason) => format!("{} {reason}", verdict.name()),
            None => verdict.name().into(),
        };
        // The reason is shown where it was asked for, and where it explains a surprise.
        let told = step.reason.is_some() || verdict != step.expect;
        let got_reason = (told && verdict == Expected::Denied).then_some(reason);
        finding.compare(show(step.expect, step.reason), show(verdict, got_reason));
        finding.compare_if("slot", step.slot, slot, u8::to_string);
        finding.compare_if("at", at, physical, hex);
        if verdict != Expected::Granted && physical != 0 {
            finding.compare("physical address 0", hex(&physical));
        }
        Ok(finding)
    }

    /// Granule of an address in a tenant's window.
    fn page(&self, tenant: u8, address: u64) -> Result<u64, String> {
        let geometry = &self.scenario.geometry;
        let base = self.window_bases[usize::from(tenant).min(self.window_bases.len() - 1)];
        let offset = address.checked_sub(base).filter(|offset| *offset < geometry.window());
        let offset = offset.ok_or_else(|| {
            let last = base + (geometry.window() - 1);
            format!("{address:#x} lies outside the window {base:#x} to {last:#x}")
        })?;
        Ok(offset >> geometry.granule_bits)
    }

    /// Flips bits of a word.
    fn flip(&mut self, step: &CorruptStep) -> Option<Done> {
        let (word, row) = match step {
            CorruptStep { row: Some(word), .. } => (word, Some(Word::Row as fn(u8) -> Word)),
            CorruptStep { lookup_row: Some(word), .. } => (word, Some(Word::LookupRow as fn(u8) -> Word)),
            CorruptStep { entry: Some(word), .. } | CorruptStep { granule: Some(word), .. } => (word, None),
            _ => return None,
        };
        let bits = word.bits.iter().fold(0, |bits, bit| bits | 1u128 << bit);
        let named = || match (row, word.tenant, word.address, &word.physical) {
            (Some(row), ..) => self.target(&word.name, word.slot).map(|(slot, label)| (row(slot), format!("row of {label}"))),
            (None, Some(tenant), Some(address), _) => {
                let page = self.page(tenant, address)?;
                Ok((Word::Shadow(tenant, page), format!("entry of tenant {tenant} {address:#x}")))
            }
            (None, _, _, Some(place)) => {
                let geometry = &self.scenario.geometry;
                let block = (self.place(place)? & (geometry.frame() - 1)) >> geometry.granule_bits;
                Ok((Word::Granule(block), format!("granule of {place}")))
            }
            _ => Err("nothing is named to flip bits of".into()),
        };
        let (word, label) = match named() {
            Ok(named) => named,
            Err(error) => return Some(Err(error)),
        };
        let done = self.device.corrupt(&Fault::Bits { word, bits }).map_err(text);
        Some(done.map(|()| Finding::new(format!("flip bits {bits:#x} of the {label}"))))
    }

    fn corrupt(&mut self, step: &CorruptStep) -> Done {
        if let Some(done) = self.flip(step) {
            return done;
        }
        let (what, fault) = match (&step.shadow, &step.cam) {
            (Some(shadow), _) => {
                let entry = match (&shadow.name, shadow.slot) {
                    (None, None) => None,
                    (name, slot) => Some(self.target(name, slot)?),
                };
                let label = entry.as_ref().map_or("unmapped", |(_, label)| label).to_string();
                let what = format!("corrupt shadow tenant {} {:#x} to {label}", shadow.tenant, shadow.address);
                let page = self.page(shadow.tenant, shadow.address)?;
                (what, Fault::Shadow { tenant: shadow.tenant, page, entry: entry.map(|(slot, _)| slot) })
            }
            (None, Some(cam)) => {
                let (slot, label) = self.target(&cam.name, cam.slot)?;
                let (what, row) = match (cam.tenant, cam.base, cam.size) {
                    (Some(tenant), Some(base), Some(size)) => {
                        let last = base.checked_add(size.max(1) - 1).ok_or("the range wraps around; use a smaller size")?;
                        let row = CamRow {
                            valid: true,
                            tenant,
                            first_page: self.page(tenant, base)?,
                            last_page: self.page(tenant, last)?,
                        };
                        (format!("to tenant {tenant} {base:#x}+{size:#x}"), row)
                    }
                    _ => ("to invalid".into(), CamRow::default()),
                };
                (format!("corrupt CAM row of {label} {what}"), Fault::Cam { slot, row })
            }
            (None, None) => return Err("nothing is named to corrupt".into()),
        };
        self.device.corrupt(&fault).map_err(text)?;
        Ok(Finding::new(what))
    }

    fn audit(&mut self, step: &AuditStep) -> Done {
        let mut finding = Finding::new("audit");
        self.device.catch_up().map_err(text)?;
        let level = self.device.read_register(offset::AUDIT_LEVEL).map_err(text)? & 0xFFFF;
        finding.compare_if("level", step.level, level, u32::to_string);
        let lost = self.device.read_register(offset::AUDIT_LOST).map_err(text)?;
        finding.compare_if("lost", step.lost, lost, u32::to_string);
        if let Some(expected) = &step.record {
            let address = expected.address.as_ref().map(|place| self.place(place)).transpose()?;
            match self.device.read_audit().map_err(text)? {
                Some(record) => {
                    self.trail.take(&record);
                    compare_record(&mut finding, expected, address, &record);
                }
                None => finding.compare("a record", "no record waits"),
            }
        }
        if step.drain {
            let records = self.trail.drain(self.device).map_err(text)?;
            finding.what = format!("audit: take all {records} records");
        }
        // Also where nobody asks: each digest that is known narrows down where a log was altered.
        let read = self.trail.read_digest(self.device).map_err(text)?;
        if step.digest.is_some() {
            let (digest, records) = read.ok_or("the device has no chain")?;
            let (chain, taken) = self.trail.chain();
            finding.compare(format!("digest {chain} of {taken} records"), format!("digest {digest} of {records} records"));
        }
        Ok(finding)
    }

    fn register(&mut self, step: &RegisterStep) -> Done {
        let by_name = |name: &String| REGISTERS.iter().find(|register| register.name == name).map(|register| register.offset);
        let at = step.name.as_ref().and_then(by_name).or(step.offset).ok_or("no register is named")?;
        let label = step.name.clone().unwrap_or_else(|| format!("{at:#04x}"));
        let answer = |result: Result<(), _>| if result.is_ok() { "accepted" } else { "error" };
        let should = if step.error { "error" } else { "accepted" };
        if let Some(value) = step.write {
            let mut finding = Finding::new(format!("write {label} {value:#x}"));
            finding.compare(should, answer(self.device.write_register(at, value).map_err(text)));
            return Ok(finding);
        }
        let mask = step.mask.unwrap_or(u32::MAX);
        let mut finding = Finding::new(format!("read {label}"));
        match (self.device.read_register(at), step.value) {
            (Ok(got), Some(expected)) => finding.compare(format!("{:#x}", expected & mask), format!("{:#x}", got & mask)),
            (result, _) => finding.compare(should, answer(result.map(|_| ()).map_err(text))),
        }
        Ok(finding)
    }

    fn memory(&mut self, step: &MemoryStep) -> Done {
        let address = self.place(&step.physical)?;
        let mut finding = Finding::new(format!("memory at {}", step.physical));
        if let Some(word) = step.write {
            self.device.write_memory(address, word);
            finding.what.push_str(&format!(" written {word:#x}"));
        }
        if let Some(expected) = step.word {
            finding.compare(format!("{expected:#x}"), format!("{:#x}", self.device.read_memory(address)));
        }
        Ok(finding)
    }
}

fn compare_row(finding: &mut Finding, expected: Option<&RowText>, got: Option<Row>) {
    let Some(expected) = expected else { return };
    let Some(got) = got else {
        finding.compare("a row", "no row");
        return;
    };
    let rights = RightsText { read: got.rights.read, write: got.rights.write, execute: got.rights.execute };
    finding.compare_if("tenant", expected.tenant, got.tenant, u8::to_string);
    finding.compare_if("base", expected.base, got.logical, hex);
    finding.compare_if("size", expected.size, got.size, hex);
    finding.compare_if("rights", expected.rights, rights, |rights| letters(rights.with(false, false)));
    finding.compare_if("isolated", expected.isolated, got.rights.isolated, bool::to_string);
    finding.compare_if("locked", expected.locked, got.rights.locked, bool::to_string);
}

fn compare_record(finding: &mut Finding, expected: &RecordText, address: Option<u64>, got: &AuditRecord) {
    let of_command = matches!(got.event, Event::Command | Event::Boot);
    let status = of_command.then(|| Status::from_code(got.reason)).flatten();
    let reason = (!of_command).then(|| Reason::from_code(got.reason)).flatten();
    let kind = |code: &u8| match got.event {
        Event::Command => Command::from_code(*code).map_or_else(|| code.to_string(), |command| command.to_string()),
        Event::Integrity => Upset::from_code(*code).map_or_else(|| code.to_string(), |upset| upset.to_string()),
        _ => format!("code {code}"),
    };
    finding.what = format!("audit record {}", got.sequence);
    finding.compare_if("event", expected.event, got.event, Event::to_string);
    finding.compare_if("tenant", expected.tenant, got.tenant, u8::to_string);
    finding.compare_if("slot", expected.slot, got.slot, u8::to_string);
    finding.compare_if("kind", expected.kind.as_deref().and_then(kind_code), got.kind, kind);
    finding.compare_if("status", expected.status.map(Some), status, |status| status.map_or("none".into(), |s| s.to_string()));
    finding.compare_if("reason", expected.reason.map(Some), reason, |reason| reason.map_or("none".into(), |r| r.to_string()));
    finding.compare_if("address", address, got.address, hex);
}
