//! The designs that can be emitted, by name.

use anyhow::Result;
use clap::ValueEnum;
use pm_bsp::{board, constraints};
use pm_interface::Geometry;
use pm_rtl::guard::{axi4::Axi4Options, check_sources, wishbone::WishboneOptions, ControlBus};
use pm_system::input::UsageError;
use pm_verilog::EmitOptions;

/// The board with every feature.
#[cfg(feature = "lab")]
pub const FULL_BOARD: &str = "mcu+dynamic+chain+boot+alerts+integrity";
/// Clock of the board in MHz.
pub const BOARD_CLOCK_MHZ: f64 = 100.0;
/// Bytes that the Wishbone guard asks for at the start of a burst, where granules are at least as large.
const WISHBONE_BURST: u64 = 64;
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
    /// The Partition Manager with its registers behind APB4: an interface of `Core`
    #[value(skip)]
    Apb,
    /// The Partition Manager behind a Wishbone bus: an interface of `Core`
    #[value(skip)]
    Wishbone(WishboneOptions),
    /// The Partition Manager as an AXI4 guard
    #[value(skip)]
    Axi4(Axi4Options),
}

/// The level at which a reset acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// The design is reset while the port is high
    High,
    /// The design is reset while the port is low
    Low,
}

/// The board's pins and clock target, the same whatever geometry it is built for.
pub fn pins(frequency: f64) -> Result<String> {
    constraints::pcf(board::block(&Geometry::preset("cu")?)?.as_ref(), "clock", frequency)
}

/// Whether there is a board with this geometry.
pub fn has_board(geometry: &Geometry) -> bool {
    board::GEOMETRIES.contains(&geometry.preset_name())
}

/// Words of a design's name for its control bus.
fn after(control: ControlBus) -> &'static str {
    match control {
        ControlBus::Own => "",
        ControlBus::Apb4 => ", APB4",
    }
}

/// Words of a design's name for a standard MMU.
fn mmu(there: bool) -> &'static str {
    if there {
        ", MMU"
    } else {
        ""
    }
}

/// Words of a design's name for its source map.
fn map(entries: usize) -> String {
    match entries {
        0 => String::new(),
        entries => format!(", {entries} sources"),
    }
}

impl Design {
    /// Name of the top module.
    pub fn top(self) -> &'static str {
        match self {
            Design::Core | Design::Apb | Design::Wishbone(_) | Design::Axi4(_) => "partition_manager",
            Design::DataPath => "data_path",
            Design::Board => BOARD_TOP,
        }
    }

    /// What tells it from the others.
    pub fn name(self) -> String {
        match self {
            Design::Apb => "core, APB4".into(),
            Design::Wishbone(options) => {
                format!("wishbone{}{}{}", mmu(options.mmu), after(options.control), map(options.sources))
            }
            Design::Axi4(options) => {
                let Axi4Options { data, control, sources, .. } = options;
                format!("axi4, {data} bits{}{}{}", mmu(options.mmu), after(control), map(sources))
            }
            _ => self.top().into(),
        }
    }

    /// Refuses a design that there is not for `geometry`.
    pub fn check(self, geometry: &Geometry) -> Result<(), UsageError> {
        match self {
            Design::Axi4(options) => options.check(geometry).map_err(|error| UsageError(error.to_string())),
            Design::Wishbone(options) => {
                check_sources(options.sources, geometry).map_err(|error| UsageError(error.to_string()))?;
                let (burst, longest) = (geometry.granule().min(WISHBONE_BURST), geometry.max_length());
                if burst <= longest {
                    return Ok(());
                }
                let name = &geometry.name;
                Err(UsageError(format!(
                    "no Wishbone guard for geometry {name}: its longest access, {longest} bytes, is shorter than the {burst} bytes \
                     that a burst is asked for; use tiny, cu, soc32 or soc64, or the interface core"
                )))
            }
            Design::Board if !has_board(geometry) => Err(UsageError(format!(
                "the board is built for the geometries {}, not {}",
                board::GEOMETRIES.join(" and "),
                geometry.name
            ))),
            Design::Core | Design::Apb | Design::DataPath | Design::Board => Ok(()),
        }
    }

    /// Its Verilog for `geometry`, with the usual names.
    pub fn verilog(self, geometry: &Geometry) -> Result<String> {
        self.verilog_as(geometry, &EmitOptions { top: self.top().into(), ..EmitOptions::default() })
    }

    /// The level at which its reset acts; `None` where that cannot be chosen.
    pub fn reset(self) -> Option<Level> {
        match self {
            Design::Core | Design::Apb | Design::Wishbone(_) => Some(Level::High),
            Design::Axi4(_) => Some(Level::Low),
            Design::DataPath | Design::Board => None,
        }
    }

    /// Whether a reset of this level is not the design's own.
    pub fn turns(self, level: Option<Level>) -> bool {
        level.is_some() && level != self.reset()
    }

    /// Its Verilog for `geometry`, with a reset of this level; without one, of its own.
    pub fn verilog_at(self, geometry: &Geometry, names: &EmitOptions, level: Option<Level>) -> Result<String> {
        if !self.turns(level) {
            return self.verilog_as(geometry, names);
        }
        self.check(geometry)?;
        match self.emitted().filter(|_| self.reset().is_some()) {
            Some(design) => design.emit_with_other_reset(geometry, names),
            None => Err(UsageError(format!("the design {} has one level of reset; leave out --reset", self.name())).into()),
        }
    }

    /// The design as the RTL's crates know it; `None` for the board, which is put together elsewhere.
    fn emitted(self) -> Option<pm_designs::Design> {
        Some(match self {
            Design::Core => pm_designs::Design::Core,
            Design::DataPath => pm_designs::Design::DataPath,
            Design::Apb => pm_designs::Design::Apb,
            Design::Wishbone(options) => pm_designs::Design::Wishbone(options),
            Design::Axi4(options) => pm_designs::Design::Axi4(options),
            Design::Board => return None,
        })
    }

    /// Its Verilog for `geometry`.
    pub fn verilog_as(self, geometry: &Geometry, names: &EmitOptions) -> Result<String> {
        self.check(geometry)?;
        if let Some(design) = self.emitted() {
            return design.emit_as(geometry, names);
        }
        let mut header = pm_designs::header(geometry);
        header.push("board: Alchitry Cu (iCE40 HX8K, cb132), 100 MHz".into());
        let block = board::block(geometry).map_err(|error| UsageError(error.to_string()))?;
        Ok(pm_verilog::emit(block.as_ref(), &EmitOptions { header, ..names.clone() })?)
    }
}
