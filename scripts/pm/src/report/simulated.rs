//! Figures that need neither yosys nor nextpnr: cycles on the simulated RTL, and what flipped bits led to.

use crate::upset;
use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_rtl::datapath::LATENCY;
use pm_sim::figures::Figures;
use pm_sim::upset::{Campaign, Counts, Plan, Results};
use pm_sim::InputError;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Heads of the cycles, with their widths.
const COLUMNS: [(&str, usize); 7] = [
    ("access", 8),
    ("boot, 11 words", 16),
    ("16 words", 10),
    ("21 words", 10),
    ("11 and SEAL", 13),
    ("digest", 9),
    ("each further", 14),
];

/// Without a file of results one of so many flips is tried.
const SAMPLED: usize = 100;

/// What a geometry takes in cycles.
#[derive(Serialize)]
pub struct Cycles {
    geometry: String,
    /// From a request to its response.
    latency_cycles: usize,
    #[serde(flatten)]
    figures: Figures,
}

impl Cycles {
    /// Simulates the geometry.
    pub fn measure(geometry: &Geometry) -> Result<Cycles> {
        Ok(Cycles { geometry: geometry.name.clone(), latency_cycles: LATENCY, figures: Figures::measure(geometry)? })
    }
}

/// What a campaign counted.
#[derive(Serialize)]
pub struct Upsets {
    #[serde(flatten)]
    plan: Plan,
    bits: usize,
    /// Flips that the plan asks for; of one shard those of all.
    flips: usize,
    finished: usize,
    /// They are of the design as it is now.
    current: bool,
    #[serde(flatten)]
    counts: Counts,
    /// With the feature `integrity` no flip may lead to an unauthorised grant.
    met: bool,
}

impl Upsets {
    /// Results that `pm upset --out` has written.
    pub fn read(path: &Path) -> Result<Upsets> {
        let file = path.display().to_string();
        let results = upset::read(path)?;
        let results = results.ok_or_else(|| InputError::new(&file, 0, "there is no such file; pm upset --out makes it"))?;
        let current = results.is_current().with_context(|| file)?;
        Upsets::of(&results, current)
    }

    /// A quick look at a geometry: some of the flips.
    pub fn sample(geometry: &Geometry, progress: &dyn Fn(&str)) -> Result<Upsets> {
        let plan = Plan { geometry: geometry.name.clone(), moments: 4, seed: 1, shard: 1, shards: SAMPLED, only: String::new() };
        progress("compiling it for flips");
        let mut campaign = Campaign::new(&plan).context("--upset without a file flips bits in Verilator")?;
        progress("flipping bits");
        while campaign.step()? {}
        Upsets::of(campaign.results(), true)
    }

    fn of(results: &Results, current: bool) -> Result<Upsets> {
        let Results { plan, bits, finished, total, .. } = results.clone();
        let met = results.passed() || !Geometry::preset(&plan.geometry)?.features.integrity;
        Ok(Upsets { flips: bits * plan.moments, plan, bits, finished, current, counts: total, met })
    }

    /// Nothing was found that must not be.
    pub fn met(&self) -> bool {
        self.met
    }
}

/// For people; nothing where there is nothing.
pub fn text(cycles: &[Cycles], upsets: &[Upsets]) -> String {
    let mut out = String::new();
    let names = cycles.iter().map(|row| row.geometry.len()).chain(upsets.iter().map(|row| row.plan.geometry.len()));
    let width = names.max().unwrap_or(0).max(8) + 2;
    let cells =
        |cells: [String; 7]| COLUMNS.iter().zip(cells).map(|((_, width), cell)| format!("{cell:>width$}")).collect::<String>();
    if !cycles.is_empty() {
        let _ = writeln!(out, "{:width$}{}", "cycles", cells(COLUMNS.map(|(head, _)| head.into())));
    }
    for Cycles { geometry, latency_cycles, figures } in cycles {
        let boot = |place: usize| figures.boot.get(place).map(|boot| boot.cycles);
        let (first, further) = figures.digest.map(|digest| (digest.first, digest.further)).unzip();
        let row = [Some(*latency_cycles as u64), boot(0), boot(1), boot(2), boot(3), first, further];
        let row = row.map(|cell| cell.map_or("-".into(), |cell| cell.to_string()));
        let _ = writeln!(out, "{geometry:width$}{}", cells(row));
    }
    if !upsets.is_empty() {
        let heads: String = Counts::HEADS.iter().map(|head| format!("{head:>10}")).collect();
        let gap = if cycles.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{:width$}{:>20}{heads}", "upsets", "flips");
    }
    for Upsets { plan, flips, finished, current, counts, met, .. } in upsets {
        let cells: String = counts.row().iter().map(|count| format!("{count:>10}")).collect();
        let tried = format!("{finished} of {flips}");
        let missed = if *met { "" } else { "  MISSED: with integrity there must be none" };
        let stale = if *current { "" } else { "  of a design that has changed since: run pm upset again" };
        let _ = writeln!(out, "{:width$}{tried:>20}{cells}{missed}{stale}", plan.geometry);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_sim::figures::{BootTime, DigestTime};

    #[test]
    fn a_figure_that_is_not_there_is_a_dash() {
        let boot = |words, seal, cycles| BootTime { words, partitions: 0, seal, cycles };
        let boot = vec![boot(11, false, 398), boot(16, false, 581), boot(21, false, 720), boot(11, true, 413)];
        let row = |name: &str, figures| Cycles { geometry: name.into(), latency_cycles: 4, figures };
        let rows = [
            row("tiny", Figures::default()),
            row("tiny+boot+chain", Figures { boot, digest: Some(DigestTime { first: 410, further: 401 }) }),
        ];
        let text = text(&rows, &[]);
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[1], ["tiny", "4", "-", "-", "-", "-", "-", "-"]);
        assert_eq!(words[2], ["tiny+boot+chain", "4", "398", "581", "720", "413", "410", "401"]);
    }

    #[test]
    fn grants_with_integrity_are_missed_goals() {
        let plan =
            |geometry: &str| Plan { geometry: geometry.into(), moments: 4, seed: 1, shard: 1, shards: 1, only: String::new() };
        let upsets = |geometry: &str, unauthorised| {
            let results = Results {
                plan: plan(geometry),
                bits: 10,
                design: String::new(),
                flips: 40,
                finished: 7,
                total: Counts { unauthorised, ..Counts::default() },
                blocks: Default::default(),
                registers: Default::default(),
                unauthorised: Vec::new(),
            };
            Upsets::of(&results, false).unwrap()
        };
        assert!(upsets("tiny", 36).met() && upsets("tiny+integrity", 0).met());
        let missed = upsets("tiny+integrity", 1);
        assert!(!missed.met());
        let text = text(&[], &[missed]);
        assert!(text.contains("7 of 40") && text.contains("MISSED") && text.contains("changed since"), "{text}");
    }
}
