//! The emitted Verilog as a device: compiled by Verilator, it runs beside this program, a pipe to each side. It knows
//! nothing of the inside and takes no upsets, but it is several times as fast as RustHDL's simulator.

use crate::block_cosim::{self, Live, Program};
use crate::device::{DeviceError, Ports};
use crate::rtl::{physical_offer, pipelined, reason, register, translate_offer, Offered, Pins, Shown};
use anyhow::{Context, Result};
use pm_designs::Design;
use pm_interface::manifest::{DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::{words_of, Geometry};
use pm_model::{Access, BusError, Fault, PhysicalVerdict, Translation};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Idle cycles made at once at most.
const BATCH: u64 = 4096;

/// Inputs of the top, the clock apart, in the order in which they are driven here.
const INPUTS: [&str; 21] = [
    "reset",
    "translate_request.valid",
    "translate_request.tenant",
    "translate_request.address",
    "translate_request.length",
    "translate_request.kind",
    "physical_request.valid",
    "physical_request.tenant",
    "physical_request.address",
    "physical_request.length",
    "physical_request.kind",
    "register_request.read",
    "register_request.write",
    "register_request.address",
    "register_request.write_data",
    "memory_write.ready",
    "device_key$0",
    "device_key$1",
    "device_key$2",
    "device_key$3",
    "minimum_version$0",
];

/// Outputs of the top.
const TRANSLATE: [&str; 6] = [
    "translate_response.valid",
    "translate_response.granted",
    "translate_response.not_mine",
    "translate_response.reason",
    "translate_response.slot",
    "translate_response.physical",
];
const PHYSICAL: [&str; 4] =
    ["physical_response.valid", "physical_response.allowed", "physical_response.reason", "physical_response.slot"];
const REGISTER: [&str; 3] = ["register_response.valid", "register_response.error", "register_response.read_data"];
const MEMORY: [&str; 3] = ["memory_write.valid", "memory_write.address", "memory_write.data"];

/// What a device with authenticated boot is given: the words of the development key, and the oldest version.
fn authority() -> [u64; 5] {
    let [word_0, word_1, word_2, word_3] = words_of(DEVELOPMENT_KEY);
    [word_0, word_1, word_2, word_3, DEVELOPMENT_VERSION].map(u64::from)
}

/// What every device of one text shares.
struct Compiled {
    geometry: Geometry,
    program: Program,
    order: Order,
    places: Places,
}

/// For each input of the top, its place in a row of [`INPUTS`].
pub(crate) struct Order(Vec<usize>);

impl Order {
    pub(crate) fn of(ports: &block_cosim::BlockPorts) -> Option<Order> {
        let place = |path: &str| INPUTS.iter().position(|input| *input == path);
        ports.inputs.iter().map(|port| place(&port.path)).collect::<Option<Vec<usize>>>().map(Order)
    }

    /// Appends the inputs of a cycle.
    pub(crate) fn offer(&self, reset: bool, offered: &Offered, stimulus: &mut Vec<u64>) {
        let mut values = [0; INPUTS.len()];
        values[0] = reset.into();
        for (at, access) in [(1, offered.translate), (6, offered.physical)] {
            if let Some(Access { tenant, address, length, kind }) = access {
                values[at..at + 5].copy_from_slice(&[1, tenant.into(), address, length, kind.into()]);
            }
        }
        if let Some((offset, written)) = offered.register {
            let (read, write) = (written.is_none().into(), written.is_some().into());
            values[11..15].copy_from_slice(&[read, write, offset.into(), written.unwrap_or(0).into()]);
        }
        values[15] = 1;
        values[16..].copy_from_slice(&authority());
        stimulus.extend(self.0.iter().map(|place| values[*place]));
    }
}

/// Where the outputs of the top are, in the order of their bundles' fields.
pub(crate) struct Places {
    /// Valid, granted, not mine, reason, slot, physical.
    pub(crate) translate: [usize; 6],
    /// Valid, allowed, reason, slot.
    pub(crate) physical: [usize; 4],
    /// Valid, error, data.
    pub(crate) register: [usize; 3],
    /// Valid, address, data.
    pub(crate) memory: [usize; 3],
    pub(crate) irq: usize,
    pub(crate) alert: usize,
    /// How many there are.
    all: usize,
}

impl Places {
    pub(crate) fn of(ports: &block_cosim::BlockPorts) -> Option<Places> {
        let place = |path: &str| ports.outputs.iter().position(|port| port.path == path);
        let mut all = TRANSLATE.iter().chain(&PHYSICAL).chain(&REGISTER).chain(&MEMORY).map(|path| place(path));
        let mut next = || all.next().flatten();
        Some(Places {
            translate: [next()?, next()?, next()?, next()?, next()?, next()?],
            physical: [next()?, next()?, next()?, next()?],
            register: [next()?, next()?, next()?],
            memory: [next()?, next()?, next()?],
            irq: place("irq")?,
            alert: place("alert")?,
            all: ports.outputs.len(),
        })
    }
}

/// The Partition Manager in Verilog.
pub struct Verilated {
    compiled: Arc<Compiled>,
    live: Live,
    /// The outputs after the last clock edge.
    shown: Vec<u64>,
    memory: HashMap<u64, u32>,
    cycles: u64,
    limit: u64,
}

impl Verilated {
    /// The Verilog that is emitted for this geometry, after reset.
    ///
    /// # Errors
    /// When the geometry is not supported, or Verilator is missing.
    pub fn new(geometry: &Geometry) -> Result<Verilated> {
        Verilated::of(geometry, &pm_designs::emit(geometry)?)
    }

    /// Another text with the same ports.
    ///
    /// # Errors
    /// When Verilator refuses it or is missing.
    pub fn of(geometry: &Geometry, verilog: &str) -> Result<Verilated> {
        let ports = block_cosim::BlockPorts::of(Design::Core.block(geometry)?.as_ref());
        let order = Order::of(&ports);
        let program = Program::build("partition_manager", verilog, &ports)?;
        let order = order.context("the top has an input that is not driven")?;
        let places = Places::of(&ports).context("the top lacks an output")?;
        Verilated::start(Arc::new(Compiled { geometry: geometry.clone(), program, order, places }), &[])
    }

    /// Another one of the same text, after reset.
    ///
    /// # Errors
    /// When it does not start.
    pub fn again(&self) -> Result<Verilated> {
        self.with_arguments(&[])
    }

    /// The same, with arguments that the text asks for by `$value$plusargs`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn with_arguments(&self, arguments: &[String]) -> Result<Verilated> {
        Verilated::start(self.compiled.clone(), arguments)
    }

    fn start(compiled: Arc<Compiled>, arguments: &[String]) -> Result<Verilated> {
        let live = Live::start(&compiled.program, arguments)?;
        let shown = vec![0; compiled.places.all];
        let mut device = Verilated { compiled, live, shown, memory: HashMap::new(), cycles: 0, limit: u64::MAX };
        device.pulse_reset();
        Ok(device)
    }

    /// Panics after so many cycles: for text that may hang.
    pub fn limited(self, limit: u64) -> Verilated {
        Verilated { limit, ..self }
    }

    /// Appends the inputs of a cycle.
    fn offer(&self, reset: bool, offered: &Offered, stimulus: &mut Vec<u64>) {
        self.compiled.order.offer(reset, offered, stimulus);
    }

    /// Runs what was appended; back come the outputs, a row for each cycle.
    fn step(&mut self, stimulus: &[u64]) -> Vec<u64> {
        assert!(self.cycles < self.limit, "the device has not come to an end within {} cycles", self.limit);
        let values = self.live.cycles(stimulus);
        let [valid, address, data] = self.compiled.places.memory;
        for row in values.chunks(self.compiled.places.all) {
            // The memory takes at an edge what was offered before it.
            if self.shown[valid] == 1 {
                self.memory.insert(self.shown[address], self.shown[data] as u32);
            }
            self.shown.copy_from_slice(row);
            self.cycles += 1;
        }
        values
    }

    fn seen(&self, row: &[u64]) -> Shown {
        let places = &self.compiled.places;
        let [valid, granted, not_mine, why, slot, physical] = places.translate.map(|place| row[place]);
        let translate = (valid == 1).then(|| Translation {
            granted: granted == 1,
            not_mine: not_mine == 1,
            reason: reason(why as u8),
            slot: slot as u8,
            physical,
        });
        let [valid, allowed, why, slot] = places.physical.map(|place| row[place]);
        let physical =
            (valid == 1).then(|| PhysicalVerdict { allowed: allowed == 1, reason: reason(why as u8), slot: slot as u8 });
        let [valid, error, data] = places.register.map(|place| row[place]);
        let register = (valid == 1).then(|| (error == 0).then_some(data as u32));
        Shown { translate, physical, register, scrubs: row[places.memory[0]] == 1, irq: row[places.irq] == 1 }
    }
}

impl Ports for Verilated {
    fn name(&self) -> &'static str {
        "verilog"
    }

    fn geometry(&self) -> &Geometry {
        &self.compiled.geometry
    }

    fn cycles(&self) -> u64 {
        self.cycles
    }

    fn cpu_time_beside(&self) -> Option<Duration> {
        self.live.cpu_time()
    }

    fn pulse_reset(&mut self) {
        let mut stimulus = Vec::new();
        for _ in 0..2 {
            self.offer(true, &Offered::default(), &mut stimulus);
        }
        self.step(&stimulus);
    }

    fn idle(&mut self, cycles: u64) {
        let mut left = cycles;
        while left > 0 {
            let now = left.min(BATCH);
            let mut stimulus = Vec::new();
            for _ in 0..now {
                self.offer(false, &Offered::default(), &mut stimulus);
            }
            self.step(&stimulus);
            left -= now;
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
        self.shown[self.compiled.places.irq] == 1
    }

    fn alert(&mut self) -> bool {
        self.shown[self.compiled.places.alert] == 1
    }

    fn read_memory(&self, address: u64) -> u32 {
        self.memory.get(&(address & !3)).copied().unwrap_or(0)
    }

    fn write_memory(&mut self, address: u64, word: u32) {
        self.memory.insert(address & !3, word);
    }

    fn corrupt(&mut self, _: &Fault) -> Result<(), DeviceError> {
        Err(DeviceError::Unsupported("upsets inside compiled Verilog; use the RTL".into()))
    }
}

impl Pins for Verilated {
    fn run(&mut self, offered: &[Offered]) -> Vec<Shown> {
        let mut stimulus = Vec::new();
        for offered in offered {
            self.offer(false, offered, &mut stimulus);
        }
        self.step(&stimulus).chunks(self.compiled.places.all).map(|row| self.seen(row)).collect()
    }

    fn duplicate(&self) -> Option<Box<dyn Pins>> {
        None
    }
}
