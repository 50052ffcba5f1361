//! Blocks that are emitted by themselves, with deliberate changes: for seeded faults, see [`pm_verilog::change`].

use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_rtl::guard::axi4::{ReadGuard, WriteGuard, WriteLimiter};
use pm_rtl::guard::wishbone::{WishboneGuard, WishboneMerge};
use pm_rtl::guard::{ApbControl, AxiLiteControl};
use pm_verilog::{Change, EmitOptions};
use rust_hdl::prelude::Block;

fn emit(mut block: impl Block, top: &str, changes: &[Change]) -> Result<String> {
    block.connect_all();
    Ok(pm_verilog::emit(&block, &EmitOptions { top: top.into(), changes: changes.to_vec(), ..EmitOptions::default() })?)
}

/// As [`crate::emit_read_guard`].
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn read_guard(changes: &[Change]) -> Result<String> {
    emit(ReadGuard::<16, 32, 1, 8>::new(2), "read_guard", changes)
}

/// As [`crate::emit_write_guard`].
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn write_guard(changes: &[Change]) -> Result<String> {
    emit(WriteGuard::<16, 32, 4, 1, 8>::new(2), "write_guard", changes)
}

/// The limiter before the AXI4 guard's writes, top module `write_limiter`, for two bursts at once.
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn write_limiter(changes: &[Change]) -> Result<String> {
    emit(WriteLimiter::<32, 4, 1>::new(2), "write_limiter", changes)
}

/// As [`crate::emit_wishbone_guard`]. Changes name the two blocks as in the whole: `guard` and `merge`.
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn wishbone_guard(changes: &[Change]) -> Result<String> {
    let named = changes.iter().cloned().map(|change| change.moved("guard", "wishbone_guard").moved("merge", "wishbone_merge"));
    let (merge, guard): (Vec<_>, Vec<_>) = named.partition(|change| change.block().starts_with("wishbone_merge"));
    let merge = emit(WishboneMerge::<16>::default(), "wishbone_merge", &merge)?;
    // The guard has every register that the other one has: a module is defined once.
    let place = merge.find("module wishbone_merge").context("the emitted module has another name")?;
    Ok(emit(WishboneGuard::<16, 8>::new(&Geometry::preset("cu")?), "wishbone_guard", &guard)? + &merge[place..])
}

/// The registers behind AXI4-Lite, top module `axi_lite_control`.
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn axi_lite_control(changes: &[Change]) -> Result<String> {
    emit(AxiLiteControl::default(), "axi_lite_control", changes)
}

/// The registers behind APB4, top module `apb_control`.
///
/// # Errors
/// When the backend refuses a block, or a change does not fit.
pub fn apb_control(changes: &[Change]) -> Result<String> {
    emit(ApbControl::default(), "apb_control", changes)
}
