//! A device under full load: one request on each port in every cycle while commands run, each answer compared with the model's.
//!
//! ```text
//!   cycle        c         c+1       c+2    ...
//!   translate    request   request   request       every answer exactly four cycles later
//!   physical     request   request   request       the same
//!   register     operands ... CMD ............ irq, then the log is read
//! ```
//!
//! A command takes effect once: an answer is the model's from before the command, from while it runs, or from after
//! it, and never from an earlier time than the answer before it.
//!
//! What is not as it should be ends in a panic that says what, when, and what was expected.

use crate::block_cosim::Random;
use crate::device::{LATENCY, REGISTER_LATENCY};
use crate::{Device, ModelDevice, Offered, Pins, Shown};
use pm_interface::registers::{irq, offset};
use pm_interface::{Command, Geometry, Kind, Rights, Status, AUDIT_WORDS};
use pm_model::{Access, CamRow, Fault, Model, Operation};
use pm_rtl::control::CHAIN_CYCLES;
use std::collections::VecDeque;
use std::fmt::Debug;

/// Cycles from a write to a register to the answer that accepts it.
const ACCEPTED: u64 = REGISTER_LATENCY;

/// Cycles from the answer that accepts DESTROY until nothing is granted through its row any more.
pub const REVOKED_WITHIN: u64 = 4;

/// The same of RESIZE and what it takes away: the new size is weighed first, for four cycles, and the end of a row is
/// compared one edge before it is asked whether the row is valid.
pub const SHRUNK_WITHIN: u64 = REVOKED_WITHIN + 5;

/// With `integrity` a command begins so much later: the patrol gives way first.
const GIVES_WAY: u64 = 2;

/// Opens the gate with the default setup, and empties the log.
pub fn open(device: &mut dyn Device) {
    let (pool_base, pool_size, window_base) = device.geometry().default_setup();
    assert_eq!(device.activate(pool_base, pool_size, window_base), Ok(Status::Ok), "{}", device.name());
    assert!(device.read_audit().is_ok_and(|record| record.is_some()), "the activation was recorded");
}

/// The model of this geometry, open, its log empty.
pub fn open_model(geometry: &Geometry) -> ModelDevice {
    let mut model = ModelDevice::new(geometry);
    model.reset().expect("the model resets");
    open(&mut model);
    model
}

/// The model before, while and after a command takes effect. The translate port may show several states meanwhile:
/// the shadow pages change one by one.
pub struct Phases {
    translate: Vec<Vec<Model>>,
    physical: Vec<Vec<Model>>,
}

impl Phases {
    /// Nothing changes.
    pub fn quiet(model: &Model) -> Phases {
        Phases { translate: vec![vec![model.clone()]], physical: vec![vec![model.clone()]] }
    }

    fn of(before: &Model, operation: &Operation) -> Phases {
        let mut after = before.clone();
        let outcome = after.command(operation);
        assert_eq!(outcome.status, Status::Ok, "{operation:?}");
        let mut started = before.clone();
        started.start(operation);
        let row = |model: &Model| model.tables().rows[usize::from(outcome.slot)];
        let (old_last, new_last) = (row(before).last_page, row(&after).last_page);
        let between = match operation.command {
            // Pages are mapped before the row is valid.
            Command::Create | Command::Share => {
                let mut mapped = after.clone();
                mapped.corrupt(&Fault::Cam { slot: outcome.slot, row: CamRow::default() }).expect("the slot exists");
                vec![vec![started.clone(), mapped]]
            }
            Command::Destroy => vec![vec![started.clone()]],
            // The new end and every new page count at once; until then the row is the old one.
            Command::Resize if new_last > old_last => {
                let mut mapped = started.clone();
                for page in old_last + 1..=new_last {
                    let fault = Fault::Shadow { tenant: row(&after).tenant, page, entry: Some(outcome.slot) };
                    mapped.corrupt(&fault).expect("the page exists");
                }
                vec![vec![started.clone(), mapped]]
            }
            // The old pages are left to the standard MMU one by one, when the end has moved in.
            Command::Resize if new_last < old_last => vec![vec![started.clone(), after.clone()]],
            _ => vec![],
        };
        let guarded = if between.is_empty() { vec![] } else { vec![vec![started]] };
        let (before, after) = (vec![vec![before.clone()]], vec![vec![after]]);
        Phases { translate: [before.clone(), between, after.clone()].concat(), physical: [before, guarded, after].concat() }
    }

    fn after(&self) -> &Model {
        self.translate.last().and_then(|models| models.first()).expect("there is a last phase")
    }
}

/// One port: what is on its way, and how far the command has visibly come.
#[derive(Default)]
struct Port {
    in_flight: VecDeque<(u64, Access)>,
    phase: usize,
    answers: u64,
}

impl Port {
    /// The answer of this cycle must be the one that is due, and no older than what was answered before.
    fn answer<A: PartialEq + Debug>(
        &mut self,
        cycle: u64,
        shown: Option<A>,
        phases: &[Vec<Model>],
        decide: impl Fn(&Model, &Access) -> A,
    ) -> Option<Access> {
        let due = self.in_flight.front().filter(|(offered, _)| offered + LATENCY == cycle + 1).copied();
        assert_eq!(shown.is_some(), due.is_some(), "cycle {cycle}: an answer is missing, or nobody asked for it");
        let ((_, access), shown) = (due?, shown?);
        self.in_flight.pop_front();
        self.answers += 1;
        let explains = |models: &Vec<Model>| models.iter().any(|model| decide(model, &access) == shown);
        let phase = phases.iter().skip(self.phase).position(explains);
        let phase = phase.unwrap_or_else(|| {
            let known: Vec<_> = phases.iter().map(|models| decide(&models[0], &access)).collect();
            panic!("cycle {cycle}: {access:?} was answered {shown:?} in phase {} of {known:?}", self.phase)
        });
        self.phase += phase;
        Some(access)
    }
}

/// How long a command took, in cycles from the one in which CMD is written.
#[derive(Debug)]
pub struct Timing {
    /// Until the scrubber begins, or the command ends without it.
    pub decided: u64,
    /// From the first to the last word scrubbed.
    pub scrubbed: u64,
    /// From the last word scrubbed to the end.
    pub finished: u64,
    /// Until the last grant that the new state would refuse.
    last_old_grant: u64,
}

/// A device at work, and the model beside it.
pub struct Load {
    /// The device.
    pub device: Box<dyn Pins>,
    /// What it should know.
    pub model: Model,
    random: Random,
    /// Whether the ports are busy.
    loaded: bool,
    /// Whom one of so many requests comes from, and where it goes: an offset in window and pool.
    aim: (u8, u64),
    /// See there.
    one_in: u64,
    /// Whether every request of the next command goes there.
    every_request_is_aimed: bool,
    cycle: u64,
    translate: Port,
    physical: Port,
    /// Granted, denied and not mine, as the registers count them.
    counts: [u32; 3],
}

impl Load {
    /// Of a device that is open, its log empty.
    pub fn new(mut device: Box<dyn Pins>, loaded: bool) -> Load {
        device.write_register(offset::IRQ_ENABLE, irq::COMMAND).expect("IRQ_ENABLE is writable");
        // What a command leaves half done is put together from upsets, which `integrity` would find: without a flip it
        // answers nothing else.
        let mut geometry = device.geometry().clone();
        geometry.features.integrity = false;
        let model = open_model(&geometry).model().clone();
        let (translate, physical) = (Port::default(), Port::default());
        let (random, aim, counts) = (Random::new(1), (0, 0), [0; 3]);
        Load {
            device,
            model,
            random,
            loaded,
            aim,
            one_in: 2,
            every_request_is_aimed: false,
            cycle: 0,
            translate,
            physical,
            counts,
        }
    }

    /// Geometry of the load, without `integrity`.
    pub fn geometry(&self) -> &Geometry {
        self.model.geometry()
    }

    /// Both ports may show any phase of the next command.
    fn rewind(&mut self) {
        (self.translate.phase, self.physical.phase) = (0, 0);
    }

    /// Mostly near the partitions; now and then anywhere, of any length, from anybody.
    fn access(&mut self, base: u64) -> Access {
        let geometry = self.model.geometry();
        let random = &mut self.random;
        if random.once_in(self.one_in) {
            let (tenant, offset) = self.aim;
            let address = base + offset + random.below(geometry.granule() - 3);
            return Access { tenant, address, length: 1 + random.below(4), kind: Kind::Write.code() };
        }
        let wild = random.once_in(8);
        let near = base + random.below(geometry.window().min(6 * geometry.granule()));
        let address = if wild { random.bits() } else { near } & geometry.last_address();
        let length = if wild { random.below(2 * geometry.max_length()) } else { 1 + random.below(4) };
        let tenant = random.below(geometry.tenants.min(3) as u64 + u64::from(wild)) as u8;
        Access { tenant, address, length, kind: random.below(if wild { 4 } else { 2 }) as u8 }
    }

    /// One cycle of load with this on the register port: what the ports show, and what was granted.
    fn cycle(&mut self, phases: &Phases, register: Option<(u8, u32)>) -> (Shown, Option<Access>) {
        let mut offered = Offered { register: register.map(|(offset, value)| (offset, Some(value))), ..Offered::default() };
        if self.loaded {
            let (pool_base, _, window_base) = self.geometry().default_setup();
            let (translate, physical) = (self.access(window_base), self.access(pool_base));
            (offered.translate, offered.physical) = (Some(translate), Some(physical));
            self.translate.in_flight.push_back((self.cycle, translate));
            self.physical.in_flight.push_back((self.cycle, physical));
        }
        let shown = self.device.cycle(&offered);
        if let Some(verdict) = shown.translate {
            self.counts[if verdict.granted {
                0
            } else if verdict.not_mine {
                2
            } else {
                1
            }] += 1;
        }
        if let Some(verdict) = shown.physical {
            self.counts[usize::from(!verdict.allowed)] += 1;
        }
        let answered = self.translate.answer(self.cycle, shown.translate, &phases.translate, Model::decide_translate);
        self.physical.answer(self.cycle, shown.physical, &phases.physical, Model::decide_physical);
        if matches!(register, Some((offset::CMD, _))) {
            assert!(!shown.irq, "the last command was acknowledged");
        }
        self.cycle += 1;
        (shown, answered.filter(|_| shown.translate.is_some_and(|verdict| verdict.granted)))
    }

    /// Carries out a command under load; it must succeed.
    pub fn run(&mut self, operation: &Operation) -> Timing {
        let phases = Phases::of(&self.model, operation);
        // What DESTROY takes away is asked for in every cycle.
        let all = operation.command == Command::Destroy || self.every_request_is_aimed;
        self.one_in = if all { 1 } else { 2 };
        self.rewind();
        self.timed(operation, &phases)
    }

    /// Carries out a command under load, with any outcome that changes nothing but what `phases` tell.
    pub fn timed(&mut self, operation: &Operation, phases: &Phases) -> Timing {
        let low = |value: u64| value as u32;
        let (logical, size) = (operation.logical, operation.size);
        let writes = [
            (offset::IRQ_STATUS, irq::COMMAND),
            (offset::CMD_TENANT, operation.tenant.into()),
            (offset::CMD_SLOT, operation.slot.into()),
            (offset::CMD_LOGICAL_LO, low(logical)),
            (offset::CMD_SIZE_LO, low(size)),
            (offset::CMD_RIGHTS, operation.rights.bits()),
            (offset::CMD, operation.command.code().into()),
        ];
        let start = self.cycle + writes.len() as u64 - 1;
        let mut writes = VecDeque::from(writes);
        let (mut scrub, mut last_old_grant, mut done) = (None, 0, None);
        // A few cycles more, so that whatever the command left on its way is seen.
        while done.is_none_or(|done| self.cycle < start + done + 2 * LATENCY) {
            let since = self.cycle.saturating_sub(start) + 1;
            let (shown, granted) = self.cycle(phases, writes.pop_front());
            if granted.is_some_and(|access| !phases.after().decide_translate(&access).granted) {
                last_old_grant = since;
            }
            if shown.scrubs {
                // A block under the scrubber is nobody's: what is created is not there yet, what is destroyed not yet free.
                let clean = phases.physical.len() - 1;
                assert!(self.physical.phase < clean, "the block is reachable while it is scrubbed");
                // What was taken before was answered before: a tail that comes is out of reach from here on.
                self.physical.phase = self.physical.phase.max(clean.min(1));
                let (first, _) = scrub.unwrap_or((since, since));
                scrub = Some((first, since));
            }
            if shown.irq && writes.is_empty() && done.is_none() {
                done = Some(since);
            }
            assert!(since < 1 << 20, "the command ends: {operation:?}");
        }
        self.model = phases.after().clone();
        self.read_log(phases);
        let done = done.expect("the loop ends when it is done");
        let (decided, last) = scrub.unwrap_or((done, done));
        Timing { decided, scrubbed: last + 1 - decided, finished: done - last, last_old_grant }
    }

    /// Asks nothing more, until all that is on its way has been answered.
    fn settle(&mut self) {
        let quiet = Phases::quiet(&self.model);
        self.rewind();
        self.loaded = false;
        for _ in 0..2 * LATENCY {
            self.cycle(&quiet, None);
        }
    }

    /// Takes two records from the log, a write a cycle: the command's place is free again, and denials do not get it.
    fn read_log(&mut self, phases: &Phases) {
        // With a chain a record can be read when it is in the digest.
        let digests = if self.geometry().features.chain { 2 * CHAIN_CYCLES + 20 } else { 0 };
        for _ in 0..digests {
            self.cycle(phases, None);
        }
        for _ in 0..2 * AUDIT_WORDS {
            self.cycle(phases, Some((offset::AUDIT_POP, 1)));
        }
        while self.model.read_audit().is_some() {}
    }

    /// A CREATE of whole granules in the window.
    pub fn create(&self, tenant: u8, page: u64, pages: u64, isolated: bool) -> Operation {
        let (_, _, window_base) = self.geometry().default_setup();
        let granule = self.geometry().granule();
        let rights = Rights { read: true, isolated, ..Rights::default() };
        Operation::create(tenant, window_base + page * granule, pages * granule, rights)
    }
}

/// Everything that was asked was answered, and the counters counted it: how many answers.
fn balance(mut load: Load) -> u64 {
    load.settle();
    assert!(load.translate.in_flight.is_empty() && load.physical.in_flight.is_empty());
    let counted = [offset::COUNT_GRANTED, offset::COUNT_DENIED, offset::COUNT_NOT_MINE]
        .map(|register| load.device.read_register(register).expect("counters are readable"));
    assert_eq!(counted, load.counts, "granted, denied, not mine");
    load.translate.answers + load.physical.answers
}

/// CREATE, PROTECT and DESTROY, again and again, with both ports busy in every cycle. What was measured, in words.
pub fn load(device: Box<dyn Pins>, rounds: u64) -> String {
    let name = device.geometry().name.clone();
    let late = if device.geometry().features.integrity { GIVES_WAY } else { 0 };
    let mut load = Load::new(device, true);
    let pages = (load.geometry().window() / load.geometry().granule()).min(3);
    let mut slowest = 0;
    for round in 0..rounds {
        let page = load.random.below(pages);
        let size = 1 + load.random.below(pages - page);
        let create = load.create((round % 2) as u8, page, size, round % 3 != 0);
        load.aim = (create.tenant, page * load.geometry().granule());
        load.run(&create);
        let rights = Rights { write: true, isolated: round % 3 != 1, ..Rights::default() };
        load.run(&Operation::protect(0, rights));
        let destroyed = load.run(&Operation::destroy(0));
        slowest = slowest.max(destroyed.last_old_grant);
    }
    let answers = balance(load);
    assert!(slowest > 0, "{name}: nothing was granted while DESTROY began, so nothing was measured");
    assert!(slowest <= ACCEPTED + late + REVOKED_WITHIN, "{name}: a grant {slowest} cycles after DESTROY was written");
    format!("{name}: {answers} answers; the last grant came {slowest} cycles after DESTROY was written")
}

/// RESIZE and SHARE, again and again, with both ports busy in every cycle: the row that was, or the row that is.
/// The result says in words what was measured.
pub fn resizing_load(device: Box<dyn Pins>, rounds: u64) -> String {
    let name = device.geometry().name.clone();
    let late = if device.geometry().features.integrity { GIVES_WAY } else { 0 };
    let mut load = Load::new(device, true);
    let granule = load.geometry().granule();
    let (_, _, window_base) = load.geometry().default_setup();
    let pages = (load.geometry().window() / granule).min(4);
    let mut slowest = 0;
    for round in 0..rounds {
        let (tenant, isolated) = ((round % 2) as u8, round % 3 == 0);
        let small = 1 + load.random.below(pages - 1);
        let large = small + 1 + load.random.below(pages - small);
        // Asked for is what comes and goes: the first granule behind the smaller row.
        load.aim = (tenant, small * granule);
        load.run(&load.create(tenant, 0, small, isolated));
        let rights = Rights { read: true, write: true, isolated, ..Rights::default() };
        load.run(&Operation::protect(0, rights));
        load.run(&Operation::resize(0, large * granule));
        load.run(&Operation::resize(0, large * granule));
        load.every_request_is_aimed = true;
        let shrunk = load.run(&Operation::resize(0, small * granule));
        load.every_request_is_aimed = false;
        slowest = slowest.max(shrunk.last_old_grant);
        if !isolated {
            load.aim = (1 - tenant, 0);
            load.run(&Operation::share(0, 1 - tenant, window_base, rights));
            let kept = load.run(&Operation::destroy(round as u8 / 2 % 2));
            assert_eq!(kept.scrubbed, 1, "{name}: nothing is scrubbed while the block is used");
            load.run(&Operation::destroy(1 - round as u8 / 2 % 2));
        } else {
            load.run(&Operation::destroy(0));
        }
    }
    let answers = balance(load);
    assert!(slowest > 0, "{name}: nothing was granted while RESIZE began, so nothing was measured");
    assert!(slowest <= ACCEPTED + late + SHRUNK_WITHIN, "{name}: a grant {slowest} cycles after RESIZE was written");
    format!("{name}: {answers} answers; the last grant of a tail came {slowest} cycles after RESIZE was written")
}

/// SEAL with both ports busy in every cycle: no answer changes, then or when commands are refused afterwards.
pub fn sealed_load(device: Box<dyn Pins>) {
    let name = device.geometry().name.clone();
    let mut load = Load::new(device, true);
    load.aim = (1, 0);
    load.run(&load.create(1, 0, 1, true));
    load.run(&Operation::seal());
    let rights = Rights { write: true, ..Rights::default() };
    for refused in [Operation::destroy(0), Operation::protect(0, rights), load.create(0, 1, 1, false), Operation::lock(0)] {
        let quiet = Phases::quiet(&load.model);
        load.timed(&refused, &quiet);
        load.settle();
        load.loaded = true;
        let result = load.device.read_register(offset::RESULT).expect("RESULT is readable");
        assert_eq!(result, u32::from(Status::Sealed.code()), "{name}: {refused:?}");
    }
    let granted = load.counts[0];
    assert!(balance(load) > 0 && granted > 0, "{name}: nothing was granted, so nothing was measured");
}

/// The patrol walks at full load: nobody sees it, in some passes over tables of several rows.
pub fn patrolled_load(device: Box<dyn Pins>, passes: u64) {
    let name = device.geometry().name.clone();
    let pass = device.geometry().patrol_cycles();
    let mut load = Load::new(device, true);
    load.aim = (0, 0);
    load.run(&load.create(0, 0, 1, true));
    load.run(&load.create(1, 1, 1, false));
    let quiet = Phases::quiet(&load.model);
    load.rewind();
    for _ in 0..passes * pass {
        load.cycle(&quiet, None);
    }
    let granted = load.counts[0];
    assert!(balance(load) > 2 * pass && granted > 0, "{name}: nothing was granted, so nothing was measured");
}
