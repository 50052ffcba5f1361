//! Proves properties by name, or shows that their faults are noticed: `cargo run -p pm-proof --example prove -- tiny blocks_disjoint`,
//! with `fault` in place of `tiny` for the faults. `pm prove` does the same for people.

use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_proof::Prover;
use pm_properties::PROPERTIES;
use std::time::Duration;

fn main() -> Result<()> {
    let mut names = std::env::args().skip(1);
    let geometry = names.next().context("name a preset, or `fault`")?;
    let names: Vec<String> = names.collect();
    let prover = Prover::new("build/proofs", Duration::from_secs(900))?;
    for property in PROPERTIES.iter().filter(|property| names.is_empty() || names.iter().any(|name| name == property.name)) {
        let faults: Vec<_> = property.faults.iter().map(Some).collect();
        let (preset, faults) = if geometry == "fault" { (property.geometries[0], faults) } else { (geometry.as_str(), vec![None]) };
        if !property.geometries.contains(&preset) {
            continue;
        }
        for fault in faults {
            match prover.prove(property, &Geometry::preset(preset)?, fault) {
                Ok(found) => {
                    let right = if found.is_as_it_should_be() { "ok" } else { "NOT AS IT SHOULD BE" };
                    println!("{right:4} {} {preset} {:?} {:.1} s {}", property.name, found.fault, found.seconds, short(&format!("{:?}", found.outcome)));
                }
                Err(error) => println!("ERROR {} {:?} {error:#}", property.name, fault.map(|fault| fault.name)),
            }
        }
    }
    Ok(())
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
