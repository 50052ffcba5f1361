//! Text of files of geometries: TOML, understood as strictly as it can be. An error names the file, the line, and what to do.
//!
//! A file has the keys of one geometry, or tables of them, each with the name of its geometry.

use crate::{Geometry, Windows};
use anyhow::{anyhow, bail, ensure, Context, Result};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// The presets, as they are in the tree.
const PRESETS: &str = include_str!("../../../geometries.toml");
/// Units of a size, and their bytes.
const UNITS: [(&str, u64); 5] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// Keys of a geometry in a file; sizes are in bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sizes {
    /// Bits of a byte address.
    pub(crate) address_bits: usize,
    /// The smallest partition.
    #[serde(deserialize_with = "bytes")]
    pub(crate) granule: u64,
    /// The managed part of a tenant's logical space.
    #[serde(deserialize_with = "bytes")]
    pub(crate) window: u64,
    /// The largest pool.
    #[serde(deserialize_with = "bytes")]
    pub(crate) pool: u64,
    /// Tenants.
    pub(crate) tenants: usize,
    /// Rows of the Partition Table.
    pub(crate) slots: usize,
    /// The longest access; the longest that fits where it is left out.
    #[serde(default, deserialize_with = "some_bytes")]
    pub(crate) longest_access: Option<u64>,
    /// Names of features.
    #[serde(default)]
    pub(crate) features: Vec<String>,
    /// How an access finds its partition.
    #[serde(default)]
    #[allow(dead_code)]
    lookup: Lookup,
    /// Pairs of a translate and a physical port.
    #[serde(default)]
    #[allow(dead_code)]
    ports: Ports,
    /// Where the tenants' windows begin.
    #[serde(default)]
    pub(crate) windows: Windows,
}

#[cfg(test)]
impl Sizes {
    pub(crate) fn new(address_bits: usize, granule: u64, window: u64, pool: u64, tenants: usize, slots: usize) -> Sizes {
        let (lookup, ports, windows) = (Lookup::Cam, Ports, Windows::One);
        let (longest_access, features) = (None, Vec::new());
        Sizes { address_bits, granule, window, pool, tenants, slots, longest_access, features, lookup, ports, windows }
    }
}

/// Ways to find a partition: there is one so far.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum Lookup {
    /// Comparators for every slot.
    #[default]
    #[serde(rename = "cam")]
    Cam,
}

/// Pairs of ports: there is one so far.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "usize")]
struct Ports;

impl TryFrom<usize> for Ports {
    type Error = String;

    fn try_from(ports: usize) -> Result<Ports, String> {
        match ports {
            1 => Ok(Ports),
            _ => Err(format!("{ports} pairs of ports are not built; the nearest that works is 1")),
        }
    }
}

/// A size in bytes: a whole number, or a text of a number and a unit.
fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Size;
    impl Visitor<'_> for Size {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a size such as \"4 KiB\"")
        }

        fn visit_i64<E: Error>(self, bytes: i64) -> Result<u64, E> {
            u64::try_from(bytes).map_err(|_| E::custom(format!("a size of {bytes} bytes is none; use 1 or more")))
        }

        fn visit_u64<E: Error>(self, bytes: u64) -> Result<u64, E> {
            Ok(bytes)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
            size(text).map_err(E::custom)
        }
    }
    deserializer.deserialize_any(Size)
}

/// The same for a key that may be left out.
fn some_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    bytes(deserializer).map(Some)
}

/// Bytes of a text such as `4 KiB`.
fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes);
    let bytes = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    bytes.ok_or_else(|| format!("{text:?} is no size; write a whole number and one of B, KiB, MiB, GiB, TiB: \"4 KiB\""))
}

/// The number of the line in which this byte is.
fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// A text of this type; `file` stands in messages.
fn parsed<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        anyhow!("{file}:{line}: {}", error.message())
    })
}

/// The presets by name.
pub(crate) fn presets() -> &'static BTreeMap<String, Sizes> {
    static ALL: OnceLock<BTreeMap<String, Sizes>> = OnceLock::new();
    ALL.get_or_init(|| parsed("geometries.toml", PRESETS).expect("a test reads the presets"))
}

/// Every geometry of a text that has tables.
fn tables(file: &str, text: &str) -> Result<BTreeMap<String, Sizes>> {
    let tables: BTreeMap<String, Sizes> = parsed(file, text)?;
    ensure!(!tables.is_empty(), "{file}: there is no geometry in it; write a table for each: [NAME]");
    for name in tables.keys() {
        let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        ensure!(name.chars().all(word), "{file}: {name:?} is no name for a geometry; use letters, digits, _ and -");
    }
    Ok(tables)
}

/// Every geometry of a text whose tables are named beside the presets.
pub(crate) fn beside_presets(file: &str, text: &str) -> Result<BTreeMap<String, Sizes>> {
    let tables = tables(file, text)?;
    match tables.keys().find(|name| Geometry::PRESETS.contains(&name.as_str())) {
        None => Ok(tables),
        Some(name) => bail!("{file}: {name:?} is the name of a preset; give the table another"),
    }
}

/// The geometry of this name among the tables of a text.
pub(crate) fn table(name: &str, file: &str, text: &str) -> Result<Sizes> {
    let mut tables = beside_presets(file, text)?;
    tables.remove(name).with_context(|| {
        let names: Vec<&str> = tables.keys().map(String::as_str).chain(Geometry::PRESETS).collect();
        format!("no geometry is called {name:?}; choose one of {}", names.join(", "))
    })
}

/// The one geometry of a text.
pub(crate) fn only(file: &str, text: &str) -> Result<Sizes> {
    if !parsed::<toml::Table>(file, text)?.values().any(toml::Value::is_table) {
        return parsed(file, text);
    }
    let mut tables = tables(file, text)?;
    match tables.len() {
        1 => Ok(tables.pop_first().expect("there is one").1),
        count => {
            let names: Vec<&str> = tables.keys().map(String::as_str).collect();
            bail!("{file}: it has {count} geometries; name one with --geometries {file} --geometry {}", names.join(" | "))
        }
    }
}
