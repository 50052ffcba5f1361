//! The designs that can be emitted, by name.

use anyhow::{ensure, Result};
use clap::ValueEnum;
use pm_bsp::board::AlchitryCuTop;
use pm_interface::Geometry;
use pm_sim::UsageError;
use pm_verilog::EmitOptions;

/// The only preset that the board is built for, with any features.
pub const BOARD_GEOMETRY: &str = "cu";
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
                ensure!(
                    geometry.preset_name() == BOARD_GEOMETRY,
                    UsageError(format!("the board is built for geometry {BOARD_GEOMETRY}, not {}", geometry.name))
                );
                let mut header = pm_rtl::shape::header(geometry);
                header.push("board: Alchitry Cu (iCE40 HX8K, cb132), 100 MHz".into());
                let options = EmitOptions { top: BOARD_TOP.into(), header, ..EmitOptions::default() };
                Ok(pm_verilog::emit(&AlchitryCuTop::board(geometry), &options)?)
            }
        }
    }
}
