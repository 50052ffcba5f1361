//! Faults of the mapped decision path: every gate and every flip-flop inverted, one at a time, under random traffic.
//!
//! ```text
//!   data_path --yosys--> gates, flip-flops, memories --> 64 copies: one sound, 63 with an output inverted each
//!                                                             |
//!   commands, accesses ---------------------------------------+--> grants that the sound copy does not give: alert in time?
//! ```
//!
//! A fault is permanent. A *silent grant* is a grant, or an access that is allowed, that the sound copy refuses, or a grant at
//! another address, with no alert from then to two cycles later. An alert is an answer with the reason Isolated or Integrity that
//! the sound copy does not give; with `integrity`, a guard that has lost a bit: then the data path is closed two cycles later;
//! with `lockstep`, the twin that does not agree.

use crate::netlist::{Copies, GateNet, GateNetlist, Site};
use anyhow::{ensure, Context, Result};
use pm_bsp::tools::{Start, Tool, Toolbox};
use pm_interface::{Geometry, Reason};
use pm_sim::{campaign, table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Copies with a fault in one run.
const AT_ONCE: usize = 63;
/// Cycles of reset, at the end of which the design is in its first state.
const RESETS: usize = 2;
/// Cycles from a wrong grant in which an alert is in time.
const IN_TIME: usize = 2;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// The geometry's name.
    pub geometry: String,
    /// Across blocks, as synthesis optimises: what is alike is merged, and gates have no block's name.
    #[serde(default)]
    pub flat: bool,
    /// Cycles of traffic that each fault meets.
    pub cycles: usize,
    /// Of the traffic.
    pub seed: u64,
    /// Which part of the faults, from 1.
    pub shard: usize,
    /// Of how many parts.
    pub shards: usize,
}

/// What became of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCounts {
    /// No answer differs.
    pub harmless: u64,
    /// Answers differ, and none is a grant that should not be.
    pub refused: u64,
    /// There is such a grant, and an alert in time each time.
    pub alerted: u64,
    /// There is such a grant, and no alert in time.
    pub silent: u64,
}

/// A fault that leads to a silent grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor {
    /// The block.
    pub block: String,
    /// The cell whose output is inverted.
    pub cell: String,
    /// It is a flip-flop.
    pub is_register: bool,
    /// Cycle of the first silent grant.
    pub cycle: usize,
    /// What happened.
    pub what: String,
}

/// What was found so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultResults {
    /// What was asked.
    pub plan: FaultPlan,
    /// Hash of the netlist: results of another are not continued.
    pub design: String,
    /// Gates and flip-flops of all shards.
    pub sites: usize,
    /// Faults of this shard.
    pub faults: usize,
    /// Finished ones.
    pub finished: usize,
    /// Of all.
    pub total: FaultCounts,
    /// By block.
    pub blocks: BTreeMap<String, FaultCounts>,
    /// Every fault that leads to a silent grant.
    pub survivors: Vec<Survivor>,
}

impl FaultResults {
    /// No fault led to a silent grant.
    pub fn passed(&self) -> bool {
        self.total.silent == 0
    }

    /// How many outcomes were counted.
    pub fn counted(&self) -> usize {
        let FaultCounts { harmless, refused, alerted, silent } = self.total;
        (harmless + refused + alerted + silent) as usize
    }

    /// What was found, in a few words.
    pub fn found(&self) -> String {
        format!("{} silent grants", self.total.silent)
    }

    /// For people: a line for each block, then the survivors.
    pub fn text(&self) -> String {
        let FaultPlan { geometry, flat, cycles, seed, shard, shards } = &self.plan;
        let flat = if *flat { ", flat" } else { "" };
        let mut out = format!(
            "{geometry}{flat}: {} gates and flip-flops, {cycles} cycles, seed {seed}, shard {shard}/{shards}: {} of {} faults\n\n",
            self.sites, self.finished, self.faults
        );
        let line = |name: &str, cells: [String; 4]| [vec![name.to_string()], cells.to_vec()].concat();
        let mut rows = vec![line("block", ["harmless", "refused", "alerted", "SILENT"].map(String::from))];
        let row = |counts: &FaultCounts| {
            [counts.harmless, counts.refused, counts.alerted, counts.silent].map(|count| count.to_string())
        };
        rows.extend(self.blocks.iter().map(|(block, counts)| line(block, row(counts))));
        rows.push(line("all", row(&self.total)));
        out.push_str(&table::render_numbers(&rows));
        if !self.survivors.is_empty() {
            out.push_str("\nSilent grants, fault by fault\n");
            for Survivor { block, cell, is_register, cycle, what } in &self.survivors {
                let kind = if *is_register { "flip-flop" } else { "gate" };
                let _ = writeln!(out, "  {block}: {kind} {cell} at {cycle}: {what}");
            }
        }
        out
    }
}

/// One clock cycle of inputs.
#[derive(Clone, Debug, Default)]
struct Cycle(Vec<(&'static str, u64)>);

/// A small generator of numbers: the same everywhere for a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit.max(1)
    }
}

/// A row as the commands made it.
#[derive(Clone, Copy, Debug)]
struct Row {
    tenant: u64,
    first_page: u64,
    last_page: u64,
    first_block: u64,
    last_block: u64,
    rights: u64,
    isolated: u64,
}

/// Commands as the control side carries them out, and accesses on both ports in most cycles.
struct Traffic<'a> {
    geometry: &'a Geometry,
    dice: Dice,
    window_base: u64,
    frame_base: u64,
    rows: Vec<Option<Row>>,
    cycles: Vec<Cycle>,
    /// Cycles since a command was at work.
    idle: usize,
    active: u64,
}

impl<'a> Traffic<'a> {
    fn new(geometry: &'a Geometry, cycles: usize, seed: u64) -> Traffic<'a> {
        let shape = geometry.shape;
        let space = 1u64 << shape.address;
        let (window, frame) = (geometry.window(), geometry.frame());
        let mut dice = Dice(seed);
        let window_base = dice.below(space / window) * window;
        // Not the last frame: an access may begin in the frame before, or end behind it.
        let frame_base = (1 + dice.below((space / frame).saturating_sub(1))).min(space / frame - 1) * frame;
        let mut traffic = Traffic {
            geometry,
            dice,
            window_base,
            frame_base,
            rows: vec![None; geometry.slots],
            cycles: Vec::new(),
            idle: 0,
            active: 0,
        };
        for _ in 0..RESETS {
            traffic.cycle(vec![("reset", 1)]);
        }
        // The boot sweep, and with `integrity` that of the ownership map.
        for entry in 0..(1u64 << (shape.tenant + shape.page)).max(2 << shape.block) {
            let (tenant, page) = (entry >> shape.page & ((1 << shape.tenant) - 1), entry & ((1 << shape.page) - 1));
            let sweep =
                [("shadow_write_enable", 1), ("shadow_write_tenant", tenant), ("shadow_write_page", page), ("map_0_clear", 1)];
            traffic.cycle(sweep.to_vec());
        }
        traffic.wait(8);
        traffic.active = 1;
        while traffic.cycles.len() < cycles {
            traffic.command();
            let pause = 8 + traffic.dice.below(40) as usize;
            traffic.wait(pause);
        }
        traffic
    }

    fn wait(&mut self, cycles: usize) {
        for _ in 0..cycles {
            self.cycle(Vec::new());
        }
    }

    /// One cycle in which the control side drives this.
    fn cycle(&mut self, control: Vec<(&'static str, u64)>) {
        self.idle = if control.is_empty() { self.idle + 1 } else { 0 };
        let mut cycle = control;
        cycle.push(("active", self.active));
        cycle.push(("window_base", self.window_base));
        cycle.push(("frame_base", self.frame_base));
        cycle.push(("guard_0_quiet", (self.idle > 12).into()));
        let shape = self.geometry.shape;
        let space = (1u64 << shape.address) - 1;
        for translate in [true, false] {
            if self.dice.below(4) == 0 {
                continue;
            }
            let (base, size) = match translate {
                true => (self.window_base, self.geometry.window()),
                false => (self.frame_base, self.geometry.frame()),
            };
            // Mostly where something is, and mostly close to a row's ends.
            let place = match self.dice.below(8) {
                0 => self.dice.below(space + 1),
                1..=3 => self.edge(translate).unwrap_or(base),
                _ => base + self.dice.below(size),
            };
            let address = place.wrapping_add(self.dice.below(5)).wrapping_sub(2) & space;
            let tenant = match self.dice.below(12) {
                0 => self.dice.below(256),
                _ => self.dice.below(self.geometry.tenants as u64),
            };
            let longest = self.geometry.max_length();
            let length = match self.dice.below(8) {
                0 => self.dice.below(1 << shape.length),
                1..=5 => 1 + self.dice.below(longest.min(8)),
                _ => 1 + self.dice.below(longest),
            };
            let values = [1, tenant, address, length, self.dice.below(4)];
            let names: [&'static str; 5] = match translate {
                true => [
                    "translate_request_valid",
                    "translate_request_tenant",
                    "translate_request_address",
                    "translate_request_length",
                    "translate_request_kind",
                ],
                false => [
                    "physical_request_valid",
                    "physical_request_tenant",
                    "physical_request_address",
                    "physical_request_length",
                    "physical_request_kind",
                ],
            };
            cycle.extend(names.into_iter().zip(values));
        }
        self.cycles.push(Cycle(cycle));
    }

    /// An address at one end of a row.
    fn edge(&mut self, translate: bool) -> Option<u64> {
        let rows: Vec<Row> = self.rows.iter().flatten().copied().collect();
        let row = rows.get(self.dice.below(rows.len() as u64) as usize)?;
        let granule = self.geometry.granule();
        let (base, first, last) = match translate {
            true => (self.window_base, row.first_page, row.last_page),
            false => (self.frame_base, row.first_block, row.last_block),
        };
        Some(base + if self.dice.below(2) == 0 { first * granule } else { (last + 1) * granule })
    }

    fn command(&mut self) {
        let free: Vec<usize> = (0..self.rows.len()).filter(|slot| self.rows[*slot].is_none()).collect();
        let taken: Vec<usize> = (0..self.rows.len()).filter(|slot| self.rows[*slot].is_some()).collect();
        let creates = taken.is_empty() || (!free.is_empty() && self.dice.below(3) > 0);
        if creates {
            let slot = free[self.dice.below(free.len() as u64) as usize];
            if let Some(row) = self.wanted() {
                self.write(slot, row, 0, 1, 1);
                self.wait(6);
                self.map(slot, row, 1);
                self.wait(3);
                self.write(slot, row, 1, 1, row.isolated);
                self.rows[slot] = Some(row);
            }
            return;
        }
        let slot = taken[self.dice.below(taken.len() as u64) as usize];
        let Some(row) = self.rows[slot] else { return };
        if self.dice.below(3) == 0 {
            let changed = Row { rights: self.dice.below(8), isolated: self.dice.below(2), ..row };
            self.write(slot, changed, 1, 1, changed.isolated);
            self.rows[slot] = Some(changed);
        } else {
            self.write(slot, row, 0, 1, 1);
            self.map(slot, row, 0);
            self.wait(6);
            self.write(slot, row, 0, 0, 0);
            self.rows[slot] = None;
        }
    }

    /// A row that fits, if one is found.
    fn wanted(&mut self) -> Option<Row> {
        let shape = self.geometry.shape;
        let (pages, blocks) = (1u64 << shape.page, (self.geometry.pool as u64).min(1 << shape.block));
        for _ in 0..20 {
            let tenant = self.dice.below(self.geometry.tenants as u64);
            let first_page = self.dice.below(pages);
            let most = (pages - first_page).min(blocks).min(4);
            let span = self.dice.below(most);
            let first_block = self.dice.below(blocks - span);
            let (last_page, last_block) = (first_page + span, first_block + span);
            let clashes = self.rows.iter().flatten().any(|row| {
                (row.first_block <= last_block && first_block <= row.last_block)
                    || (row.tenant == tenant && row.first_page <= last_page && first_page <= row.last_page)
            });
            if !clashes {
                let (rights, isolated) = (1 + self.dice.below(7), u64::from(self.dice.below(3) > 0));
                return Some(Row { tenant, first_page, last_page, first_block, last_block, rights, isolated });
            }
        }
        None
    }

    fn write(&mut self, slot: usize, row: Row, valid: u64, held: u64, guarded: u64) {
        let shape = self.geometry.shape;
        let delta = row.first_block.wrapping_sub(row.first_page) & ((1 << shape.block) - 1);
        let fields = [
            (row.tenant, shape.tenant),
            (row.first_page, shape.page),
            (row.last_page, shape.page),
            (row.first_block, shape.block),
            (row.last_block, shape.block),
            (delta, shape.block),
            (row.rights, 3),
            (row.isolated, 1),
        ];
        let (mut packed, mut place) = (0, 0);
        for (value, width) in fields {
            packed |= value << place;
            place += width;
        }
        // The slot is addressed a cycle before it is written.
        for enable in [0, 1] {
            self.cycle(vec![
                ("table_write_enable", enable),
                ("table_write_slot", slot as u64),
                ("table_write_row", packed),
                ("table_write_valid", valid),
                ("table_write_held", held),
                ("table_write_guarded", guarded),
            ]);
        }
    }

    fn map(&mut self, slot: usize, row: Row, mapped: u64) {
        for page in row.first_page..=row.last_page {
            self.cycle(vec![
                ("shadow_write_enable", 1),
                ("shadow_write_tenant", row.tenant),
                ("shadow_write_page", page),
                ("shadow_write_entry", mapped | (slot as u64) << 1),
            ]);
        }
    }
}

/// The mapped data path of a geometry.
///
/// # Errors
/// When yosys is missing or refuses the design.
pub fn map(geometry: &Geometry, flat: bool, folder: &Path) -> Result<GateNetlist> {
    let verilog = pm_designs::emit_data_path(geometry)?;
    map_verilog(&verilog, &geometry.name, flat, folder)
}

/// The mapped netlist of this text of a data path.
///
/// # Errors
/// As [`map()`].
pub fn map_verilog(verilog: &str, name: &str, flat: bool, folder: &Path) -> Result<GateNetlist> {
    let folder = std::path::absolute(folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = |extension: &str| folder.join(format!("{name}.{extension}"));
    fs::write(file("v"), verilog).with_context(|| format!("cannot write {}", file("v").display()))?;
    // Block by block, so that every gate keeps the name of its block; memories stay memories.
    let flatten = if flat { "flatten; " } else { "" };
    let script = format!(
        "read_verilog -DSYNTHESIS {name}.v; hierarchy -check -top data_path; proc; {flatten}opt; memory_collect; opt_clean; \
         techmap t:* t:$mem_v2 %d; opt -fast; dfflegalize -cell $_DFF_P_ 01; abc -g AND,OR,XOR,MUX; opt_clean; flatten; \
         opt_clean -purge; write_json {name}.json"
    );
    Toolbox::discover().run(Tool::Yosys)?.folder(&folder).args(["-q", "-p", &script]).finish()?;
    let text = fs::read_to_string(file("json")).with_context(|| format!("cannot read {}", file("json").display()))?;
    GateNetlist::parse(&text, "data_path")
}

/// A campaign under way.
pub struct FaultCampaign {
    netlist: GateNetlist,
    /// In an order that gives every shard a bit of everything.
    sites: Vec<Site>,
    cycles: Vec<Cycle>,
    results: FaultResults,
}

/// What the judge looks at in every cycle.
struct Watched {
    granted: Vec<GateNet>,
    physical: Vec<GateNet>,
    allowed: Vec<GateNet>,
    reasons: [(Vec<GateNet>, Vec<GateNet>); 2],
    intact: Vec<GateNet>,
    tripped: Vec<GateNet>,
    answers: Vec<Vec<GateNet>>,
}

impl Watched {
    fn of(netlist: &GateNetlist) -> Watched {
        let port = |name: &str| netlist.port(name).to_vec();
        let answers = ["valid", "granted", "not_mine", "reason", "slot", "physical"]
            .map(|field| port(&format!("translate_response_{field}")));
        let others = ["valid", "allowed", "reason", "slot"].map(|field| port(&format!("physical_response_{field}")));
        Watched {
            granted: port("translate_response_granted"),
            physical: port("translate_response_physical"),
            allowed: port("physical_response_allowed"),
            reasons: [
                (port("translate_response_valid"), port("translate_response_reason")),
                (port("physical_response_valid"), port("physical_response_reason")),
            ],
            intact: port("guard_0_intact"),
            tripped: port("tripped_0"),
            answers: answers.into_iter().chain(others).collect(),
        }
    }

    /// Copies that answer with a reason that raises the alert.
    fn alarms(&self, copies: &Copies) -> u64 {
        let mut alarmed = 0;
        for (valid, reason) in &self.reasons {
            let is = |code: u8| {
                reason.iter().enumerate().fold(copies.bit(valid[0]), |all, (bit, net)| {
                    all & if code >> bit & 1 == 1 { copies.bit(*net) } else { !copies.bit(*net) }
                })
            };
            alarmed |= is(Reason::Isolated.code()) | is(Reason::Integrity.code());
        }
        alarmed
    }
}

impl FaultCampaign {
    /// The campaign over the mapped data path of the plan's geometry; what yosys writes lies in `folder`.
    ///
    /// # Errors
    /// When the geometry is not supported, or yosys is missing or refuses the design.
    pub fn new(plan: &FaultPlan, folder: &Path) -> Result<FaultCampaign> {
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        FaultCampaign::of(plan, map(&geometry, plan.flat, folder)?)
    }

    /// The campaign over this netlist.
    ///
    /// # Errors
    /// When the plan makes no sense.
    pub fn of(plan: &FaultPlan, netlist: GateNetlist) -> Result<FaultCampaign> {
        ensure!((1..=plan.shards).contains(&plan.shard), "there is no shard {}/{}; count from 1", plan.shard, plan.shards);
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        let cycles = Traffic::new(&geometry, plan.cycles, plan.seed).cycles;
        let mut hasher = DefaultHasher::new();
        netlist.sites.iter().for_each(|site| (site.net, &site.cell, &site.block).hash(&mut hasher));
        let sites: Vec<Site> = netlist.sites.iter().skip(plan.shard - 1).step_by(plan.shards).cloned().collect();
        let results = FaultResults {
            plan: plan.clone(),
            design: format!("{:016x}", hasher.finish()),
            sites: netlist.sites.len(),
            faults: sites.len(),
            finished: 0,
            total: FaultCounts::default(),
            blocks: BTreeMap::new(),
            survivors: Vec::new(),
        };
        Ok(FaultCampaign { netlist, sites, cycles, results })
    }

    /// Goes on where earlier results ended.
    ///
    /// # Errors
    /// When they are of another plan or another netlist.
    pub fn resume(&mut self, earlier: FaultResults) -> Result<()> {
        let FaultResults { plan, design, .. } = &self.results;
        campaign::continues((&earlier.plan, &earlier.design), (plan, design), "netlist")?;
        self.results = earlier;
        Ok(())
    }

    /// What was found so far.
    pub fn results(&self) -> &FaultResults {
        &self.results
    }

    /// How many grants and allowed accesses the sound copy gives, how many answers it refuses, and in how many cycles a guard or
    /// the twin objects.
    pub fn sound(&self) -> (usize, usize, usize) {
        let watched = Watched::of(&self.netlist);
        let mut copies = Copies::new(&self.netlist, &[]);
        let (mut given, mut refused, mut objects) = (0, 0, 0);
        for (number, cycle) in self.cycles.iter().enumerate() {
            self.offer(&mut copies, cycle);
            copies.settle();
            let objections =
                watched.tripped.iter().map(|net| copies.bit(*net)).chain(watched.intact.iter().map(|net| !copies.bit(*net)));
            objects += usize::from(number >= RESETS && objections.fold(0, |all, bits| all | bits) & 1 == 1);
            let given_now = (copies.bit(watched.granted[0]) & 1) + (copies.bit(watched.allowed[0]) & 1);
            let answers: u64 = watched.reasons.iter().map(|(valid, _)| copies.bit(valid[0]) & 1).sum();
            given += given_now as usize;
            refused += (answers - given_now.min(answers)) as usize;
            copies.edge();
        }
        (given, refused, objects)
    }

    fn offer(&self, copies: &mut Copies, cycle: &Cycle) {
        for port in INPUTS {
            copies.drive(self.netlist.port(port), 0);
        }
        for (port, value) in &cycle.0 {
            copies.drive(self.netlist.port(port), *value);
        }
    }

    /// The next faults, as many as fit a run; false when all are done.
    pub fn step(&mut self) -> bool {
        let start = self.results.finished;
        if start == self.results.faults {
            return false;
        }
        let chosen = &self.sites[start..(start + AT_ONCE).min(self.sites.len())];
        let verdicts = self.judge(chosen);
        for (site, (counts, survivor)) in chosen.iter().zip(verdicts) {
            let name = if site.block.is_empty() { "data_path".to_string() } else { site.block.clone() };
            for sum in [&mut self.results.total, self.results.blocks.entry(name).or_default()] {
                sum.harmless += counts.harmless;
                sum.refused += counts.refused;
                sum.alerted += counts.alerted;
                sum.silent += counts.silent;
            }
            self.results.survivors.extend(survivor);
        }
        self.results.finished += chosen.len();
        true
    }

    fn judge(&self, chosen: &[Site]) -> Vec<(FaultCounts, Option<Survivor>)> {
        let watched = Watched::of(&self.netlist);
        let sites: Vec<&Site> = chosen.iter().collect();
        let mut copies = Copies::new(&self.netlist, &sites);
        let all = if chosen.len() == 63 { !1u64 } else { ((1 << chosen.len()) - 1) << 1 };
        let (mut differs, mut wrong, mut silent, mut closed) = (0u64, 0u64, 0u64, 0u64);
        // Wrong grants that wait for an alert, the oldest first, and what they were.
        let mut waiting: [u64; IN_TIME + 1] = [0; IN_TIME + 1];
        let mut losing: [u64; IN_TIME] = [0; IN_TIME];
        let mut firsts: Vec<Option<(usize, String)>> = vec![None; 64];
        let mut pending: Vec<Option<(usize, String)>> = vec![None; 64];
        for (number, cycle) in self.cycles.iter().enumerate() {
            self.offer(&mut copies, cycle);
            copies.settle();
            if number < RESETS {
                copies.edge();
                continue;
            }
            for port in &watched.answers {
                differs |= copies.differing(port);
            }
            let alike = |bits: u64| (bits & 1).wrapping_neg();
            let granted = copies.bit(watched.granted[0]) & !closed;
            let allowed = copies.bit(watched.allowed[0]) & !closed;
            let elsewhere = granted & alike(copies.bit(watched.granted[0])) & copies.differing(&watched.physical);
            let not_due = (granted & !alike(copies.bit(watched.granted[0]))) | elsewhere;
            let not_allowed = allowed & !alike(copies.bit(watched.allowed[0]));
            let now = (not_due | not_allowed) & all;
            wrong |= now;
            for copy in ones(now & !silent) {
                if pending[copy].is_none() {
                    let physical = copies.value(&watched.physical, copy);
                    let sound = copies.value(&watched.physical, 0);
                    let what = match (not_due >> copy & 1, elsewhere >> copy & 1) {
                        (1, 1) => format!("granted at 0x{physical:x}, not 0x{sound:x}"),
                        (1, _) => format!("granted at 0x{physical:x}, and not due"),
                        _ => "allowed, and not due".into(),
                    };
                    pending[copy] = Some((number, what));
                }
            }
            let alarms = watched.alarms(&copies);
            let mut alarmed = alarms & !alike(alarms);
            if let Some(net) = watched.intact.first() {
                let lost = !copies.bit(*net) & alike(copies.bit(*net));
                alarmed |= lost;
                closed |= losing[0];
                losing.rotate_left(1);
                losing[IN_TIME - 1] |= lost;
            }
            for net in &watched.tripped {
                alarmed |= copies.bit(*net) & !alike(copies.bit(*net));
            }
            alarmed |= closed;
            waiting[IN_TIME] = now;
            waiting.iter_mut().for_each(|grants| *grants &= !alarmed);
            let late = waiting[0] & !silent;
            for copy in ones(late) {
                firsts[copy] = pending[copy].clone();
            }
            silent |= late;
            for copy in ones(alarmed & !silent) {
                pending[copy] = None;
            }
            waiting.rotate_left(1);
            waiting[IN_TIME] = 0;
            copies.edge();
            if silent == all {
                break;
            }
        }
        let verdict = |(index, site): (usize, &Site)| {
            let copy = index + 1;
            let is = |bits: u64| bits >> copy & 1 == 1;
            let mut counts = FaultCounts::default();
            let count = match () {
                () if is(silent) => &mut counts.silent,
                () if is(wrong) => &mut counts.alerted,
                () if is(differs) => &mut counts.refused,
                () => &mut counts.harmless,
            };
            *count = 1;
            let survivor = is(silent).then(|| {
                let (cycle, what) = firsts[copy].clone().unwrap_or_default();
                let Site { block, cell, is_register, .. } = site.clone();
                Survivor { block, cell, is_register, cycle, what }
            });
            (counts, survivor)
        };
        chosen.iter().enumerate().map(verdict).collect()
    }
}

/// The places of the bits that are set.
fn ones(bits: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |copy| bits >> copy & 1 == 1)
}

/// Inputs of the data path that rest at zero.
const INPUTS: [&str; 35] = [
    "reset",
    "active",
    "strict",
    "window_base",
    "frame_base",
    "table_write_enable",
    "table_write_slot",
    "table_write_row",
    "table_write_valid",
    "table_write_held",
    "table_write_guarded",
    "shadow_write_enable",
    "shadow_write_tenant",
    "shadow_write_page",
    "shadow_write_entry",
    "control_slot",
    "candidate_first",
    "candidate_last",
    "tail_guarded",
    "tail_slot",
    "translate_request_valid",
    "translate_request_tenant",
    "translate_request_address",
    "translate_request_length",
    "translate_request_kind",
    "physical_request_valid",
    "physical_request_tenant",
    "physical_request_address",
    "physical_request_length",
    "physical_request_kind",
    "guard_0_closed",
    "guard_0_quiet",
    "map_0_changes_row",
    "guard_0_renews_place",
    "map_0_clear",
];
