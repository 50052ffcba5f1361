//! Widths as types: which designs a program has, and the presets' widths.

use anyhow::{bail, Result};
use pm_interface::{Geometry, Shape};
use std::sync::OnceLock;

/// A type with widths.
pub trait OfShape: Send + Sync {
    /// The widths.
    fn shape(&self) -> Shape;
}

/// Objects of one kind, one for each set of widths that is compiled in a program: those of the presets, and those that the program was
/// built with beside them.
pub struct Registry<T: ?Sized + 'static> {
    presets: &'static [&'static T],
    more: OnceLock<Vec<&'static T>>,
}

impl<T: OfShape + ?Sized> Registry<T> {
    /// A registry of the presets, which [`preset_shapes!`](crate::preset_shapes) lists.
    pub const fn new(presets: &'static [&'static T]) -> Registry<T> {
        Registry { presets, more: OnceLock::new() }
    }

    /// Adds objects of other widths. To be called once, before any object is asked for.
    ///
    /// # Panics
    /// When it is called again.
    pub fn install(&self, more: Vec<&'static T>) {
        assert!(self.more.set(more).is_ok(), "designs are installed once");
    }

    /// The object of these widths, where it is compiled in this program.
    pub fn find(&self, shape: Shape) -> Option<&'static T> {
        self.presets.iter().chain(self.more.get().into_iter().flatten()).copied().find(|object| object.shape() == shape)
    }

    /// The object of a geometry's widths.
    ///
    /// # Errors
    /// When it is not compiled in this program.
    pub fn of(&self, geometry: &Geometry) -> Result<&'static T> {
        let (name, shape) = (&geometry.name, geometry.shape);
        match self.find(shape) {
            Some(object) => Ok(object),
            None => bail!(
                "geometry {name:?}: its widths {shape:?} are not compiled in this program; `./pm` compiles what a geometry needs"
            ),
        }
    }
}

/// Declares a type with seven constants that [`OfShape`] is about: bits of an address, a length, a tenant, a slot, a page, a block,
/// and of a tenant and a page together.
#[macro_export]
macro_rules! of_shape {
    ($(#[$doc:meta])* $name:ident) => {
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
            > $crate::shape::OfShape for $name<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
        {
            fn shape(&self) -> ::pm_interface::Shape {
                ::pm_interface::Shape { address: ADDRESS, length: LENGTH, tenant: TENANT, slot: SLOT, page: PAGE, block: BLOCK }
            }
        }
    };
}

/// A slice of objects, one for each preset's widths: `$short` is the type for accesses shorter than a burst of AXI4, `$long` the one
/// for the others. [`of_shape!`](crate::of_shape) declares such types.
///
/// The list of shapes stands here and nowhere else. Three crates use the list, so that each shape is compiled three times and no more:
/// `pm-designs` to emit, `pm-stepper` to simulate, `pm-traced` to look inside. Other widths are compiled in `scripts/sizes`.
#[macro_export]
macro_rules! preset_shapes {
    ($short:ident, $long:ident) => {
        &[
            &$short::<5, 3, 1, 1, 1, 2, 2>,
            &$short::<12, 5, 1, 2, 3, 3, 4>,
            &$long::<32, 13, 3, 4, 8, 5, 11>,
            &$long::<32, 13, 4, 5, 12, 16, 16>,
            &$long::<48, 13, 6, 6, 14, 20, 20>,
        ]
    };
}
