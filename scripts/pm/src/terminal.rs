//! What subcommands share: geometries by name, results on standard output, progress on a terminal.

use crate::shapes;
use anyhow::Context;
#[cfg(feature = "lab")]
use indicatif::{ProgressBar, ProgressStyle};
use pm_interface::Geometry;
use std::io::{ErrorKind, Write};

/// A geometry by name, whose widths are in this program: where they are not, another program takes over.
pub fn geometry(name: &str) -> anyhow::Result<Geometry> {
    let geometry = pm_system::input::geometry(name)?;
    shapes::ensure_built(&geometry)?;
    Ok(geometry)
}

/// Writes to standard output. A reader that has gone away, such as `head`, is no error.
pub fn write(bytes: &[u8]) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes text to standard output.
pub fn print(text: &str) -> anyhow::Result<()> {
    write(text.as_bytes()).context("cannot write to standard output")
}

/// Writes text to standard error, where standard output has something else.
pub fn tell(text: &str) {
    // There is nowhere left to say that it failed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a value as JSON to standard output.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// A bar on standard error; nothing at all when that is no terminal.
#[cfg(feature = "lab")]
pub fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {human_pos}/{human_len} {eta}") {
        bar.set_style(style);
    }
    bar
}
