//! Key files: 32 hex digits that nobody but their owner can read. A key is never printed.

use anyhow::Context;
use pm_model::manifest::DeviceKey;
use pm_sim::{InputError, UsageError};
use std::fs::{File, OpenOptions};
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
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = "is there already, and a key is never written over: choose another name, or move the file away";
            return Err(UsageError(format!("{} {message}", path.display())).into());
        }
        result => result.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all((text + "\n").as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}
