//! Prints the Verilog of a block of the crypto core, to be measured: `cargo run -p pm-rtl --example emit_crypto -- permutation`.

use anyhow::{bail, Context, Result};
use pm_interface::Geometry;
use pm_rtl::crypto::{ChainDigest, CryptoCore, ManifestTag, Permutation};
use pm_verilog::{emit, EmitOptions};
use rust_hdl::prelude::Block;

fn text<B: Block>(mut block: B, top: &str) -> Result<String> {
    block.connect_all();
    Ok(emit(&block, &EmitOptions { top: top.into(), ..EmitOptions::default() })?)
}

fn main() -> Result<()> {
    let name = std::env::args().nth(1).context("name a block")?;
    let geometry = Geometry::preset("tiny+chain")?;
    let text = match name.as_str() {
        "permutation" => text(Permutation::default(), &name)?,
        "chain_digest" => text(ChainDigest::default(), &name)?,
        "manifest_tag" => text(ManifestTag::new(&geometry), &name)?,
        "crypto_core" => text(CryptoCore::new(&geometry), &name)?,
        _ => bail!("`{name}` is none of permutation, chain_digest, manifest_tag, crypto_core"),
    };
    print!("{text}");
    Ok(())
}
