//! From a geometry, known at run time, to a design, whose widths are types.

use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_verilog::{EmitOptions, Port, StateElement};

/// Builds the [`PartitionManager`] of a geometry and evaluates an expression with it: the expression is compiled once
/// for every supported shape.
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
    ($geometry:expr, $design:ident => $body:expr) => {{
        let geometry: &::pm_interface::Geometry = $geometry;
        match geometry.shape.address {
            5 => {
                #[allow(unused_mut)]
                let mut $design = $crate::PartitionManager::<5, 3, 1, 1, 1, 2, 2>::connected(geometry);
                $body
            }
            16 => {
                #[allow(unused_mut)]
                let mut $design = $crate::PartitionManager::<16, 13, 2, 2, 5, 4, 7>::connected(geometry);
                $body
            }
            32 if geometry.shape.page == 8 => {
                #[allow(unused_mut)]
                let mut $design = $crate::PartitionManager::<32, 13, 3, 4, 8, 5, 11>::connected(geometry);
                $body
            }
            32 => {
                #[allow(unused_mut)]
                let mut $design = $crate::PartitionManager::<32, 13, 4, 5, 12, 16, 16>::connected(geometry);
                $body
            }
            _ => {
                #[allow(unused_mut)]
                let mut $design = $crate::PartitionManager::<48, 13, 6, 6, 14, 20, 20>::connected(geometry);
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
    with_shape!(geometry, design => pm_verilog::emit(design.data_path(), &options))
        .with_context(|| format!("emitting the data path of geometry {}", geometry.name))
}

/// The ports of what [`emit`] writes.
///
/// # Errors
/// When the geometry is not supported.
pub fn ports(geometry: &Geometry) -> Result<Vec<Port>> {
    geometry.check()?;
    Ok(with_shape!(geometry, design => pm_verilog::ports(&design)))
}

/// The ports of what [`emit_data_path`] writes.
///
/// # Errors
/// When the geometry is not supported.
pub fn data_path_ports(geometry: &Geometry) -> Result<Vec<Port>> {
    geometry.check()?;
    Ok(with_shape!(geometry, design => pm_verilog::ports(design.data_path())))
}
