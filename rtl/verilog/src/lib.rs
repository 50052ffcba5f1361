//! A width-exact Verilog-2005 backend for rust-hdl blocks, and the cells that it knows.
//!
//! ```text
//!   Block --probe--> tree of modules --typing--> statements with widths --flow--> processes --print--> Verilog
//!                                       |                                 |
//!                                       +---------- EmitError <-----------+
//! ```
//!
//! What cannot be translated exactly is an error that names block and expression. Nothing is guessed.

pub mod change;
mod collect;
mod describe;
mod error;
mod flow;
mod index;
mod ir;
mod keywords;
mod modules;
pub mod names;
mod ports;
mod print;
pub mod source;
mod state;
mod typing;

pub mod cells;

pub use change::Change;
pub use error::EmitError;
pub use keywords::is_keyword;
pub use pastey;
pub use ports::{ports, Port};
pub use print::DRAFT;
pub use state::{state, StateElement};

use rust_hdl::core::check_error::{check_all, CheckError};
use rust_hdl::prelude::Block;

/// How to emit.
#[derive(Clone, Debug)]
pub struct EmitOptions {
    /// Name of the top module.
    pub top: String,
    /// First characters of the name of every other module. Two texts with different tops and prefixes define no module twice.
    pub prefix: String,
    /// Name of a module that the caller writes around the top: the head of the file names it, and no module takes its name.
    pub around: Option<String>,
    /// The argument of a `timescale directive at the head of the file, such as `1ns/1ps`; without one there is no directive.
    pub timescale: Option<String>,
    /// Lines for the comment at the head of the file, such as geometry and version.
    pub header: Vec<String>,
    /// A deliberate mistake, for tests of the tests.
    #[doc(hidden)]
    pub flaw: Option<Flaw>,
    /// A deliberate mistake in the design, for the same.
    #[doc(hidden)]
    pub changes: Vec<Change>,
}

impl Default for EmitOptions {
    fn default() -> Self {
        Self {
            top: "partition_manager".into(),
            prefix: names::PREFIX.into(),
            around: None,
            timescale: None,
            header: Vec::new(),
            flaw: None,
            changes: Vec::new(),
        }
    }
}

impl EmitOptions {
    /// Whether names and time scale can be emitted.
    ///
    /// # Errors
    /// An [`EmitError`] that says which cannot, and what can.
    pub fn check(&self) -> Result<(), EmitError> {
        let name = &self.top;
        if let Some(word) = std::iter::once(name).chain(&self.around).find(|word| !names::is_name(word)) {
            return Err(error::fault("not a name for a module", "choose an identifier that is no keyword").at(word, ""));
        }
        if self.around.as_ref() == Some(name) {
            return Err(error::fault("also the name of the module around it", "choose another").at(name, ""));
        }
        if !names::is_name(&self.prefix) {
            let fault = error::fault("not a prefix for names of modules", "choose an identifier that is no keyword, such as pm_");
            return Err(fault.at(name, &self.prefix));
        }
        match &self.timescale {
            Some(scale) if !is_timescale(scale) => {
                let advice =
                    "write unit/precision, each 1, 10 or 100 of s, ms, us, ns, ps or fs, the unit not the smaller one: 1ns/1ps";
                Err(error::fault("not a time scale", advice).at(name, scale))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a `timescale directive takes this: `unit/precision`, the precision not coarser than the unit.
fn is_timescale(text: &str) -> bool {
    // The power of ten of a time, in femtoseconds.
    let power = |time: &str| {
        let digits = time.find(|letter: char| !letter.is_ascii_digit())?;
        let number = ["1", "10", "100"].iter().position(|number| *number == &time[..digits])?;
        let unit = ["fs", "ps", "ns", "us", "ms", "s"].iter().position(|unit| *unit == &time[digits..])?;
        Some(3 * unit + number)
    };
    text.split_once('/').is_some_and(|(unit, precision)| match (power(unit), power(precision)) {
        (Some(unit), Some(precision)) => unit >= precision,
        _ => false,
    })
}

/// Mistakes that an emitter could make. They exist so that tests can show that co-simulation finds them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Integer literals are 32 bits wide, as rust-hdl prints them.
    WideLiterals,
    /// No parentheses around operands, as rust-hdl prints them.
    NoParentheses,
    /// `<` for `<=`.
    LessForLessOrEqual,
    /// A widening cast does not stop the carry of what it widens.
    CarryKept,
    /// Slices start one bit too low.
    ShiftedSlice,
}

/// The Verilog of `top` and everything in it.
///
/// Call `connect_all()` on the block first.
///
/// # Errors
/// An [`EmitError`] for the first thing that cannot be translated exactly: see the README of this crate for the list.
pub fn emit(top: &dyn Block, options: &EmitOptions) -> Result<String, EmitError> {
    options.check()?;
    let name = &options.top;
    let mut tree = collect::collect(top, name)?;
    options.changes.iter().try_for_each(|change| change.apply(&mut tree))?;
    unconnected(&tree, true)?;
    let mut library = modules::Library::new(options.flaw);
    library.add(&tree, true).map_err(|error| change::blamed(error, &options.changes))?;
    // rust-hdl's own checks last: they know neither statement nor way out, and should find nothing any more.
    check_all(top).map_err(|error| checked(error, name))?;
    let head = options.around.as_ref().unwrap_or(name);
    let mut out = format!("// {head}: generated by pm-verilog; edit the Rust, not this.\n");
    for line in options.header.iter().flat_map(|line| line.lines()) {
        out.push_str(&format!("// {line}\n"));
    }
    // A file of several modules breaks the first rule; an inner block and a signal inside it may share a word by the second. No
    // module has a delay, so that none needs the time scale that other files of a design may have.
    out.push_str("\n/* verilator lint_off DECLFILENAME */\n/* verilator lint_off VARHIDDEN */\n");
    match &options.timescale {
        Some(scale) => out.push_str(&format!("`timescale {scale}\n")),
        None => out.push_str("/* verilator lint_off TIMESCALEMOD */\n"),
    }
    out.push_str("`default_nettype none\n\n");
    out.push_str(&library.print(options));
    out.push_str("`default_nettype wire\n");
    Ok(out)
}

/// rust-hdl's own check finds unconnected signals too, but prints them to standard error.
fn unconnected(module: &collect::Module, is_top: bool) -> Result<(), EmitError> {
    use rust_hdl::core::atom::AtomKind::{InOutParameter, InputParameter};
    for atom in &module.atoms {
        let from_outside = is_top && matches!(atom.role, InputParameter | InOutParameter);
        if !atom.connected && !from_outside {
            let fault = error::fault("not connected", "drive it, and call connect_all() before emitting");
            return Err(fault.at(&module.path, describe::name(&atom.key)));
        }
    }
    module.children.iter().try_for_each(|child| unconnected(child, false))
}

fn checked(error: CheckError, top: &str) -> EmitError {
    let list = |names: Vec<rust_hdl::core::check_error::PathedName>| {
        let mut names: Vec<_> = names.into_iter().map(|name| format!("{}.{}", name.path, name.name).replace('$', ".")).collect();
        names.sort();
        names.join(", ")
    };
    let (at, what, advice) = match error {
        CheckError::OpenSignal(open) => (list(open.into_values().collect()), "not connected", "drive it"),
        CheckError::LogicLoops(names) => (list(names), "read before it is assigned", "assign it first"),
        CheckError::WritesToInputs(names) => (list(names), "an input driven from inside", "drive it where the block is used"),
    };
    error::fault(what, advice).at(top, at)
}
