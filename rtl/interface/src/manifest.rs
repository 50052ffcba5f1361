//! The boot manifest as words and as fields: pool, window, quotas and the partitions that exist before anybody asks.
//!
//! ```text
//!  word 0              11       11 + q             11 + q + 5 p = total      total + 4
//!  | header, 11 words  | q quotas | p boot partitions | tag, 4 words         |
//!  '------------------ what the tag vouches for ------'
//! ```
//! This is the format alone. The tag is made and compared elsewhere; nothing here may be taken for authenticated.

use crate::registers::{activation, asked_window};
use crate::{Geometry, Rights, Status};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Word 0: the letters PMBM as little-endian bytes.
pub const MAGIC: u32 = 0x4D42_4D50;
/// The format that word 1 names.
pub const FORMAT: u32 = 1;
/// Words before the first quota.
pub const HEADER_WORDS: usize = 11;
/// Words of a boot partition.
pub const PARTITION_WORDS: usize = 5;
/// Words of the tag.
pub const TAG_WORDS: usize = 4;
/// The most words before the tag: with it, 256 words or one block RAM of 8 Kibit.
pub const MAX_WORDS: usize = 252;

/// The key of simulations and of the development board. Everybody knows it: a device that is to be trusted has another.
pub const DEVELOPMENT_KEY: [u8; 16] = *b"development only";
/// The oldest security version that simulations and the development board take.
pub const DEVELOPMENT_VERSION: u32 = 0x0001_0000;

const SEAL: u32 = 1;
const WINDOW: u32 = 0b110;
const COUNTS: usize = 10;

/// What a Partition Manager boots with.
///
/// | word | bits | field |
/// |---|---|---|
/// | 0 | 31:0 | [`MAGIC`] |
/// | 1 | 7:0 | [`FORMAT`] |
/// | 1 | 15:8 | 0 |
/// | 1 | 31:16 | words before the tag, this header included |
/// | 2 | 31:0 | security version |
/// | 3 | 0 | seal after boot |
/// | 3 | 1 | the window is strict |
/// | 3 | 2 | the window is not strict; with bit 1 refused, with neither as the device was built |
/// | 3 | 31:3 | 0 |
/// | 4, 5 | 31:0 | pool base, bits 31:0 and 63:32 |
/// | 6, 7 | 31:0 | pool size, likewise |
/// | 8, 9 | 31:0 | window base, likewise |
/// | 10 | 7:0 | quotas q: 0, or the number of tenants |
/// | 10 | 15:8 | boot partitions p |
/// | 10 | 31:16 | 0 |
/// | 11 to 10 + q | | one [`Quota`] each, of tenant 0, 1, ... |
/// | then 5 p | | one [`BootPartition`] each |
///
/// Four words of tag follow, which are no part of this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// A device refuses a version below the highest that it has accepted.
    pub security_version: u32,
    /// SEAL is done once the boot partitions exist.
    pub seal: bool,
    /// Whether an address in the window that no partition has is refused; `None`: as the device was built.
    #[serde(default)]
    pub strict: Option<bool>,
    /// First byte of the pool.
    pub pool_base: u64,
    /// Bytes in the pool.
    pub pool_size: u64,
    /// First byte of every tenant's window.
    pub window_base: u64,
    /// What each tenant may own, from tenant 0; none at all when nobody is limited.
    pub quotas: Vec<Quota>,
    /// The partitions to create, in this order.
    pub partitions: Vec<BootPartition>,
}

/// The most that a tenant may own, boot partitions included.
///
/// | bits | field |
/// |---|---|
/// | 23:0 | granules; all ones: no limit |
/// | 31:24 | slots; all ones: no limit |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quota {
    /// Granules, 24 bits; [`Quota::ANY_GRANULES`] is no limit.
    pub granules: u32,
    /// Slots; [`Quota::ANY_SLOTS`] is no limit.
    pub slots: u8,
}

impl Quota {
    /// No limit on granules.
    pub const ANY_GRANULES: u32 = 0xFF_FFFF;
    /// No limit on slots.
    pub const ANY_SLOTS: u8 = 0xFF;
    /// No limit.
    pub const UNLIMITED: Quota = Quota { granules: Quota::ANY_GRANULES, slots: Quota::ANY_SLOTS };

    /// The most granules, where that is limited.
    pub fn granule_limit(self) -> Option<u64> {
        (self.granules != Quota::ANY_GRANULES).then_some(u64::from(self.granules))
    }

    /// The most slots, where that is limited.
    pub fn slot_limit(self) -> Option<usize> {
        (self.slots != Quota::ANY_SLOTS).then_some(usize::from(self.slots))
    }

    fn word(self) -> u32 {
        assert!(
            self.granules <= Quota::ANY_GRANULES,
            "{} granules do not fit 24 bits: call Manifest::check first",
            self.granules
        );
        self.granules | u32::from(self.slots) << 24
    }

    fn from_word(word: u32) -> Quota {
        Quota { granules: word & Quota::ANY_GRANULES, slots: (word >> 24) as u8 }
    }
}

/// What a tenant may own, as people write it: what is left out is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whose.
    pub tenant: u8,
    /// The most granules.
    pub granules: Option<u64>,
    /// The most slots.
    pub slots: Option<u8>,
}

/// Limits that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLimits {
    /// Which of them.
    pub index: usize,
    /// Those of the same tenant that came before, if that is what is wrong.
    pub first: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

/// A quota for each tenant, from the limits of some; no quota at all where nobody is limited.
///
/// # Errors
/// When there is no such tenant, it has two, or a limit is none or does not fit.
pub fn quotas(geometry: &Geometry, limits: &[Limits]) -> Result<Vec<Quota>, BadLimits> {
    let mut quotas = vec![Quota::UNLIMITED; if limits.is_empty() { 0 } else { geometry.tenants }];
    for (index, limit) in limits.iter().enumerate() {
        let Limits { tenant, granules, slots } = *limit;
        let bad = |message: String| BadLimits { index, first: None, message: format!("quota: {message}") };
        let place = usize::from(tenant);
        if place >= geometry.tenants {
            let last = geometry.tenants - 1;
            return Err(bad(format!("there is no tenant {tenant}; geometry {:?} has 0 to {last}", geometry.name)));
        }
        if let Some(first) = limits[..index].iter().position(|earlier| earlier.tenant == tenant) {
            let repeated = bad(format!("tenant {tenant} has one already; give both limits there"));
            return Err(BadLimits { first: Some(first), ..repeated });
        }
        if granules.is_none() && slots.is_none() {
            return Err(bad("it limits nothing; limit the size, the slots, or both, or remove it".into()));
        }
        if let Some(granules) = granules.filter(|granules| *granules >= Quota::ANY_GRANULES.into()) {
            let bytes = |granules: u64| u128::from(granules) << geometry.granule_bits;
            let most = u64::from(Quota::ANY_GRANULES - 1);
            return Err(bad(format!(
                "{granules} granules, {:#x} bytes, are too many; use at most {most}, {:#x} bytes, or leave it out for no limit",
                bytes(granules),
                bytes(most)
            )));
        }
        if slots == Some(Quota::ANY_SLOTS) {
            return Err(bad(format!(
                "slots {} is too large; use at most {}, or leave it out for no limit",
                Quota::ANY_SLOTS,
                Quota::ANY_SLOTS - 1
            )));
        }
        quotas[place] = Quota {
            granules: granules.map_or(Quota::ANY_GRANULES, |granules| granules as u32),
            slots: slots.unwrap_or(Quota::ANY_SLOTS),
        };
    }
    Ok(quotas)
}

/// A partition that the boot gate creates before it opens.
///
/// | word | bits | field |
/// |---|---|---|
/// | 0 | 7:0 | tenant |
/// | 0 | 12:8 | rights, as in `CMD_RIGHTS` |
/// | 0 | 31:13 | 0 |
/// | 1, 2 | 31:0 | logical base, bits 31:0 and 63:32 |
/// | 3, 4 | 31:0 | size in bytes, likewise |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BootPartition {
    /// Whose.
    pub tenant: u8,
    /// What is permitted, whether it is isolated and locked.
    pub rights: Rights,
    /// First logical byte.
    pub logical: u64,
    /// Bytes.
    pub size: u64,
}

impl BootPartition {
    /// Its words.
    pub fn words(&self) -> [u32; PARTITION_WORDS] {
        let [logical_low, logical_high] = halves(self.logical);
        let [size_low, size_high] = halves(self.size);
        [u32::from(self.tenant) | self.rights.bits() << 8, logical_low, logical_high, size_low, size_high]
    }
}

/// What is wrong with words that are no manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Word 0 is another one.
    Magic(u32),
    /// Word 1 names another format.
    Format(u32),
    /// These bits have to be zero.
    Reserved(u32),
    /// The flags ask for a strict window, and for one that is not.
    Window,
    /// The words end here.
    Short,
    /// Word 1 says so many words before the tag; so many are there.
    Length {
        /// As word 1 says.
        said: usize,
        /// As there are.
        present: usize,
    },
    /// Word 1 says more words than [`MAX_WORDS`].
    Long(usize),
    /// Header, quotas and boot partitions of word 10 take so many words; word 1 says another number.
    Counts {
        /// What word 10 comes to.
        taken: usize,
        /// As word 1 says.
        said: usize,
    },
}

/// Words that are no manifest: where, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Index of the word.
    pub word: usize,
    /// What is wrong with it.
    pub defect: Defect,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "word {}: ", self.word)?;
        match self.defect {
            Defect::Magic(word) => {
                let expected = format_args!("{MAGIC:#010x} (the bytes PMBM)");
                write!(f, "{word:#010x} instead of {expected}: this is no boot manifest; build one with pm manifest build")
            }
            Defect::Format(format) => write!(f, "format {format}, this version knows format {FORMAT}: build the manifest again"),
            Defect::Reserved(bits) => {
                write!(f, "bits {bits:#010x} have to be 0: the manifest was damaged, or is for a later version")
            }
            Defect::Window => {
                f.write_str("bits 1 and 2 ask for a strict window and for one that is not: build the manifest again")
            }
            Defect::Short => {
                write!(f, "the manifest ends before its header of {HEADER_WORDS} words does: it was cut short; build it again")
            }
            Defect::Length { said, present } => write!(
                f,
                "it says {said} words before the tag (so {said} or {} in all), {present} are there: \
                 the manifest was cut short, or something was added",
                said + TAG_WORDS
            ),
            Defect::Long(said) => {
                write!(f, "it says {said} words before the tag, a device takes at most {MAX_WORDS}: use fewer boot partitions")
            }
            Defect::Counts { taken, said } => write!(
                f,
                "header, quotas and boot partitions come to {taken} words, word 1 says {said}: \
                 the manifest was damaged; build it again"
            ),
        }
    }
}

impl std::error::Error for Malformed {}

/// The part of a manifest that a [`Refusal`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole.
    Manifest,
    /// Pool base and size.
    Pool,
    /// Window base.
    Window,
    /// The quota of this tenant.
    Quota(usize),
    /// The boot partition of this index.
    Partition(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Manifest => f.write_str("manifest"),
            Part::Pool => f.write_str("pool"),
            Part::Window => f.write_str("window"),
            Part::Quota(tenant) => write!(f, "quota of tenant {tenant}"),
            Part::Partition(index) => write!(f, "partition {index}"),
        }
    }
}

/// Why a device of some geometry would stay closed on a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which part.
    pub part: Part,
    /// What an activation, or CREATE, answers to it.
    pub status: Status,
    /// What is wrong, with numbers, and what to do.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.message)
    }
}

impl std::error::Error for Refusal {}

fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

fn joined(words: &[u32]) -> u64 {
    u64::from(words[0]) | u64::from(words[1]) << 32
}

fn require(holds: bool, word: usize, defect: Defect) -> Result<(), Malformed> {
    if holds {
        Ok(())
    } else {
        Err(Malformed { word, defect })
    }
}

/// Refuses a word with bits set that have to be zero.
fn reserve(words: &[u32], word: usize, reserved: u32) -> Result<(), Malformed> {
    let set = words[word] & reserved;
    require(set == 0, word, Defect::Reserved(set))
}

/// Words 0 and 1, as far as they can be judged without what follows; how many words come before the tag.
fn said_length(words: &[u32]) -> Result<usize, Malformed> {
    let magic = *words.first().ok_or(Malformed { word: 0, defect: Defect::Short })?;
    require(magic == MAGIC, 0, Defect::Magic(magic))?;
    let shape = *words.get(1).ok_or(Malformed { word: 1, defect: Defect::Short })?;
    require(shape & 0xFF == FORMAT, 1, Defect::Format(shape & 0xFF))?;
    reserve(words, 1, 0xFF00)?;
    let said = (shape >> 16) as usize;
    require(said <= MAX_WORDS, 1, Defect::Long(said))?;
    Ok(said)
}

/// Parts words into those before the tag and the tag, which is there or not. What comes before the tag is not looked at
/// beyond word 1.
pub fn split_tag(words: &[u32]) -> Result<(&[u32], Option<[u32; TAG_WORDS]>), Malformed> {
    let said = said_length(words)?;
    let (body, rest) = words.split_at_checked(said).unwrap_or((words, &[]));
    let tag = <[u32; TAG_WORDS]>::try_from(rest).ok();
    let fits = body.len() == said && (rest.is_empty() || tag.is_some());
    require(fits, 1, Defect::Length { said, present: words.len() })?;
    Ok((body, tag))
}

impl Manifest {
    /// Pool and window and nothing else, as new as a development device asks for.
    pub fn development(pool_base: u64, pool_size: u64, window_base: u64) -> Manifest {
        Manifest { security_version: DEVELOPMENT_VERSION, pool_base, pool_size, window_base, ..Manifest::default() }
    }

    /// The words before the tag.
    ///
    /// # Panics
    /// When a number does not fit its field; [`Manifest::check`] refuses such a manifest.
    pub fn words(&self) -> Vec<u32> {
        let total = self.length();
        let fits = self.quotas.len() <= 0xFF && self.partitions.len() <= 0xFF;
        assert!(fits && total <= 0xFFFF, "too many quotas or boot partitions: call Manifest::check first");
        let mut words = vec![MAGIC, FORMAT | (total as u32) << 16, self.security_version, self.flags()];
        for value in [self.pool_base, self.pool_size, self.window_base] {
            words.extend(halves(value));
        }
        words.push(self.quotas.len() as u32 | (self.partitions.len() as u32) << 8);
        words.extend(self.quotas.iter().map(|quota| quota.word()));
        words.extend(self.partitions.iter().flat_map(BootPartition::words));
        words
    }

    fn flags(&self) -> u32 {
        (u32::from(self.seal) * SEAL) | (activation(self.strict) & WINDOW)
    }

    /// How many words come before the tag.
    pub fn length(&self) -> usize {
        HEADER_WORDS + self.quotas.len() + PARTITION_WORDS * self.partitions.len()
    }

    /// The inverse of [`Manifest::words`], for exactly the words before the tag. Every bit counts: two different sequences
    /// of words are never the same manifest.
    pub fn from_words(words: &[u32]) -> Result<Manifest, Malformed> {
        let said = said_length(words)?;
        require(words.len() >= HEADER_WORDS, words.len(), Defect::Short)?;
        require(words.len() == said, 1, Defect::Length { said, present: words.len() })?;
        reserve(words, 3, !(SEAL | WINDOW))?;
        let strict = asked_window(words[3] & WINDOW | 1).ok_or(Malformed { word: 3, defect: Defect::Window })?;
        reserve(words, COUNTS, 0xFFFF_0000)?;
        let quotas = (words[COUNTS] & 0xFF) as usize;
        let partitions = (words[COUNTS] >> 8 & 0xFF) as usize;
        let taken = HEADER_WORDS + quotas + PARTITION_WORDS * partitions;
        require(taken == said, COUNTS, Defect::Counts { taken, said })?;
        let first_partition = HEADER_WORDS + quotas;
        for word in (first_partition..said).step_by(PARTITION_WORDS) {
            reserve(words, word, 0xFFFF_E000)?;
        }
        let partition = |words: &[u32]| BootPartition {
            tenant: words[0] as u8,
            rights: Rights::from_bits(words[0] >> 8),
            logical: joined(&words[1..]),
            size: joined(&words[3..]),
        };
        Ok(Manifest {
            security_version: words[2],
            seal: words[3] & SEAL != 0,
            strict,
            pool_base: joined(&words[4..]),
            pool_size: joined(&words[6..]),
            window_base: joined(&words[8..]),
            quotas: words[HEADER_WORDS..first_partition].iter().map(|word| Quota::from_word(*word)).collect(),
            partitions: words[first_partition..].chunks_exact(PARTITION_WORDS).map(partition).collect(),
        })
    }

    /// Refuses a manifest that a device of this geometry would stay closed on: pool and window first, then the boot
    /// partitions in their order, each with the checks of CREATE in their order.
    pub fn check(&self, geometry: &Geometry) -> Result<(), Refusal> {
        self.check_placement(geometry)?;
        self.check_counts(geometry)?;
        (0..self.partitions.len()).try_for_each(|index| self.check_partition(geometry, index))
    }

    fn check_placement(&self, geometry: &Geometry) -> Result<(), Refusal> {
        let (granule, window, frame, last) = (geometry.granule(), geometry.window(), geometry.frame(), geometry.last_address());
        let largest = geometry.largest_pool();
        let pool = |holds, status, message: &dyn Fn() -> String| demand(holds, Part::Pool, status, message);
        let bits = geometry.shape.address;
        demand(self.window_base <= last, Part::Window, Status::BadAlignment, || {
            format!("its base {:#x} does not fit {bits} address bits; use at most {:#x}", self.window_base, last + 1 - window)
        })?;
        pool(self.pool_base <= last, Status::BadAlignment, &|| {
            format!("its base {:#x} does not fit {bits} address bits; use at most {:#x}", self.pool_base, last + 1 - granule)
        })?;
        pool(self.pool_size <= last, Status::BadAlignment, &|| {
            format!("its size {:#x} does not fit {bits} address bits; use at most {largest:#x} bytes", self.pool_size)
        })?;
        pool((self.pool_base | self.pool_size) & (granule - 1) == 0, Status::BadAlignment, &|| {
            format!(
                "base {:#x} and size {:#x} have to be multiples of the granule, {granule:#x} bytes; use {:#x} and {:#x}",
                self.pool_base,
                self.pool_size,
                self.pool_base & !(granule - 1),
                (self.pool_size & !(granule - 1)).max(granule)
            )
        })?;
        demand(self.window_base & (window - 1) == 0, Part::Window, Status::BadAlignment, || {
            let below = self.window_base & !(window - 1);
            format!("its base {:#x} has to be a multiple of its size, {window:#x} bytes; use {below:#x}", self.window_base)
        })?;
        pool(self.pool_size != 0, Status::BadSize, &|| format!("its size is 0; use {granule:#x} to {largest:#x} bytes"))?;
        pool(self.pool_size <= largest, Status::BadSize, &|| {
            format!("its size {:#x} is more than this geometry's largest pool, {largest:#x} bytes; use that", self.pool_size)
        })?;
        let room = frame - (self.pool_base & (frame - 1));
        pool(self.pool_size <= room, Status::BadSize, &|| {
            format!(
                "{:#x} bytes from {:#x} leave the frame, which is {frame:#x} bytes and naturally aligned; \
                 use at most {room:#x}, or another base",
                self.pool_size, self.pool_base
            )
        })
    }

    fn check_counts(&self, geometry: &Geometry) -> Result<(), Refusal> {
        let counted = self.quotas.len();
        demand(counted == 0 || counted == geometry.tenants, Part::Manifest, Status::BadTenant, || {
            format!(
                "{counted} quotas for {} tenants of geometry {:?}; give one to each, or none",
                geometry.tenants, geometry.name
            )
        })?;
        for (tenant, quota) in self.quotas.iter().enumerate() {
            demand(quota.granules <= Quota::ANY_GRANULES, Part::Quota(tenant), Status::BadSize, || {
                format!("{} granules do not fit 24 bits; use at most {}, or no limit", quota.granules, Quota::ANY_GRANULES - 1)
            })?;
        }
        // One more partition than there are slots is refused as TableFull, at that partition.
        demand(self.length() <= MAX_WORDS, Part::Manifest, Status::BadSize, || {
            let most = (MAX_WORDS - HEADER_WORDS - counted.min(MAX_WORDS - HEADER_WORDS)) / PARTITION_WORDS;
            format!(
                "{} partitions and {counted} quotas come to {} words, a manifest has room for {MAX_WORDS}; \
                 use at most {most} partitions, and create the others later",
                self.partitions.len(),
                self.length()
            )
        })
    }

    fn check_partition(&self, geometry: &Geometry, index: usize) -> Result<(), Refusal> {
        let partition = &self.partitions[index];
        let BootPartition { tenant, logical, size, .. } = *partition;
        let (granule, window) = (geometry.granule(), geometry.window());
        let so = |holds, status, message: &dyn Fn() -> String| demand(holds, Part::Partition(index), status, message);
        so(logical <= geometry.last_address() && size <= geometry.last_address(), Status::BadAlignment, &|| {
            format!("base {logical:#x} or size {size:#x} does not fit {} address bits", geometry.shape.address)
        })?;
        so(usize::from(tenant) < geometry.tenants, Status::BadTenant, &|| {
            format!("there is no tenant {tenant}; geometry {:?} has 0 to {}", geometry.name, geometry.tenants - 1)
        })?;
        so((logical | size) & (granule - 1) == 0, Status::BadAlignment, &|| {
            format!("base {logical:#x} and size {size:#x} have to be multiples of the granule, {granule:#x} bytes")
        })?;
        so(size != 0 && size <= window, Status::BadSize, &|| {
            format!("its size is {size:#x}; use {granule:#x} to {window:#x} bytes")
        })?;
        let offset = logical.checked_sub(self.window_base).filter(|offset| *offset < window && offset + size <= window);
        so(offset.is_some(), Status::OutsideWindow, &|| {
            let last = self.window_base + (window - 1);
            format!(
                "{size:#x} bytes from {logical:#x} leave the window, which is {:#x} to {last:#x}; move it there",
                self.window_base
            )
        })?;
        let before = &self.partitions[..index];
        let meets = |other: &BootPartition| logical < other.logical + other.size && other.logical < logical + size;
        let overlaps = |other: &BootPartition| other.tenant == tenant && meets(other);
        let other = before.iter().position(overlaps);
        so(other.is_none(), Status::Overlap, &|| {
            let (other, first) = other.map_or((0, 0), |other| (other, before[other].logical));
            format!("it overlaps partition {other}, at {first:#x}, of the same tenant {tenant}; move or shrink one of them")
        })?;
        self.check_room(geometry, index)
    }

    /// Are there slots, quota and pool left for this partition? The ones before it stand one after the other.
    fn check_room(&self, geometry: &Geometry, index: usize) -> Result<(), Refusal> {
        let BootPartition { tenant, size, .. } = self.partitions[index];
        let so = |holds, status, message: &dyn Fn() -> String| demand(holds, Part::Partition(index), status, message);
        so(index < geometry.slots, Status::TableFull, &|| {
            format!("geometry {:?} has {} slots, and all are taken by then; use fewer partitions", geometry.name, geometry.slots)
        })?;
        let taken: u64 = self.partitions[..index].iter().map(|other| other.size).sum();
        so(size <= self.pool_size - taken.min(self.pool_size), Status::NoSpace, &|| {
            let left = self.pool_size - taken.min(self.pool_size);
            format!("its {size:#x} bytes do not fit the {left:#x} that are left of the pool; use a larger pool or a smaller partition")
        })?;
        let Some(quota) = self.quotas.get(usize::from(tenant)) else { return Ok(()) };
        let owned = || self.partitions[..=index].iter().filter(|other| other.tenant == tenant);
        let (slots, granules) = (owned().count(), owned().map(|other| other.size >> geometry.granule_bits).sum::<u64>());
        so(quota.slot_limit().is_none_or(|limit| slots <= limit), Status::QuotaExceeded, &|| {
            format!(
                "it is tenant {tenant}'s slot number {slots}, the quota is {}; raise it, or use fewer partitions",
                quota.slots
            )
        })?;
        so(quota.granule_limit().is_none_or(|limit| granules <= limit), Status::QuotaExceeded, &|| {
            format!(
                "with it tenant {tenant} owns {:#x} bytes, the quota is {:#x}; raise it, or use smaller partitions",
                granules << geometry.granule_bits,
                u64::from(quota.granules) << geometry.granule_bits
            )
        })
    }
}

fn demand(holds: bool, part: Part, status: Status, message: impl FnOnce() -> String) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(Refusal { part, status, message: message() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two quotas apart from no limit, two partitions of one tenant, one of another.
    fn full() -> Manifest {
        let mut quotas = vec![Quota::UNLIMITED; 8];
        quotas[1] = Quota { granules: 6, slots: 2 };
        quotas[2] = Quota { granules: Quota::ANY_GRANULES, slots: 1 };
        let rights = Rights { read: true, isolated: true, ..Rights::default() };
        let partition = |tenant, logical, size| BootPartition { tenant, rights, logical, size };
        Manifest {
            security_version: 7,
            seal: true,
            strict: None,
            pool_base: 0x8000_0000,
            pool_size: 0x2000,
            window_base: 0x1_0000,
            quotas,
            partitions: vec![partition(1, 0x1_0000, 0x400), partition(1, 0x1_0800, 0x200), partition(2, 0x1_FF00, 0x100)],
        }
    }

    fn cu() -> Geometry {
        Geometry::preset("cu").unwrap()
    }

    #[test]
    fn the_words_are_those_of_the_table() {
        let words = full().words();
        assert_eq!(words[..4], [0x4D42_4D50, 0x0022_0001, 7, 1]);
        assert_eq!(words[0].to_le_bytes(), *b"PMBM");
        assert_eq!(words[4..11], [0x8000_0000, 0, 0x2000, 0, 0x1_0000, 0, 0x0308]);
        assert_eq!(words[11..15], [0xFFFF_FFFF, 0x0200_0006, 0x01FF_FFFF, 0xFFFF_FFFF]);
        assert_eq!(words[19..24], [0x0901, 0x1_0000, 0, 0x400, 0]);
        assert_eq!(words.len(), 34);
        let high = Manifest { pool_base: 0x1234_5678_9ABC_DEF0, ..Manifest::default() }.words();
        assert_eq!((high.len(), high[4], high[5]), (11, 0x9ABC_DEF0, 0x1234_5678));
    }

    #[test]
    fn words_and_fields_are_inverse() {
        for manifest in
            [Manifest::default(), full(), Manifest { quotas: vec![], ..full() }, Manifest { partitions: vec![], ..full() }]
        {
            for strict in [None, Some(true), Some(false)] {
                let manifest = Manifest { strict, ..manifest.clone() };
                assert_eq!(Manifest::from_words(&manifest.words()), Ok(manifest));
            }
        }
    }

    #[test]
    fn every_bit_counts() {
        let words = full().words();
        let mut refused = 0;
        for bit in 0..words.len() * 32 {
            let mut flipped = words.clone();
            flipped[bit / 32] ^= 1 << (bit % 32);
            match Manifest::from_words(&flipped) {
                Ok(manifest) => assert_eq!(manifest.words(), flipped, "word {} bit {}", bit / 32, bit % 32),
                Err(malformed) => {
                    assert_eq!(malformed.word, bit / 32, "bit {}: {malformed}", bit % 32);
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, 32 + 32 + 29 + 32 + 3 * 19, "magic, word 1, flags, counts, reserved bits of each partition");
    }

    #[test]
    fn each_defect_is_named_with_its_word() {
        let changed = |word: usize, value: u32| {
            let mut words = full().words();
            words[word] = value;
            Manifest::from_words(&words)
        };
        let at = |word, defect| Err(Malformed { word, defect });
        assert_eq!(changed(0, 0x1234), at(0, Defect::Magic(0x1234)));
        assert_eq!(changed(1, 0x0022_0002), at(1, Defect::Format(2)));
        assert_eq!(changed(1, 0x0022_8101), at(1, Defect::Reserved(0x8100)));
        assert_eq!(changed(1, 0x0023_0001), at(1, Defect::Length { said: 35, present: 34 }));
        assert_eq!(changed(1, 0x00FD_0001), at(1, Defect::Long(253)));
        assert_eq!(changed(3, 9), at(3, Defect::Reserved(8)));
        assert_eq!(changed(3, 7), at(3, Defect::Window));
        assert_eq!(changed(10, 0x0207), at(10, Defect::Counts { taken: 28, said: 34 }));
        assert_eq!(changed(10, 0x0001_0308), at(10, Defect::Reserved(0x1_0000)));
        assert_eq!(changed(24, 0x0000_2001), at(24, Defect::Reserved(0x2000)));
        let words = full().words();
        assert_eq!(Manifest::from_words(&[]), at(0, Defect::Short));
        assert_eq!(Manifest::from_words(&words[..1]), at(1, Defect::Short));
        assert_eq!(Manifest::from_words(&words[..5]), at(5, Defect::Short));
        assert_eq!(Manifest::from_words(&words[..33]), at(1, Defect::Length { said: 34, present: 33 }));
        assert!(changed(0, 0).unwrap_err().to_string().starts_with("word 0: 0x00000000 instead of 0x4d424d50 (the bytes PMBM)"));
    }

    #[test]
    fn a_tag_is_parted_from_what_it_vouches_for() {
        let body = full().words();
        assert_eq!(split_tag(&body), Ok((&body[..], None)));
        let mut words = body.clone();
        for tag in 1..=5u32 {
            words.push(tag);
            let parted = split_tag(&words);
            match tag {
                4 => assert_eq!(parted, Ok((&body[..], Some([1, 2, 3, 4])))),
                _ => assert_eq!(parted.unwrap_err().defect, Defect::Length { said: 34, present: words.len() }),
            }
        }
        assert!(split_tag(&body[..20]).is_err());
    }

    type Change = fn(&mut Manifest);

    /// What a device of geometry `cu` would refuse.
    fn check(change: Change) -> Result<(), (Part, Status, String)> {
        let mut manifest = full();
        change(&mut manifest);
        manifest.check(&cu()).map_err(|refusal| (refusal.part, refusal.status, refusal.message))
    }

    #[test]
    fn what_the_device_takes_is_accepted() {
        let changes: [Change; 6] = [
            |_| {},
            |m| m.quotas.clear(),
            |m| m.partitions.clear(),
            |m| m.pool_size = 0x700,
            |m| m.partitions[2].logical = 0x1_0000,
            |m| (m.pool_base, m.pool_size, m.window_base) = (0xFFFF_F000, 0x1000, 0x1_0000),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            assert_eq!(check(change), Ok(()), "{index}");
        }
    }

    #[test]
    fn what_the_device_refuses_is_named() {
        use Part::{Manifest as Whole, Partition, Pool, Quota as OfTenant, Window};
        use Status::*;
        let cases: &[(Change, Part, Status, &str)] = &[
            (
                |m| m.window_base = 0x1_0100,
                Window,
                BadAlignment,
                "0x10100 has to be a multiple of its size, 0x10000 bytes; use 0x10000",
            ),
            (|m| m.window_base = 1 << 32, Window, BadAlignment, "does not fit 32 address bits; use at most 0xffff0000"),
            (|m| m.pool_base = 1 << 32, Pool, BadAlignment, "does not fit 32 address bits; use at most 0xffffff00"),
            (|m| m.pool_base += 4, Pool, BadAlignment, "multiples of the granule, 0x100 bytes; use 0x80000000 and 0x2000"),
            (|m| m.pool_size = 0x1FFF, Pool, BadAlignment, "use 0x80000000 and 0x1f00"),
            (|m| m.pool_size = 0, Pool, BadSize, "its size is 0; use 0x100 to 0x2000 bytes"),
            (|m| m.pool_size = 1 << 40, Pool, BadAlignment, "its size 0x10000000000 does not fit 32 address bits"),
            (|m| m.pool_size = 0x4000, Pool, BadSize, "more than this geometry's largest pool, 0x2000 bytes"),
            (
                |m| m.pool_base += 0x100,
                Pool,
                BadSize,
                "leave the frame, which is 0x2000 bytes and naturally aligned; use at most 0x1f00",
            ),
            (|m| m.quotas.truncate(3), Whole, BadTenant, "3 quotas for 8 tenants of geometry \"cu\""),
            (|m| m.quotas[5].granules = 1 << 24, OfTenant(5), BadSize, "16777216 granules do not fit 24 bits"),
            (
                |m| m.partitions = vec![m.partitions[0]; 47],
                Whole,
                BadSize,
                "come to 254 words, a manifest has room for 252; use at most 46",
            ),
            (|m| m.partitions[1].tenant = 8, Partition(1), BadTenant, "there is no tenant 8; geometry \"cu\" has 0 to 7"),
            (|m| m.partitions[0].logical += 1, Partition(0), BadAlignment, "multiples of the granule"),
            (|m| m.partitions[0].size += 4, Partition(0), BadAlignment, "multiples of the granule"),
            (|m| m.partitions[0].size = 0, Partition(0), BadSize, "its size is 0x0; use 0x100 to 0x10000 bytes"),
            (|m| m.partitions[0].size = !0xFF, Partition(0), BadAlignment, "size 0xffffffffffffff00 does not fit"),
            (|m| m.partitions[0].size = 0xFFFF_FF00, Partition(0), BadSize, "its size is 0xffffff00"),
            (|m| m.partitions[0].logical = 0, Partition(0), OutsideWindow, "leave the window, which is 0x10000 to 0x1ffff"),
            (|m| m.partitions[2].size = 0x200, Partition(2), OutsideWindow, "0x200 bytes from 0x1ff00 leave the window"),
            (|m| m.partitions[2].logical = !0xFF, Partition(2), BadAlignment, "does not fit 32 address bits"),
            (
                |m| m.partitions[1].logical = 0x1_0300,
                Partition(1),
                Overlap,
                "it overlaps partition 0, at 0x10000, of the same tenant 1",
            ),
            (|m| m.pool_size = 0x600, Partition(2), NoSpace, "its 0x100 bytes do not fit the 0x0 that are left"),
            (|m| m.quotas[1].slots = 1, Partition(1), QuotaExceeded, "tenant 1's slot number 2, the quota is 1"),
            (|m| m.quotas[2].slots = 0, Partition(2), QuotaExceeded, "tenant 2's slot number 1, the quota is 0"),
            (|m| m.quotas[1].granules = 5, Partition(1), QuotaExceeded, "tenant 1 owns 0x600 bytes, the quota is 0x500"),
            (
                |m| {
                    m.partitions =
                        (0..17).map(|n| BootPartition { size: 0x100, logical: 0x1_0000 + n * 0x100, ..m.partitions[0] }).collect()
                },
                Partition(2),
                QuotaExceeded,
                "slot number 3",
            ),
            (
                |m| {
                    m.quotas.clear();
                    m.partitions = (0..17)
                        .map(|n| BootPartition { size: 0x100, logical: 0x1_0000 + n * 0x100, ..m.partitions[0] })
                        .collect();
                },
                Partition(16),
                TableFull,
                "has 16 slots",
            ),
        ];
        for (index, (change, part, status, said)) in cases.iter().enumerate() {
            let (got_part, got_status, message) = check(*change).expect_err(said);
            assert_eq!((got_part, got_status), (*part, *status), "{index}: {message}");
            assert!(message.contains(said), "{index}: {message}");
        }
    }

    #[test]
    fn limits_become_a_quota_for_each_tenant_or_are_refused() {
        let limits = |tenant, granules, slots| Limits { tenant, granules, slots };
        assert_eq!(quotas(&cu(), &[]), Ok(vec![]));
        let given = quotas(&cu(), &[limits(2, None, Some(1)), limits(1, Some(6), Some(2))]).unwrap();
        assert_eq!(given, full().quotas);
        let most = limits(0, Some(0xFF_FFFE), Some(254));
        assert_eq!(quotas(&cu(), &[most]).unwrap()[0], Quota { granules: 0xFF_FFFE, slots: 254 });
        for (wrong, said) in [
            (limits(8, None, Some(1)), "there is no tenant 8; geometry \"cu\" has 0 to 7"),
            (limits(0, Some(1), None), "tenant 0 has one already"),
            (limits(1, None, None), "it limits nothing"),
            (
                limits(1, Some(0xFF_FFFF), None),
                "16777215 granules, 0xffffff00 bytes, are too many; use at most 16777214, 0xfffffe00 bytes",
            ),
            (limits(1, Some(u64::MAX), None), "are too many"),
            (limits(1, None, Some(255)), "slots 255 is too large; use at most 254"),
        ] {
            let bad = quotas(&cu(), &[most, wrong]).unwrap_err();
            assert_eq!((bad.index, bad.first), (1, (wrong.tenant == 0).then_some(0)));
            assert!(bad.message.contains(said), "{}", bad.message);
        }
    }

    #[test]
    fn the_largest_manifest_has_its_words() {
        let mut manifest = Manifest { quotas: vec![Quota::UNLIMITED; 64], ..Manifest::default() };
        manifest.partitions = vec![BootPartition::default(); (MAX_WORDS - HEADER_WORDS - 64) / PARTITION_WORDS];
        assert_eq!((manifest.partitions.len(), manifest.length()), (35, 250));
        assert_eq!(Manifest::from_words(&manifest.words()), Ok(manifest));
    }
}
