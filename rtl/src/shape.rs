//! From a geometry, known at run time, to a design, whose widths are types.

pub use crate::guard::axi4::{Axi4PartitionManager32, Axi4PartitionManager64};
pub use crate::{guard::wishbone::WishbonePartitionManager, PartitionManager};

/// Builds the [`PartitionManager`] of a geometry, or another block of these widths, and evaluates an expression with it: the
/// expression is compiled once for every supported shape.
///
/// The geometry must have passed [`pm_interface::Geometry::check`]. The list of shapes stands here and nowhere else. Two crates
/// use it, so that each shape is compiled twice and no more: `pm-designs` to emit, `pm-stepper` to simulate.
///
/// ```ignore
/// let block: Box<dyn Block> = with_shape!(&geometry, design => Box::new(design));
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
