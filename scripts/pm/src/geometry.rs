//! `pm geometry`: what a choice of sizes comes to.

use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_interface::AUDIT_RECORDS;
use pm_interface::{Geometry, Shape};
use pm_rtl::control::REGISTER_LATENCY;
use pm_rtl::datapath::LATENCY;
use pm_system::table;
use pm_verilog::StateElement;
use serde::Serialize;

const EXAMPLE: &str = "\
Example:
  pm geometry cu
  pm geometry my.toml+chain+slots=20

Cells are an estimate: pm check --geometry NAME --synthesis has yosys count them. Widths that no preset has are compiled first.
Exit code: 0 done, 1 the widths cannot be compiled, 2 bad arguments, or a file that no geometry can be made of.";

/// Print what a geometry comes to: widths, memories, registers, estimated cells
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// A preset, a file of a geometry (FILE.toml), or a name of the file of --geometries; +FEATURE, +slots=N, +tenants=N and
    /// +pool=N may follow it
    #[arg(value_name = "NAME")]
    geometry: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A device's block RAM: the depths and widths that it can have.
struct Ram {
    device: &'static str,
    shapes: &'static [(usize, usize)],
}

/// iCE40: SB_RAM40_4K. ECP5: DP16KD, and 512 words of 36 bits with one port to read and one to write.
const RAMS: [Ram; 2] = [
    Ram { device: "iCE40", shapes: &[(256, 16), (512, 8), (1024, 4), (2048, 2)] },
    Ram { device: "ECP5", shapes: &[(512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1)] },
];

/// LUT4 for each register bit, in hundredths: the median of what yosys counts of the presets, with and without features.
const LUTS_PER_HUNDRED_BITS: usize = 100;

impl Ram {
    /// How many of them a memory takes, each with one port to read and one to write.
    fn of(&self, memory: &StateElement) -> usize {
        let counts = self.shapes.iter().map(|(depth, width)| memory.words.div_ceil(*depth) * memory.width.div_ceil(*width));
        counts.min().unwrap_or_default()
    }
}

/// Everything that is printed.
#[derive(Serialize)]
struct Report {
    geometry: String,
    granule_bytes: u64,
    window_bytes: u64,
    largest_pool_bytes: u64,
    longest_access_bytes: u64,
    tenants: usize,
    slots: usize,
    features: Vec<&'static str>,
    /// Bits of each field.
    widths: Shape,
    latency_cycles: usize,
    register_latency_cycles: usize,
    geometry0: u32,
    geometry1: u32,
    audit_records: usize,
    /// Bits of registers, without memories.
    register_bits: usize,
    memories: Vec<Memory>,
    /// An estimate: LUT4 of a mapped design.
    estimated_lut4: usize,
    /// Block RAMs, by device.
    block_rams: Vec<(&'static str, usize)>,
    /// Whether there is an AXI4 guard of these sizes.
    axi4: bool,
}

#[derive(Serialize)]
struct Memory {
    path: String,
    words: usize,
    width: usize,
}

impl Report {
    fn of(geometry: &Geometry) -> Result<Report> {
        let state = pm_designs::state(geometry)?;
        let memories: Vec<&StateElement> = state.iter().filter(|element| element.words > 1).collect();
        let register_bits = state.iter().filter(|element| element.words == 1).map(|element| element.width).sum();
        Ok(Report {
            geometry: geometry.name.clone(),
            granule_bytes: geometry.granule(),
            window_bytes: geometry.window(),
            largest_pool_bytes: geometry.largest_pool(),
            longest_access_bytes: geometry.max_length(),
            tenants: geometry.tenants,
            slots: geometry.slots,
            features: geometry.features.names(),
            widths: geometry.shape,
            latency_cycles: LATENCY,
            register_latency_cycles: REGISTER_LATENCY,
            geometry0: geometry.registers()[0],
            geometry1: geometry.registers()[1],
            audit_records: AUDIT_RECORDS,
            register_bits,
            memories: memories
                .iter()
                .map(|memory| Memory { path: memory.path[1..].join("."), words: memory.words, width: memory.width })
                .collect(),
            estimated_lut4: register_bits * LUTS_PER_HUNDRED_BITS / 100,
            block_rams: RAMS.iter().map(|ram| (ram.device, memories.iter().map(|memory| ram.of(memory)).sum())).collect(),
            axi4: pm_rtl::guard::axi4::Axi4Options::reach(geometry.shape),
        })
    }

    fn text(&self) -> String {
        let Shape { address, length, tenant, slot, page, block } = self.widths;
        let row = |name: &str, value: String| vec![name.to_string(), value];
        let mut rows = vec![
            row("geometry", self.geometry.clone()),
            row("granule", bytes(self.granule_bytes)),
            row("window of a tenant", format!("{}: {} granules", bytes(self.window_bytes), 1u64 << page)),
            row(
                "largest pool",
                format!("{}: {} granules", bytes(self.largest_pool_bytes), self.largest_pool_bytes / self.granule_bytes),
            ),
            row("longest access", bytes(self.longest_access_bytes)),
            row("tenants, slots", format!("{}, {}", self.tenants, self.slots)),
            row("features", if self.features.is_empty() { "none".into() } else { self.features.join(", ") }),
            row("bits", format!("address {address}, length {length}, tenant {tenant}, slot {slot}, page {page}, block {block}")),
            row("latency", format!("{} cycles; a register {} cycles", self.latency_cycles, self.register_latency_cycles)),
            row("GEOMETRY0, GEOMETRY1", format!("{:#010x}, {:#010x}", self.geometry0, self.geometry1)),
            row("AXI4 guard", if self.axi4 { "yes".into() } else { "no: it needs a longest access of 4 KiB".into() }),
            row("register bits", self.register_bits.to_string()),
            row("LUT4, about", self.estimated_lut4.to_string()),
        ];
        for (device, count) in &self.block_rams {
            rows.push(row(&format!("block RAMs, {device}"), count.to_string()));
        }
        let mut memories = vec![["memory", "words", "bits"].map(String::from).to_vec()];
        for memory in &self.memories {
            memories.push(vec![memory.path.clone(), memory.words.to_string(), memory.width.to_string()]);
        }
        format!("{}\n{}", table::render(&rows), table::render_numbers(&memories))
    }
}

/// Bytes in the largest unit that has a whole number of them.
fn bytes(bytes: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.iter().find(|(bits, _)| bytes >> bits << bits == bytes && bytes >> bits != 0) {
        Some((bits, unit)) => format!("{} {unit}", bytes >> bits),
        None => format!("{bytes} B"),
    }
}

/// Prints what a geometry comes to.
pub fn run(arguments: Arguments) -> Result<bool> {
    let report = Report::of(&terminal::geometry(&arguments.geometry)?)?;
    match arguments.json {
        true => terminal::print_json(&report)?,
        false => terminal::print(&report.text())?,
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Block RAMs of `cu` as yosys maps them: `pm report --geometry cu`.
    #[test]
    fn block_rams_are_as_many_as_the_board_has() {
        let report = Report::of(&Geometry::preset("cu").unwrap()).unwrap();
        assert_eq!(report.block_rams[0], ("iCE40", 12));
        assert_eq!((report.geometry0, report.geometry1), (0x0D10_0820, 0x0030_1008));
    }

    #[test]
    fn sizes_are_said_in_their_largest_unit() {
        let said = [4, 1000, 1024, 1536, 65536, 3 << 20, 1 << 40].map(bytes);
        assert_eq!(said, ["4 B", "1000 B", "1 KiB", "1536 B", "64 KiB", "3 MiB", "1 TiB"]);
    }
}
