//! What the suites share: the RTL and the golden model side by side, both open, and what may differ between them.

use pm_interface::Geometry;
use pm_sim::device::{Access, BusError, DeviceError, Fault, PhysicalVerdict, Translation};
pub use pm_sim::load::{open, open_model};
use pm_sim::{rtl_pins, Device, ModelDevice, Pins, Ports, Verilated};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The preset of this name.
pub fn preset(name: &str) -> Geometry {
    Geometry::preset(name).expect("the preset exists")
}

/// An access that every geometry refuses: no design has that tenant.
pub const DENIED: Access = Access { tenant: u8::MAX, address: 1, length: 1, kind: 0 };

/// Of each geometry one of something that takes long to make.
pub struct Cache<T>(Mutex<BTreeMap<String, Arc<Mutex<Option<T>>>>>);

impl<T> Cache<T> {
    /// Empty.
    pub const fn new() -> Cache<T> {
        Cache(Mutex::new(BTreeMap::new()))
    }

    /// Uses the one of this geometry; whoever is first makes it.
    pub fn with<R>(&self, geometry: &Geometry, make: impl FnOnce() -> T, act: impl FnOnce(&T) -> R) -> R {
        let place = self.0.lock().expect("nobody failed").entry(format!("{geometry:?}")).or_default().clone();
        let mut made = place.lock().expect("it was made for others");
        act(made.get_or_insert_with(make))
    }
}

/// The RTL of this geometry, open, its log empty. Clearing the shadow tables takes up to 2^16 cycles, so it is done once
/// and everybody gets a copy.
pub fn open_rtl(geometry: &Geometry) -> Box<dyn Pins> {
    static OPENED: Cache<Box<dyn Pins>> = Cache::new();
    let make = || {
        let mut rtl = rtl_pins(geometry).expect("the geometry is supported");
        rtl.reset().expect("the RTL resets");
        open(rtl.as_mut());
        rtl
    };
    OPENED.with(geometry, make, |rtl| rtl.duplicate().expect("RustHDL's state can be copied"))
}

/// The emitted Verilog of this geometry, compiled and open, its log empty.
pub fn open_verilated(geometry: &Geometry) -> Box<dyn Pins> {
    static COMPILED: Cache<Verilated> = Cache::new();
    let make = || Verilated::new(geometry).expect("Verilator compiles the emitted text");
    let mut verilated = COMPILED.with(geometry, make, |verilated| verilated.again().expect("it starts again"));
    verilated.reset().expect("the Verilog resets");
    open(&mut verilated);
    Box::new(verilated)
}

/// A model that tampers with what passes its ports.
pub struct Liar {
    honest: ModelDevice,
    /// What becomes of an answer of the translate port.
    pub translation: fn(&mut Translation),
    /// What becomes of an answer of the physical port.
    pub physical: fn(&mut PhysicalVerdict),
    /// Which writes of a value to a register are swallowed ...
    pub swallow: fn(u8, u32) -> bool,
    /// ... as are these many records: they are taken from the log before anybody reads them.
    pub steal: u32,
}

/// Makes a liar of it.
pub type Lie = fn(&mut Liar);

impl Liar {
    /// It tells the truth until told otherwise.
    pub fn honest(honest: ModelDevice) -> Liar {
        Liar { honest, translation: |_| {}, physical: |_| {}, swallow: |_, _| false, steal: 0 }
    }
}

impl Ports for Liar {
    fn name(&self) -> &'static str {
        "liar"
    }
    fn geometry(&self) -> &Geometry {
        self.honest.geometry()
    }
    fn cycles(&self) -> u64 {
        self.honest.cycles()
    }
    fn pulse_reset(&mut self) {
        self.honest.pulse_reset();
    }
    fn idle(&mut self, cycles: u64) {
        self.honest.idle(cycles);
    }
    fn read_register(&mut self, offset: u8) -> Result<u32, BusError> {
        self.honest.read_register(offset)
    }
    fn write_register(&mut self, offset: u8, value: u32) -> Result<(), BusError> {
        if (self.swallow)(offset, value) {
            Ok(())
        } else {
            self.honest.write_register(offset, value)
        }
    }
    fn translate(&mut self, accesses: &[Access]) -> Vec<Translation> {
        let mut verdicts = self.honest.translate(accesses);
        (self.translation)(&mut verdicts[0]);
        verdicts
    }
    fn physical(&mut self, accesses: &[Access]) -> Vec<PhysicalVerdict> {
        let mut verdicts = self.honest.physical(accesses);
        (self.physical)(&mut verdicts[0]);
        for _ in 0..std::mem::take(&mut self.steal) * pm_interface::AUDIT_WORDS as u32 {
            self.honest.write_register(pm_interface::registers::offset::AUDIT_POP, 1).unwrap();
        }
        verdicts
    }
    fn irq(&mut self) -> bool {
        self.honest.irq()
    }
    fn alert(&mut self) -> bool {
        self.honest.alert()
    }
    fn read_memory(&self, address: u64) -> u32 {
        self.honest.read_memory(address)
    }
    fn write_memory(&mut self, address: u64, word: u32) {
        self.honest.write_memory(address, word);
    }
    fn corrupt(&mut self, fault: &Fault) -> Result<(), DeviceError> {
        self.honest.corrupt(fault)
    }
}
