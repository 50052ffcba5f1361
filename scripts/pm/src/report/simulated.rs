//! Figures that need neither yosys nor nextpnr: cycles on the simulated RTL, and what flipped bits led to.

use crate::upset;
use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_rtl::datapath::LATENCY;
use pm_sim::figures::Figures;
use pm_sim::upset::{UpsetCampaign, UpsetCounts, UpsetPlan, UpsetResults};
use pm_sim::{table, InputError};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Heads of the cycles.
const COLUMNS: [&str; 7] = ["access", "boot, 11 words", "16 words", "21 words", "11 and SEAL", "digest", "each further"];

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
    plan: UpsetPlan,
    bits: usize,
    /// Flips that the plan asks for; of one shard those of all.
    flips: usize,
    finished: usize,
    /// They are of the design as it is now.
    current: bool,
    #[serde(flatten)]
    counts: UpsetCounts,
    /// With the feature `integrity` no flip may lead to an unauthorised grant.
    met: bool,
}

impl Upsets {
    /// UpsetResults that `pm upset --out` has written.
    pub fn read(path: &Path) -> Result<Upsets> {
        let file = path.display().to_string();
        let results = upset::read(path)?;
        let results = results.ok_or_else(|| InputError::new(&file, 0, "there is no such file; pm upset --out makes it"))?;
        let current = results.is_current().with_context(|| file)?;
        Upsets::of(&results, current)
    }

    /// A quick look at a geometry: some of the flips.
    pub fn sample(geometry: &Geometry, progress: &dyn Fn(&str)) -> Result<Upsets> {
        let plan =
            UpsetPlan { geometry: geometry.name.clone(), moments: 4, seed: 1, shard: 1, shards: SAMPLED, only: String::new() };
        progress("compiling it for flips");
        let mut campaign = UpsetCampaign::new(&plan).context("--upset without a file flips bits in Verilator")?;
        progress("flipping bits");
        while campaign.step()? {}
        Upsets::of(campaign.results(), true)
    }

    fn of(results: &UpsetResults, current: bool) -> Result<Upsets> {
        let UpsetResults { plan, bits, finished, total, .. } = results.clone();
        let met = results.passed() || !pm_system::geometry::named(&plan.geometry)?.features.integrity;
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
    let row = |name: &str, cells: &[String]| [&[name.to_string()], cells].concat();
    if !cycles.is_empty() {
        let mut rows = vec![row("cycles", &COLUMNS.map(String::from))];
        for Cycles { geometry, latency_cycles, figures } in cycles {
            let boot = |place: usize| figures.boot.get(place).map(|boot| boot.cycles);
            let (first, further) = figures.digest.map(|digest| (digest.first, digest.further)).unzip();
            let cells = [Some(*latency_cycles as u64), boot(0), boot(1), boot(2), boot(3), first, further];
            rows.push(row(geometry, &cells.map(|cell| cell.map_or("-".into(), |cell| cell.to_string()))));
        }
        out.push_str(&table::render_numbers(&rows));
    }
    if !upsets.is_empty() {
        let mut rows = vec![row(
            "upsets",
            &[&["flips"], &UpsetCounts::HEADS[..]].concat().into_iter().map(String::from).collect::<Vec<_>>(),
        )];
        let mut remarks = String::new();
        for Upsets { plan, flips, finished, current, counts, met, .. } in upsets {
            let tried = format!("{finished} of {flips}");
            rows.push(row(&plan.geometry, &[vec![tried], counts.row().map(|count| count.to_string()).to_vec()].concat()));
            let name = &plan.geometry;
            if !met {
                let _ = writeln!(remarks, "{name}: MISSED: with integrity there must be no unauthorised grant");
            }
            if !current {
                let _ = writeln!(remarks, "{name}: of a design that has changed since: run pm upset again");
            }
        }
        let gap = if cycles.is_empty() { "" } else { "\n" };
        let _ = write!(out, "{gap}{}{remarks}", table::render_numbers(&rows));
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
        let plan = |geometry: &str| UpsetPlan {
            geometry: geometry.into(),
            moments: 4,
            seed: 1,
            shard: 1,
            shards: 1,
            only: String::new(),
        };
        let upsets = |geometry: &str, unauthorised| {
            let results = UpsetResults {
                plan: plan(geometry),
                bits: 10,
                design: String::new(),
                flips: 40,
                finished: 7,
                total: UpsetCounts { unauthorised, ..UpsetCounts::default() },
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
        assert!(text.lines().all(|line| line.len() <= table::WIDTH), "{text}");
        assert!(text.contains("7 of 40") && text.contains("MISSED") && text.contains("changed since"), "{text}");
    }
}
