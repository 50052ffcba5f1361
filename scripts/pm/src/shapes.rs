//! Widths that this program does not have: compiled when a geometry first asks for them, and kept.
//!
//! ```text
//!   geometry --> its widths are in this program? --yes--> go on
//!                           | no
//!                           v
//!   target/shapes/PROGRAM-WIDTHS, of this build? --yes--> exec with the same arguments
//!                           | no                            ^
//!                           v                               |
//!   PM_SHAPES=WIDTHS cargo build --package pm-sizes-program-+
//! ```
//!
//! Widths are types in the RTL, so nothing else can make a design of new ones. All that does not know the widths is compiled
//! already: what is left are the crates of `scripts/sizes`.

use anyhow::{bail, ensure, Context, Result};
use pm_interface::{Geometry, Shape};
use pm_system::process;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// Names the widths that a program was built with beside the presets'.
const BUILT: &str = "PM_SHAPES";
/// Tells the build of the program that the first in a row was.
const BUILD: &str = "PM_BUILD";
/// This program's name.
const PROGRAM: &str = if cfg!(feature = "lab") { "pm" } else { "pm-design" };
/// The project's root.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The widths as a word: `a40-l13-t3-s5-p10-b16`.
fn word(shape: Shape) -> String {
    let Shape { address, length, tenant, slot, page, block } = shape;
    format!("a{address}-l{length}-t{tenant}-s{slot}-p{page}-b{block}")
}

/// Goes on where a geometry's widths are in this program. Where they are not, the program that has them takes over, with the same
/// arguments, and this function does not return.
///
/// # Errors
/// When that program cannot be built or started.
pub fn ensure_built(geometry: &Geometry) -> Result<()> {
    if pm_designs::DESIGNS.find(geometry.shape).is_some() {
        return Ok(());
    }
    let asked = word(geometry.shape);
    let before = std::env::var(BUILT).unwrap_or_default();
    let mut words: Vec<&str> = before.split(',').filter(|word| !word.is_empty()).collect();
    ensure!(!words.contains(&asked.as_str()), "a fault of pm itself: it was built for {asked} and does not have it");
    words.push(&asked);
    words.sort_unstable();
    let of = this_build()?;
    let program =
        sized(&words, &of).with_context(|| format!("geometry {:?}: cannot compile its widths, {asked}", geometry.name))?;
    let mut next = Command::new(&program);
    next.args(std::env::args_os().skip(1)).env(BUILT, words.join(",")).env(BUILD, of);
    Err(next.exec()).with_context(|| format!("cannot start {}", program.display()))
}

/// What changes with every build of this program: its size, and when it was made.
fn this_build() -> Result<String> {
    if let Ok(first) = std::env::var(BUILD) {
        return Ok(first);
    }
    let about = std::env::current_exe().and_then(fs::metadata).context("cannot find this program")?;
    let made = about.modified().context("no time of this program")?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{}-{}", about.len(), made.as_nanos()))
}

/// The program with these widths, which belongs to the build `of`. It is built where there is none yet.
fn sized(words: &[&str], of: &str) -> Result<PathBuf> {
    let root = Path::new(ROOT).canonicalize().with_context(|| {
        format!("{ROOT}: the project that pm was built from is not there any more; build pm again from a clone of it")
    })?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target = std::path::absolute(target).context("no target folder")?;
    let (folder, name) = (target.join("shapes"), format!("{PROGRAM}-{}", words.join("-and-")));
    let (program, belongs) = (folder.join(&name), folder.join(format!("{name}.build")));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // Two runs may want widths at the same time; cargo makes them in one place.
    let lock = File::create(folder.join("lock")).context("no lock")?;
    lock.lock().context("no lock")?;
    if program.exists() && fs::read_to_string(&belongs).is_ok_and(|there| there == of) {
        return Ok(program);
    }
    crate::terminal::tell(&format!("pm: compiling the widths {}, once\n", words.join(" and ")));
    let (profile, place) = if cfg!(debug_assertions) { ("dev", "debug") } else { ("release", "release") };
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--offline", "--quiet", "--package", "pm-sizes-program", "--profile", profile]);
    if !cfg!(feature = "lab") {
        cargo.arg("--no-default-features");
    }
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_TERM_COLOR", "never").env(BUILT, words.join(","));
    let built = process::output(&mut cargo).context("cargo cannot be started; install Rust (https://rustup.rs)")?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        let error = said.lines().find(|line| line.starts_with("error")).unwrap_or("it says no more").to_string();
        bail!("cargo build --package pm-sizes-program with {BUILT}={}: {error}", words.join(","));
    }
    let (made, fresh) = (target.join(place).join("pm-sized"), folder.join(format!("{name}.new")));
    fs::copy(&made, &fresh)
        .and_then(|_| fs::rename(&fresh, &program))
        .with_context(|| format!("cannot write {}", program.display()))?;
    pm_system::file::write(&belongs, of).with_context(|| format!("cannot write {}", belongs.display()))?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_have_a_word_each() {
        assert_eq!(word(Geometry::preset("cu").unwrap().shape), "a32-l13-t3-s4-p8-b5");
        let words: std::collections::BTreeSet<String> =
            Geometry::PRESETS.iter().map(|preset| word(Geometry::preset(preset).unwrap().shape)).collect();
        assert_eq!(words.len(), Geometry::PRESETS.len());
    }
}
