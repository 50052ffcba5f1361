//! The stepper whose signals can be looked at: for VCD files.
//!
//! A block that can be visited brings along what describes it as Verilog, which is more than half of what there is to compile. So
//! the shapes of `pm-stepper` cannot be visited, and these are the unoptimised ones of `pm-designs`: some times slower, and
//! compiled already.

// Named so that the crate is linked: the shapes are taken from there.
use pm_designs as _;
use pm_interface::{Geometry, Shape};
use pm_model::Fault;
use pm_rtl::PartitionManager;
use pm_stepper::{with_keys, Offered, Shown, Stepper, Steps};
use rust_hdl::prelude::Block;
use std::sync::OnceLock;

/// A stepper that is a block.
#[derive(Clone)]
struct Traced<B>(Box<B>);

/// Designs of these widths, as [`pm_stepper::Widths`], in view.
pub struct InView<
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
    > Steps for InView<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn shape(&self) -> Shape {
        Shape { address: ADDRESS, length: LENGTH, tenant: TENANT, slot: SLOT, page: PAGE, block: BLOCK }
    }

    fn stepper(&self, geometry: &Geometry) -> Box<dyn Stepper> {
        let mut design = PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry);
        with_keys(&mut design);
        Box::new(Traced(Box::new(design)))
    }
}

/// What every program has.
static PRESETS: &[&dyn Steps] = pm_rtl::preset_shapes!(InView, InView);
/// What this one has beside them.
static MORE: OnceLock<Vec<&'static dyn Steps>> = OnceLock::new();

/// Adds designs of other widths than the presets'. To be called once, before any design is asked for.
///
/// # Panics
/// When it is called again.
pub fn install(more: Vec<&'static dyn Steps>) {
    assert!(MORE.set(more).is_ok(), "designs are installed once");
}

/// The design of a geometry, whose [`Stepper::block`] is there; `None` where its widths are not in this program.
///
/// The geometry must have passed [`Geometry::check`].
pub fn traced(geometry: &Geometry) -> Option<Box<dyn Stepper>> {
    let all = PRESETS.iter().chain(MORE.get().into_iter().flatten());
    all.copied().find(|steps| steps.shape() == geometry.shape).map(|steps| steps.stepper(geometry))
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
