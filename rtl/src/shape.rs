//! From a geometry, known at run time, to a design, whose widths are types.

pub use crate::guard::axi4::{Axi4PartitionManager32, Axi4PartitionManager64};
pub use crate::{guard::wishbone::WishbonePartitionManager, PartitionManager};
use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_verilog::{EmitOptions, StateElement};

/// Builds the [`PartitionManager`] of a geometry, or another block of these widths, and evaluates an expression with it: the
/// expression is compiled once for every supported shape.
///
/// The geometry must have passed [`Geometry::check`].
///
/// ```
/// use pm_interface::Geometry;
/// use rust_hdl::prelude::Block;
/// let geometry = Geometry::preset("tiny").unwrap();
/// let changed = pm_rtl::with_shape!(&geometry, design => design.has_changed());
/// assert!(!changed);
/// ```
#[macro_export]
macro_rules! with_shape {
    ($geometry:expr, $design:ident => $body:expr) => {
        $crate::with_shape!($geometry, PartitionManager::connected(), $design => $body)
    };
    ($geometry:expr, $block:ident::$make:ident($($extra:expr),*), $design:ident => $body:expr) => {{
        let geometry: &::pm_interface::Geometry = $geometry;
        match geometry.shape.address {
            5 => {
                #[allow(unused_mut)]
                let mut $design = $crate::shape::$block::<5, 3, 1, 1, 1, 2, 2>::$make(geometry $(, $extra)*);
                $body
            }
            12 => {
                #[allow(unused_mut)]
                let mut $design = $crate::shape::$block::<12, 5, 1, 2, 3, 3, 4>::$make(geometry $(, $extra)*);
                $body
            }
            _ => $crate::with_wide_shape!(geometry, $block::$make($($extra),*), $design => $body),
        }
    }};
}

/// The same for blocks that need accesses of up to 4096 bytes: without the shapes of `tiny` and `mcu`.
#[macro_export]
macro_rules! with_wide_shape {
    ($geometry:expr, $block:ident::$make:ident($($extra:expr),*), $design:ident => $body:expr) => {{
        let geometry: &::pm_interface::Geometry = $geometry;
        match geometry.shape.address {
            32 if geometry.shape.page == 8 => {
                #[allow(unused_mut)]
                let mut $design = $crate::shape::$block::<32, 13, 3, 4, 8, 5, 11>::$make(geometry $(, $extra)*);
                $body
            }
            32 => {
                #[allow(unused_mut)]
                let mut $design = $crate::shape::$block::<32, 13, 4, 5, 12, 16, 16>::$make(geometry $(, $extra)*);
                $body
            }
            _ => {
                #[allow(unused_mut)]
                let mut $design = $crate::shape::$block::<48, 13, 6, 6, 14, 20, 20>::$make(geometry $(, $extra)*);
                $body
            }
        }
    }};
}

/// What the head of every emitted file says.
pub fn header(geometry: &Geometry) -> Vec<String> {
    let shape = geometry.shape;
    vec![
        format!("Partition Manager {}", env!("CARGO_PKG_VERSION")),
        format!(
            "geometry {}: {} tenants, {} slots, granule {} B, window {} B, largest pool {} B, address {} bits",
            geometry.name,
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
/// When the geometry is not supported, or the backend refuses a block.
pub fn emit(geometry: &Geometry) -> Result<String> {
    geometry.check()?;
    let options = EmitOptions { header: header(geometry), ..EmitOptions::default() };
    with_shape!(geometry, design => pm_verilog::emit(&design, &options))
        .with_context(|| format!("emitting geometry {}", geometry.name))
}

/// Every register and memory of what [`emit`] writes.
///
/// # Errors
/// As [`emit`].
pub fn state(geometry: &Geometry) -> Result<Vec<StateElement>> {
    geometry.check()?;
    with_shape!(geometry, design => pm_verilog::state(&design, &EmitOptions::default().top))
        .with_context(|| format!("listing the state of geometry {}", geometry.name))
}

/// The data path alone, top module `data_path`: what `pm report` measures as the core.
///
/// # Errors
/// As [`emit`].
pub fn emit_data_path(geometry: &Geometry) -> Result<String> {
    geometry.check()?;
    let options = EmitOptions { top: "data_path".into(), header: header(geometry), ..EmitOptions::default() };
    with_shape!(geometry, design => pm_verilog::emit(design.built_data_path(), &options))
        .with_context(|| format!("emitting the data path of geometry {}", geometry.name))
}
