//! How long a command is busy: the datasheet's table ([timing of commands](../../rtl/README.md#timing-of-commands)), and a device
//! that is measured, without `integrity`.

use crate::device::REGISTER_LATENCY;
use crate::rtl::{Offered, Pins};
use pm_interface::registers::offset;
use pm_interface::{Command, Geometry, Status, WORD_BYTES};
use pm_model::BusError;

/// Cycles that a record takes when the log's writer is idle: the R of the datasheet.
pub const RECORD: u64 = 7;

/// Reads of `RESULT` at once, and how often before a command counts as hanging.
const READS: usize = 32;
const HANGS: u64 = 1 << 12;

/// Cycles that a command of a design without features is busy, with an idle log. `granules`: those of the partition.
pub fn busy(geometry: &Geometry, command: Command, status: Status, granules: u64) -> u64 {
    let slots = geometry.slots as u64;
    let scrubbed = granules * (geometry.granule() / WORD_BYTES) + granules;
    let only_looks = matches!(command, Command::Query | Command::Seal);
    match (status, command) {
        (Status::AuditFull, _) => 5 - u64::from(only_looks),
        (Status::Ok, Command::Create) => slots + scrubbed + 19 + RECORD,
        (Status::Ok, Command::Destroy) => scrubbed + 11 + RECORD,
        (Status::Ok, Command::Find) => slots + 12 + RECORD,
        (Status::Overlap | Status::TableFull | Status::NoSpace, Command::Create) | (Status::BadSlot, Command::Find) => {
            slots + 11 + RECORD
        }
        _ => 4 - u64::from(only_looks) + RECORD,
    }
}

/// Cycles that the longest command of a design is busy: one that scrubs as much as a window and a pool can hold.
pub fn longest(geometry: &Geometry) -> u64 {
    busy(geometry, Command::Create, Status::Ok, geometry.window().min(geometry.largest_pool()) / geometry.granule())
}

/// Starts a command whose operands are loaded, waits for its end, and counts the cycles in which `RESULT` shows it busy.
///
/// # Errors
/// When the command is refused at once.
///
/// # Panics
/// When it does not end.
pub fn measured(device: &mut dyn Pins, command: Command) -> Result<u64, BusError> {
    measured_within(device, command, 0)
}

/// As [`measured`], of a command that may take `cycles` more than one of a small design.
///
/// # Errors
/// When the command is refused at once.
///
/// # Panics
/// When it does not end.
pub fn measured_within(device: &mut dyn Pins, command: Command, cycles: u64) -> Result<u64, BusError> {
    let written = Some(command.code().into());
    device.cycle(&Offered { register: Some((offset::CMD, written)), ..Offered::default() });
    let reads = [Offered { register: Some((offset::RESULT, None)), ..Offered::default() }; READS];
    // The strobe's answer comes first.
    let (mut accepted, mut busy) = (false, 0);
    for _ in 0..HANGS + cycles / READS as u64 {
        for answer in device.run(&reads).into_iter().filter_map(|shown| shown.register) {
            match answer {
                None => return Err(BusError { offset: offset::CMD, written }),
                Some(_) if !accepted => accepted = true,
                Some(result) if result >> 31 == 1 => busy += 1,
                Some(_) => {
                    device.idle(REGISTER_LATENCY);
                    return Ok(busy);
                }
            }
        }
    }
    panic!("{command:?} does not end");
}
