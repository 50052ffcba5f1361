//! The designs that can be emitted, by name.

use anyhow::{bail, Result};
use clap::ValueEnum;
use pm_bsp::board::{AlchitryCuTop, McuTop};
use pm_bsp::constraints;
use pm_interface::Geometry;
use pm_sim::UsageError;
use pm_verilog::EmitOptions;

/// The presets that the board is built for, with any features.
pub const BOARD_GEOMETRIES: [&str; 2] = ["cu", "mcu"];
/// The board with every feature.
pub const FULL_BOARD: &str = "mcu+dynamic+chain+boot+alerts+integrity";
/// Clock of the board in MHz.
pub const BOARD_CLOCK_MHZ: f64 = 100.0;
/// Top module of the board's Verilog.
pub const BOARD_TOP: &str = "alchitry_cu";

/// What to emit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Design {
    /// The Partition Manager, top module `partition_manager`
    Core,
    /// Its data path alone, top module `data_path`
    DataPath,
    /// The whole Alchitry Cu, top module `alchitry_cu`
    Board,
}

/// The board's pins and clock target, the same whatever geometry it is built for.
pub fn pins(frequency: f64) -> Result<String> {
    constraints::pcf(&<AlchitryCuTop>::board(&Geometry::preset("cu")?), "clock", frequency)
}

/// Whether there is a board with this geometry.
pub fn has_board(geometry: &Geometry) -> bool {
    BOARD_GEOMETRIES.contains(&geometry.preset_name())
}

impl Design {
    /// Name of the top module.
    pub fn top(self) -> &'static str {
        match self {
            Design::Core => "partition_manager",
            Design::DataPath => "data_path",
            Design::Board => BOARD_TOP,
        }
    }

    /// Its Verilog for `geometry`.
    pub fn verilog(self, geometry: &Geometry) -> Result<String> {
        match self {
            Design::Core => pm_rtl::emit(geometry),
            Design::DataPath => pm_rtl::shape::emit_data_path(geometry),
            Design::Board => {
                let mut header = pm_rtl::shape::header(geometry);
                header.push("board: Alchitry Cu (iCE40 HX8K, cb132), 100 MHz".into());
                let options = EmitOptions { top: BOARD_TOP.into(), header, ..EmitOptions::default() };
                match geometry.preset_name() {
                    "cu" => Ok(pm_verilog::emit(&<AlchitryCuTop>::board(geometry), &options)?),
                    "mcu" => Ok(pm_verilog::emit(&<McuTop>::board(geometry), &options)?),
                    _ => bail!(UsageError(format!(
                        "the board is built for the geometries {}, not {}",
                        BOARD_GEOMETRIES.join(" and "),
                        geometry.name
                    ))),
                }
            }
        }
    }
}
