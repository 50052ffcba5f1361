//! Prints the Verilog of a preset: `cargo run -p pm-rtl --example emit -- tiny`.

use anyhow::{Context, Result};
use pm_interface::Geometry;

fn main() -> Result<()> {
    let name = std::env::args().nth(1).context("name a preset")?;
    print!("{}", pm_rtl::emit(&Geometry::preset(&name)?)?);
    Ok(())
}
