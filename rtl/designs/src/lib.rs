//! The designs that are emitted: the Partition Manager in every shape, alone and behind its buses.
//!
//! ```text
//!   geometry --> Design::block --> Box<dyn Block> --> Verilog        (emit)
//!                                                 --> registers      (state)
//!                                                 --> ports          (co-simulation)
//! ```
//!
//! The widths of a block are types, so every shape is compiled by itself, which takes longer than everything else. This crate
//! is the one place where that happens for designs that are emitted and not run, and it is compiled without optimisation. Other
//! crates get a design as a trait object and compile none. (What runs in RustHDL's simulator is compiled in `pm-stepper`.) Widths
//! that no preset has are compiled in `scripts/sizes`, and [`DESIGNS`] is told of them.

pub mod changed;
pub mod reset;
mod shaped;

use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_rtl::guard::axi4::{self, Axi4Options};
use pm_rtl::guard::{check_sources, wishbone::WishboneOptions, ControlBus};
use pm_verilog::{Change, EmitOptions, StateElement};
use rust_hdl::prelude::Block;
pub use shaped::{Long, Shaped, Short, DESIGNS};

/// Bytes of stack for the constructor of a design: only what is used is ever taken from memory.
const CONSTRUCTOR_STACK: usize = 256 << 20;

/// A design that exists for every geometry, or for every geometry with long accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// [`pm_rtl::PartitionManager`].
    Core,
    /// The Partition Manager with its registers behind APB4.
    Apb,
    /// Its data path alone: what `pm report` measures as the core.
    DataPath,
    /// The Partition Manager behind a Wishbone bus.
    Wishbone(WishboneOptions),
    /// The Partition Manager as an AXI4 guard.
    Axi4(Axi4Options),
}

impl Design {
    /// The design in the shape of a geometry, connected and ready to be emitted.
    ///
    /// # Errors
    /// When the geometry is not supported, its accesses are shorter than AXI4's bursts, or an option is not supported.
    pub fn block(self, geometry: &Geometry) -> Result<Box<dyn Block + Send>> {
        geometry.check()?;
        // Without optimisation a design's constructor keeps every inner block on the stack while it puts them together.
        let made = std::thread::scope(|scope| {
            let maker = std::thread::Builder::new().stack_size(CONSTRUCTOR_STACK);
            Ok(maker.spawn_scoped(scope, || self.make(geometry)).context("no thread to put a design together in")?.join())
        });
        made.and_then(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }

    fn make(self, geometry: &Geometry) -> Result<Box<dyn Block + Send>> {
        let shaped = DESIGNS.of(geometry)?;
        Ok(match self {
            Design::Core => shaped.core(geometry),
            Design::Apb => shaped.apb(geometry),
            Design::DataPath => shaped.data_path(geometry),
            Design::Wishbone(options) => {
                check_sources(options.sources, geometry)?;
                shaped.wishbone(geometry, options)
            }
            Design::Axi4(options) => {
                options.check(geometry)?;
                shaped.axi4(geometry, &options).with_context(|| format!("geometry {:?} has no AXI4 guard", geometry.name))?
            }
        })
    }

    /// Bus of its control registers.
    pub fn control(self) -> ControlBus {
        match self {
            Design::Apb => ControlBus::Apb4,
            Design::Core | Design::DataPath => ControlBus::Own,
            Design::Wishbone(WishboneOptions { control, .. }) | Design::Axi4(Axi4Options { control, .. }) => control,
        }
    }

    /// Name of the top module, unless another is chosen.
    pub fn top(self) -> &'static str {
        match self {
            Design::Core | Design::Apb | Design::Wishbone(_) | Design::Axi4(_) => "partition_manager",
            Design::DataPath => "data_path",
        }
    }

    /// The design's Verilog, with the usual names.
    ///
    /// # Errors
    /// As [`Self::emit_as`].
    pub fn emit(self, geometry: &Geometry) -> Result<String> {
        self.emit_changed(geometry, &[])
    }

    /// The design's Verilog with deliberate changes: a seeded fault needs no copy of the source, and nothing is compiled again.
    ///
    /// # Errors
    /// As [`Self::emit_as`], and when a change does not fit.
    pub fn emit_changed(self, geometry: &Geometry, changes: &[Change]) -> Result<String> {
        let changes = changes.to_vec();
        self.emit_as(geometry, &EmitOptions { top: self.top().into(), changes, ..EmitOptions::default() })
    }

    /// The design's Verilog. The lines for the head of the file that `names` has come last there.
    ///
    /// # Errors
    /// As [`Self::block`], or when the backend refuses a block or a name.
    pub fn emit_as(self, geometry: &Geometry, names: &EmitOptions) -> Result<String> {
        // Of both modules of a guard, before one of them is made of the other's name.
        names.check()?;
        let block = self.block(geometry)?;
        let mut header = header(geometry);
        match self {
            Design::Core | Design::DataPath | Design::Apb => {}
            Design::Wishbone(options) => {
                let translation = if options.mmu { "a standard MMU with pages of a granule" } else { "identity" };
                let map =
                    if options.sources > 0 { format!("; source map of {} entries", options.sources) } else { String::new() };
                header.push(format!("interface: Wishbone B4, 32 data bits; not managed: {translation}{map}"));
            }
            Design::Axi4(options) => header.push(options.describe()),
        }
        if self.control() == ControlBus::Apb4 {
            header.push("control: APB4, 32 data bits".into());
        }
        header.extend(names.header.iter().cloned());
        let mut options = EmitOptions { header, ..names.clone() };
        if let Design::Axi4(_) = self {
            options.around = Some(std::mem::replace(&mut options.top, axi4::inner(names)));
        }
        let text = pm_verilog::emit(block.as_ref(), &options)
            .with_context(|| format!("emitting {} of geometry {}", options.top, geometry.name))?;
        match self {
            Design::Axi4(_) => Ok(format!("{text}\n{}", axi4::parametrised(&text, names)?)),
            _ => Ok(text),
        }
    }

    /// As [`Self::emit_as`], with the other level of reset: `reset_n` of the core, `rst_n_i` of Wishbone, `areset` of AXI4.
    ///
    /// # Errors
    /// As [`Self::emit_as`].
    pub fn emit_with_other_reset(self, geometry: &Geometry, names: &EmitOptions) -> Result<String> {
        if let Design::Axi4(_) = self {
            return reset::of_guard(&self.emit_as(geometry, names)?, &names.top);
        }
        names.check()?;
        let inner = reset::inner(names);
        let options = EmitOptions { top: inner.clone(), around: Some(names.top.clone()), ..names.clone() };
        let text = self.emit_as(geometry, &options)?;
        Ok(format!("{text}\n{}", reset::around(&text, &inner, &names.top)?))
    }
}

/// What the head of every emitted file says.
pub fn header(geometry: &Geometry) -> Vec<String> {
    let shape = geometry.shape;
    vec![
        format!("Partition Manager {}", env!("CARGO_PKG_VERSION")),
        format!(
            "geometry {}: {} tenants, {} slots, granule {} B, window {} B, largest pool {} B, address {} bits",
            geometry.title(),
            geometry.tenants,
            geometry.slots,
            geometry.granule(),
            geometry.window(),
            geometry.largest_pool(),
            shape.address
        ),
    ]
}

/// The Verilog of a geometry's Partition Manager, top module `partition_manager`.
///
/// # Errors
/// As [`Design::emit`].
pub fn emit(geometry: &Geometry) -> Result<String> {
    Design::Core.emit(geometry)
}

/// The Verilog of its data path alone, top module `data_path`.
///
/// # Errors
/// As [`Design::emit`].
pub fn emit_data_path(geometry: &Geometry) -> Result<String> {
    Design::DataPath.emit(geometry)
}

/// Every register and memory of what [`emit`] writes.
///
/// # Errors
/// As [`emit`].
pub fn state(geometry: &Geometry) -> Result<Vec<StateElement>> {
    let block = Design::Core.block(geometry)?;
    pm_verilog::state(block.as_ref(), Design::Core.top())
        .with_context(|| format!("listing the state of geometry {}", geometry.name))
}

/// The Verilog of the Partition Manager as an AXI4 guard, top module `partition_manager` with the parameters `ID_WIDTH` and
/// `USER_WIDTH`.
///
/// # Errors
/// As [`Design::emit`].
pub fn emit_axi4(geometry: &Geometry, options: &Axi4Options) -> Result<String> {
    Design::Axi4(*options).emit(geometry)
}

/// The Verilog of the Partition Manager behind a Wishbone bus, top module `partition_manager`.
///
/// # Errors
/// As [`Design::emit`].
pub fn emit_wishbone(geometry: &Geometry, standard_mmu: bool) -> Result<String> {
    Design::Wishbone(WishboneOptions { mmu: standard_mmu, ..WishboneOptions::default() }).emit(geometry)
}

/// The read side of the AXI4 guard alone, small enough for proofs: 16 address bits, identifiers of one bit, two bursts under way;
/// top module `read_guard`.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_read_guard() -> Result<String> {
    changed::read_guard(&[])
}

/// The write side, likewise; top module `write_guard`.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_write_guard() -> Result<String> {
    changed::write_guard(&[])
}

/// The Wishbone guard, top module `wishbone_guard`, and what shares the memory's bus, top module `wishbone_merge`: small enough for
/// proofs, with 16 address bits.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_wishbone_guard() -> Result<String> {
    changed::wishbone_guard(&[])
}
