//! The RTL as a [`Device`]: its ports, driven cycle by cycle in RustHDL's simulator, with no thread.
//!
//! ```text
//!   drive inputs, settle --> clock high, settle --> clock low, settle --> look at outputs
//! ```

use crate::device::{DeviceError, Ports};
use crate::vcd::{Waves, HALF_PERIOD};
use crate::Device;
use anyhow::Result;
use pm_interface::Geometry;
use pm_model::{Access, BusError, Fault, PhysicalVerdict, Translation, Word};
use pm_rtl::{control::REGISTER_LATENCY, datapath::LATENCY};
pub use pm_stepper::{reason, Offered, Shown};
use pm_stepper::{stepper, Stepper};
use pm_traced::traced;
use std::collections::HashMap;
use std::io::Write;

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

/// Cycles of a reset.
const RESET: u64 = 2;

/// The Partition Manager in RustHDL's simulator, with a memory behind its scrubber.
struct Rtl {
    design: Box<dyn Stepper>,
    geometry: Geometry,
    memory: HashMap<u64, u32>,
    cycles: u64,
    vcd: Option<Waves>,
}

impl Rtl {
    /// A design that has been reset.
    ///
    /// # Errors
    /// When the widths are not in this program.
    fn new(geometry: &Geometry) -> Result<Self> {
        let design = stepper(geometry)?;
        let mut rtl = Self { design, geometry: geometry.clone(), memory: HashMap::new(), cycles: 0, vcd: None };
        rtl.pulse_reset();
        Ok(rtl)
    }

    /// One clock cycle: the inputs as they are now are sampled by its rising edge.
    fn tick(&mut self) {
        self.design.settle();
        if let Some((address, word)) = self.design.scrubbed() {
            self.memory.insert(address, word);
        }
        if self.vcd.is_none() {
            self.design.tick();
            self.cycles += 1;
            return;
        }
        // Waveforms show the clock.
        self.design.clock(true);
        self.design.settle();
        self.trace(1);
        self.design.clock(false);
        self.cycles += 1;
        self.design.settle();
        self.trace(0);
    }

    /// Writes what has changed since the clock's last edge; its level now is `half`.
    fn trace(&mut self, half: u64) {
        if let (Some(waves), Some(block)) = (&mut self.vcd, self.design.block()) {
            waves.at((2 * self.cycles + half) * HALF_PERIOD, block);
        }
    }

    fn step(&mut self, offered: &Offered) -> Shown {
        self.design.drive(offered);
        self.tick();
        self.design.shown()
    }

    /// Whether there is what a fault names.
    fn check(&self, fault: &Fault) -> Result<(), DeviceError> {
        let (tenants, slots, pages) = (self.geometry.tenants, self.geometry.slots, 1u64 << self.geometry.shape.page);
        let slot = |slot: u8| match usize::from(slot) < slots {
            true => Ok(()),
            false => Err(DeviceError::Invalid(format!("there is no slot {slot}; slots are 0 to {}", slots - 1))),
        };
        let page = |tenant: u8, page: u64| match usize::from(tenant) < tenants && page < pages {
            true => Ok(()),
            false => {
                let what = format!("there is no page {page} of tenant {tenant}: {tenants} tenants, {pages} pages");
                Err(DeviceError::Invalid(what))
            }
        };
        match *fault {
            Fault::Shadow { tenant, page: place, .. } => page(tenant, place),
            Fault::Bits { .. } if !self.geometry.features.integrity => {
                Err(DeviceError::Unsupported("without the feature integrity words have no codes".into()))
            }
            Fault::Bits { word: Word::Row(row) | Word::LookupRow(row), .. } => slot(row),
            Fault::Bits { word: Word::Shadow(tenant, place), .. } => page(tenant, place),
            Fault::Bits { word: Word::Granule(_), .. } => Ok(()),
            Fault::Cam { slot: row, .. } | Fault::Row { slot: row, .. } => slot(row),
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

impl Ports for Rtl {
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
        self.design.reset(true);
        self.idle(RESET);
        self.design.reset(false);
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
        self.design.shown().irq
    }

    fn alert(&mut self) -> bool {
        self.design.alert()
    }

    fn read_memory(&self, address: u64) -> u32 {
        self.memory.get(&(address & !3)).copied().unwrap_or(0)
    }

    fn write_memory(&mut self, address: u64, word: u32) {
        self.memory.insert(address & !3, word);
    }

    fn corrupt(&mut self, fault: &Fault) -> Result<(), DeviceError> {
        self.check(fault)?;
        self.design.corrupt(fault);
        self.design.settle();
        Ok(())
    }

    fn record_vcd(&mut self, sink: Box<dyn Write + Send>) -> Result<(), DeviceError> {
        // Only another design has signals in view: this one must not have done anything yet.
        if self.cycles != RESET {
            return Err(DeviceError::Unsupported("a VCD begins with the first cycle".into()));
        }
        self.design = traced(&self.geometry).map_err(|error| DeviceError::Unsupported(error.to_string()))?;
        self.cycles = 0;
        self.vcd = self.design.block().map(|block| Waves::new(sink, "partition_manager", block));
        self.pulse_reset();
        Ok(())
    }

    fn finish_vcd(&mut self) -> Result<(), DeviceError> {
        let ended = self.vcd.take().map_or(Ok(()), Waves::finish);
        ended.map_err(|error| DeviceError::Invalid(format!("cannot write the VCD: {error}")))
    }
}

impl Pins for Rtl {
    fn run(&mut self, offered: &[Offered]) -> Vec<Shown> {
        let shown = offered.iter().map(|offered| self.step(offered)).collect();
        // What comes next is quiet unless it says otherwise.
        self.design.drive(&Offered::default());
        shown
    }

    fn duplicate(&self) -> Option<Box<dyn Pins>> {
        Some(Box::new(Rtl {
            design: self.design.duplicate(),
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
    Ok(Box::new(Rtl::new(geometry)?))
}
