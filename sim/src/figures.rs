//! Figures in clock cycles, measured on the RTL: how long a boot takes, and how long until a record is in the digest.
//!
//! ```text
//!   BOOT_DATA ... CONTROL=1 |<------------- boot ------------->| first access decided on the open gate
//!   denial -> answer -> record -> |<- digest of the first ->|<- of the next ->| AUDIT_CHAINED counts it
//! ```

use crate::boot::{offered, Tampering};
use crate::rtl::{rtl_pins, Offered, Pins};
use anyhow::{ensure, Context, Result};
use pm_interface::manifest::{BootPartition, Manifest};
use pm_interface::registers::offset;
use pm_interface::{Geometry, Reason, Rights, Status};
use pm_model::Access;
use serde::Serialize;

/// Longer than any boot with [`sized_manifest`] of a geometry whose pool can be simulated.
const BOOT_LIMIT: u64 = 1 << 16;

/// Cycles that a record takes to its digest at most, when nothing else is chained: a power of two.
const DIGEST_LIMIT: u64 = 1024;

/// Of denials that are measured, cycles from one to the next: their records do not wait for each other.
const APART: u64 = 12;

/// One boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BootTime {
    /// Words of the manifest, without its tag.
    pub words: usize,
    /// Its partitions, a granule each.
    pub partitions: usize,
    /// It ends with SEAL.
    pub seal: bool,
    /// Cycles from the strobe of `CONTROL` to the first access decided on the open gate.
    pub cycles: u64,
}

/// Records into the hash chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DigestTime {
    /// Cycles from a denied access to the digest that covers its record.
    pub first: u64,
    /// Cycles more for each record that waits behind it.
    pub further: u64,
}

/// What a geometry takes, as far as it has the features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Boots with 11, 16 and 21 words, and with 11 and SEAL.
    pub boot: Vec<BootTime>,
    /// Only with a chain.
    pub digest: Option<DigestTime>,
}

impl Figures {
    /// Measures them: seconds, in RustHDL's simulator.
    ///
    /// # Errors
    /// When the geometry is not supported, or the device does not do what it should.
    pub fn measure(geometry: &Geometry) -> Result<Figures> {
        Ok(Figures { boot: boot_times(geometry)?, digest: digest_time(geometry)? })
    }
}

/// Pool and window as in [`Geometry::default_setup`], no quotas, so many partitions of tenant 1: a granule each, one after the other.
pub fn sized_manifest(geometry: &Geometry, partitions: usize) -> Manifest {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    let size = geometry.granule();
    let partition = |page| BootPartition { tenant: 1, rights, logical: window_base + page * size, size };
    let partitions = (0..partitions as u64).map(partition).collect();
    Manifest { partitions, ..Manifest::development(pool_base, pool_size, window_base) }
}

/// The RTL after reset, its tables clear.
fn closed(geometry: &Geometry) -> Result<Box<dyn Pins>> {
    let mut pins = rtl_pins(geometry)?;
    pins.reset()?;
    Ok(pins)
}

/// Cycles from the strobe of `CONTROL` to the first in which an access would be answered otherwise than `NotActive`, on a
/// device that waits for its manifest.
///
/// # Errors
/// When it never opens, or answers anything else before.
pub fn boot_cycles(pins: &mut dyn Pins, manifest: &Manifest) -> Result<u64> {
    for word in offered(manifest, Tampering::None) {
        pins.cycle(&Offered { register: Some((offset::BOOT_DATA, Some(word))), ..Offered::default() });
    }
    // The access of another tenant is not mine as soon as the gate is open.
    let access = Access { tenant: 0, address: 0, length: 1, kind: 0 };
    let ask = Offered { translate: Some(access), ..Offered::default() };
    pins.cycle(&Offered { register: Some((offset::CONTROL, Some(1))), ..ask });
    for cycle in 1..BOOT_LIMIT {
        if let Some(answer) = pins.cycle(&ask).translate {
            if answer.not_mine {
                // Asked four edges ago, decided on the gate of this cycle.
                return Ok(cycle);
            }
            ensure!((answer.granted, answer.reason) == (false, Reason::NotActive), "before the gate is open: {answer:?}");
        }
    }
    anyhow::bail!("{}: the gate does not open within {BOOT_LIMIT} cycles", pins.name())
}

/// Boots with manifests of 11, 16 and 21 words, and of 11 with SEAL; none without authenticated boot.
///
/// # Errors
/// As [`boot_cycles`].
pub fn boot_times(geometry: &Geometry) -> Result<Vec<BootTime>> {
    if !geometry.features.boot {
        return Ok(Vec::new());
    }
    let fresh = closed(geometry)?;
    [(0, false), (1, false), (2, false), (0, true)]
        .map(|(partitions, seal)| {
            let mut pins = fresh.duplicate().context("RustHDL's state can be copied")?;
            let manifest = Manifest { seal, ..sized_manifest(geometry, partitions) };
            Ok(BootTime { words: manifest.length(), partitions, seal, cycles: boot_cycles(pins.as_mut(), &manifest)? })
        })
        .into_iter()
        .collect()
}

/// How long records take to their digest; nothing without a chain.
///
/// # Errors
/// When the digest does not come.
pub fn digest_time(geometry: &Geometry) -> Result<Option<DigestTime>> {
    if !geometry.features.chain {
        return Ok(None);
    }
    let mut open = closed(geometry)?;
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let status = open.activate(pool_base, pool_size, window_base)?;
    ensure!(status == Status::Ok, "{}: it does not open: {status}", open.name());
    open.catch_up()?;
    let first = chained_after(open.as_ref(), 1)?;
    let further = (chained_after(open.as_ref(), 4)? - first) / 3;
    Ok(Some(DigestTime { first, further }))
}

/// Cycles after which so many denials, [`APART`] from each other, are chained.
fn chained_after(open: &dyn Pins, denials: u32) -> Result<u64> {
    let mut pins = open.duplicate().context("RustHDL's state can be copied")?;
    let before = pins.read_register(offset::AUDIT_CHAINED)?;
    let denied = Access { tenant: u8::MAX, address: 1, length: 1, kind: 0 };
    for _ in 0..denials {
        pins.cycle(&Offered { physical: Some(denied), ..Offered::default() });
        pins.idle(APART - 1);
    }
    let spent = u64::from(denials) * APART;
    // A look at the register takes cycles: each on a copy that goes no further.
    let covered = |pins: &dyn Pins| -> Result<bool> {
        let mut look = pins.duplicate().context("RustHDL's state can be copied")?;
        Ok(look.read_register(offset::AUDIT_CHAINED)? - before >= denials)
    };
    // Halving steps: what remains is the last cycle after which it is not.
    let limit = (u64::from(denials) * DIGEST_LIMIT).next_power_of_two();
    let (mut waited, mut step) = (0, limit / 2);
    while step > 0 {
        let mut next = pins.duplicate().context("RustHDL's state can be copied")?;
        next.idle(step);
        if !covered(next.as_ref())? {
            waited += step;
            pins = next;
        }
        step /= 2;
    }
    ensure!(waited < limit - 1, "{}: a record is not in the digest after {waited} cycles", pins.name());
    Ok(spent + waited + 1)
}
