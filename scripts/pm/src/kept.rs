//! Results of campaigns in files: what is finished is not done again.

use anyhow::{Context, Result};
use pm_sim::InputError;
use serde::{de::DeserializeOwned, Serialize};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Between two writes of a result file.
pub const SAVE_EVERY: Duration = Duration::from_secs(5);

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
pub fn write(path: &Path, results: &impl Serialize) -> Result<()> {
    let draft = path.with_extension("part");
    let text = serde_json::to_string_pretty(results)? + "\n";
    fs::write(&draft, text)
        .and_then(|()| fs::rename(&draft, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// K/N, from 1.
pub fn shard(text: &str) -> Result<(usize, usize), String> {
    let pair = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    pair.filter(|(k, n)| (1..=*n).contains(k)).ok_or_else(|| "use K/N with K from 1 to N, such as 1/4".into())
}
