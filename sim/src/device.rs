//! One way to drive a Partition Manager, be it the golden model or the RTL.
//!
//! ```text
//!   scenario, replay, tests
//!        │  Device: activate, command, read_audit ...   (written once, over registers)
//!        ▼
//!      Ports: registers, translate, physical, idle, reset, memory, corrupt
//!        ├── pm_model::Model
//!        └── the RTL, stepped cycle by cycle
//! ```
//! Both traits are object safe: tools hold a `Box<dyn Device>`.

use crate::boot::{offered, Tampering};
use pm_interface::manifest::Manifest;
use pm_interface::registers::{activation, offset};
use pm_interface::{BootState, Windows, AUDIT_RECORDS, AUDIT_WORDS};
use pm_model::chain::Digest;
pub use pm_model::{
    Access, AuditRecord, BusError, CamRow, Command, Event, Fault, Geometry, Kind, Model, Operation, Outcome, PhysicalVerdict,
    Reason, Rights, Row, ShadowEntry, Slot, Status, Translation, Word,
};
use std::fmt;
use std::io::Write;
use std::time::Duration;

/// Cycles from a request on the translate or the physical port to its response.
pub const LATENCY: u64 = 4;

/// Cycles from the strobe of the register port to its response.
pub const REGISTER_LATENCY: u64 = 4;

/// Polls of a busy bit, doubling pauses between them, before a device counts as stuck: 2^40 cycles and more.
const PATIENCE: u32 = 40;

/// Driving a device failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// A register access was answered with an error.
    Bus(BusError),
    /// What was waited for did not come.
    Stuck(String),
    /// This device cannot do what was asked.
    Unsupported(String),
    /// What was asked makes no sense.
    Invalid(String),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceError::Bus(error) => error.fmt(f),
            DeviceError::Stuck(what) => write!(f, "the device is stuck: {what}"),
            DeviceError::Unsupported(what) => write!(f, "not supported by this device: {what}"),
            DeviceError::Invalid(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for DeviceError {}

impl From<BusError> for DeviceError {
    fn from(error: BusError) -> DeviceError {
        DeviceError::Bus(error)
    }
}

/// What is wired to the outside, and what a bench can do to the inside.
pub trait Ports {
    /// What it is called in messages: `model`, `rtl`, `verilog`.
    fn name(&self) -> &'static str;

    /// The sizes it was built for.
    fn geometry(&self) -> &Geometry;

    /// Clock cycles since construction; reset does not turn it back.
    fn cycles(&self) -> u64;

    /// CPU time that a program beside this one has taken for the device so far; `None` where the system does not say.
    fn cpu_time_beside(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    /// Applies reset for at least one cycle. Memory keeps its content.
    fn pulse_reset(&mut self);

    /// Lets cycles pass with every request input quiet.
    fn idle(&mut self, cycles: u64);

    /// One read on the register port.
    fn read_register(&mut self, offset: u8) -> Result<u32, BusError>;

    /// One write on the register port.
    fn write_register(&mut self, offset: u8, value: u32) -> Result<(), BusError>;

    /// Accesses on the translate port, back to back, one a cycle; the answers in order. Accesses fit the ports
    /// ([`Access::check_fits`]).
    fn translate(&mut self, accesses: &[Access]) -> Vec<Translation>;

    /// Accesses on the physical port, back to back, one a cycle; the answers in order.
    fn physical(&mut self, accesses: &[Access]) -> Vec<PhysicalVerdict>;

    /// The `irq` output.
    fn irq(&mut self) -> bool;

    /// The `alert` output.
    fn alert(&mut self) -> bool;

    /// The memory word at a byte address (the memory that the scrubber writes); zero where nothing was written.
    fn read_memory(&self, address: u64) -> u32;

    /// Puts a word into that memory, past the Partition Manager.
    fn write_memory(&mut self, address: u64, word: u32);

    /// Upsets the lookup state. Errors when this device cannot, or when there is no such row or entry.
    fn corrupt(&mut self, fault: &Fault) -> Result<(), DeviceError>;

    /// From now on writes every signal to a VCD file. An error of the file ends the recording; [`Ports::finish_vcd`] gives it.
    fn record_vcd(&mut self, sink: Box<dyn Write + Send>) -> Result<(), DeviceError> {
        drop(sink);
        Err(DeviceError::Unsupported(format!("the {} has no signals to record as VCD; use the RTL", self.name())))
    }

    /// Ends the VCD file, if one is being written; an error when not all of it was.
    fn finish_vcd(&mut self) -> Result<(), DeviceError> {
        Ok(())
    }
}

/// The driver: everything that software does, over [`Ports`]. There is nothing to implement.
pub trait Device: Ports {
    /// Resets and waits until the boot gate has cleared its tables.
    fn reset(&mut self) -> Result<(), DeviceError> {
        self.pulse_reset();
        let cleared = |state| boot_state(state).is_some_and(|state| state != BootState::Clearing);
        self.wait_for(offset::BOOT_STATE, "the boot gate stays in Clearing", cleared)?;
        Ok(())
    }

    /// Writes pool and window and opens the gate; the status says whether it did. With authenticated boot it is a manifest
    /// that says pool and window, signed with the development key.
    fn activate(&mut self, pool_base: u64, pool_size: u64, window_base: u64) -> Result<Status, DeviceError> {
        self.activate_as(pool_base, pool_size, &[window_base], None)
    }

    /// The same, and whether the window is strict; `None`: as the device was built. With windows per tenant there is a base for
    /// each, and the last one is also that of the tenants beyond.
    fn activate_as(
        &mut self,
        pool_base: u64,
        pool_size: u64,
        window_bases: &[u64],
        strict: Option<bool>,
    ) -> Result<Status, DeviceError> {
        if self.geometry().features.boot {
            let manifest = Manifest { strict, ..Manifest::development(pool_base, pool_size, window_bases[0]) };
            return self.boot(&offered(&manifest, Tampering::None));
        }
        self.write_wide(offset::POOL_BASE_LO, pool_base)?;
        self.write_wide(offset::POOL_SIZE_LO, pool_size)?;
        match self.geometry().windows {
            Windows::One => self.write_wide(offset::WINDOW_BASE_LO, window_bases[0])?,
            Windows::PerTenant => {
                for tenant in 0..self.geometry().tenants {
                    self.write_register(offset::CMD_TENANT, tenant as u32)?;
                    self.write_wide(offset::WINDOW_BASE_LO, window_bases[tenant.min(window_bases.len() - 1)])?;
                }
            }
        }
        self.write_register(offset::CONTROL, activation(strict))?;
        let answered = |state| matches!(boot_state(state), Some(BootState::Active | BootState::Refused));
        let state = self.wait_for(offset::BOOT_STATE, "the boot gate neither opens nor refuses", answered)?;
        status_code(state >> 8 & 15)
    }

    /// Offers a manifest with its tag, ends it and waits for what comes of it. Where the device fails before the end, what is
    /// left is not offered.
    fn boot(&mut self, words: &[u32]) -> Result<Status, DeviceError> {
        let words = words.iter().map(|word| (offset::BOOT_DATA, *word)).chain([(offset::CONTROL, 1)]);
        for (register, value) in words {
            if let Err(error) = self.write_register(register, value) {
                let failed = boot_state(self.read_register(offset::BOOT_STATE)?) == Some(BootState::Failed);
                return if failed { self.finish_boot() } else { Err(error.into()) };
            }
        }
        self.finish_boot()
    }

    /// Waits until the gate has opened, or closed for good.
    fn finish_boot(&mut self) -> Result<Status, DeviceError> {
        let answered = |state| matches!(boot_state(state), Some(BootState::Active | BootState::Failed));
        let state = self.wait_for(offset::BOOT_STATE, "the boot neither ends nor fails", answered)?;
        status_code(state >> 8 & 15)
    }

    /// Writes the operands, starts the command, waits for its end.
    fn command(&mut self, operation: &Operation) -> Result<Outcome, DeviceError> {
        self.start(operation)?;
        self.finish(operation.command)
    }

    /// Writes the operands and starts the command; it runs on while other things are done.
    fn start(&mut self, operation: &Operation) -> Result<(), DeviceError> {
        self.load(operation)?;
        self.write_register(offset::CMD, u32::from(operation.command.code()))?;
        Ok(())
    }

    /// Writes the operands.
    fn load(&mut self, operation: &Operation) -> Result<(), DeviceError> {
        self.write_register(offset::CMD_TENANT, u32::from(operation.tenant))?;
        self.write_register(offset::CMD_SLOT, u32::from(operation.slot))?;
        self.write_wide(offset::CMD_LOGICAL_LO, operation.logical)?;
        self.write_wide(offset::CMD_SIZE_LO, operation.size)?;
        self.write_register(offset::CMD_RIGHTS, operation.rights.bits())?;
        Ok(())
    }

    /// Waits for the end of the command that was started.
    fn finish(&mut self, command: Command) -> Result<Outcome, DeviceError> {
        let result = self.wait_for(offset::RESULT, "the command stays busy", |result| result >> 31 == 0)?;
        let status = status_code(result & 0xFF)?;
        let physical = self.read_wide(offset::RESULT_PHYSICAL_LO)?;
        let shows_row = status == Status::Ok && matches!(command, Command::Query | Command::Find);
        let row = if shows_row { Some(self.read_row()?) } else { None };
        Ok(Outcome { status, slot: (result >> 8) as u8, physical, row })
    }

    /// The row that QUERY or FIND left in the operand registers.
    fn read_row(&mut self) -> Result<Row, DeviceError> {
        Ok(Row {
            tenant: self.read_register(offset::CMD_TENANT)? as u8,
            logical: self.read_wide(offset::CMD_LOGICAL_LO)?,
            size: self.read_wide(offset::CMD_SIZE_LO)?,
            rights: Rights::from_bits(self.read_register(offset::CMD_RIGHTS)?),
        })
    }

    /// Takes the oldest audit record, if one waits or has yet to be chained.
    fn read_audit(&mut self) -> Result<Option<AuditRecord>, DeviceError> {
        let known = |level: u32| level & 0xFFFF != 0 || level >> 24 == 0;
        if self.wait_for(offset::AUDIT_LEVEL, "the log's digest does not keep up", known)? & 0xFFFF == 0 {
            return Ok(None);
        }
        let mut words = [0; AUDIT_WORDS];
        for word in &mut words {
            *word = self.read_register(offset::AUDIT_DATA)?;
            self.write_register(offset::AUDIT_POP, 1)?;
        }
        let record = AuditRecord::from_words(words);
        record.map(Some).ok_or_else(|| DeviceError::Invalid(format!("an audit record tells of no known event: {words:08x?}")))
    }

    /// Takes every audit record that waits.
    fn drain_audit(&mut self) -> Result<Vec<AuditRecord>, DeviceError> {
        let mut records = Vec::new();
        while let Some(record) = self.read_audit()? {
            records.push(record);
            // Nobody asks for anything meanwhile: what waited outside the log are a few.
            if records.len() > 2 * AUDIT_RECORDS {
                return Err(DeviceError::Stuck(format!(
                    "the log does not end after {} records, of which the last is {record:?}",
                    records.len()
                )));
            }
        }
        Ok(records)
    }

    /// With `integrity`: waits until the patrol has looked at everything that was there, and has told of what it found.
    fn patrol(&mut self) -> Result<(), DeviceError> {
        if !self.geometry().features.integrity {
            return Err(DeviceError::Unsupported("without the feature integrity nothing is patrolled".into()));
        }
        // What it finds in one scan makes that begin anew.
        let (pass, slots) = (self.geometry().patrol_cycles(), self.geometry().slots as u64);
        self.idle(2 * pass + slots * (3 * slots + 32));
        Ok(())
    }

    /// Waits until every record stored is chained, and so can be read.
    fn catch_up(&mut self) -> Result<(), DeviceError> {
        if !self.geometry().features.chain {
            return Ok(());
        }
        self.wait_for(offset::AUDIT_LEVEL, "the log's digest does not keep up", |level| level >> 24 == 0).map(drop)
    }

    /// The digest of the log's chain and how many records it covers; `None` where there is no chain.
    fn read_digest(&mut self) -> Result<Option<(Digest, u32)>, DeviceError> {
        if !self.geometry().features.chain {
            return Ok(None);
        }
        let words = [offset::AUDIT_DIGEST, offset::AUDIT_DIGEST_1, offset::AUDIT_DIGEST_2, offset::AUDIT_DIGEST_3];
        for turn in 0..PATIENCE {
            let before = self.read_register(offset::AUDIT_CHAINED)?;
            let mut digest = [0; 4];
            for (word, register) in digest.iter_mut().zip(words) {
                *word = self.read_register(register)?;
            }
            if self.read_register(offset::AUDIT_CHAINED)? == before {
                return Ok(Some((Digest::from_words(digest), before)));
            }
            self.idle(1 << turn);
        }
        Err(DeviceError::Stuck("the log's digest never stays while it is read".into()))
    }

    /// Reads a pair of registers, low half first.
    fn read_wide(&mut self, low: u8) -> Result<u64, DeviceError> {
        Ok(u64::from(self.read_register(low)?) | u64::from(self.read_register(low + 4)?) << 32)
    }

    /// Writes a pair of registers, low half first.
    fn write_wide(&mut self, low: u8, value: u64) -> Result<(), DeviceError> {
        self.write_register(low, value as u32)?;
        self.write_register(low + 4, (value >> 32) as u32)?;
        Ok(())
    }

    /// Reads a register, with growing pauses, until `done`.
    fn wait_for(&mut self, register: u8, stuck: &str, done: fn(u32) -> bool) -> Result<u32, DeviceError> {
        for turn in 0..PATIENCE {
            let value = self.read_register(register)?;
            if done(value) {
                return Ok(value);
            }
            self.idle(1 << turn);
        }
        Err(DeviceError::Stuck(stuck.into()))
    }
}

impl<T: Ports> Device for T {}

fn boot_state(register: u32) -> Option<BootState> {
    BootState::from_code((register & 7) as u8)
}

fn status_code(code: u32) -> Result<Status, DeviceError> {
    let known = u8::try_from(code).ok().and_then(Status::from_code);
    known.ok_or_else(|| DeviceError::Invalid(format!("the device answered with the unknown status code {code}")))
}

/// The model behind ports: time passes as the ports would let it pass.
#[derive(Clone, Debug)]
pub struct ModelDevice {
    model: Model,
    cycles: u64,
}

impl ModelDevice {
    /// As after power-up.
    pub fn new(geometry: &Geometry) -> ModelDevice {
        ModelDevice { model: Model::new(geometry), cycles: 0 }
    }

    /// The model inside.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The bits of a register that the model knows: all but the time, where a record shows it.
    pub fn known(&self, register: u8) -> u32 {
        match self.model.audit().word() {
            1 if register == offset::AUDIT_DATA => 0,
            4 if register == offset::AUDIT_DATA => 0xFFFF,
            _ => u32::MAX,
        }
    }

    fn pass(&mut self, cycles: u64) {
        self.cycles += cycles;
        self.model.advance(cycles);
    }
}

impl Ports for ModelDevice {
    fn name(&self) -> &'static str {
        "model"
    }

    fn geometry(&self) -> &Geometry {
        self.model.geometry()
    }

    fn cycles(&self) -> u64 {
        self.cycles
    }

    fn pulse_reset(&mut self) {
        self.cycles += 1;
        self.model.reset();
    }

    fn idle(&mut self, cycles: u64) {
        self.pass(cycles);
    }

    fn read_register(&mut self, offset: u8) -> Result<u32, BusError> {
        self.pass(REGISTER_LATENCY);
        self.model.read_register(offset)
    }

    fn write_register(&mut self, offset: u8, value: u32) -> Result<(), BusError> {
        self.pass(REGISTER_LATENCY);
        self.model.write_register(offset, value)
    }

    fn translate(&mut self, accesses: &[Access]) -> Vec<Translation> {
        let mut verdicts = Vec::with_capacity(accesses.len());
        for access in accesses {
            self.pass(1);
            verdicts.push(self.model.translate(access));
        }
        self.pass(LATENCY);
        verdicts
    }

    fn physical(&mut self, accesses: &[Access]) -> Vec<PhysicalVerdict> {
        let mut verdicts = Vec::with_capacity(accesses.len());
        for access in accesses {
            self.pass(1);
            verdicts.push(self.model.physical(access));
        }
        self.pass(LATENCY);
        verdicts
    }

    fn irq(&mut self) -> bool {
        self.model.irq()
    }

    fn alert(&mut self) -> bool {
        self.model.alert()
    }

    fn read_memory(&self, address: u64) -> u32 {
        self.model.memory().read(address)
    }

    fn write_memory(&mut self, address: u64, word: u32) {
        self.model.memory_mut().write(address, word);
    }

    fn corrupt(&mut self, fault: &Fault) -> Result<(), DeviceError> {
        self.model.corrupt(fault).map_err(DeviceError::Invalid)
    }
}
