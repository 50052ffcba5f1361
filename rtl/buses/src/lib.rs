//! The Partition Manager behind its buses, as Verilog: AXI4 and Wishbone.
//!
//! The blocks are `pm-rtl`'s. They are put together here, for every shape, in a crate of its own that is not optimised: their kernels
//! are emitted, not run, and optimising some dozen of such designs takes longer than everything else.

use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_rtl::guard::axi4::{self, Axi4Options};
use pm_rtl::guard::wishbone::{WishboneGuard, WishboneMerge};
use pm_rtl::shape::header;
use pm_verilog::EmitOptions;
use rust_hdl::prelude::Block;

/// The Verilog of a geometry's Partition Manager as an AXI4 guard, top module `partition_manager` with the parameters
/// `ID_WIDTH` and `USER_WIDTH`.
///
/// # Errors
/// As [`pm_rtl::emit`]; when the geometry's accesses are shorter than AXI4's bursts, or an option is not supported.
pub fn emit_axi4(geometry: &Geometry, options: &Axi4Options) -> Result<String> {
    geometry.check()?;
    options.check(geometry)?;
    let mut lines = header(geometry);
    lines.push(options.describe());
    let inner = EmitOptions { top: axi4::INNER.into(), header: lines, ..EmitOptions::default() };
    let (bursts, mmu) = (options.bursts, options.mmu);
    let text = match options.data {
        32 => {
            pm_rtl::with_wide_shape!(geometry, Axi4PartitionManager32::connected(bursts, mmu), design => pm_verilog::emit(&design, &inner))
        }
        _ => {
            pm_rtl::with_wide_shape!(geometry, Axi4PartitionManager64::connected(bursts, mmu), design => pm_verilog::emit(&design, &inner))
        }
    };
    let text = text.with_context(|| format!("emitting the AXI4 guard of geometry {}", geometry.name))?;
    Ok(format!("{text}\n{}", axi4::parametrised(&text)?))
}

/// The Verilog of a geometry's Partition Manager behind a Wishbone bus, top module `partition_manager`. What it does not manage
/// keeps its address, or is translated by a standard MMU.
///
/// # Errors
/// As [`pm_rtl::emit`].
pub fn emit_wishbone(geometry: &Geometry, standard_mmu: bool) -> Result<String> {
    geometry.check()?;
    let translation = if standard_mmu { "a standard MMU with pages of a granule" } else { "identity" };
    let mut header = header(geometry);
    header.push(format!("interface: Wishbone B4, 32 data bits; not managed: {translation}"));
    let options = EmitOptions { header, ..EmitOptions::default() };
    if standard_mmu {
        pm_rtl::with_shape!(geometry, WishbonePartitionManager::connected_with_mmu(), design => pm_verilog::emit(&design, &options))
    } else {
        pm_rtl::with_shape!(geometry, WishbonePartitionManager::connected(), design => pm_verilog::emit(&design, &options))
    }
    .with_context(|| format!("emitting geometry {} with a Wishbone interface", geometry.name))
}

/// The read side of the AXI4 guard alone, small enough for proofs: 16 address bits, identifiers of one bit, two bursts under way;
/// top module `read_guard`.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_read_guard() -> Result<String> {
    let mut guard = axi4::ReadGuard::<16, 32, 1, 8>::new(2);
    guard.connect_all();
    Ok(pm_verilog::emit(&guard, &EmitOptions { top: "read_guard".into(), ..EmitOptions::default() })?)
}

/// The write side, likewise; top module `write_guard`.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_write_guard() -> Result<String> {
    let mut guard = axi4::WriteGuard::<16, 32, 4, 1, 8>::new(2);
    guard.connect_all();
    Ok(pm_verilog::emit(&guard, &EmitOptions { top: "write_guard".into(), ..EmitOptions::default() })?)
}

/// The Wishbone guard, top module `wishbone_guard`, and what shares the memory's bus, top module `wishbone_merge`: small enough for
/// proofs, with 16 address bits.
///
/// # Errors
/// When the backend refuses a block.
pub fn emit_wishbone_guard() -> Result<String> {
    let mut guard = WishboneGuard::<16, 8>::new(&Geometry::preset("cu")?);
    guard.connect_all();
    let mut merge = WishboneMerge::<16>::default();
    merge.connect_all();
    let named = |top: &str| EmitOptions { top: top.into(), ..EmitOptions::default() };
    let merge = pm_verilog::emit(&merge, &named("wishbone_merge"))?;
    // The guard has every register that the other one has: a module is defined once.
    let place = merge.find("module wishbone_merge").context("the emitted module has another name")?;
    Ok(pm_verilog::emit(&guard, &named("wishbone_guard"))? + &merge[place..])
}
