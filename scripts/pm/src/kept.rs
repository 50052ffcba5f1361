//! Campaigns, from the options that they share to their results in files: what is finished is not done again.

use crate::terminal;
use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use pm_sim::{InputError, UsageError};
use serde::{de::DeserializeOwned, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What every campaign is told.
#[derive(Args)]
pub struct Options {
    /// Preset, with its features
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    pub geometry: String,
    /// Only part K of N of the campaign
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = shard)]
    pub shard: (usize, usize),
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Keep the result in a file, and go on where it ends
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Work that is done step by step, and whose results are kept.
pub trait Campaign {
    /// What is found, with the plan that it belongs to.
    type Results: Serialize + DeserializeOwned;
    /// The least time between two writes of the result file: a step that takes long is written at once.
    const SAVE_EVERY: Duration = Duration::from_secs(5);
    /// Goes on where earlier results ended; refuses those of another plan or design.
    fn resume(&mut self, earlier: Self::Results) -> Result<()>;
    /// Does some more; false when all is done.
    fn step(&mut self) -> Result<bool>;
    /// What was found so far.
    fn results(&self) -> &Self::Results;
    /// How much is finished, of how much.
    fn progress(&self) -> (usize, usize);
    /// For people.
    fn text(&self) -> String;
    /// Nothing was found that must not be.
    fn passed(&self) -> bool;
}

/// The same for campaigns that call all of it so.
macro_rules! campaign {
    ($campaign:ty, $results:ty, $all:ident, $step:expr) => {
        impl $crate::kept::Campaign for $campaign {
            type Results = $results;
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
        let earlier = self.out.as_deref().map(|path| read(path, command)).transpose()?.flatten();
        let bar = terminal::progress(0);
        let mut campaign = make(&bar)?;
        if let (Some(earlier), Some(path)) = (earlier, &self.out) {
            campaign
                .resume(earlier)
                .map_err(|error| UsageError(format!("{}: {error}; name another file, or remove this one", path.display())))?;
        }
        bar.set_message(verb.to_string());
        bar.set_length(campaign.progress().1 as u64);
        let mut saved = Instant::now();
        while campaign.step()? {
            bar.set_position(campaign.progress().0 as u64);
            if let Some(path) = self.out.as_deref().filter(|_| saved.elapsed() >= C::SAVE_EVERY) {
                write(path, campaign.results())?;
                saved = Instant::now();
            }
        }
        bar.finish_and_clear();
        if let Some(path) = &self.out {
            write(path, campaign.results())?;
        }
        if self.json {
            terminal::print_json(campaign.results())?;
        } else {
            terminal::print(&campaign.text())?;
        }
        Ok(campaign.passed())
    }
}

/// The results of `command` in a file, if there is one.
pub fn read<T: DeserializeOwned>(path: &Path, command: &str) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let results = serde_json::from_str(&text).map_err(|error| {
        let what = format!("no results of `{command}`: {error}; name another file, or remove this one");
        InputError::new(&path.display().to_string(), error.line(), what)
    })?;
    Ok(Some(results))
}

/// All or nothing: a run that is stopped leaves what it had written before.
fn write(path: &Path, results: &impl Serialize) -> Result<()> {
    let draft = path.with_extension("part");
    let text = serde_json::to_string_pretty(results)? + "\n";
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, path)).with_context(|| format!("cannot write {}", path.display()))
}

/// K/N, from 1.
pub fn shard(text: &str) -> Result<(usize, usize), String> {
    let pair = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    pair.filter(|(k, n)| (1..=*n).contains(k)).ok_or_else(|| "use K/N with K from 1 to N, such as 1/4".into())
}
