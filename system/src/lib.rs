//! What the project does with the operating system, each in one place: [`process`] and [`file`].

pub mod file;
pub mod process;
