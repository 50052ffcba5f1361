//! Designs of one set of widths each, behind a trait object: the presets', and what the program was built with beside them.

use pm_interface::Geometry;
use pm_rtl::guard::axi4::{Axi4Options, Axi4PartitionManager, AXI4_ID, AXI4_USER};
use pm_rtl::guard::{
    wishbone::{WishboneOptions, WishbonePartitionManager},
    ApbPartitionManager,
};
use pm_rtl::shape::{OfShape, Registry};
use pm_rtl::{of_shape, preset_shapes, PartitionManager};
use rust_hdl::prelude::Block;

/// The designs of one set of widths. Their geometry must have passed [`Geometry::check`] and have this shape.
pub trait Shaped: OfShape {
    /// The Partition Manager.
    fn core(&self, geometry: &Geometry) -> Box<dyn Block + Send>;

    /// The data path alone.
    fn data_path(&self, geometry: &Geometry) -> Box<dyn Block + Send>;

    /// The Partition Manager with its registers behind APB4.
    fn apb(&self, geometry: &Geometry) -> Box<dyn Block + Send>;

    /// The Partition Manager behind a Wishbone bus.
    fn wishbone(&self, geometry: &Geometry, options: WishboneOptions) -> Box<dyn Block + Send>;

    /// The Partition Manager as an AXI4 guard; `None` where accesses are shorter than AXI4's bursts.
    fn axi4(&self, geometry: &Geometry, options: &Axi4Options) -> Option<Box<dyn Block + Send>>;
}

macro_rules! shaped {
    ($(#[$doc:meta])* $name:ident, |$geometry:ident, $options:ident| $axi4:expr) => {
        of_shape! { $(#[$doc])* $name }

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
            fn core(&self, geometry: &Geometry) -> Box<dyn Block + Send> {
                Box::new(PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry))
            }

            fn data_path(&self, geometry: &Geometry) -> Box<dyn Block + Send> {
                let whole = PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry);
                Box::new(whole.built_data_path().clone())
            }

            fn apb(&self, geometry: &Geometry) -> Box<dyn Block + Send> {
                Box::new(ApbPartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry))
            }

            fn wishbone(&self, geometry: &Geometry, options: WishboneOptions) -> Box<dyn Block + Send> {
                let guard: WishbonePartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> =
                    WishbonePartitionManager::connected(geometry, options);
                Box::new(guard)
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

/// The AXI4 guard of these widths.
fn guard<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
    const DATA: usize,
    const BYTES: usize,
>(
    geometry: &Geometry,
    options: &Axi4Options,
) -> Box<dyn Block + Send> {
    let guard: Axi4PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, DATA, BYTES, AXI4_ID, AXI4_USER> =
        Axi4PartitionManager::connected(geometry, *options);
    Box::new(guard)
}

shaped! {
    /// Designs with accesses of up to 4096 bytes.
    Long, |geometry, options| {
        Some(match options.data {
            32 => guard::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, 32, 4>(geometry, options),
            64 => guard::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, 64, 8>(geometry, options),
            128 => guard::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, 128, 16>(geometry, options),
            256 => guard::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, 256, 32>(geometry, options),
            _ => guard::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, 512, 64>(geometry, options),
        })
    }
}

/// The designs of this program.
pub static DESIGNS: Registry<dyn Shaped> = Registry::new(preset_shapes!(Short, Long));
