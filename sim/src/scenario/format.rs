//! What a scenario is, and its TOML as serde sees it. Unknown keys are refused everywhere.

use pm_interface::manifest::Limits;
use pm_interface::{Event, Geometry, Reason, Rights, Status};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use toml::Spanned;

/// A scenario that was read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file as the user named it.
    pub file: String,
    /// The sizes that it is for.
    pub geometry: Geometry,
    /// Pool and window, defaults filled in.
    pub setup: Setup,
    /// What a device with authenticated boot is opened with, beside pool and window.
    pub boot: BootText,
    /// The steps with the line that each begins at.
    pub steps: Vec<(usize, Step)>,
}

/// A whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioText {
    /// A preset's name, or a preset with other counts.
    pub geometry: Spanned<GeometryText>,
    /// Pool and window.
    #[serde(default)]
    pub setup: Setup,
    /// The manifest of a device with authenticated boot, beside pool and window.
    pub boot: Option<Spanned<BootText>>,
    /// The steps, in order.
    #[serde(default)]
    pub step: Vec<Spanned<Step>>,
}

/// `"cu"`, or `{ preset = "cu", slots = 4, tenants = 3 }`.
#[derive(Clone, Debug)]
pub struct GeometryText {
    /// Name of the preset.
    pub preset: String,
    /// Rows of the Partition Table, where not the preset's.
    pub slots: Option<usize>,
    /// Tenants, where not the preset's.
    pub tenants: Option<usize>,
}

impl<'de> Deserialize<'de> for GeometryText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<GeometryText, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            preset: String,
            slots: Option<usize>,
            tenants: Option<usize>,
        }
        struct NameOrTable;
        impl<'de> Visitor<'de> for NameOrTable {
            type Value = GeometryText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a preset's name, or a table { preset, slots, tenants }")
            }
            fn visit_str<E: Error>(self, preset: &str) -> Result<GeometryText, E> {
                Ok(GeometryText { preset: preset.into(), slots: None, tenants: None })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<GeometryText, A::Error> {
                let table = Table::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(GeometryText { preset: table.preset, slots: table.slots, tenants: table.tenants })
            }
        }
        deserializer.deserialize_any(NameOrTable)
    }
}

/// Pool and window; what is left out gets the default of the geometry ([`Geometry::default_setup`]).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// First byte of the pool.
    pub pool_base: Option<u64>,
    /// Bytes in the pool.
    pub pool_size: Option<u64>,
    /// First byte of every window.
    pub window_base: Option<u64>,
    /// Instead, in a geometry with windows per tenant: first byte of each tenant's window, tenant 0 first.
    pub window_bases: Option<Vec<u64>>,
    /// Whether an address in the window that no partition has is refused; as the device was built unless said otherwise.
    pub strict: Option<bool>,
    /// Whether the gate is opened before the first step: true unless said otherwise.
    pub activate: Option<bool>,
}

/// One step: exactly one of the actions, done `repeat` times with the same expectation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How often; once unless said otherwise.
    pub repeat: Option<u32>,
    /// Open the gate.
    pub activate: Option<ActivateStep>,
    /// Boot with a manifest.
    pub boot: Option<BootStep>,
    /// Reset.
    pub reset: Option<ResetStep>,
    /// CREATE.
    pub create: Option<CreateStep>,
    /// DESTROY.
    pub destroy: Option<DestroyStep>,
    /// PROTECT.
    pub protect: Option<ProtectStep>,
    /// LOCK.
    pub lock: Option<LockStep>,
    /// SEAL.
    pub seal: Option<SealStep>,
    /// QUERY.
    pub query: Option<QueryStep>,
    /// FIND.
    pub find: Option<FindStep>,
    /// RESIZE.
    pub resize: Option<ResizeStep>,
    /// SHARE.
    pub share: Option<ShareStep>,
    /// An access on either port.
    pub access: Option<AccessStep>,
    /// Upset the lookup state.
    pub corrupt: Option<CorruptStep>,
    /// Wait until the patrol has looked at everything.
    pub patrol: Option<PatrolStep>,
    /// Look at or take audit records.
    pub audit: Option<AuditStep>,
    /// Read or write a register.
    pub register: Option<RegisterStep>,
    /// Read or write the memory that blocks are scrubbed in.
    pub memory: Option<MemoryStep>,
    /// The level of the alert output.
    pub alert: Option<bool>,
    /// The level of the interrupt output.
    pub irq: Option<bool>,
}

impl Step {
    /// The keys of the actions that are there; a proper step has one.
    pub fn actions(&self) -> Vec<&'static str> {
        let keys = [
            ("activate", self.activate.is_some()),
            ("boot", self.boot.is_some()),
            ("reset", self.reset.is_some()),
            ("create", self.create.is_some()),
            ("destroy", self.destroy.is_some()),
            ("protect", self.protect.is_some()),
            ("lock", self.lock.is_some()),
            ("seal", self.seal.is_some()),
            ("query", self.query.is_some()),
            ("find", self.find.is_some()),
            ("resize", self.resize.is_some()),
            ("share", self.share.is_some()),
            ("access", self.access.is_some()),
            ("corrupt", self.corrupt.is_some()),
            ("patrol", self.patrol.is_some()),
            ("audit", self.audit.is_some()),
            ("register", self.register.is_some()),
            ("memory", self.memory.is_some()),
            ("alert", self.alert.is_some()),
            ("irq", self.irq.is_some()),
        ];
        keys.into_iter().filter(|(_, there)| *there).map(|(key, _)| key).collect()
    }
}

/// Writes pool and window registers, then `CONTROL`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivateStep {
    /// Instead of the setup's.
    pub pool_base: Option<u64>,
    /// Instead of the setup's.
    pub pool_size: Option<u64>,
    /// Instead of the setup's.
    pub window_base: Option<u64>,
    /// Instead of the setup's, in a geometry with windows per tenant.
    pub window_bases: Option<Vec<u64>>,
    /// Instead of the setup's.
    pub strict: Option<bool>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// A boot manifest, beside pool and window.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootText {
    /// Security version; the oldest that is taken unless said otherwise.
    pub version: Option<u32>,
    /// SEAL once the partitions exist.
    #[serde(default)]
    pub seal: bool,
    /// What tenants may own; nobody is limited where there is none, and who is not named is not.
    #[serde(default)]
    pub quota: Vec<QuotaText>,
    /// The partitions, in order.
    #[serde(default)]
    pub partition: Vec<BootPartitionText>,
}

/// What a tenant may own, boot partitions included.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaText {
    /// Whose.
    pub tenant: u8,
    /// Granules; any number where it is left out.
    pub granules: Option<u32>,
    /// Slots; any number where it is left out.
    pub slots: Option<u8>,
}

impl QuotaText {
    /// As [`pm_interface::manifest::quotas`] takes them.
    pub fn limits(&self) -> Limits {
        let QuotaText { tenant, granules, slots } = *self;
        Limits { tenant, granules: granules.map(u64::from), slots }
    }
}

/// A partition of a boot manifest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootPartitionText {
    /// Whose.
    pub tenant: u8,
    /// Logical base, bytes.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// Letters of `rwx`.
    #[serde(default)]
    pub rights: RightsText,
    /// No physical access reaches it.
    #[serde(default)]
    pub isolated: bool,
    /// Cannot be changed.
    #[serde(default)]
    pub locked: bool,
}

/// Offers a boot manifest, word by word, and ends it: that of setup and `[boot]`, but for what is said here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootStep {
    /// Instead of the setup's.
    pub pool_base: Option<u64>,
    /// Instead of the setup's.
    pub pool_size: Option<u64>,
    /// Instead of the setup's.
    pub window_base: Option<u64>,
    /// Instead of the setup's.
    pub strict: Option<bool>,
    /// Instead of that of `[boot]`.
    pub version: Option<u32>,
    /// Instead of that of `[boot]`.
    pub seal: Option<bool>,
    /// Instead of those of `[boot]`.
    pub quotas: Option<Vec<QuotaText>>,
    /// Instead of those of `[boot]`.
    pub partitions: Option<Vec<BootPartitionText>>,
    /// A bit that was flipped on the way.
    pub flip: Option<FlipText>,
    /// Only so many words are offered, those of the tag included.
    pub truncate: Option<usize>,
    /// So many words of zeros follow.
    pub extend: Option<usize>,
    /// A word that was replaced before the manifest was signed.
    pub replace: Option<ReplaceText>,
    /// Signed with a key that the device does not have.
    #[serde(default)]
    pub other_key: bool,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// A bit of the words, those of the tag included.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlipText {
    /// Which word.
    pub word: usize,
    /// Which of its bits.
    pub bit: u32,
}

/// A word before the tag.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceText {
    /// Which word.
    pub word: usize,
    /// What it says instead.
    pub value: u32,
}

/// No keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetStep {}

/// CREATE.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateStep {
    /// Whose.
    pub tenant: u8,
    /// Logical base, bytes.
    pub base: u64,
    /// Bytes.
    pub size: u64,
    /// Letters of `rwx`.
    #[serde(default)]
    pub rights: RightsText,
    /// No physical access reaches it.
    #[serde(default)]
    pub isolated: bool,
    /// Cannot be changed.
    #[serde(default)]
    pub locked: bool,
    /// What later steps call it.
    pub name: Option<String>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
    /// The slot it must get.
    pub slot: Option<u8>,
    /// The physical base it must get.
    pub at: Option<CorruptPlace>,
}

/// DESTROY.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestroyStep {
    /// Which, by name.
    pub name: Option<String>,
    /// Which, by slot.
    pub slot: Option<u8>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// PROTECT.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectStep {
    /// Which, by name.
    pub name: Option<String>,
    /// Which, by slot.
    pub slot: Option<u8>,
    /// Letters of `rwx`.
    #[serde(default)]
    pub rights: RightsText,
    /// No physical access reaches it.
    #[serde(default)]
    pub isolated: bool,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// RESIZE.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResizeStep {
    /// Which, by name.
    pub name: Option<String>,
    /// Which, by slot.
    pub slot: Option<u8>,
    /// Bytes from now on.
    pub size: u64,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
    /// The physical base it must have.
    pub at: Option<CorruptPlace>,
}

/// SHARE: a second row on the block of a first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareStep {
    /// Whose block, by name.
    pub name: Option<String>,
    /// Whose block, by slot.
    pub slot: Option<u8>,
    /// Whose the new row is.
    pub tenant: u8,
    /// Its logical base, bytes.
    pub base: u64,
    /// Letters of `rwx`.
    #[serde(default)]
    pub rights: RightsText,
    /// A shared block is never isolated: asking for it is refused.
    #[serde(default)]
    pub isolated: bool,
    /// The new row cannot be changed.
    #[serde(default)]
    pub locked: bool,
    /// What later steps call the new row.
    #[serde(rename = "as")]
    pub new_name: Option<String>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
    /// The physical base it must have.
    pub at: Option<CorruptPlace>,
}

/// LOCK.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockStep {
    /// Which, by name.
    pub name: Option<String>,
    /// Which, by slot.
    pub slot: Option<u8>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// SEAL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealStep {
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
}

/// QUERY.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryStep {
    /// Which, by name.
    pub name: Option<String>,
    /// Which, by slot.
    pub slot: Option<u8>,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
    /// The row it must show.
    pub row: Option<RowText>,
}

/// FIND.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindStep {
    /// Whose.
    pub tenant: u8,
    /// Any logical byte of it.
    pub address: u64,
    /// `Ok` unless said otherwise.
    pub expect: Option<Status>,
    /// The slot it must be in.
    pub slot: Option<u8>,
    /// The row it must show.
    pub row: Option<RowText>,
}

/// Fields that QUERY and FIND must show; what is left out may be anything.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowText {
    /// Whose.
    pub tenant: Option<u8>,
    /// Logical base.
    pub base: Option<u64>,
    /// Bytes.
    pub size: Option<u64>,
    /// Letters of `rwx`.
    pub rights: Option<RightsText>,
    /// Isolated.
    pub isolated: Option<bool>,
    /// Locked.
    pub locked: Option<bool>,
}

/// An access: with `address` on the translate port, with `physical` on the physical port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessStep {
    /// Who asks.
    pub tenant: u8,
    /// Logical address.
    pub address: Option<u64>,
    /// Physical address: a number, or a partition's name with an offset, such as `"heap+0x10"`.
    pub physical: Option<CorruptPlace>,
    /// Bytes; 4, or the longest access of the geometry if that is less, unless said otherwise.
    pub length: Option<u64>,
    /// What for.
    pub kind: KindText,
    /// The verdict.
    pub expect: Expected,
    /// Why it must be refused.
    pub reason: Option<Reason>,
    /// The slot that the answer must name.
    pub slot: Option<u8>,
    /// The physical address that a grant must answer.
    pub at: Option<CorruptPlace>,
}

/// Kind of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KindText {
    /// Data read.
    Read,
    /// Data write.
    Write,
    /// Instruction fetch.
    Execute,
    /// The fourth code, which is always refused.
    Reserved,
}

/// Expected of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Expected {
    /// Translate port: go on.
    #[serde(rename = "granted")]
    Granted,
    /// Physical port: go on.
    #[serde(rename = "allowed")]
    Allowed,
    /// Either port: refused.
    #[serde(rename = "denied")]
    Denied,
    /// Translate port: the standard MMU's.
    #[serde(rename = "not_mine", alias = "NotMine", alias = "not-mine")]
    NotMine,
}

/// No keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatrolStep {}

/// An upset: one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorruptStep {
    /// Overwrite a shadow entry.
    pub shadow: Option<ShadowFault>,
    /// Overwrite a CAM row.
    pub cam: Option<CamFault>,
    /// Flip bits of the control side's copy of a row.
    pub row: Option<BitsFault>,
    /// Flip bits of the data path's copy of a row, but for its rights and, with `dynamic`, its end.
    pub lookup_row: Option<BitsFault>,
    /// Flip bits of the shadow entry of a tenant's logical address.
    pub entry: Option<BitsFault>,
    /// Flip bits of what the ownership map says of a physical address.
    pub granule: Option<BitsFault>,
}

/// Bits of a word that are flipped: the word's own from 0 up, and its code or parity above them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BitsFault {
    /// Which row, by name.
    pub name: Option<String>,
    /// Which row.
    pub slot: Option<u8>,
    /// Whose table.
    pub tenant: Option<u8>,
    /// Any byte of the page.
    pub address: Option<u64>,
    /// Any byte of the granule.
    pub physical: Option<CorruptPlace>,
    /// Which bits.
    pub bits: Vec<u32>,
}

/// The shadow entry of a tenant's logical address becomes a slot, or unmapped when none is named.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShadowFault {
    /// Whose table.
    pub tenant: u8,
    /// Any byte of the granule.
    pub address: u64,
    /// The slot it becomes, by name.
    pub name: Option<String>,
    /// The slot it becomes.
    pub slot: Option<u8>,
}

/// A CAM row becomes {valid, tenant, base, size}, or invalid when they are left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CamFault {
    /// Which row, by name.
    pub name: Option<String>,
    /// Which row.
    pub slot: Option<u8>,
    /// Whose it becomes.
    pub tenant: Option<u8>,
    /// Logical base that it becomes.
    pub base: Option<u64>,
    /// Bytes that it covers then.
    pub size: Option<u64>,
}

/// Looks at the audit log, in this order: how many wait, how many were lost, the oldest record (which is taken), all others
/// (taken), the digest. Where there is a chain, it is waited for first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditStep {
    /// Records that must be waiting.
    pub level: Option<u32>,
    /// Records that must have been lost since reset.
    pub lost: Option<u32>,
    /// What the oldest record must say.
    pub record: Option<RecordText>,
    /// Take all records.
    #[serde(default)]
    pub drain: bool,
    /// What the device's digest must be.
    pub digest: Option<DigestText>,
}

/// What a digest is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestText {
    /// The chain over every record that audit steps have taken since the last reset; all must have been taken.
    Verify,
}

/// Fields of a record; what is left out may be anything.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordText {
    /// What happened.
    pub event: Option<Event>,
    /// Who asked.
    pub tenant: Option<u8>,
    /// Which row.
    pub slot: Option<u8>,
    /// Name of a command, or `read`, `write`, `execute`, `reserved`.
    pub kind: Option<String>,
    /// Name of a status, for events `Command` and `Boot`.
    pub status: Option<Status>,
    /// Name of a reason, for the other events.
    pub reason: Option<Reason>,
    /// Address, or how many were lost.
    pub address: Option<CorruptPlace>,
}

/// A register access: a write when `write` is there, otherwise a read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterStep {
    /// Name as in the register table.
    pub name: Option<String>,
    /// Byte offset, known or not.
    pub offset: Option<u8>,
    /// What to write.
    pub write: Option<u32>,
    /// What must be read.
    pub value: Option<u32>,
    /// Which bits of `value` count; all unless said otherwise.
    pub mask: Option<u32>,
    /// Whether the register must answer with an error.
    #[serde(default)]
    pub error: bool,
}

/// A memory word: written when `write` is there, then compared when `word` is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryStep {
    /// Where.
    pub physical: CorruptPlace,
    /// What to write, past the Partition Manager.
    pub write: Option<u32>,
    /// What must be there.
    pub word: Option<u32>,
}

/// A physical address: a number, or a partition's name with an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorruptPlace {
    /// Bytes.
    Number(u64),
    /// Bytes from a partition's physical base.
    Named(String, u64),
}

impl fmt::Display for CorruptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CorruptPlace::Number(address) => write!(f, "{address:#x}"),
            CorruptPlace::Named(name, 0) => f.write_str(name),
            CorruptPlace::Named(name, offset) => write!(f, "{name}+{offset:#x}"),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim().replace('_', "");
    match text.strip_prefix("0x") {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => u64::from_str_radix(digits, 16).ok(),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

impl CorruptPlace {
    /// `"0x100"`, `"heap"` or `"heap+0x10"`.
    fn parse(text: &str) -> Option<CorruptPlace> {
        if let Some(address) = number(text) {
            return Some(CorruptPlace::Number(address));
        }
        let (name, offset) = match text.split_once('+') {
            Some((name, offset)) => (name.trim(), number(offset)?),
            None => (text.trim(), 0),
        };
        (!name.is_empty()).then(|| CorruptPlace::Named(name.into(), offset))
    }
}

impl<'de> Deserialize<'de> for CorruptPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CorruptPlace, D::Error> {
        struct PlaceVisitor;
        impl Visitor<'_> for PlaceVisitor {
            type Value = CorruptPlace;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address, or a partition's name with an offset such as \"heap+0x10\"")
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<CorruptPlace, E> {
                let address = u64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))?;
                Ok(CorruptPlace::Number(address))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<CorruptPlace, E> {
                Ok(CorruptPlace::Number(value))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<CorruptPlace, E> {
                CorruptPlace::parse(value).ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(PlaceVisitor)
    }
}

/// Letters of `rwx`, each at most once; `-` is skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RightsText {
    /// `r`
    pub read: bool,
    /// `w`
    pub write: bool,
    /// `x`
    pub execute: bool,
}

impl TryFrom<String> for RightsText {
    type Error = String;

    fn try_from(letters: String) -> Result<RightsText, String> {
        let mut rights = RightsText::default();
        for letter in letters.chars() {
            let place = match letter {
                'r' => &mut rights.read,
                'w' => &mut rights.write,
                'x' => &mut rights.execute,
                '-' => continue,
                _ => {
                    return Err(format!(
                        "rights {letters:?} are not letters of \"rwx\"; isolated and locked have keys of their own"
                    ))
                }
            };
            if std::mem::replace(place, true) {
                return Err(format!("rights {letters:?} say {letter:?} twice"));
            }
        }
        Ok(rights)
    }
}

impl RightsText {
    /// With the two flags that have keys of their own.
    pub fn with(self, isolated: bool, locked: bool) -> Rights {
        Rights { read: self.read, write: self.write, execute: self.execute, isolated, locked }
    }
}

impl KindText {
    /// The code on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// By name.
    pub fn from_name(name: &str) -> Option<KindText> {
        [KindText::Read, KindText::Write, KindText::Execute, KindText::Reserved].into_iter().find(|kind| kind.name() == name)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            KindText::Read => "read",
            KindText::Write => "write",
            KindText::Execute => "execute",
            KindText::Reserved => "reserved",
        }
    }
}

impl Expected {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Expected::Granted => "granted",
            Expected::Allowed => "allowed",
            Expected::Denied => "denied",
            Expected::NotMine => "not_mine",
        }
    }
}
