//! The stepper whose signals can be looked at: for VCD files.
//!
//! A block that can be visited brings along what describes it as Verilog, which is more than half of what there is to compile. So
//! the shapes of `pm-stepper` cannot be visited, and these are the unoptimised ones of `pm-designs`: some times slower, and
//! compiled already.

// Named so that the crate is linked: the shapes are taken from there.
use anyhow::Result;
use pm_designs as _;
use pm_interface::Geometry;
use pm_model::Fault;
use pm_rtl::shape::Registry;
use pm_rtl::{of_shape, preset_shapes, PartitionManager};
use pm_stepper::{with_keys, Offered, Shown, Stepper, Steps};
use rust_hdl::prelude::Block;

/// A stepper that is a block.
#[derive(Clone)]
struct Traced<B>(Box<B>);

of_shape! {
    /// Designs of these widths, as [`pm_stepper::Widths`], in view.
    InView
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Steps for InView<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn stepper(&self, geometry: &Geometry) -> Box<dyn Stepper> {
        let mut design = PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry);
        with_keys(&mut design);
        Box::new(Traced(Box::new(design)))
    }
}

/// The designs of this program.
pub static TRACED: Registry<dyn Steps> = Registry::new(preset_shapes!(InView, InView));

/// The design of a geometry, whose [`Stepper::block`] is there.
///
/// The geometry must have passed [`Geometry::check`].
///
/// # Errors
/// When its widths are not in this program.
pub fn traced(geometry: &Geometry) -> Result<Box<dyn Stepper>> {
    Ok(TRACED.of(geometry)?.stepper(geometry))
}

impl<B: Stepper + Block + Clone + 'static> Stepper for Traced<B> {
    fn settle(&mut self) {
        self.0.settle();
    }

    fn clock(&mut self, high: bool) {
        self.0.clock(high);
    }

    fn tick(&mut self) {
        self.0.tick();
    }

    fn reset(&mut self, high: bool) {
        self.0.reset(high);
    }

    fn drive(&mut self, offered: &Offered) {
        self.0.drive(offered);
    }

    fn shown(&self) -> Shown {
        self.0.shown()
    }

    fn alert(&self) -> bool {
        self.0.alert()
    }

    fn scrubbed(&self) -> Option<(u64, u32)> {
        self.0.scrubbed()
    }

    fn corrupt(&mut self, fault: &Fault) {
        self.0.corrupt(fault);
    }

    fn block(&self) -> Option<&dyn Block> {
        Some(self.0.as_ref())
    }

    fn duplicate(&self) -> Box<dyn Stepper> {
        Box::new(self.clone())
    }
}
