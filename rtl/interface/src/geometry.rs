//! The sizes a Partition Manager is built for, and the presets that have names.

use anyhow::{bail, ensure, Context, Result};
use serde::{Deserialize, Serialize};

/// Bytes in the memory word that the scrubber writes; a granule is at least one word.
pub const WORD_BYTES: u64 = 4;

/// The widths a design is generated for. Everything that the hardware stores or compares has one of these widths.
///
/// The counts of a [`Geometry`] (slots, tenants) may be anything that fits; its widths must be one of [`Geometry::SHAPES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Bits of a byte address, logical and physical.
    pub address: usize,
    /// Bits of the length port; a length is at most 2^(length - 1) bytes.
    pub length: usize,
    /// Bits of a tenant number as stored.
    pub tenant: usize,
    /// Bits of a slot number as stored.
    pub slot: usize,
    /// Bits of a granule's index within the window.
    pub page: usize,
    /// Bits of a granule's index within the largest pool.
    pub block: usize,
}

/// What a design has beyond the base: each can be left out, and then costs nothing.
///
/// A preset's name takes them with a plus sign: `cu+dynamic+chain`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Features {
    /// RESIZE, SHARE and quotas.
    pub dynamic: bool,
    /// The audit log's hash chain and `AUDIT_DIGEST`.
    pub chain: bool,
    /// Authenticated boot: pool, window and first partitions come from a signed manifest, and only from there.
    pub boot: bool,
    /// Classes of alerts, a threshold on denials, the alert self-test.
    pub alerts: bool,
    /// Parity beside every register and memory that a grant rests on.
    pub integrity: bool,
    /// A second data path a cycle behind the first: what they do not answer alike closes both ports. With `integrity`, the
    /// same for the log, the counters and the register port.
    pub lockstep: bool,
}

impl Features {
    /// Names as they stand in a preset's name.
    pub const NAMES: [&'static str; 6] = ["dynamic", "chain", "boot", "alerts", "integrity", "lockstep"];

    /// Switches on the feature called `name`; false when there is none.
    fn switch_on(&mut self, name: &str) -> bool {
        match name {
            "dynamic" => self.dynamic = true,
            "chain" => self.chain = true,
            "boot" => self.boot = true,
            "alerts" => self.alerts = true,
            "integrity" => self.integrity = true,
            "lockstep" => self.lockstep = true,
            _ => return false,
        }
        true
    }

    /// What is only reported has a twin as well: `integrity` and `lockstep` together.
    pub fn reports_twice(self) -> bool {
        self.integrity && self.lockstep
    }

    /// The names of those that are on.
    pub fn names(self) -> Vec<&'static str> {
        let on = [self.dynamic, self.chain, self.boot, self.alerts, self.integrity, self.lockstep];
        Features::NAMES.into_iter().zip(on).filter_map(|(name, on)| on.then_some(name)).collect()
    }
}

/// A complete choice of sizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    /// The preset this came from, or the name that the user gave.
    pub name: String,
    /// The widths.
    pub shape: Shape,
    /// log2 of the granule in bytes.
    pub granule_bits: usize,
    /// Tenants: numbers from 0 to `tenants - 1` exist.
    pub tenants: usize,
    /// Rows of the Partition Table.
    pub slots: usize,
    /// Granules of the largest pool, a power of two.
    pub pool: usize,
    /// What it has beyond the base.
    #[serde(default)]
    pub features: Features,
}

const fn shape(address: usize, length: usize, tenant: usize, slot: usize, page: usize, block: usize) -> Shape {
    Shape { address, length, tenant, slot, page, block }
}

/// Small enough to visit every state.
const TINY: Shape = shape(5, 3, 1, 1, 1, 2);
/// The Alchitry Cu.
const CU: Shape = shape(32, 13, 3, 4, 8, 5);
/// A small microcontroller; the Alchitry Cu with every feature.
const MCU: Shape = shape(12, 5, 1, 2, 3, 3);
/// A larger FPGA or an ASIC; trace replay.
const SOC32: Shape = shape(32, 13, 4, 5, 12, 16);
/// Server-class flows.
const SOC64: Shape = shape(48, 13, 6, 6, 14, 20);

impl Geometry {
    /// Names of the presets.
    pub const PRESETS: [&'static str; 5] = ["tiny", "mcu", "cu", "soc32", "soc64"];

    /// Every shape that hardware can be generated for.
    pub const SHAPES: [Shape; 5] = [TINY, MCU, CU, SOC32, SOC64];

    /// The preset called `name`, with the features and counts that follow its name: `cu`, `tiny+dynamic+chain`,
    /// `cu+slots=8+tenants=3+pool=16`.
    pub fn preset(name: &str) -> Result<Geometry> {
        let mut parts = name.split('+');
        let preset = parts.next().unwrap_or_default();
        let (shape, granule_bits, tenants, slots) = match preset {
            "tiny" => (TINY, 2, 2, 2),
            "mcu" => (MCU, 8, 2, 4),
            "cu" => (CU, 8, 8, 16),
            "soc32" => (SOC32, 12, 16, 32),
            "soc64" => (SOC64, 16, 64, 64),
            _ => bail!("no geometry is called {preset:?}; choose one of {}", Geometry::PRESETS.join(", ")),
        };
        let features = Features::default();
        let mut geometry = Geometry { name: name.into(), shape, granule_bits, tenants, slots, pool: 1 << shape.block, features };
        for part in parts {
            let count = |text: &str| text.parse().with_context(|| format!("{name:?}: {part:?} needs a whole number"));
            match part.split_once('=') {
                Some(("slots", text)) => geometry.slots = count(text)?,
                Some(("tenants", text)) => geometry.tenants = count(text)?,
                Some(("pool", text)) => geometry.pool = count(text)?,
                _ => ensure!(
                    geometry.features.switch_on(part),
                    "{name:?}: no feature is called {part:?}; choose from {}, slots=N, tenants=N, pool=N",
                    Features::NAMES.join(", ")
                ),
            }
        }
        geometry.check()?;
        Ok(geometry)
    }

    /// The preset's name without what follows it.
    pub fn preset_name(&self) -> &str {
        self.name.split('+').next().unwrap_or_default()
    }

    /// Refuses a geometry that no hardware can be generated for, naming what is supported.
    pub fn check(&self) -> Result<()> {
        let s = self.shape;
        if !Geometry::SHAPES.contains(&s) {
            let supported: Vec<String> = Geometry::SHAPES.iter().map(|s| format!("{s:?}")).collect();
            bail!("geometry {:?}: unsupported widths {s:?}; supported: {}", self.name, supported.join("; "));
        }
        ensure!(
            (1..=1 << s.tenant).contains(&self.tenants),
            "geometry {:?}: {} tenants do not fit {} bits; use 1 to {}",
            self.name,
            self.tenants,
            s.tenant,
            1 << s.tenant
        );
        ensure!(
            (2..=1 << s.slot).contains(&self.slots),
            "geometry {:?}: {} slots do not fit {} bits; use 2 to {}",
            self.name,
            self.slots,
            s.slot,
            1 << s.slot
        );
        ensure!(
            self.pool.is_power_of_two() && self.pool <= 1 << s.block,
            "geometry {:?}: a largest pool of {} granules is not possible; use a power of two from 1 to {}",
            self.name,
            self.pool,
            1 << s.block
        );
        ensure!(
            self.granule_bits >= 2
                && s.block + self.granule_bits < s.address
                && s.page + self.granule_bits < s.address
                && self.max_length() <= self.frame(),
            "geometry {:?}: a granule of 2^{} bytes does not fit; use 2 to {} bits",
            self.name,
            self.granule_bits,
            s.address - s.block.max(s.page) - 1
        );
        Ok(())
    }

    /// Bytes in a granule.
    pub fn granule(&self) -> u64 {
        1 << self.granule_bits
    }

    /// Bytes in each tenant's window.
    pub fn window(&self) -> u64 {
        1 << (self.shape.page + self.granule_bits)
    }

    /// Bytes in the naturally aligned frame that a pool must lie in.
    pub fn frame(&self) -> u64 {
        1 << (self.shape.block + self.granule_bits)
    }

    /// Bytes in the largest pool: the frame's, unless the geometry has less.
    pub fn largest_pool(&self) -> u64 {
        (self.pool as u64) << self.granule_bits
    }

    /// Pool base, pool size and window base where nothing names any: the largest pool in the middle of the address space, and
    /// the second window from the bottom.
    pub fn default_setup(&self) -> (u64, u64, u64) {
        (1 << (self.shape.address - 1), self.largest_pool(), self.window())
    }

    /// log2 of the largest pool in bytes.
    pub fn pool_bits(&self) -> usize {
        self.granule_bits + self.pool.ilog2() as usize
    }

    /// Longest access in bytes.
    pub fn max_length(&self) -> u64 {
        1 << (self.shape.length - 1)
    }

    /// Cycles of a pass of the patrol, with the feature `integrity`, while nothing is found and no command begins: for each
    /// page of each tenant, and each granule of the frame beside it, three for each slot and one to write both; and where
    /// a tenant's window begins, one more for each slot.
    pub const fn patrol_cycles(&self) -> u64 {
        let shape = self.shape;
        let (pages, blocks) = ((self.tenants.next_power_of_two() as u64) << shape.page, 1u64 << shape.block);
        let scans = if pages > blocks { pages } else { blocks };
        scans * (4 * self.slots as u64 + 1) + (scans >> shape.page) * self.slots as u64
    }

    /// The largest address.
    pub fn last_address(&self) -> u64 {
        (1 << self.shape.address) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_follow_the_name() {
        let features = |name: &str| Geometry::preset(name).map(|geometry| geometry.features.names().join(","));
        assert_eq!(features("cu").unwrap(), "");
        assert_eq!(features("cu+chain+dynamic").unwrap(), "dynamic,chain");
        assert_eq!(features("cu+boot+chain").unwrap(), "chain,boot");
        let geometry = Geometry::preset("cu+chain").unwrap();
        assert_eq!((geometry.name.as_str(), geometry.preset_name()), ("cu+chain", "cu"));
        let error = features("cu+chian").unwrap_err().to_string();
        assert_eq!(error, "\"cu+chian\": no feature is called \"chian\"; choose from dynamic, chain, boot, alerts, integrity, lockstep, slots=N, tenants=N, pool=N");
        assert!(features("cv+chain").unwrap_err().to_string().contains("no geometry is called \"cv\""));
    }

    #[test]
    fn counts_follow_the_name() {
        let geometry = Geometry::preset("cu+slots=8+chain+tenants=3").unwrap();
        assert_eq!((geometry.slots, geometry.tenants, geometry.features.chain), (8, 3, true));
        let error = |name: &str| format!("{:#}", Geometry::preset(name).unwrap_err());
        assert!(error("cu+slots=many").starts_with("\"cu+slots=many\": \"slots=many\" needs a whole number"));
        assert_eq!(error("cu+slots=17"), "geometry \"cu+slots=17\": 17 slots do not fit 4 bits; use 2 to 16");
        assert_eq!(Geometry::preset("cu+pool=16").unwrap().largest_pool(), 4096);
        assert_eq!(
            error("cu+pool=12"),
            "geometry \"cu+pool=12\": a largest pool of 12 granules is not possible; use a power of two from 1 to 32"
        );
        assert!(error("cu+tenants=0").contains("0 tenants do not fit"));
    }
}
