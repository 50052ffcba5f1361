//! The `pm` command line: one file a subcommand.
//!
//! Two programs are made of it. `pm` has every command. `pm-design` has those that emit and build (verilog, bitstream, check,
//! geometry, registers): without the feature `lab`, so that a bitstream waits for no simulation and no prover to be compiled. `./pm` in
//! the project's root takes the one that a command needs.
//!
//! Exit code 0: done. 1: the work failed. 2: arguments or input files cannot be used.

mod activity;
#[cfg(feature = "lab")]
mod audit;
mod bitstream;
mod check;
#[cfg(feature = "lab")]
mod cosim;
mod design;
#[cfg(feature = "lab")]
mod engine;
#[cfg(feature = "lab")]
mod fault;
mod geometry;
mod interface;
#[cfg(feature = "lab")]
mod kept;
#[cfg(feature = "lab")]
mod manifest;
#[cfg(feature = "lab")]
mod mutate;
// The commands of the feature write kinds of files that the others do not.
#[cfg_attr(not(feature = "lab"), allow(dead_code))]
mod output;
#[cfg(feature = "lab")]
mod prove;
mod registers;
#[cfg(feature = "lab")]
mod replay;
#[cfg(feature = "lab")]
mod report;
mod shapes;
#[cfg(feature = "lab")]
mod sim;
mod steps;
mod terminal;
#[cfg(feature = "lab")]
mod upset;
mod verilog;

use clap::{Parser, Subcommand};
use pm_system::input::{bounded, in_words_of_people, InputError, UsageError};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// The Partition Manager: simulate it, replay traces through it, generate and build it.
#[derive(Parser)]
#[command(name = "pm", version, arg_required_else_help = true)]
#[cfg_attr(
    not(feature = "lab"),
    command(after_help = "This program was built without the commands that simulate and prove: `./pm` has them all.")
)]
struct Arguments {
    /// A file of geometries, whose names --geometry takes beside the presets'; PM_GEOMETRIES names one, too
    #[arg(long, global = true, value_name = "FILE")]
    geometries: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// A new subcommand is a line here and a line in `run`.
#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "lab")]
    Sim(sim::Arguments),
    #[cfg(feature = "lab")]
    Replay(replay::Arguments),
    Verilog(verilog::Arguments),
    Bitstream(bitstream::Arguments),
    #[cfg(feature = "lab")]
    Report(report::Arguments),
    Check(check::Arguments),
    #[cfg(feature = "lab")]
    Cosim(cosim::Arguments),
    #[cfg(feature = "lab")]
    Upset(upset::Arguments),
    #[cfg(feature = "lab")]
    Prove(prove::Arguments),
    #[cfg(feature = "lab")]
    Fault(fault::Arguments),
    #[cfg(feature = "lab")]
    Mutate(mutate::Arguments),
    Geometry(geometry::Arguments),
    Registers(registers::Arguments),
    #[cfg(feature = "lab")]
    Manifest(manifest::Arguments),
    #[cfg(feature = "lab")]
    Audit(audit::Arguments),
}

impl Command {
    /// `Ok(true)`: done. `Ok(false)`: the work failed and has said so itself.
    fn run(self) -> anyhow::Result<bool> {
        match self {
            #[cfg(feature = "lab")]
            Command::Sim(arguments) => sim::run(arguments),
            #[cfg(feature = "lab")]
            Command::Replay(arguments) => replay::run(arguments),
            Command::Verilog(arguments) => verilog::run(arguments),
            Command::Bitstream(arguments) => bitstream::run(arguments),
            #[cfg(feature = "lab")]
            Command::Report(arguments) => report::run(arguments),
            Command::Check(arguments) => check::run(arguments),
            #[cfg(feature = "lab")]
            Command::Cosim(arguments) => cosim::run(arguments),
            #[cfg(feature = "lab")]
            Command::Upset(arguments) => upset::run(arguments),
            #[cfg(feature = "lab")]
            Command::Prove(arguments) => prove::run(arguments),
            #[cfg(feature = "lab")]
            Command::Fault(arguments) => fault::run(arguments),
            #[cfg(feature = "lab")]
            Command::Mutate(arguments) => mutate::run(arguments),
            Command::Geometry(arguments) => geometry::run(arguments),
            Command::Registers(arguments) => registers::run(arguments),
            #[cfg(feature = "lab")]
            Command::Manifest(arguments) => manifest::run(arguments),
            #[cfg(feature = "lab")]
            Command::Audit(arguments) => audit::run(arguments),
        }
    }
}

/// What clap says of the arguments: bounded, as long as they may be, and in words of people.
fn explained(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut lines: Vec<String> = text.lines().map(|line| bounded(&in_words_of_people(line))).collect();
    for line in &mut lines {
        // Rust's way to write a range.
        let Some((_, range)) = line.rsplit_once(" is not in ") else { continue };
        let words = match range.split_once("..=") {
            Some((first, last)) => format!(": use a whole number from {first} to {last}"),
            None => format!(": use a whole number, {} or more", range.split("..").next().unwrap_or_default()),
        };
        line.push_str(&words);
    }
    lines.join("\n") + "\n"
}

/// What a program has beside the presets' widths: see `shapes`.
pub struct More {
    /// To be emitted.
    pub emitted: Vec<&'static dyn pm_designs::Shaped>,
    /// To be simulated with every signal in view.
    #[cfg(feature = "lab")]
    pub traced: Vec<&'static dyn pm_stepper::Steps>,
    /// To be simulated.
    #[cfg(feature = "lab")]
    pub stepped: Vec<&'static dyn pm_stepper::Steps>,
}

/// [`main`] of a program with other widths than the presets', too.
pub fn main_with(more: More) -> ExitCode {
    pm_designs::DESIGNS.install(more.emitted);
    #[cfg(feature = "lab")]
    {
        pm_traced::TRACED.install(more.traced);
        pm_stepper::STEPPERS.install(more.stepped);
    }
    main()
}

/// Runs the command that the program was started with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            terminal::tell(&explained(&error));
            return ExitCode::from(2);
        }
        // --help and --version
        Err(error) => {
            return match terminal::print(&error.render().to_string()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    terminal::tell(&format!("pm: {error:#}\n"));
                    ExitCode::FAILURE
                }
            }
        }
    };
    if let Some(file) = &arguments.geometries {
        std::env::set_var(pm_system::geometry::GEOMETRIES, file);
    }
    // A fault of pm itself, or of a design, is an error as any other: one line, and files that are whole or not there.
    static FAULT: Mutex<Option<String>> = Mutex::new(None);
    std::panic::set_hook(Box::new(|fault| *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault.to_string())));
    let ended = catch_unwind(AssertUnwindSafe(|| arguments.command.run())).unwrap_or_else(|_| {
        let fault = FAULT.lock().unwrap_or_else(PoisonError::into_inner).take();
        Err(anyhow::anyhow!("a fault of pm itself; please report it with the command line: {}", fault.unwrap_or_default()))
    });
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let text = format!("pm: {error:#}");
            terminal::tell(&(text.lines().map(bounded).collect::<Vec<String>>().join("\n") + "\n"));
            let unusable = error.chain().any(|cause| cause.is::<InputError>() || cause.is::<UsageError>());
            ExitCode::from(if unusable { 2 } else { 1 })
        }
    }
}
