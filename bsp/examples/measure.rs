//! Measures a Verilog module on the HX8K: `measure FILE.v TOP [CLOCK [SEEDS [MHZ [OPTIONS OF synth_ice40]]]]`.

use anyhow::{Context, Result};
use pm_bsp::flow::report::{measure, FlowRequest};
use pm_bsp::flow::Flow;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).map_or(default.to_string(), String::clone);
    let file = arguments.first().context("measure FILE.v TOP [CLOCK [SEEDS [MHZ [OPTIONS]]]]")?;
    let request = FlowRequest {
        sources: vec![file.into()],
        top: argument(1, "partition_manager"),
        clock: argument(2, "clock"),
        frequency: argument(4, "130").parse().context("MHZ is no number")?,
        seeds: (1..=argument(3, "5").parse().context("SEEDS is no number")?).collect(),
        synthesis: argument(5, ""),
    };
    let folder = std::env::temp_dir().join(format!("pm-measure-{}", std::process::id()));
    let report = measure(&Flow::new(&folder), &request, &|what| eprintln!("{what}"))?;
    print!("{}", report.text(3));
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
