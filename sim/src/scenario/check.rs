//! From text to a checked [`Scenario`]: whatever can be wrong without running is found here, with its line.

use super::format::{
    AccessStep, AuditStep, BootStep, CorruptPlace, CorruptStep, Expected, GeometryText, KindText, QuotaText, RegisterStep,
    Scenario, ScenarioText, Step,
};
use crate::device::Access;
use crate::InputError;
use pm_interface::manifest::{quotas, Limits};
use pm_interface::registers::REGISTERS;
use pm_interface::{Geometry, Status, Windows};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// Actions, as the message about a step without one lists them.
const ACTIONS: &str = "activate, boot, reset, create, destroy, resize, protect, share, lock, seal, query, find, access, corrupt, audit, register, memory, \
                       alert, irq";

/// Words that a manifest can be extended by: more than any device takes.
const MOST_WORDS: usize = 1 << 16;

pub(super) fn parse(file: &str, text: &str) -> Result<Scenario, InputError> {
    // Once for all steps: a search for each takes time that grows with the square of their number.
    let ends: Vec<usize> = text.match_indices('\n').map(|(place, _)| place).collect();
    let line_of = |offset: usize| ends.partition_point(|end| *end < offset) + 1;
    let parsed: ScenarioText =
        toml::from_str(text).map_err(|error| InputError::toml(file, text, error.message(), error.span()))?;
    let at = |offset: usize, message: String| InputError::new(file, line_of(offset), message);
    let span = parsed.geometry.span();
    let geometry = parsed.geometry.get_ref().geometry().map_err(|message| at(span.start, message))?;
    for value in [parsed.setup.pool_base, parsed.setup.pool_size, parsed.setup.window_base] {
        let line = text.lines().position(|line| line.trim_start().starts_with("[setup]")).map_or(0, |index| index + 1);
        fits(&geometry, value).map_err(|message| InputError::new(file, line, format!("[setup]: {message}")))?;
    }
    check_windows(&geometry, parsed.setup.window_base, parsed.setup.window_bases.as_deref()).map_err(|message| {
        let line = text.lines().position(|line| line.trim_start().starts_with("window_base")).map_or(0, |index| index + 1);
        InputError::new(file, line, format!("[setup]: {message}"))
    })?;
    if let Some(boot) = parsed.boot.as_ref().filter(|_| !geometry.features.boot) {
        return Err(at(boot.span().start, without_boot(&geometry, "[boot] is for another device")));
    }
    if let Some(boot) = &parsed.boot {
        check_quotas(&geometry, &boot.get_ref().quota).map_err(|what| at(boot.span().start, what))?;
    }
    let boot = parsed.boot.map(Spanned::into_inner).unwrap_or_default();
    if parsed.step.is_empty() {
        return Err(InputError::new(file, 0, "there is no step; add at least one [[step]]"));
    }
    let mut names = BTreeSet::new();
    let mut live = Live::default();
    let mut steps = Vec::new();
    for step in parsed.step {
        let start = step.span().start;
        let step = step.into_inner();
        live.take(&step, line_of(start)).map_err(|message| at(start, message))?;
        check_step(&geometry, &mut names, &step).map_err(|message| at(start, message))?;
        steps.push((line_of(start), step));
    }
    Ok(Scenario { file: file.into(), geometry, setup: parsed.setup, boot, steps })
}

/// The partitions that steps have named and none has destroyed, each with the line of its step.
#[derive(Default)]
struct Live(BTreeMap<String, usize>);

impl Live {
    /// Refuses a name that would stand for two partitions at once.
    fn take(&mut self, step: &Step, line: usize) -> Result<(), String> {
        if step.reset.is_some() {
            self.0.clear();
        }
        if let Some(destroy) = step.destroy.as_ref().filter(|step| done(step.expect)) {
            match &destroy.name {
                Some(name) => drop(self.0.remove(name)),
                // Which partition has the slot is known when the scenario runs.
                None => self.0.clear(),
            }
        }
        let created = step.create.as_ref().filter(|step| done(step.expect)).and_then(|step| step.name.as_ref());
        let shared = step.share.as_ref().filter(|step| done(step.expect)).and_then(|step| step.new_name.as_ref());
        let Some(name) = created.or(shared) else { return Ok(()) };
        match self.0.insert(name.clone(), line) {
            Some(first) => Err(format!(
                "the name {name:?} is that of the partition of line {first}; use another name, or destroy that one first"
            )),
            None if step.repeat.is_some_and(|times| times > 1) => Err(format!(
                "a repeated step would give the name {name:?} to several partitions; name none, or write the steps out"
            )),
            None => Ok(()),
        }
    }
}

/// Whether a step expects that its command is done.
fn done(expect: Option<Status>) -> bool {
    expect.unwrap_or(Status::Ok) == Status::Ok
}

fn without_boot(geometry: &Geometry, what: &str) -> String {
    let name = &geometry.name;
    format!("{what}: geometry {name:?} has no authenticated boot; use {:?}, or remove it", format!("{name}+boot"))
}

fn check_quotas(geometry: &Geometry, given: &[QuotaText]) -> Result<(), String> {
    let limits: Vec<Limits> = given.iter().map(QuotaText::limits).collect();
    quotas(geometry, &limits).map(|_| ()).map_err(|bad| bad.message)
}

fn check_boot(geometry: &Geometry, boot: &BootStep) -> Result<(), String> {
    if !geometry.features.boot {
        return Err(without_boot(geometry, "this step needs a manifest"));
    }
    check_quotas(geometry, boot.quotas.as_deref().unwrap_or_default())?;
    let ways = [boot.flip.is_some(), boot.truncate.is_some(), boot.extend.is_some(), boot.replace.is_some(), boot.other_key];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(
            "a manifest is tampered with in one way at a time; keep one of flip, truncate, extend, replace, other_key".into()
        );
    }
    if boot.extend.is_some_and(|more| more > MOST_WORDS) {
        return Err(format!("extend adds at most {MOST_WORDS} words"));
    }
    if boot.flip.is_some_and(|flip| flip.bit > 31) {
        return Err("a word has bits 0 to 31".into());
    }
    Ok(())
}

impl GeometryText {
    /// The geometry that is meant.
    ///
    /// # Errors
    /// When there is none, or two are.
    pub fn geometry(&self) -> Result<Geometry, String> {
        let text = self;
        let mut geometry = crate::input::geometry(&text.preset).map_err(|error| error.to_string())?;
        for (key, twice) in [("slots", text.slots.is_some()), ("tenants", text.tenants.is_some())] {
            if twice && text.preset.contains(&format!("+{key}=")) {
                return Err(format!("the preset {:?} and the key {key} both give {key}; keep one", text.preset));
            }
        }
        geometry.slots = text.slots.unwrap_or(geometry.slots);
        geometry.tenants = text.tenants.unwrap_or(geometry.tenants);
        geometry.check().map_err(|error| error.to_string())?;
        Ok(geometry)
    }
}

/// A base for each tenant, where the geometry has windows per tenant.
fn check_windows(geometry: &Geometry, one: Option<u64>, bases: Option<&[u64]>) -> Result<(), String> {
    let Some(bases) = bases else { return Ok(()) };
    if one.is_some() {
        return Err("both window_base and window_bases; keep one of them".into());
    }
    if geometry.windows == Windows::One {
        return Err(format!(
            "window_bases is for windows per tenant, and geometry {:?} has one window; use window_base, or {:?}",
            geometry.name,
            format!("{}+windows=per-tenant", geometry.name)
        ));
    }
    if bases.len() != geometry.tenants {
        return Err(format!("{} window_bases for {} tenants; name one for each", bases.len(), geometry.tenants));
    }
    bases.iter().try_for_each(|base| fits(geometry, Some(*base)))
}

fn fits(geometry: &Geometry, value: Option<u64>) -> Result<(), String> {
    match value {
        Some(value) if value > geometry.last_address() => Err(format!(
            "{value:#x} does not fit the {} address bits of geometry {:?}; use at most {:#x}",
            geometry.shape.address,
            geometry.name,
            geometry.last_address()
        )),
        _ => Ok(()),
    }
}

fn check_step(geometry: &Geometry, names: &mut BTreeSet<String>, step: &Step) -> Result<(), String> {
    match step.actions()[..] {
        [] => return Err(format!("this step does nothing; give it one of {ACTIONS}")),
        [_] => {}
        [first, second, ..] => {
            return Err(format!("this step has both {first} and {second}; put each into a [[step]] of its own"))
        }
    }
    if step.repeat == Some(0) {
        return Err("repeat = 0 does nothing; use at least 1, or remove the step".into());
    }
    let target = |name: &Option<String>, slot: Option<u8>| {
        one_of(name.is_some(), slot.is_some(), "name", "slot")?;
        known_name(names, name.as_deref())
    };
    if let Some(s) = &step.activate {
        [s.pool_base, s.pool_size, s.window_base].into_iter().try_for_each(|value| fits(geometry, value))?;
        check_windows(geometry, s.window_base, s.window_bases.as_deref())?;
    }
    if let Some(s) = &step.boot {
        check_boot(geometry, s)?;
    }
    if let Some(s) = &step.destroy {
        target(&s.name, s.slot)?;
    }
    if let Some(s) = &step.protect {
        target(&s.name, s.slot)?;
    }
    if let Some(s) = &step.lock {
        target(&s.name, s.slot)?;
    }
    if let Some(s) = &step.query {
        target(&s.name, s.slot)?;
    }
    if let Some(s) = &step.find {
        fits(geometry, Some(s.address))?;
    }
    for (there, name) in [(step.resize.is_some(), "resize"), (step.share.is_some(), "share")] {
        if there && !geometry.features.dynamic {
            return Err(format!(
                "geometry {:?} has no {name}; choose one with the feature dynamic, such as \"cu+dynamic\"",
                geometry.name
            ));
        }
    }
    if let Some(s) = &step.resize {
        target(&s.name, s.slot)?;
        fits(geometry, Some(s.size))?;
        known_place(names, s.at.as_ref())?;
    }
    if let Some(s) = &step.share {
        target(&s.name, s.slot)?;
        fits(geometry, Some(s.base))?;
        known_place(names, s.at.as_ref())?;
        if let Some(name) = &s.new_name {
            check_name(name)?;
            names.insert(name.clone());
        }
    }
    if let Some(s) = &step.access {
        check_access(geometry, names, s)?;
    }
    if let Some(s) = &step.corrupt {
        check_corrupt(geometry, names, s)?;
    }
    if step.patrol.is_some() && !geometry.features.integrity {
        return Err(format!(
            "geometry {:?} has no patrol; choose one with the feature integrity, such as \"cu+integrity\"",
            geometry.name
        ));
    }
    if let Some(s) = &step.audit {
        check_audit(geometry, names, s)?;
    }
    if let Some(s) = &step.register {
        check_register(s)?;
    }
    if let Some(s) = &step.memory {
        known_place(names, Some(&s.physical))?;
        if s.write.is_none() && s.word.is_none() {
            return Err("memory does nothing; give it write, word (what must be there), or both".into());
        }
    }
    if let Some(s) = &step.create {
        fits(geometry, Some(s.base))?;
        fits(geometry, Some(s.size))?;
        known_place(names, s.at.as_ref())?;
        if let Some(name) = &s.name {
            check_name(name)?;
            names.insert(name.clone());
        }
    }
    Ok(())
}

fn one_of(first: bool, second: bool, first_name: &str, second_name: &str) -> Result<(), String> {
    match (first, second) {
        (true, true) => Err(format!("both {first_name} and {second_name} are there; keep one")),
        (false, false) => Err(format!("neither {first_name} nor {second_name} is there; give one")),
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!("the name {name:?} cannot be told from an address; begin with a letter and use letters, digits, _ - ."))
}

fn known_name(names: &BTreeSet<String>, name: Option<&str>) -> Result<(), String> {
    match name {
        Some(name) if !names.contains(name) => {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let known = if known.is_empty() { "none so far".into() } else { known.join(", ") };
            Err(format!("no earlier step creates a partition named {name:?}; known names: {known}"))
        }
        _ => Ok(()),
    }
}

fn known_place(names: &BTreeSet<String>, place: Option<&CorruptPlace>) -> Result<(), String> {
    match place {
        Some(CorruptPlace::Named(name, _)) => known_name(names, Some(name)),
        _ => Ok(()),
    }
}

fn check_access(geometry: &Geometry, names: &BTreeSet<String>, access: &AccessStep) -> Result<(), String> {
    one_of(access.address.is_some(), access.physical.is_some(), "address", "physical")?;
    known_place(names, access.physical.as_ref())?;
    known_place(names, access.at.as_ref())?;
    let logical = access.address.is_some();
    match (access.expect, logical) {
        (Expected::Allowed, true) => return Err("the translate port answers granted, denied or not_mine, never allowed".into()),
        (Expected::Granted | Expected::NotMine, false) => return Err("the physical port answers allowed or denied".into()),
        _ => {}
    }
    if access.reason.is_some() && access.expect != Expected::Denied {
        return Err("only a denied access has a reason; remove reason, or expect \"denied\"".into());
    }
    if access.at.is_some() && access.expect != Expected::Granted {
        return Err("only a granted access has a physical address; remove at, or expect \"granted\"".into());
    }
    let address = match (access.address, &access.physical) {
        (Some(address), _) => address,
        (_, Some(CorruptPlace::Number(address))) => *address,
        _ => 0,
    };
    let length = access.length.unwrap_or(geometry.max_length().min(4));
    Access { tenant: access.tenant, address, length, kind: access.kind.code() }.check_fits(geometry)
}

fn check_corrupt(geometry: &Geometry, names: &BTreeSet<String>, corrupt: &CorruptStep) -> Result<(), String> {
    let words = [&corrupt.row, &corrupt.lookup_row, &corrupt.entry, &corrupt.granule];
    if words.iter().any(|word| word.is_some()) {
        let others = usize::from(corrupt.shadow.is_some()) + usize::from(corrupt.cam.is_some());
        if words.iter().filter(|word| word.is_some()).count() + others > 1 {
            return Err("corrupt one thing at a time".into());
        }
        if !geometry.features.integrity {
            return Err(format!("geometry {:?} has no codes; choose one with the feature integrity", geometry.name));
        }
        for (place, word) in words.into_iter().enumerate().filter_map(|(place, word)| Some((place, word.as_ref()?))) {
            known_name(names, word.name.as_deref())?;
            known_place(names, word.physical.as_ref())?;
            let row = [
                word.name.is_some() || word.slot.is_some(),
                word.tenant.is_some(),
                word.address.is_some(),
                word.physical.is_some(),
            ];
            let wanted = match place {
                0 | 1 => [true, false, false, false],
                2 => [false, true, true, false],
                _ => [false, false, false, true],
            };
            if row != wanted {
                return Err("a row has name or slot, an entry tenant and address, a granule physical; no other keys".into());
            }
            if word.bits.is_empty() || word.bits.iter().any(|bit| *bit >= 128) {
                return Err("bits are a list of numbers below 128".into());
            }
        }
        return Ok(());
    }
    one_of(corrupt.shadow.is_some(), corrupt.cam.is_some(), "shadow", "cam")?;
    if let Some(shadow) = &corrupt.shadow {
        known_name(names, shadow.name.as_deref())?;
        if shadow.name.is_some() && shadow.slot.is_some() {
            return Err("both name and slot are there; keep one, or none for unmapped".into());
        }
    }
    if let Some(cam) = &corrupt.cam {
        one_of(cam.name.is_some(), cam.slot.is_some(), "name", "slot")?;
        known_name(names, cam.name.as_deref())?;
        let given = [cam.tenant.is_some(), cam.base.is_some(), cam.size.is_some()];
        if given.contains(&true) && given.contains(&false) {
            return Err("a CAM row has tenant, base and size; give all three, or none for an invalid row".into());
        }
    }
    Ok(())
}

fn check_audit(geometry: &Geometry, names: &BTreeSet<String>, audit: &AuditStep) -> Result<(), String> {
    let looks = audit.level.is_some() || audit.lost.is_some() || audit.record.is_some() || audit.digest.is_some();
    if !looks && !audit.drain {
        return Err("audit does nothing; give it level, lost, record, drain = true or digest = \"verify\"".into());
    }
    if audit.digest.is_some() && !geometry.features.chain {
        let name = &geometry.name;
        return Err(format!("geometry {name:?} has no digest; use {:?}, or remove the key", format!("{name}+chain")));
    }
    let Some(record) = &audit.record else { return Ok(()) };
    known_place(names, record.address.as_ref())?;
    if record.status.is_some() && record.reason.is_some() {
        return Err("a record has a status (events Command and Boot) or a reason (the others); keep one".into());
    }
    match record.kind.as_deref() {
        Some(kind) if super::run::kind_code(kind).is_none() => {
            let kinds = [KindText::Read, KindText::Write, KindText::Execute, KindText::Reserved].map(KindText::name);
            Err(format!("{kind:?} is no kind; use a command's name such as \"Create\", or one of {}", kinds.join(", ")))
        }
        _ => Ok(()),
    }
}

fn check_register(step: &RegisterStep) -> Result<(), String> {
    one_of(step.name.is_some(), step.offset.is_some(), "name", "offset")?;
    if let Some(name) = &step.name {
        if !REGISTERS.iter().any(|register| register.name == name) {
            let names: Vec<&str> = REGISTERS.iter().map(|register| register.name).collect();
            return Err(format!("no register is called {name:?}; choose one of {}", names.join(", ")));
        }
    }
    if step.write.is_some() && step.value.is_some() {
        return Err("a register step writes or compares; split it in two".into());
    }
    if step.error && step.value.is_some() {
        return Err("a register that answers with an error has no value; remove value or error".into());
    }
    Ok(())
}
