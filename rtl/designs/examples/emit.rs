//! Prints the Verilog of a preset, or of a block that has one size:
//! `cargo run -p pm-designs --example emit -- cu [core|wishbone|wishbone_mmu|axi4]`, `.. --example emit -- axi_lite_control`.

use anyhow::{bail, Context, Result};
use pm_designs::{emit_axi4, emit_wishbone};
use pm_interface::Geometry;
use pm_rtl::guard::axi4::Axi4Options;
use pm_rtl::guard::AxiLiteControl;
use pm_verilog::EmitOptions;
use rust_hdl::prelude::Block;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("name a preset")?;
    let interface = arguments.next().unwrap_or_else(|| "core".into());
    let text = match (name.as_str(), interface.as_str()) {
        ("axi_lite_control", _) => {
            let mut block = AxiLiteControl::default();
            block.connect_all();
            pm_verilog::emit(&block, &EmitOptions { top: name, ..EmitOptions::default() })?
        }
        (_, "core") => pm_designs::emit(&Geometry::preset(&name)?)?,
        (_, "wishbone") => emit_wishbone(&Geometry::preset(&name)?, false)?,
        (_, "wishbone_mmu") => emit_wishbone(&Geometry::preset(&name)?, true)?,
        (_, "axi4") => emit_axi4(&Geometry::preset(&name)?, &Axi4Options::default())?,
        _ => bail!("`{interface}` is none of core, wishbone, wishbone_mmu, axi4"),
    };
    print!("{text}");
    Ok(())
}
