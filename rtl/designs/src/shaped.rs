//! Designs of one set of widths each, behind a trait object: the presets', and what the program was built with beside them.

use anyhow::{bail, Result};
use pm_interface::{Geometry, Shape};
use pm_rtl::guard::axi4::{Axi4Options, Axi4PartitionManager32, Axi4PartitionManager64};
use pm_rtl::{guard::wishbone::WishbonePartitionManager, preset_shapes, PartitionManager};
use rust_hdl::prelude::Block;
use std::sync::OnceLock;

/// The designs of one set of widths. Their geometry must have passed [`Geometry::check`] and have this shape.
pub trait Shaped: Send + Sync {
    /// The widths.
    fn shape(&self) -> Shape;

    /// The Partition Manager.
    fn core(&self, geometry: &Geometry) -> Box<dyn Block + Send>;

    /// Its data path alone.
    fn data_path(&self, geometry: &Geometry) -> Box<dyn Block + Send>;

    /// The Partition Manager behind a Wishbone bus.
    fn wishbone(&self, geometry: &Geometry, standard_mmu: bool) -> Box<dyn Block + Send>;

    /// The Partition Manager as an AXI4 guard; `None` where accesses are shorter than AXI4's bursts.
    fn axi4(&self, geometry: &Geometry, options: &Axi4Options) -> Option<Box<dyn Block + Send>>;
}

macro_rules! shaped {
    ($(#[$doc:meta])* $name:ident, |$geometry:ident, $options:ident| $axi4:expr) => {
        $(#[$doc])*
        pub struct $name<
            const ADDRESS: usize,
            const LENGTH: usize,
            const TENANT: usize,
            const SLOT: usize,
            const PAGE: usize,
            const BLOCK: usize,
            const SHADOW: usize,
        >;

        impl<
                const ADDRESS: usize,
                const LENGTH: usize,
                const TENANT: usize,
                const SLOT: usize,
                const PAGE: usize,
                const BLOCK: usize,
                const SHADOW: usize,
            > Shaped for $name<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
        {
            fn shape(&self) -> Shape {
                Shape { address: ADDRESS, length: LENGTH, tenant: TENANT, slot: SLOT, page: PAGE, block: BLOCK }
            }

            fn core(&self, geometry: &Geometry) -> Box<dyn Block + Send> {
                Box::new(PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry))
            }

            fn data_path(&self, geometry: &Geometry) -> Box<dyn Block + Send> {
                let whole = PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry);
                Box::new(whole.built_data_path().clone())
            }

            fn wishbone(&self, geometry: &Geometry, standard_mmu: bool) -> Box<dyn Block + Send> {
                Box::new(match standard_mmu {
                    false => WishbonePartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry),
                    true => WishbonePartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected_with_mmu(geometry),
                })
            }

            fn axi4(&self, $geometry: &Geometry, $options: &Axi4Options) -> Option<Box<dyn Block + Send>> {
                $axi4
            }
        }
    };
}

shaped! {
    /// Designs whose accesses are shorter than AXI4's bursts.
    Short, |_geometry, _options| None
}

shaped! {
    /// Designs with accesses of up to 4096 bytes.
    Long, |geometry, options| {
        let (bursts, mmu) = (options.bursts, options.mmu);
        Some(match options.data {
            32 => Box::new(Axi4PartitionManager32::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry, bursts, mmu)),
            _ => Box::new(Axi4PartitionManager64::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry, bursts, mmu)),
        })
    }
}

/// What every program has.
static PRESETS: &[&dyn Shaped] = preset_shapes!(Short, Long);
/// What this one has beside them.
static MORE: OnceLock<Vec<&'static dyn Shaped>> = OnceLock::new();

/// Adds designs of other widths than the presets'. To be called once, before any design is asked for.
///
/// # Panics
/// When it is called again.
pub fn install(more: Vec<&'static dyn Shaped>) {
    assert!(MORE.set(more).is_ok(), "designs are installed once");
}

/// Whether designs of these widths are in this program.
pub fn is_built(shape: Shape) -> bool {
    find(shape).is_some()
}

fn find(shape: Shape) -> Option<&'static dyn Shaped> {
    PRESETS.iter().chain(MORE.get().into_iter().flatten()).copied().find(|shaped| shaped.shape() == shape)
}

/// The designs of a geometry's widths.
pub(crate) fn shaped(geometry: &Geometry) -> Result<&'static dyn Shaped> {
    match find(geometry.shape) {
        Some(shaped) => Ok(shaped),
        None => bail!(
            "geometry {:?}: its widths {:?} are not compiled in this program; `./pm` compiles what a geometry needs",
            geometry.name,
            geometry.shape
        ),
    }
}
