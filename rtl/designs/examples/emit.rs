//! Prints the Verilog of a preset, or of a block that has one size:
//! `cargo run -p pm-designs --example emit -- cu [core|apb|wishbone|wishbone_mmu|axi4 [TOP PREFIX [CHANGE]]]`,
//! `.. --example emit -- axi_lite_control`. A change is written as `pm_verilog::change` says:
//! `.. -- tiny core partition_manager pm_ 'respond: mine drops finding.agreed'`.

use anyhow::{bail, Context, Result};
use pm_designs::Design;
use pm_interface::Geometry;
use pm_rtl::guard::axi4::Axi4Options;
use pm_rtl::guard::{wishbone::WishboneOptions, AxiLiteControl};
use pm_verilog::{Change, EmitOptions};
use rust_hdl::prelude::Block;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("name a preset")?;
    let interface = arguments.next().unwrap_or_else(|| "core".into());
    let usual = EmitOptions::default();
    let (top, prefix) = (arguments.next().unwrap_or(usual.top), arguments.next().unwrap_or(usual.prefix));
    let changes = arguments.next().map_or(Ok(Vec::new()), |text| Change::parse("an argument", &text))?;
    let names = EmitOptions { top, prefix, changes, ..EmitOptions::default() };
    let design = |design: Design| design.emit_as(&Geometry::preset(&name)?, &names);
    let text = match (name.as_str(), interface.as_str()) {
        ("axi_lite_control", _) => {
            let mut block = AxiLiteControl::default();
            block.connect_all();
            pm_verilog::emit(&block, &EmitOptions { top: name.clone(), ..EmitOptions::default() })?
        }
        (_, "core") => design(Design::Core)?,
        (_, "apb") => design(Design::Apb)?,
        (_, "wishbone") => design(Design::Wishbone(WishboneOptions::default()))?,
        (_, "wishbone_mmu") => design(Design::Wishbone(WishboneOptions { mmu: true, ..WishboneOptions::default() }))?,
        (_, "axi4") => design(Design::Axi4(Axi4Options::default()))?,
        _ => bail!("`{interface}` is none of core, apb, wishbone, wishbone_mmu, axi4"),
    };
    print!("{text}");
    Ok(())
}
