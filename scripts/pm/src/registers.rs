//! `pm registers`: prints the register map.

use crate::terminal;
use clap::{Args, ValueEnum};
use pm_interface::registers::{Access, Register, REGISTERS};
use serde::Serialize;

const EXAMPLE: &str = "\
Example:
  pm registers --format json

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
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    offset: u8,
    access: &'static str,
    writable_when_active: bool,
    writable_when_sealed: bool,
    doc: &'static str,
}

impl From<&Register> for Row {
    fn from(register: &Register) -> Row {
        let access = match register.access {
            Access::ReadOnly => "ro",
            Access::ReadWrite => "rw",
            Access::WriteOnly => "wo",
            Access::WriteOneToClear => "w1c",
        };
        Row {
            name: register.name,
            offset: register.offset,
            access,
            writable_when_active: register.writable_when_active,
            writable_when_sealed: register.writable_when_sealed,
            doc: register.doc,
        }
    }
}

/// Prints the map.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let rows: Vec<Row> = REGISTERS.iter().map(Row::from).collect();
    if arguments.json || arguments.format == Format::Json {
        terminal::print_json(&rows)?;
    } else {
        terminal::print(&table(&rows))?;
    }
    Ok(true)
}

fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = format!("offset  {:width$}  access  active  sealed  meaning\n", "name");
    for row in rows {
        let yes = |flag: bool| if flag { "yes" } else { "-" };
        text.push_str(&format!(
            "0x{:02X}    {:width$}  {:6}  {:6}  {:6}  {}\n",
            row.offset, row.name, row.access, yes(row.writable_when_active), yes(row.writable_when_sealed), row.doc
        ));
    }
    text.push_str("active, sealed: whether a write is accepted in that state\n");
    text
}
