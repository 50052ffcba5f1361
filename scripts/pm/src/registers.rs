//! `pm registers`: prints the register map.

use crate::terminal;
use clap::{Args, ValueEnum};
use pm_interface::registers::{Register, REGISTERS};
use pm_registers::{accepted, places, reset};
use pm_system::table;
use serde::Serialize;
use std::collections::BTreeMap;

const EXAMPLE: &str = "\
Example:
  pm registers
  pm registers --format rdl > partition_manager.rdl

Exit code: 0 done, 2 bad arguments.";

/// Print the register map
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns for people
    Table,
    /// An array of objects
    Json,
    /// SystemRDL 2.0
    Rdl,
    /// A C99 header
    C,
    /// The datasheet's tables
    Markdown,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    offset: u8,
    access: &'static str,
    reset: Option<u32>,
    writable_when_busy: bool,
    writable_when_active: bool,
    writable_when_sealed: bool,
    feature: Option<&'static str>,
    doc: &'static str,
    fields: Vec<Bits>,
}

#[derive(Serialize)]
struct Bits {
    name: &'static str,
    high: u8,
    low: u8,
    access: &'static str,
    reset: Option<u32>,
    feature: Option<&'static str>,
    codes: Option<BTreeMap<&'static str, u8>>,
    doc: &'static str,
}

impl From<&Register> for Row {
    fn from(register: &Register) -> Row {
        let access = register.access.name();
        // What is only written has nothing to read, after reset or later.
        let readable = |value: Option<u32>| value.filter(|_| register.reads());
        let fields = register.fields().iter().map(|field| Bits {
            name: field.name,
            high: field.high,
            low: field.low,
            access,
            reset: readable(field.reset),
            feature: field.feature,
            codes: field.codes.map(|codes| codes.members.iter().map(|(name, code, _)| (*name, *code)).collect()),
            doc: field.doc,
        });
        Row {
            name: register.name,
            offset: register.offset,
            access,
            reset: readable(register.reset()),
            writable_when_busy: register.writable_when_busy,
            writable_when_active: register.writable_when_active,
            writable_when_sealed: register.writable_when_sealed,
            feature: register.feature,
            doc: register.doc,
            fields: fields.collect(),
        }
    }
}

/// Prints the map.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    match arguments.format {
        _ if arguments.json => json()?,
        Format::Json => json()?,
        Format::Table => terminal::print(&table())?,
        Format::Rdl => terminal::print(&pm_registers::rdl())?,
        Format::C => terminal::print(&pm_registers::header())?,
        Format::Markdown => terminal::print(&pm_registers::datasheet())?,
    }
    Ok(true)
}

fn json() -> anyhow::Result<()> {
    terminal::print_json(&REGISTERS.iter().map(Row::from).collect::<Vec<Row>>())
}

fn table() -> String {
    let heads = ["offset", "name", "access", "reset", "busy", "active", "sealed", "needs", "meaning"];
    let row = |cells: [&str; 9]| cells.map(String::from).to_vec();
    let mut rows = vec![row(heads)];
    for register in REGISTERS {
        let [busy, active, sealed] = accepted(register);
        let (offset, reset) = (format!("0x{:02X}", register.offset), reset(register));
        let needs = register.feature.unwrap_or_default();
        let access = register.access.name();
        rows.push(row([&offset, register.name, access, &reset, busy, active, sealed, needs, register.doc]));
        for field in register.fields().iter().filter(|field| !field.is_whole()) {
            let needs = field.feature.unwrap_or_default();
            rows.push(row([&format!("{:>6}", places(field)), field.name, "", "", "", "", "", needs, field.doc]));
        }
    }
    table::render(&rows) + "busy, active, sealed: whether a write is accepted in that state; gate: by the gate's state alone\n"
}
