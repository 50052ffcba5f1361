//! The `pm` command line: one file a subcommand.
//!
//! Exit code 0: done. 1: the work failed. 2: arguments or input files cannot be used.

mod activity;
mod audit;
mod bitstream;
mod check;
mod cosim;
mod design;
mod fault;
mod interface;
mod kept;
mod manifest;
mod mutate;
mod output;
mod prove;
mod registers;
mod replay;
mod report;
mod sim;
mod terminal;
mod upset;
mod verilog;

use clap::{Parser, Subcommand};
use pm_sim::{InputError, UsageError};
use std::process::ExitCode;

/// The Partition Manager: simulate it, replay traces through it, generate and build it.
#[derive(Parser)]
#[command(name = "pm", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// A new subcommand is a line here and a line in `run`.
#[derive(Subcommand)]
enum Command {
    Sim(sim::Arguments),
    Replay(replay::Arguments),
    Verilog(verilog::Arguments),
    Bitstream(bitstream::Arguments),
    Report(report::Arguments),
    Check(check::Arguments),
    Cosim(cosim::Arguments),
    Upset(upset::Arguments),
    Prove(prove::Arguments),
    Fault(fault::Arguments),
    Mutate(mutate::Arguments),
    Registers(registers::Arguments),
    Manifest(manifest::Arguments),
    Audit(audit::Arguments),
}

impl Command {
    /// `Ok(true)`: done. `Ok(false)`: the work failed and has said so itself.
    fn run(self) -> anyhow::Result<bool> {
        match self {
            Command::Sim(arguments) => sim::run(arguments),
            Command::Replay(arguments) => replay::run(arguments),
            Command::Verilog(arguments) => verilog::run(arguments),
            Command::Bitstream(arguments) => bitstream::run(arguments),
            Command::Report(arguments) => report::run(arguments),
            Command::Check(arguments) => check::run(arguments),
            Command::Cosim(arguments) => cosim::run(arguments),
            Command::Upset(arguments) => upset::run(arguments),
            Command::Prove(arguments) => prove::run(arguments),
            Command::Fault(arguments) => fault::run(arguments),
            Command::Mutate(arguments) => mutate::run(arguments),
            Command::Registers(arguments) => registers::run(arguments),
            Command::Manifest(arguments) => manifest::run(arguments),
            Command::Audit(arguments) => audit::run(arguments),
        }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pm: {error:#}");
            let unusable = error.chain().any(|cause| cause.is::<InputError>() || cause.is::<UsageError>());
            ExitCode::from(if unusable { 2 } else { 1 })
        }
    }
}
