//! The stepper whose signals can be looked at: for VCD files.
//!
//! A block that can be visited brings along what describes it as Verilog, which is more than half of what there is to compile. So
//! the shapes of `pm-stepper` cannot be visited, and these are the unoptimised ones of `pm-designs`: some times slower, and
//! compiled already.

// Named so that the crate is linked: the shapes are taken from there.
use pm_designs as _;
use pm_interface::Geometry;
use pm_model::Fault;
use pm_stepper::{with_keys, Offered, Shown, Stepper};
use rust_hdl::prelude::Block;

/// A stepper that is a block.
#[derive(Clone)]
struct Traced<B>(Box<B>);

/// The design of a geometry; [`Stepper::block`] is there.
///
/// The geometry must have passed [`Geometry::check`].
pub fn traced(geometry: &Geometry) -> Box<dyn Stepper> {
    pm_rtl::with_shape!(geometry, design => {
        with_keys(&mut design);
        Box::new(Traced(Box::new(design)))
    })
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
