//! Key files: 32 hex digits that nobody but their owner can read. A key is never printed.

use crate::output::{in_folder, STANDARD};
use anyhow::Context;
use pm_model::manifest::DeviceKey;
use pm_sim::{InputError, UsageError};
use pm_system::file::Draft;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// A key file is two lines at most; of anything longer no more is read.
const LONGEST: u64 = 4096;

/// Reads a key; refuses a file that others can read.
pub fn read(path: &Path) -> Result<DeviceKey, InputError> {
    let name = path.display().to_string();
    let fault = |message: String| InputError::new(&name, 0, message);
    let unreadable = |error: std::io::Error| fault(format!("cannot read the key: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    // The file that was opened, not its name, which may be another one by now.
    private(&file).map_err(fault)?;
    let mut content = Vec::new();
    file.take(LONGEST).read_to_end(&mut content).map_err(unreadable)?;
    let text = String::from_utf8_lossy(&content);
    DeviceKey::from_hex(text.trim_end()).map_err(|what| {
        InputError::new(&name, 1, format!("{what}; use a file with the digits alone, such as pm manifest key writes"))
    })
}

#[cfg(unix)]
fn private(file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| format!("cannot look at the key's permissions: {error}"))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!(
        "group or others have access to the key (mode {:04o}): use chmod 600, and a new key if anyone may have read this one",
        mode & 0o7777
    ))
}

#[cfg(not(unix))]
fn private(_: &File) -> Result<(), String> {
    Ok(())
}

/// Writes a new random key that only its owner can read; never over a file.
pub fn generate(path: &Path) -> anyhow::Result<()> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).chain(["\n".into()]).collect();
    let there = || {
        let message = "is there already, and a key is never written over: choose another name, or move the file away";
        anyhow::Error::from(UsageError(format!("{} {message}", path.display())))
    };
    if path == Path::new(STANDARD) {
        return Err(UsageError("a key is never printed; name a file that only you can read".into()).into());
    }
    if path.symlink_metadata().is_ok() {
        return Err(there());
    }
    in_folder(path)?;
    let failed = || format!("cannot write {}", path.display());
    let mut draft = Draft::of_secret(path).with_context(failed)?;
    draft.write_all(text.as_bytes()).with_context(failed)?;
    match draft.finish() {
        // Somebody else was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(there()),
        result => result.with_context(failed),
    }
}
