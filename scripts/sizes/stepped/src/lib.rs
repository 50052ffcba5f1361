//! Designs of the widths that `PM_SHAPES` named when this crate was compiled, optimised: none, unless `pm` compiles it for a geometry.

use pm_stepper::Steps;

/// To be simulated.
#[inline(never)]
pub fn stepped() -> Vec<&'static dyn Steps> {
    include!(concat!(env!("OUT_DIR"), "/stepped.rs"))
}
