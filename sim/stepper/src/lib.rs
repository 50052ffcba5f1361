//! The Partition Manager in RustHDL's simulator, its widths hidden behind a trait object.
//!
//! ```text
//!   drive, clock high, settle, clock low, settle, look      (pm-sim, compiled once)
//!      |
//!      v
//!   dyn Stepper --> PartitionManager<..>                    (this crate, compiled for every shape, optimised)
//! ```
//!
//! Optimising every shape takes minutes, so nothing else is in here: a change elsewhere compiles none of them again. Nothing in
//! here makes a `dyn Block` of a design: that would compile what describes each block as Verilog, too, which doubles the time.

use anyhow::Result;
use pm_interface::manifest::{DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::{words_of, Geometry, Reason};
use pm_model::{Access, Fault, PhysicalVerdict, Translation, Word};
use pm_rtl::shape::{OfShape, Registry};
use pm_rtl::{of_shape, preset_shapes, store, PartitionManager};
use pm_verilog::cells::Sleeper;
use rust_hdl::prelude::*;

/// Passes over the design before it counts as a combinational loop.
const SETTLE: usize = 200;

/// What is offered to the ports in one clock cycle; `None` leaves a port quiet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offered {
    /// A request on the translate port.
    pub translate: Option<Access>,
    /// A request on the physical port.
    pub physical: Option<Access>,
    /// A read of a register, or a write of a value to it.
    pub register: Option<(u8, Option<u32>)>,
}

/// What the ports show after the clock edge that sampled an [`Offered`].
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The translate port's answer to the request of four edges ago.
    pub translate: Option<Translation>,
    /// The physical port's answer to the request of four edges ago.
    pub physical: Option<PhysicalVerdict>,
    /// The register port's answer to the access of [`pm_rtl::control::REGISTER_LATENCY`] edges ago; `Some(None)` is an error.
    pub register: Option<Option<u32>>,
    /// The scrubber offers a word to the memory.
    pub scrubs: bool,
    /// The `irq` output.
    pub irq: bool,
}

/// A connected design whose clock, inputs and outputs are in the caller's hands.
pub trait Stepper: Send {
    /// Lets every signal take its value.
    ///
    /// # Panics
    /// When they never do: a combinational loop.
    fn settle(&mut self);

    /// Drives the clock.
    fn clock(&mut self, high: bool);

    /// A clock cycle of a settled design: what a rising edge and, after it has settled, a falling one come to. Every cell is clocked
    /// directly, so that the edges pass through no kernel.
    fn tick(&mut self);

    /// Drives the reset.
    fn reset(&mut self, high: bool);

    /// Drives the request inputs.
    fn drive(&mut self, offered: &Offered);

    /// Looks at the outputs.
    fn shown(&self) -> Shown;

    /// The `alert` output.
    fn alert(&self) -> bool;

    /// Address and word that the memory takes at the next rising edge, if any.
    fn scrubbed(&self) -> Option<(u64, u32)>;

    /// Upsets the lookup state. Slot, tenant and page exist, and the design has the feature.
    fn corrupt(&mut self, fault: &Fault);

    /// The design as a block, for probes, where it can be visited: see `pm-traced`.
    fn block(&self) -> Option<&dyn Block> {
        None
    }

    /// Another one in exactly this state.
    fn duplicate(&self) -> Box<dyn Stepper>;
}

/// Makes steppers of one set of widths.
pub trait Steps: OfShape {
    /// The design of a geometry of these widths, with the development key where it asks for one.
    fn stepper(&self, geometry: &Geometry) -> Box<dyn Stepper>;
}

of_shape! {
    /// Designs of these widths: bits of an address, a length, a tenant, a slot, a page, a block, and of the shadow page tables' address.
    Widths
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Steps for Widths<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn stepper(&self, geometry: &Geometry) -> Box<dyn Stepper> {
        let mut design = PartitionManager::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>::connected(geometry);
        with_keys(&mut design);
        Box::new(design)
    }
}

/// The designs of this program.
pub static STEPPERS: Registry<dyn Steps> = Registry::new(preset_shapes!(Widths, Widths));

/// The design of a geometry, with the development key where it asks for one.
///
/// The geometry must have passed [`Geometry::check`].
///
/// # Errors
/// When its widths are not in this program.
pub fn stepper(geometry: &Geometry) -> Result<Box<dyn Stepper>> {
    Ok(STEPPERS.of(geometry)?.stepper(geometry))
}

/// Drives what does not change: the memory is always ready, the key is the development key.
pub fn with_keys<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
>(
    design: &mut PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>,
) {
    design.memory_write.ready.next = true;
    for (port, word) in design.device_key.iter_mut().zip(words_of(DEVELOPMENT_KEY)) {
        port.next = u64::from(word).into();
    }
    design.minimum_version.iter_mut().for_each(|version| version.next = u64::from(DEVELOPMENT_VERSION).into());
}

/// The reason behind a code.
///
/// # Panics
/// When there is no such code: the hardware knows the others only.
pub fn reason(code: u8) -> Reason {
    Reason::from_code(code).expect("the hardware knows the codes of the reasons only")
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Stepper for PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn settle(&mut self) {
        assert!(simulate(self, SETTLE), "the design does not settle: a combinational loop");
    }

    fn clock(&mut self, high: bool) {
        self.clock.next = high.into();
    }

    fn tick(&mut self) {
        Sleeper::tick(self);
        self.settle();
    }

    fn reset(&mut self, high: bool) {
        self.reset.next = high;
    }

    fn drive(&mut self, offered: &Offered) {
        let ports = [(&mut self.translate_request, offered.translate), (&mut self.physical_request, offered.physical)];
        for (request, access) in ports {
            request.valid.next = access.is_some();
            if let Some(access) = access {
                request.tenant.next = u64::from(access.tenant).into();
                request.address.next = access.address.into();
                request.length.next = access.length.into();
                request.kind.next = u64::from(access.kind).into();
            }
        }
        let request = &mut self.register_request;
        request.read.next = matches!(offered.register, Some((_, None)));
        request.write.next = matches!(offered.register, Some((_, Some(_))));
        if let Some((offset, written)) = offered.register {
            request.address.next = u64::from(offset).into();
            request.write_data.next = u64::from(written.unwrap_or(0)).into();
        }
    }

    fn shown(&self) -> Shown {
        let (translate, physical, register) = (&self.translate_response, &self.physical_response, &self.register_response);
        Shown {
            translate: translate.valid.val().then(|| Translation {
                granted: translate.granted.val(),
                not_mine: translate.not_mine.val(),
                reason: reason(translate.reason.val().to_u8()),
                slot: translate.slot.val().to_u8(),
                physical: translate.physical.val().to_u64(),
            }),
            physical: physical.valid.val().then(|| PhysicalVerdict {
                allowed: physical.allowed.val(),
                reason: reason(physical.reason.val().to_u8()),
                slot: physical.slot.val().to_u8(),
            }),
            register: register.valid.val().then(|| (!register.error.val()).then(|| register.read_data.val().to_u32())),
            scrubs: self.memory_write.valid.val(),
            irq: self.irq.val(),
        }
    }

    fn alert(&self) -> bool {
        self.alert.val()
    }

    fn scrubbed(&self) -> Option<(u64, u32)> {
        let write = &self.memory_write;
        (write.valid.val() && write.ready.val()).then(|| (write.address.val().to_u64(), write.data.val().to_u32()))
    }

    fn corrupt(&mut self, fault: &Fault) {
        let data_path = self.data_path();
        match *fault {
            Fault::Shadow { tenant, page, entry } => {
                let (mapped, slot) = (entry.is_some(), entry.unwrap_or(0));
                data_path.shadow_table().poke(tenant.into(), page as usize, mapped, slot.into());
            }
            Fault::Bits { word, bits } => {
                for bit in (0..128).filter(|bit| bits >> bit & 1 != 0) {
                    match word {
                        Word::Row(slot) => data_path.partition_table().flip_control_copy(slot.into(), bit),
                        Word::LookupRow(slot) => data_path.partition_table().flip_lookup_copy(slot.into(), bit),
                        Word::Shadow(tenant, page) => data_path.shadow_table().flip(tenant.into(), page as usize, bit),
                        Word::Granule(block) => {
                            let map = data_path.ownership_map().expect("there is one with integrity");
                            map.flip(block as usize & ((1 << BLOCK) - 1), bit);
                        }
                    }
                }
            }
            Fault::Cam { slot, row } => {
                let (tenant, first, last) = (u64::from(row.tenant).into(), row.first_page.into(), row.last_page.into());
                data_path.lookup().poke(slot.into(), row.valid, tenant, first, last);
            }
            Fault::Row { slot, row } => {
                let row = store::Row::<TENANT, PAGE, BLOCK> {
                    tenant: u64::from(row.tenant).into(),
                    first_page: row.first_page.into(),
                    last_page: row.last_page.into(),
                    first_block: row.first_block.into(),
                    last_block: row.last_block.into(),
                    delta: row.delta.into(),
                    read: row.rights.read,
                    write: row.rights.write,
                    execute: row.rights.execute,
                    isolated: row.rights.isolated,
                    locked: row.rights.locked,
                };
                data_path.partition_table().poke_lookup_copy(slot.into(), row);
            }
        }
    }

    fn duplicate(&self) -> Box<dyn Stepper> {
        Box::new(self.clone())
    }
}
