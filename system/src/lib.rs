//! What the tools of the project share that no hardware is in: the operating system, each part in one place ([`process`] and
//! [`file`]), input that cannot be used ([`input`]), geometries by name ([`geometry`]), and tables for people ([`mod@table`]).

pub mod file;
pub mod geometry;
pub mod input;
pub mod process;
pub mod table;

/// What the head of every VCD file says of its maker.
pub const VCD_MADE_BY: &str = "Partition Manager";
