//! Designs of the widths that `PM_SHAPES` named when this crate was compiled: none, unless `pm` compiles it for a geometry.

use pm_designs::Shaped;

/// To be emitted.
#[inline(never)]
pub fn emitted() -> Vec<&'static dyn Shaped> {
    include!(concat!(env!("OUT_DIR"), "/emitted.rs"))
}

/// To be simulated with every signal in view.
#[cfg(feature = "lab")]
#[inline(never)]
pub fn traced() -> Vec<&'static dyn pm_stepper::Steps> {
    include!(concat!(env!("OUT_DIR"), "/traced.rs"))
}
