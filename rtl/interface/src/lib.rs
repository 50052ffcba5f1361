//! What the Partition Manager shows to the outside, shared by the RTL, the golden model and every tool:
//! sizes ([`Geometry`]), codes ([`Status`], [`Reason`], ...), the register map ([`registers`]), the audit record and the
//! boot manifest ([`manifest`]).
//!
//! This crate knows neither hardware nor behaviour: it holds names and numbers only.

mod audit;
mod codes;
mod geometry;
pub mod manifest;
pub mod registers;

pub use audit::AuditRecord;
pub use codes::{BootState, Command, Event, Kind, Reason, Rights, Status, Upset};
pub use geometry::{Features, Geometry, Shape, WORD_BYTES};
pub use registers::{AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};

/// Keys, tags and digests as the hardware has them: four words, the first bytes first, each little-endian.
pub fn words_of(bytes: [u8; 16]) -> [u32; 4] {
    std::array::from_fn(|word| u32::from_le_bytes(std::array::from_fn(|byte| bytes[4 * word + byte])))
}
