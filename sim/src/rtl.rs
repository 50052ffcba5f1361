//! The RTL as a [`Device`]: its ports, driven cycle by cycle in RustHDL's simulator, with no thread.
//!
//! ```text
//!   drive inputs, settle --> clock high, settle --> clock low, settle --> look at outputs
//! ```

use crate::device::{DeviceError, Ports};
use crate::vcd::{Waves, HALF_PERIOD};
use crate::Device;
use anyhow::Result;
use pm_interface::manifest::{DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::{words_of, Geometry, Reason};
use pm_model::{Access, BusError, Fault, PhysicalVerdict, Translation, Word};
use pm_rtl::{control::REGISTER_LATENCY, datapath::LATENCY, store, PartitionManager};
use rust_hdl::prelude::*;
use std::collections::HashMap;
use std::io::Write;

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
    /// The register port's answer to the access of [`REGISTER_LATENCY`] edges ago; `Some(None)` is an error.
    pub register: Option<Option<u32>>,
    /// The scrubber offers a word to the memory.
    pub scrubs: bool,
    /// The `irq` output.
    pub irq: bool,
}

/// Every port at once, clock cycle by clock cycle.
pub trait Pins: Device + Send {
    /// One clock cycle.
    fn cycle(&mut self, offered: &Offered) -> Shown {
        self.run(&[*offered])[0]
    }

    /// Some clock cycles.
    fn run(&mut self, offered: &[Offered]) -> Vec<Shown>;

    /// A second device in exactly this state, memory included, that records no VCD; `None` where a state cannot be copied.
    fn duplicate(&self) -> Option<Box<dyn Pins>>;
}

/// The Partition Manager in RustHDL's simulator, with a memory behind its scrubber.
pub struct Rtl<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
> {
    design: Box<PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>>,
    geometry: Geometry,
    memory: HashMap<u64, u32>,
    cycles: u64,
    vcd: Option<Waves>,
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Rtl<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// Takes a connected design and resets it.
    pub fn new(geometry: &Geometry, design: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>) -> Self {
        let mut rtl = Self { design: Box::new(design), geometry: geometry.clone(), memory: HashMap::new(), cycles: 0, vcd: None };
        rtl.design.memory_write.ready.next = true;
        for (port, word) in rtl.design.device_key.iter_mut().zip(words_of(DEVELOPMENT_KEY)) {
            port.next = u64::from(word).into();
        }
        rtl.design.minimum_version.iter_mut().for_each(|version| version.next = u64::from(DEVELOPMENT_VERSION).into());
        rtl.pulse_reset();
        rtl
    }

    fn settle(&mut self) {
        assert!(simulate(self.design.as_mut(), SETTLE), "the design does not settle: a combinational loop");
    }

    /// One clock cycle: the inputs as they are now are sampled by its rising edge.
    pub fn tick(&mut self) {
        self.settle();
        if self.design.memory_write.valid.val() && self.design.memory_write.ready.val() {
            let address = self.design.memory_write.address.val().to_u64();
            self.memory.insert(address, self.design.memory_write.data.val().to_u32());
        }
        self.design.clock.next = true.into();
        self.settle();
        self.trace();
        // The falling edge changes nothing, so it settles together with the inputs of the next cycle.
        self.design.clock.next = false.into();
        self.cycles += 1;
        if self.vcd.is_some() {
            self.settle();
            self.trace();
        }
    }

    fn trace(&mut self) {
        if let Some(waves) = &mut self.vcd {
            let half = u64::from(self.design.clock.val() == Clock::from(true));
            waves.at((2 * self.cycles + half) * HALF_PERIOD, self.design.as_ref());
        }
    }

    fn drive_translate(&mut self, access: Option<&Access>) {
        let request = &mut self.design.translate_request;
        request.valid.next = access.is_some();
        if let Some(access) = access {
            request.tenant.next = u64::from(access.tenant).into();
            request.address.next = access.address.into();
            request.length.next = access.length.into();
            request.kind.next = u64::from(access.kind).into();
        }
    }

    fn drive_physical(&mut self, access: Option<&Access>) {
        let request = &mut self.design.physical_request;
        request.valid.next = access.is_some();
        if let Some(access) = access {
            request.tenant.next = u64::from(access.tenant).into();
            request.address.next = access.address.into();
            request.length.next = access.length.into();
            request.kind.next = u64::from(access.kind).into();
        }
    }

    /// The translate port's response in this cycle, if there is one.
    pub fn translate_response(&self) -> Option<Translation> {
        let response = &self.design.translate_response;
        response.valid.val().then(|| Translation {
            granted: response.granted.val(),
            not_mine: response.not_mine.val(),
            reason: reason(response.reason.val().to_u8()),
            slot: response.slot.val().to_u8(),
            physical: response.physical.val().to_u64(),
        })
    }

    /// The physical port's response in this cycle, if there is one.
    pub fn physical_response(&self) -> Option<PhysicalVerdict> {
        let response = &self.design.physical_response;
        response.valid.val().then(|| PhysicalVerdict {
            allowed: response.allowed.val(),
            reason: reason(response.reason.val().to_u8()),
            slot: response.slot.val().to_u8(),
        })
    }

    fn drive_register(&mut self, access: Option<(u8, Option<u32>)>) {
        let request = &mut self.design.register_request;
        request.read.next = matches!(access, Some((_, None)));
        request.write.next = matches!(access, Some((_, Some(_))));
        if let Some((offset, written)) = access {
            request.address.next = u64::from(offset).into();
            request.write_data.next = u64::from(written.unwrap_or(0)).into();
        }
    }

    /// The register port's response in this cycle, if there is one; `None` inside is an error.
    fn register_response(&self) -> Option<Option<u32>> {
        let response = &self.design.register_response;
        response.valid.val().then(|| (!response.error.val()).then(|| response.read_data.val().to_u32()))
    }

    fn drive(&mut self, offered: &Offered) {
        self.drive_translate(offered.translate.as_ref());
        self.drive_physical(offered.physical.as_ref());
        self.drive_register(offered.register);
    }

    fn step(&mut self, offered: &Offered) -> Shown {
        self.drive(offered);
        self.tick();
        Shown {
            translate: self.translate_response(),
            physical: self.physical_response(),
            register: self.register_response(),
            scrubs: self.design.memory_write.valid.val(),
            irq: self.design.irq.val(),
        }
    }
}

/// One access on the register port.
pub(crate) fn register(pins: &mut impl Pins, offset: u8, written: Option<u32>) -> Result<u32, BusError> {
    let mut offered = [Offered::default(); REGISTER_LATENCY];
    offered[0].register = Some((offset, written));
    let shown = pins.run(&offered)[REGISTER_LATENCY - 1];
    let response = shown.register.expect("the register port answers a fixed number of cycles after the strobe");
    response.ok_or(BusError { offset, written })
}

/// Accesses on one of the ports, one a cycle; their answers, each exactly four cycles later.
pub(crate) fn pipelined<A>(
    pins: &mut impl Pins,
    accesses: &[Access],
    offer: impl Fn(Access) -> Offered,
    answer: impl Fn(&Shown) -> Option<A>,
) -> Vec<A> {
    let mut offered: Vec<Offered> = accesses.iter().copied().map(offer).collect();
    offered.extend([Offered::default(); LATENCY]);
    let shown = pins.run(&offered);
    let answers = shown.iter().enumerate().filter_map(|(cycle, shown)| {
        let due = cycle + 1 >= LATENCY && cycle + 1 < accesses.len() + LATENCY;
        let answer = answer(shown);
        assert_eq!(answer.is_some(), due, "the port answers four cycles later, and then only");
        answer
    });
    answers.collect()
}

/// A request on the translate port.
pub(crate) fn translate_offer(access: Access) -> Offered {
    Offered { translate: Some(access), ..Offered::default() }
}

/// A request on the physical port.
pub(crate) fn physical_offer(access: Access) -> Offered {
    Offered { physical: Some(access), ..Offered::default() }
}

pub(crate) fn reason(code: u8) -> Reason {
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
    > Ports for Rtl<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn name(&self) -> &'static str {
        "rtl"
    }

    fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    fn cycles(&self) -> u64 {
        self.cycles
    }

    fn pulse_reset(&mut self) {
        self.design.reset.next = true;
        self.tick();
        self.tick();
        self.design.reset.next = false;
    }

    fn idle(&mut self, cycles: u64) {
        for _ in 0..cycles {
            self.tick();
        }
    }

    fn read_register(&mut self, offset: u8) -> Result<u32, BusError> {
        register(self, offset, None)
    }

    fn write_register(&mut self, offset: u8, value: u32) -> Result<(), BusError> {
        register(self, offset, Some(value)).map(|_| ())
    }

    fn translate(&mut self, accesses: &[Access]) -> Vec<Translation> {
        pipelined(self, accesses, translate_offer, |shown| shown.translate)
    }

    fn physical(&mut self, accesses: &[Access]) -> Vec<PhysicalVerdict> {
        pipelined(self, accesses, physical_offer, |shown| shown.physical)
    }

    fn irq(&mut self) -> bool {
        self.design.irq.val()
    }

    fn alert(&mut self) -> bool {
        self.design.alert.val()
    }

    fn read_memory(&self, address: u64) -> u32 {
        self.memory.get(&(address & !3)).copied().unwrap_or(0)
    }

    fn write_memory(&mut self, address: u64, word: u32) {
        self.memory.insert(address & !3, word);
    }

    fn corrupt(&mut self, fault: &Fault) -> Result<(), DeviceError> {
        let (tenants, slots, pages) = (self.geometry.tenants, self.geometry.slots, 1u64 << PAGE);
        let check_slot = |slot: u8| {
            if usize::from(slot) < slots {
                return Ok(usize::from(slot));
            }
            Err(DeviceError::Invalid(format!("there is no slot {slot}; slots are 0 to {}", slots - 1)))
        };
        match *fault {
            Fault::Shadow { tenant, page, entry } => {
                if usize::from(tenant) >= tenants || page >= pages {
                    let what = format!("there is no page {page} of tenant {tenant}: {tenants} tenants, {pages} pages");
                    return Err(DeviceError::Invalid(what));
                }
                let table = self.design.data_path().shadow_table();
                table.poke(tenant.into(), page as usize, entry.is_some(), entry.unwrap_or(0).into());
            }
            Fault::Bits { .. } if !self.geometry.features.integrity => {
                return Err(DeviceError::Unsupported("without the feature integrity words have no codes".into()));
            }
            Fault::Bits { word, bits } => {
                let slot = match word {
                    Word::Row(slot) | Word::LookupRow(slot) => check_slot(slot)?,
                    Word::Shadow(tenant, page) if usize::from(tenant) >= tenants || page >= pages => {
                        return Err(DeviceError::Invalid(format!("there is no page {page} of tenant {tenant}")));
                    }
                    Word::Shadow(..) | Word::Granule(_) => 0,
                };
                let data_path = self.design.data_path();
                for bit in (0..128).filter(|bit| bits >> bit & 1 != 0) {
                    match word {
                        Word::Row(_) => data_path.partition_table().flip_control_copy(slot, bit),
                        Word::LookupRow(_) => data_path.partition_table().flip_lookup_copy(slot, bit),
                        Word::Shadow(tenant, page) => data_path.shadow_table().flip(tenant.into(), page as usize, bit),
                        Word::Granule(block) => {
                            let map = data_path.ownership_map().expect("there is one with integrity");
                            map.flip(block as usize & ((1 << BLOCK) - 1), bit);
                        }
                    }
                }
            }
            Fault::Cam { slot, row } => {
                let slot = check_slot(slot)?;
                let lookup = self.design.data_path().lookup();
                lookup.poke(slot, row.valid, u64::from(row.tenant).into(), row.first_page.into(), row.last_page.into());
            }
            Fault::Row { slot, row } => {
                let slot = check_slot(slot)?;
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
                self.design.data_path().partition_table().poke_lookup_copy(slot, row);
            }
        }
        self.settle();
        Ok(())
    }

    fn record_vcd(&mut self, sink: Box<dyn Write + Send>) -> Result<(), DeviceError> {
        self.vcd = Some(Waves::new(sink, "partition_manager", self.design.as_ref()));
        Ok(())
    }

    fn finish_vcd(&mut self) -> Result<(), DeviceError> {
        let ended = self.vcd.take().map_or(Ok(()), Waves::finish);
        ended.map_err(|error| DeviceError::Invalid(format!("cannot write the VCD: {error}")))
    }
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Pins for Rtl<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    fn run(&mut self, offered: &[Offered]) -> Vec<Shown> {
        let shown = offered.iter().map(|offered| self.step(offered)).collect();
        // What comes next is quiet unless it says otherwise.
        self.drive(&Offered::default());
        shown
    }

    fn duplicate(&self) -> Option<Box<dyn Pins>> {
        Some(Box::new(Self {
            design: self.design.clone(),
            geometry: self.geometry.clone(),
            memory: self.memory.clone(),
            cycles: self.cycles,
            vcd: None,
        }))
    }
}

/// The RTL for this geometry, reset and ready to be activated.
///
/// # Errors
/// When no hardware can be generated for the geometry.
pub fn rtl_device(geometry: &Geometry) -> Result<Box<dyn Device>> {
    Ok(rtl_pins(geometry)?)
}

/// The same, with every port in hand.
///
/// # Errors
/// As [`rtl_device`].
pub fn rtl_pins(geometry: &Geometry) -> Result<Box<dyn Pins>> {
    geometry.check()?;
    Ok(pm_rtl::with_shape!(geometry, design => Box::new(Rtl::new(geometry, design)) as Box<dyn Pins>))
}
