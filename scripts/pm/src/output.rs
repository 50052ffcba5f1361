//! Every file and folder that a command writes.
//!
//! ```text
//!  before the work:  the names that the user gave --> an input? twice the same? there already, and not of pm's making?
//!                                                      '--> refused with exit code 2, unless --force says replace it
//!  after the work:   a draft in the same folder --> whole --> renamed          '-' is standard output
//! ```
//! No input is ever written over, not even with --force, and neither is a key.

use crate::terminal;
use anyhow::{Context, Result};
use clap::Args;
use pm_sim::UsageError;
use pm_system::file::{Draft, Lock, Locked};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Standard output, where a file is asked for.
pub const STANDARD: &str = "-";

/// Bytes of a file that show what made it.
const HEAD: u64 = 4096;

/// What holds a work folder, and marks it as one.
const MARK: &str = ".pm-work";

/// The option that all commands with outputs share.
#[derive(Args, Clone, Copy, Default)]
pub struct Replace {
    /// Replace a file that is there already and that pm did not make
    #[arg(long)]
    pub force: bool,
}

/// What a file of pm's making is, and how it is known.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Emitted Verilog
    Verilog,
    /// What documents it
    Document,
    /// A boot manifest
    Manifest,
    /// Waveforms
    Waves,
    /// An audit log
    Log,
    /// Results of a campaign
    Results,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Verilog => "the Verilog",
            Kind::Document => "its documentation",
            Kind::Manifest => "the manifest",
            Kind::Waves => "the VCD",
            Kind::Log => "the audit log",
            Kind::Results => "the results",
        }
    }

    /// Whether a file that begins like this is of pm's making. What is empty holds nothing that could be lost.
    fn made(self, head: &[u8]) -> bool {
        let text = String::from_utf8_lossy(head);
        let json = |keys: &[&str]| keys.iter().all(|key| text.contains(&format!("\"{key}\"")));
        head.is_empty()
            || match self {
                Kind::Verilog => text.starts_with("// Partition Manager "),
                Kind::Document => {
                    text.starts_with("# ") && text.lines().nth(2).is_some_and(|line| line.starts_with("Made by `pm "))
                }
                Kind::Manifest => head.starts_with(&pm_interface::manifest::MAGIC.to_le_bytes()),
                Kind::Waves => text.lines().take(3).any(|line| line.contains(pm_sim::vcd::MADE_BY)),
                // A log of another device is evidence; but no log of pm's own can be told from it.
                Kind::Log => false,
                Kind::Results => text.starts_with('{') && json(&["plan"]),
            }
    }
}

/// The names that a command was given.
#[derive(Default)]
pub struct Files {
    force: bool,
    inputs: Vec<(PathBuf, &'static str)>,
    outputs: Vec<(PathBuf, Kind)>,
}

impl Files {
    /// None so far.
    pub fn new(replace: Replace) -> Files {
        Files { force: replace.force, ..Files::default() }
    }

    /// A file that is read; `what` it is stands in messages, such as "the scenario".
    pub fn input(mut self, path: &Path, what: &'static str) -> Files {
        self.inputs.push((path.to_owned(), what));
        self
    }

    /// A file that is written. Refused when it is an input, another output, a folder, or of somebody else's making.
    pub fn output(&mut self, path: &Path, kind: Kind) -> Result<Output> {
        let refuse = |why: String| Err(UsageError(format!("{}: {why}", path.display())).into());
        if path == Path::new(STANDARD) {
            if self.outputs.iter().any(|(other, _)| other == path) {
                return refuse("two outputs cannot both be standard output; name a file for one of them".into());
            }
            self.outputs.push((path.to_owned(), kind));
            return Ok(Output { path: None, name: "standard output".into() });
        }
        if let Some((_, what)) = self.inputs.iter().find(|(input, _)| same(input, path)) {
            return refuse(format!("this is {what} itself, which is read; choose another file for {}", kind.name()));
        }
        if let Some((_, other)) = self.outputs.iter().find(|(other, _)| same(other, path)) {
            return refuse(format!("{} and {} would be the same file; choose different names", other.name(), kind.name()));
        }
        if path.file_name().is_none() || path.to_string_lossy().ends_with('/') || path.is_dir() {
            return refuse(format!("this is a folder; name a file for {}", kind.name()));
        }
        let folder = folder_of(path);
        if !folder.is_dir() {
            return refuse(format!("there is no folder {}; make it first", folder.display()));
        }
        if !self.force && path.is_file() {
            let mut head = Vec::new();
            let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
            if let Err(error) = read {
                return refuse(format!("this file is there and cannot be read ({error}); choose another name, or give --force"));
            }
            if !kind.made(&head) {
                let what = match kind {
                    Kind::Log => "an audit log is never replaced unasked, and this file is there already".into(),
                    _ => format!("this file is there already, and is not {} of an earlier run", kind.name()),
                };
                return refuse(format!("{what}; choose another name, or give --force to replace it"));
            }
        }
        self.outputs.push((path.to_owned(), kind));
        Ok(Output { path: Some(path.to_owned()), name: path.display().to_string() })
    }
}

/// Whether two names are those of one file, which need not be there.
fn same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |path: &Path| fs::metadata(path).ok().filter(|data| data.is_file()).map(|data| (data.dev(), data.ino()));
        if let (Some(one), Some(other)) = (place(one), place(other)) {
            return one == other;
        }
    }
    let place = |path: &Path| Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?));
    one == other || place(one).is_some_and(|one| place(other) == Some(one))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that a command may write.
#[derive(Clone)]
pub struct Output {
    /// None: standard output.
    path: Option<PathBuf>,
    name: String,
}

impl Output {
    /// Whether this is standard output: then nothing else may be printed there.
    pub fn is_standard(&self) -> bool {
        self.path.is_none()
    }

    /// Writes all of it.
    pub fn write(&self, bytes: impl AsRef<[u8]>) -> Result<()> {
        let mut sink = self.open()?;
        sink.write_all(bytes.as_ref()).with_context(|| self.failed())?;
        sink.finish()
    }

    /// Begins to write it, bit by bit.
    pub fn open(&self) -> Result<Sink> {
        let place = match &self.path {
            None => Place::Standard,
            // A pipe or a device has no draft: what it is given is gone.
            Some(path) if path.exists() && !path.is_file() => {
                let file = File::options().write(true).open(path).with_context(|| self.failed())?;
                Place::Device(file)
            }
            Some(path) => Place::Draft(Draft::of(path).with_context(|| self.failed())?),
        };
        Ok(Sink { place: Arc::new(Mutex::new(Some(place))), failed: self.failed() })
    }

    fn failed(&self) -> String {
        format!("cannot write {}", self.name)
    }
}

enum Place {
    Standard,
    Device(File),
    Draft(Draft),
}

/// An output under way; without [`Sink::finish`] it leaves nothing. Copies write to the same place.
#[derive(Clone)]
pub struct Sink {
    place: Arc<Mutex<Option<Place>>>,
    failed: String,
}

impl Sink {
    /// Gives the file its name.
    pub fn finish(self) -> Result<()> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ended = match place {
            Some(Place::Draft(draft)) => draft.finish(),
            Some(Place::Device(mut file)) => file.flush(),
            Some(Place::Standard) => io::stdout().flush(),
            None => Ok(()),
        };
        ended.context(self.failed)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.place.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(Place::Draft(draft)) => draft.write(bytes),
            Some(Place::Device(file)) => file.write(bytes),
            Some(Place::Standard) => terminal::write(bytes).map(|()| bytes.len()),
            None => Err(io::Error::other("the file is finished")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.place.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(Place::Draft(draft)) => draft.flush(),
            Some(Place::Device(file)) => file.flush(),
            Some(Place::Standard) | None => Ok(()),
        }
    }
}

/// What others are told of who has a lock.
fn me() -> String {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    format!("process {}: pm {}", std::process::id(), words.join(" "))
}

fn locked(what: &Path, result: Result<Lock, Locked>) -> Result<Lock> {
    result.map_err(|locked| match locked {
        Locked::By(who) => {
            let who = if who.is_empty() { "another process".into() } else { who };
            let why = format!("in use by {who}; wait until it has ended, or choose another name");
            UsageError(format!("{}: {why}", what.display())).into()
        }
        Locked::Error(error) => anyhow::Error::new(error).context(format!("cannot write {}", what.display())),
    })
}

/// Keeps other runs from writing this file until the lock is dropped.
pub fn lock(path: &Path) -> Result<Lock> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".lock");
    locked(path, Lock::take(&folder_of(path).join(name), &me()))
}

/// A folder for what a command works with: made where there is none, kept from other runs until the lock is dropped. A
/// folder with files in it that is not such a folder is refused; so is one that `made` does not know either.
pub fn work_folder(path: &Path, replace: Replace, made: fn(&Path) -> bool) -> Result<Lock> {
    let refuse = |why: &str| Err(UsageError(format!("{}: {why}", path.display())).into());
    if path == Path::new(STANDARD) {
        return refuse("this command writes several files; name a folder for them");
    }
    if path.exists() && !path.is_dir() {
        return refuse("this is a file; name a folder");
    }
    let mark = path.join(MARK);
    let holds = || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if !replace.force && !mark.exists() && holds() && !made(path) {
        return refuse("this folder holds files that pm did not make; name another folder, or give --force to write there");
    }
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    locked(path, Lock::take_and_keep(&mark, &me()))
}

/// Whether a file in this folder is emitted Verilog: an earlier version of pm made the folder.
pub fn holds_verilog(folder: &Path) -> bool {
    let verilog = |path: &Path| {
        let mut head = Vec::new();
        let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
        read.is_ok() && !head.is_empty() && Kind::Verilog.made(&head)
    };
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.path().extension().is_some_and(|extension| extension == "v") && verilog(&entry.path()))
}

/// A temporary folder, which is removed when this is dropped, and when pm ends otherwise.
pub fn temporary_folder(name: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix(&format!("pm-{name}-")).tempdir().context("cannot make a temporary folder")?;
    pm_system::process::remove_at_the_end(folder.path()).context("cannot watch over the temporary folder")?;
    Ok(folder)
}
