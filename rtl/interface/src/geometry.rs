//! The sizes a Partition Manager is built for, and how a name is found: a preset, or a geometry of a file.

use crate::geometry_file::{self, Sizes};
use crate::registers::AUDIT_RECORDS;
use anyhow::{bail, ensure, Context, Result};
use serde::{Deserialize, Serialize};

/// The end of a geometry file's name.
const FILE: &str = ".toml";
/// The end of a geometry file's name where more follows.
const FILE_AND_MORE: &str = ".toml+";
/// Bytes in the memory word that the scrubber writes; a granule is at least one word.
pub const WORD_BYTES: u64 = 4;

/// The widths a design is generated for. Everything that the hardware stores or compares has one of these widths.
///
/// Widths are types in the RTL: what has other widths is compiled once more. The counts of a [`Geometry`] (slots, tenants, pool)
/// and its features are not: they may be anything that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Where the tenants' windows begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Windows {
    /// One base for all tenants.
    #[default]
    #[serde(rename = "one")]
    One,
    /// A base for each tenant; two may have the same.
    #[serde(rename = "per-tenant")]
    PerTenant,
}

impl Windows {
    /// As a geometry's file and name say it.
    pub const fn name(self) -> &'static str {
        match self {
            Windows::One => "one",
            Windows::PerTenant => "per-tenant",
        }
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
    /// Where the tenants' windows begin.
    #[serde(default)]
    pub windows: Windows,
}

/// Bits that hold the numbers from 0 to `last`; at least one.
fn bits_of(last: u64) -> usize {
    (u64::BITS - last.leading_zeros()).max(1) as usize
}

impl Shape {
    /// Bits of an address of the shadow page tables: tenant and page.
    pub const fn shadow(&self) -> usize {
        self.tenant + self.page
    }
}

impl Geometry {
    /// Names of the presets: the tables of `geometries.toml`.
    pub const PRESETS: [&'static str; 5] = ["tiny", "mcu", "cu", "soc32", "soc64"];
    /// Bits of an address, at least.
    pub const LEAST_ADDRESS_BITS: usize = 5;
    /// Bits of an address, at most.
    pub const MOST_ADDRESS_BITS: usize = 64;
    /// log2 of the largest granule in bytes.
    pub const MOST_GRANULE_BITS: usize = 30;
    /// log2 of the granules of the largest window, and of the largest pool.
    pub const MOST_INDEX_BITS: usize = 20;
    /// Tenants, at most.
    pub const MOST_TENANTS: usize = 256;
    /// Rows of the Partition Table, at most: each has comparators of its own.
    pub const MOST_SLOTS: usize = 256;
    /// Bytes of the longest access of all: a burst of AXI4.
    pub const LONGEST_ACCESS: u64 = 4096;

    /// The preset called `name`, with the features and counts that follow its name: `cu`, `tiny+dynamic+chain`,
    /// `cu+slots=8+tenants=3+pool=16`, `cu+windows=per-tenant`.
    ///
    /// # Errors
    /// When there is no such preset, or what follows its name is no feature and no count that fits.
    pub fn preset(name: &str) -> Result<Geometry> {
        let (base, said) = Geometry::parts(name);
        match geometry_file::presets().get(base) {
            Some(sizes) => Geometry::of(name, sizes, said),
            None => bail!("no geometry is called {base:?}; choose one of {}", Geometry::PRESETS.join(", ")),
        }
    }

    /// The geometry called `name` that a file's text has: the only one in it, or the table of that name. `file` stands in messages.
    /// Features and counts follow the name: `my.toml+chain+slots=8`.
    ///
    /// # Errors
    /// When the text cannot be used, which names the file and the line, or has no such geometry; and as [`Geometry::preset`].
    pub fn in_file(name: &str, file: &str, text: &str) -> Result<Geometry> {
        let (base, said) = Geometry::parts(name);
        let sizes = match Geometry::is_file(name) {
            true => geometry_file::only(file, text)?,
            false => geometry_file::table(base, file, text)?,
        };
        Geometry::of(name, &sizes, said)
    }

    /// Checks a file whose geometries are named beside the presets; `file` stands in messages.
    ///
    /// # Errors
    /// When a table is no geometry, or has the name of a preset.
    pub fn beside_presets(file: &str, text: &str) -> Result<()> {
        geometry_file::beside_presets(file, text).map(drop)
    }

    /// Whether a name is that of a file with one geometry: it ends in `.toml`, apart from features and counts.
    pub fn is_file(name: &str) -> bool {
        Geometry::base(name).ends_with(FILE)
    }

    /// A name without what follows it, and what does: each part begins with a plus sign.
    fn parts(name: &str) -> (&str, &str) {
        let end = match name.find(FILE_AND_MORE) {
            Some(place) => place + FILE.len(),
            None if name.ends_with(FILE) => name.len(),
            None => name.find('+').unwrap_or(name.len()),
        };
        name.split_at(end)
    }

    /// The parts that follow a name: `dynamic`, `slots=8`.
    pub fn said(name: &str) -> impl Iterator<Item = &str> {
        Geometry::parts(name).1.split('+').skip(1)
    }

    /// A name without what follows it.
    pub fn base(name: &str) -> &str {
        Geometry::parts(name).0
    }

    /// The geometry of these sizes and of what follows its name.
    fn of(name: &str, sizes: &Sizes, said: &str) -> Result<Geometry> {
        let mut geometry = Geometry::sized(name, sizes)?;
        for part in said.split('+').skip(1) {
            let count = |text: &str| text.parse().with_context(|| format!("{name:?}: {part:?} needs a whole number"));
            match part.split_once('=') {
                Some(("slots", text)) => geometry.slots = count(text)?,
                Some(("tenants", text)) => geometry.tenants = count(text)?,
                Some(("pool", text)) => geometry.pool = count(text)?,
                Some(("windows", text)) => {
                    geometry.windows = match [Windows::One, Windows::PerTenant].into_iter().find(|windows| windows.name() == text)
                    {
                        Some(windows) => windows,
                        None => bail!("{name:?}: windows are one or per-tenant, and not {text:?}"),
                    }
                }
                _ => ensure!(
                    geometry.features.switch_on(part),
                    "{name:?}: no feature is called {part:?}; choose from {}, slots=N, tenants=N, pool=N, windows=per-tenant",
                    Features::NAMES.join(", ")
                ),
            }
        }
        geometry.check()?;
        Ok(geometry)
    }

    /// The geometry of these sizes, whose widths are as narrow as they can be.
    fn sized(name: &str, sizes: &Sizes) -> Result<Geometry> {
        let power = |key: &str, bytes: u64, least: u64, most: u64| {
            let nearest = bytes.clamp(least, most).checked_next_power_of_two().unwrap_or(most).min(most);
            ensure!(
                bytes == nearest,
                "geometry {name:?}: {key} of {bytes} B is not possible: a power of two from {least} to {most} B is; the nearest is \
                 {nearest} B"
            );
            Ok(bytes.ilog2() as usize)
        };
        let count = |key: &str, given: usize, least: usize, most: usize| {
            let nearest = given.clamp(least, most);
            ensure!(
                given == nearest,
                "geometry {name:?}: {given} {key} are not possible: {least} to {most} are; the nearest is {nearest}"
            );
            Ok(given)
        };
        let address = count("address bits", sizes.address_bits, Geometry::LEAST_ADDRESS_BITS, Geometry::MOST_ADDRESS_BITS)?;
        // A pool has an address bit above it, and so has a window.
        let half = address - 1;
        let granule_bits = power("a granule", sizes.granule, WORD_BYTES, 1 << Geometry::MOST_GRANULE_BITS.min(half - 1))?;
        let (least, most) = (granule_bits + 1, (granule_bits + Geometry::MOST_INDEX_BITS).min(half));
        let window = power("a window", sizes.window, 1 << least, 1 << most)?;
        let pool = power("a pool", sizes.pool, 1 << least, 1 << most)?;
        let longest = Geometry::LONGEST_ACCESS.min(1 << window.min(pool));
        let access = power("a longest access", sizes.longest_access.unwrap_or(longest), WORD_BYTES, longest)?;
        let tenants = count("tenants", sizes.tenants, 1, Geometry::MOST_TENANTS)?;
        let slots = count("slots", sizes.slots, 2, Geometry::MOST_SLOTS)?;
        let shape = Shape {
            address,
            length: access + 1,
            tenant: bits_of(tenants as u64 - 1),
            slot: bits_of(slots as u64 - 1),
            page: window - granule_bits,
            block: pool - granule_bits,
        };
        let mut features = Features::default();
        for (place, feature) in sizes.features.iter().enumerate() {
            ensure!(!sizes.features[..place].contains(feature), "geometry {name:?} says {feature:?} twice; keep one of them");
            ensure!(
                features.switch_on(feature),
                "geometry {name:?}: no feature is called {feature:?}; choose from {}",
                Features::NAMES.join(", ")
            );
        }
        Ok(Geometry {
            name: name.into(),
            shape,
            granule_bits,
            tenants,
            slots,
            pool: 1 << shape.block,
            features,
            windows: sizes.windows,
        })
    }

    /// The name without what follows it.
    pub fn preset_name(&self) -> &str {
        Geometry::base(&self.name)
    }

    /// The name for people, and for text that is the same on every machine: of a file its name without folders.
    pub fn title(&self) -> String {
        let (base, said) = Geometry::parts(&self.name);
        let short = base.strip_suffix(FILE).and_then(|stem| stem.rsplit('/').next()).unwrap_or(base);
        format!("{short}{said}")
    }

    /// Refuses a geometry that no hardware can be generated for, naming what is supported.
    ///
    /// # Errors
    /// When a count does not fit the widths, or the widths do not fit one another.
    pub fn check(&self) -> Result<()> {
        let s = self.shape;
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
            (Geometry::LEAST_ADDRESS_BITS..=Geometry::MOST_ADDRESS_BITS).contains(&s.address)
                && self.granule_bits >= 2
                && s.block + self.granule_bits < s.address
                && s.page + self.granule_bits < s.address
                && self.max_length() <= self.frame(),
            "geometry {:?}: a granule of 2^{} bytes does not fit; use 2 to {} bits",
            self.name,
            self.granule_bits,
            s.address.saturating_sub(s.block.max(s.page) + 1)
        );
        let per_tenant = self.windows == Windows::PerTenant;
        ensure!(
            !(per_tenant && self.features.boot),
            "geometry {:?}: windows per tenant do not go with the feature \"boot\", whose manifest has one window; leave one of them \
             out",
            self.name
        );
        ensure!(
            !per_tenant || self.tenants > 1,
            "geometry {:?}: one tenant has one window; leave out windows = \"per-tenant\", or have 2 tenants or more",
            self.name
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

    /// Bases of windows that there are: one, or one for each tenant.
    pub fn window_bases(&self) -> usize {
        match self.windows {
            Windows::One => 1,
            Windows::PerTenant => self.tenants,
        }
    }

    /// Window bases that the second data path is given beside the first one's: with the feature `lockstep` and windows per tenant.
    pub fn twin_windows(&self) -> usize {
        usize::from(self.features.lockstep && self.windows == Windows::PerTenant)
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

    /// Values of the registers `GEOMETRY0` and `GEOMETRY1`. 256 tenants or slots read as 0: no design has none.
    pub fn registers(&self) -> [u32; 2] {
        let widths = [self.shape.address, self.granule_bits, self.granule_bits + self.shape.page, self.pool_bits()];
        let low = |count: usize| (count & 0xFF) as u32;
        let per_tenant = u32::from(self.windows == Windows::PerTenant);
        [
            u32::from_le_bytes(widths.map(|bits| bits as u8)),
            low(self.tenants) | low(self.slots) << 8 | (AUDIT_RECORDS as u32) << 16 | per_tenant << 31,
        ]
    }

    /// The largest address.
    pub fn last_address(&self) -> u64 {
        u64::MAX >> (u64::BITS as usize - self.shape.address)
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
        assert_eq!(error, "\"cu+chian\": no feature is called \"chian\"; choose from dynamic, chain, boot, alerts, integrity, lockstep, slots=N, tenants=N, pool=N, windows=per-tenant");
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
        let bases = |name: &str| Geometry::preset(name).map(|geometry| geometry.window_bases()).unwrap();
        assert_eq!((bases("cu"), bases("cu+windows=one"), bases("cu+windows=per-tenant")), (1, 1, 8));
        assert_eq!(error("cu+windows=two"), "\"cu+windows=two\": windows are one or per-tenant, and not \"two\"");
        assert_eq!(
            error("cu+windows=per-tenant+boot"),
            "geometry \"cu+windows=per-tenant+boot\": windows per tenant do not go with the feature \"boot\", whose manifest has one \
             window; leave one of them out"
        );
        assert_eq!(
            error("cu+tenants=1+windows=per-tenant"),
            "geometry \"cu+tenants=1+windows=per-tenant\": one tenant has one window; leave out windows = \"per-tenant\", or have 2 \
             tenants or more"
        );
    }

    #[test]
    fn registers_tell_the_sizes() {
        assert_eq!(Geometry::preset("cu").unwrap().registers(), [0x0D10_0820, 0x0030_1008]);
        let most = Geometry { tenants: 256, slots: 256, ..Geometry::preset("cu").unwrap() };
        assert_eq!(most.registers()[1], 0x0030_0000);
        assert_eq!(Geometry::preset("cu+windows=per-tenant").unwrap().registers(), [0x0D10_0820, 0x8030_1008]);
    }

    #[test]
    fn presets_have_the_widths_they_always_had() {
        let shape = |name: &str| {
            let Shape { address, length, tenant, slot, page, block } = Geometry::preset(name).unwrap().shape;
            [address, length, tenant, slot, page, block]
        };
        assert_eq!(shape("tiny"), [5, 3, 1, 1, 1, 2]);
        assert_eq!(shape("mcu"), [12, 5, 1, 2, 3, 3]);
        assert_eq!(shape("cu"), [32, 13, 3, 4, 8, 5]);
        assert_eq!(shape("soc32"), [32, 13, 4, 5, 12, 16]);
        assert_eq!(shape("soc64"), [48, 13, 6, 6, 14, 20]);
        assert_eq!(crate::geometry_file::presets().len(), Geometry::PRESETS.len());
    }

    const MINE: &str = "address_bits = 40\ngranule = \"1 KiB\"\nwindow = \"1 MiB\"\npool = \"64 MiB\"\ntenants = 5\nslots = 24\n";

    #[test]
    fn a_file_has_a_geometry_and_more_follows_its_name() {
        let name = "folder/my+own.toml";
        let geometry = Geometry::in_file(&format!("{name}+chain+slots=20"), name, MINE).unwrap();
        assert_eq!(geometry.shape, Shape { address: 40, length: 13, tenant: 3, slot: 5, page: 10, block: 16 });
        assert_eq!((geometry.tenants, geometry.slots, geometry.granule()), (5, 20, 1024));
        assert_eq!((geometry.window(), geometry.largest_pool(), geometry.features.chain), (1 << 20, 64 << 20, true));
        assert_eq!(geometry.title(), "my+own+chain+slots=20");
        assert_eq!(geometry.windows, Windows::One);
        let text = format!("{MINE}windows = \"per-tenant\"\n");
        assert_eq!(Geometry::in_file(name, name, &text).unwrap().windows, Windows::PerTenant);
        let table = format!("[mine]\n{MINE}features = [\"boot\"]\nlongest_access = 64\n");
        let geometry = Geometry::in_file("one.toml", "one.toml", &table).unwrap();
        assert_eq!((geometry.features.boot, geometry.max_length()), (true, 64));
        let (two, text) = ("two.toml", format!("[a]\n{MINE}[b]\n{MINE}"));
        let error = Geometry::in_file(two, two, &text).unwrap_err().to_string();
        assert_eq!(error, format!("{two}: it has 2 geometries; name one with --geometries {two} --geometry a | b"));
        assert_eq!(Geometry::in_file("b+slots=20", two, &text).unwrap().slots, 20);
        let error = Geometry::in_file("c", two, &text).unwrap_err().to_string();
        assert_eq!(error, "no geometry is called \"c\"; choose one of a, b, tiny, mcu, cu, soc32, soc64");
    }

    #[test]
    fn a_refusal_names_the_bound_and_the_nearest_that_works() {
        let name = "bad.toml";
        let refusals = [
            ("address_bits = 40", "address_bits = 65", "65 address bits are not possible: 5 to 64 are; the nearest is 64"),
            ("tenants = 5", "tenants = 300", "300 tenants are not possible: 1 to 256 are; the nearest is 256"),
            ("tenants = 5", "tenants = 0", "0 tenants are not possible: 1 to 256 are; the nearest is 1"),
            ("slots = 24", "slots = 1", "1 slots are not possible: 2 to 256 are; the nearest is 2"),
            ("slots = 24", "slots = 257", "257 slots are not possible: 2 to 256 are; the nearest is 256"),
            ("\"1 KiB\"", "\"1000 B\"", "a granule of 1000 B is not possible: a power of two from 4 to 1073741824 B is; the nearest is 1024 B"),
            ("\"1 KiB\"", "2", "a granule of 2 B is not possible: a power of two from 4 to 1073741824 B is; the nearest is 4 B"),
            ("\"1 MiB\"", "\"4 GiB\"", "a window of 4294967296 B is not possible: a power of two from 2048 to 1073741824 B is; the nearest is 1073741824 B"),
            ("\"64 MiB\"", "\"1 KiB\"", "a pool of 1024 B is not possible: a power of two from 2048 to 1073741824 B is; the nearest is 2048 B"),
            ("slots = 24", "slots = 24\nlongest_access = \"8 KiB\"", "a longest access of 8192 B is not possible: a power of two from 4 to 4096 B is; the nearest is 4096 B"),
            ("slots = 24", "slots = 24\nfeatures = [\"chian\"]", "no feature is called \"chian\"; choose from dynamic, chain, boot, alerts, integrity, lockstep"),
        ];
        for (old, new, message) in refusals {
            let error = Geometry::in_file(name, name, &MINE.replace(old, new)).unwrap_err().to_string();
            assert_eq!(error, format!("geometry {name:?}: {message}"));
        }
        let lines = [
            ("slots = 24", "slotz = 24", "6: unknown field `slotz`"),
            ("slots = 24", "", "1: missing field `slots`"),
            ("slots = 24", "slots = 24\nports = 2", "7: 2 pairs of ports are not built; the nearest that works is 1"),
            ("slots = 24", "slots = 24\nlookup = \"map\"", "7: unknown variant `map`, expected `cam`"),
            ("slots = 24", "slots = 24\nwindows = \"two\"", "7: unknown variant `two`, expected `one` or `per-tenant`"),
            ("\"1 KiB\"", "\"1 kB\"", "2: \"1 kB\" is no size; write a whole number and one of B, KiB, MiB, GiB, TiB: \"4 KiB\""),
            ("\"1 KiB\"", "\"99999999999 TiB\"", "2: \"99999999999 TiB\" is no size;"),
            ("\"1 KiB\"", "-1", "2: a size of -1 bytes is none; use 1 or more"),
            ("slots = 24", "slots =", "6: "),
        ];
        for (old, new, message) in lines {
            let error = Geometry::in_file(name, name, &MINE.replace(old, new)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}:{message}")), "{error}");
        }
    }

    /// Every corner of the bounds is a geometry.
    #[test]
    fn the_bounds_are_possible() {
        let sizes = |address_bits, granule, window, pool| Sizes::new(address_bits, granule, window, pool, 256, 256);
        for (address, granule, window, pool) in [
            (64, 1 << 30, 1 << 50, 1 << 50),
            (64, 4, 8, 8),
            (52, 1 << 30, 1 << 31, 1 << 50),
            (5, 4, 8, 16),
            (64, 4096, 1 << 32, 1 << 13),
        ] {
            let geometry = Geometry::sized("g", &sizes(address, granule, window, pool)).unwrap();
            geometry.check().unwrap();
            assert_eq!((geometry.granule(), geometry.window(), geometry.largest_pool()), (granule, window, pool));
            assert_eq!(geometry.last_address(), if address == 64 { u64::MAX } else { (1 << address) - 1 });
        }
    }
}
