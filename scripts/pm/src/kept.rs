//! Campaigns, from the options that they share to their results in files: what is finished is not done again.

use crate::output::{self, Files, Kind, Output, Replace, STANDARD};
use crate::terminal;
use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use pm_sim::input::in_words_of_files;
use pm_sim::{InputError, UsageError};
use serde::{de::DeserializeOwned, Serialize};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What every campaign is told.
#[derive(Args)]
pub struct Options {
    /// Preset or FILE.toml, with its features
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    pub geometry: String,
    /// Only part K of N of the campaign
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = shard)]
    pub shard: (usize, usize),
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Keep the result in a file, and go on where it ends; -: print it as JSON
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub replace: Replace,
}

/// Work that is done step by step, and whose results are kept.
pub trait Campaign {
    /// What is found, with the plan that it belongs to.
    type Results: Serialize + DeserializeOwned;
    /// The least time between two writes of the result file: a step that takes long is written at once.
    const SAVE_EVERY: Duration = Duration::from_secs(5);
    /// What the work consists of.
    const WORK: &'static str = "steps";
    /// Goes on where earlier results ended; refuses those of another plan or design.
    fn resume(&mut self, earlier: Self::Results) -> Result<()>;
    /// Does some more; false when all is done.
    fn step(&mut self) -> Result<bool>;
    /// Findings of the campaign so far.
    fn results(&self) -> &Self::Results;
    /// How much is finished, of how much.
    fn progress(&self) -> (usize, usize);
    /// For people.
    fn text(&self) -> String;
    /// Nothing was found that must not be.
    fn passed(&self) -> bool;
    /// How many outcomes were counted: as many as were finished, or the count is wrong.
    fn counted(&self) -> usize {
        self.progress().0
    }
    /// What was found, in a few words.
    fn found(&self) -> String {
        String::new()
    }
}

/// Work done against work given, and what was found: whether that is a success, and the line that says so.
fn verdict<C: Campaign>(campaign: &C, (shard, shards): (usize, usize)) -> (bool, String) {
    let ((done, all), counted, work) = (campaign.progress(), campaign.counted(), C::WORK);
    if all == 0 {
        return (false, format!("FAILED: there was nothing to do: part {shard} of {shards} has no {work}; ask for fewer parts"));
    }
    let passed = campaign.passed() && done == all && counted == done;
    let word = if passed { "passed" } else { "FAILED" };
    let miscounted = if counted == done { String::new() } else { format!(", {counted} of them judged") };
    let found = Some(campaign.found()).filter(|found| !found.is_empty()).map_or(String::new(), |found| format!("; {found}"));
    (passed, format!("{word}: {done} of {all} {work} done{miscounted}{found}"))
}

/// The same for campaigns that call all of it so.
macro_rules! campaign {
    ($campaign:ty, $results:ty, $all:ident, $step:expr) => {
        impl $crate::kept::Campaign for $campaign {
            type Results = $results;
            const WORK: &'static str = stringify!($all);
            fn resume(&mut self, earlier: $results) -> anyhow::Result<()> {
                self.resume(earlier)
            }
            fn step(&mut self) -> anyhow::Result<bool> {
                ($step)(self)
            }
            fn results(&self) -> &$results {
                self.results()
            }
            fn progress(&self) -> (usize, usize) {
                (self.results().finished, self.results().$all)
            }
            fn text(&self) -> String {
                self.results().text()
            }
            fn passed(&self) -> bool {
                self.results().passed()
            }
            fn counted(&self) -> usize {
                self.results().counted()
            }
            fn found(&self) -> String {
                self.results().found()
            }
        }
    };
}

pub(crate) use campaign;

impl Options {
    /// Makes the campaign and carries it out, with what its file holds already; whether it passed.
    pub fn carry_out<C: Campaign>(
        &self,
        command: &str,
        verb: &str,
        make: impl FnOnce(&ProgressBar) -> Result<C>,
    ) -> Result<bool> {
        let path = self.out.as_deref().filter(|path| *path != Path::new(STANDARD));
        let out = path.map(|path| Files::new(self.replace).output(path, Kind::Results)).transpose()?;
        // A device or a pipe holds no earlier results, nobody else is kept from it, and it is written once.
        let path = path.filter(|path| path.is_file() || !path.exists());
        let _lock = path.map(output::lock).transpose()?;
        let earlier = match path.map(|path| read(path, command)).transpose() {
            Err(_) if self.replace.force => None,
            earlier => earlier?.flatten(),
        };
        let bar = terminal::progress(0);
        let mut campaign = make(&bar)?;
        if let (Some(earlier), Some(path)) = (earlier, path) {
            match campaign.resume(earlier) {
                Err(_) if self.replace.force => {}
                resumed => resumed.map_err(|error| {
                    UsageError(format!("{}: {error}; name another file, or give --force to replace this one", path.display()))
                })?,
            }
            let ((done, all), counted) = (campaign.progress(), campaign.counted());
            if done > all || counted != done {
                let what = format!("{done} of {all} {} are said to be done, and {counted} to be judged", C::WORK);
                return Err(
                    InputError::new(&path.display().to_string(), 0, what + "; name another file, or remove this one").into()
                );
            }
        }
        bar.set_message(verb.to_string());
        bar.set_length(campaign.progress().1 as u64);
        let mut saved = Instant::now();
        while campaign.step()? {
            bar.set_position(campaign.progress().0 as u64);
            if let Some(out) = out.as_ref().filter(|_| path.is_some() && saved.elapsed() >= C::SAVE_EVERY) {
                write(out, campaign.results())?;
                saved = Instant::now();
            }
        }
        bar.finish_and_clear();
        if let Some(out) = &out {
            write(out, campaign.results())?;
        }
        let (passed, verdict) = verdict(&campaign, self.shard);
        if self.json || (self.out.is_some() && out.is_none()) {
            let mut value = serde_json::to_value(campaign.results())?;
            if let Some(fields) = value.as_object_mut() {
                fields.insert("passed".into(), passed.into());
                fields.insert("verdict".into(), verdict.into());
            }
            terminal::print_json(&value)?;
        } else {
            let text = campaign.text();
            let gap = if text.is_empty() { "" } else { "\n" };
            terminal::print(&format!("{text}{gap}{verdict}\n"))?;
        }
        Ok(passed)
    }
}

/// Bytes of a result file: more than a campaign of a million findings takes.
const LARGEST: u64 = 1 << 28;

/// The results of `command` in a file, if there is one.
pub fn read<T: DeserializeOwned>(path: &Path, command: &str) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let name = path.display().to_string();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text));
    read.map_err(|error| InputError::new(&name, 0, format!("cannot read the results: {error}")))?;
    let results = serde_json::from_str(&text).map_err(|error| {
        let what = in_words_of_files(&error.to_string());
        let what = format!("no results of `{command}`: {what}; name another file, or remove this one");
        InputError::new(&name, error.line(), what)
    })?;
    Ok(Some(results))
}

/// All or nothing: a run that is stopped leaves what it had written before.
fn write(out: &Output, results: &impl Serialize) -> Result<()> {
    out.write(serde_json::to_string_pretty(results).context("the results are no JSON")? + "\n")
}

/// K/N, from 1.
pub fn shard(text: &str) -> Result<(usize, usize), String> {
    let pair = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    pair.filter(|(k, n)| (1..=*n).contains(k)).ok_or_else(|| "use K/N with K from 1 to N, such as 1/4".into())
}
