//! What the Partition Manager shows to the outside, shared by the RTL, the golden model and every tool:
//! sizes (`Geometry`), codes ([`Status`], [`Reason`], ...), the register map ([`registers`], [`fields`]), the audit record
//! and the boot manifest (`manifest`).
//!
//! This crate knows neither hardware nor behaviour: it holds names and numbers only. Without the feature `std` sizes and
//! manifest are left out, and nothing but `core` is needed.

#![cfg_attr(not(feature = "std"), no_std)]

mod audit;
mod codes;
pub mod fields;
#[cfg(feature = "std")]
mod geometry;
#[cfg(feature = "std")]
mod geometry_file;
#[cfg(feature = "std")]
pub mod manifest;
pub mod registers;

pub use audit::AuditRecord;
pub use codes::{BootState, CodeList, Command, Event, Kind, Reason, Rights, Status, Upset};
#[cfg(feature = "std")]
pub use geometry::{Features, Geometry, Shape, Windows, WORD_BYTES};
pub use registers::{AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};

/// Keys, tags and digests as the hardware has them: four words, the first bytes first, each little-endian.
pub fn words_of(bytes: [u8; 16]) -> [u32; 4] {
    core::array::from_fn(|word| u32::from_le_bytes(core::array::from_fn(|byte| bytes[4 * word + byte])))
}
