//! Power-up with any contents of registers and memories: one edge of reset is enough, and no alert is raised before anything wrong
//! happened.
//!
//! ```text
//!   emitted text without its `initial` values --Verilator, random contents--> power_up.v: seed by seed --> PASSED
//! ```
//!
//! Simulations begin with zeros and a reset of some cycles, and so miss what a device does that begins with anything else. The
//! seed is printed with each failure; `PM_SEEDS=100` tries more.

use crate::bench::preset;
use crate::pm::scratch;
use pm_bsp::tools::{Start, Tool, Toolbox};
use pm_designs::Design;
use pm_interface::registers::offset;
use pm_interface::{BootState, Geometry, Reason};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Resets of one seed.
const ROUNDS: usize = 12;

/// The text without the values that registers and memories begin with.
fn without_initial(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    let mut removed = 0;
    while let Some(line) = lines.next() {
        let statement = line.trim_start();
        if !statement.starts_with("initial") {
            kept += line;
            kept.push('\n');
            continue;
        }
        removed += 1;
        // A block ends with an `end` that is as far to the left.
        if statement == "initial begin" {
            let indent = &line[..line.len() - statement.len()];
            lines.by_ref().find(|line| line.strip_prefix(indent) == Some("end")).expect("the block ends");
        }
    }
    assert!(removed > 5 && !kept.contains("initial "), "{removed} initial values were found");
    kept
}

/// A write of a register, as the bench does it.
fn write(register: u8, value: u64) -> String {
    format!("        access(1, 8'h{register:02x}, 32'h{value:x});\n")
}

/// Opens the gate and makes a partition that is not isolated.
fn opening(geometry: &Geometry) -> String {
    if geometry.features.boot {
        return String::new();
    }
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let mut text = write(offset::POOL_BASE_LO, pool_base)
        + &write(offset::POOL_SIZE_LO, pool_size)
        + &write(offset::WINDOW_BASE_LO, window_base)
        + "        open = 1;\n"
        + &write(offset::CONTROL, 1);
    let active = BootState::Active.code();
    text += "        repeat (100) step;\n";
    text += &format!("        access(0, 8'h{:02x}, 0);\n", offset::BOOT_STATE);
    text += &format!("        if (answer[2:0] != {active}) fail(\"not active\"); else opened = opened + 1;\n");
    for (register, value) in [
        (offset::CMD_TENANT, 0),
        (offset::CMD_LOGICAL_LO, window_base),
        (offset::CMD_SIZE_LO, geometry.granule()),
        (offset::CMD_RIGHTS, 7),
        (offset::CMD, 1),
    ] {
        text += &write(register, value);
    }
    text += "        repeat (400) step;\n";
    text += &format!("        access(0, 8'h{:02x}, 0);\n", offset::RESULT);
    text + "        if (answer[3:0] != 1) fail(\"not created\"); else opened = opened + 1;\n        repeat (400) step;\n"
}

/// Cycles in which the shadow page tables and the ownership map are cleared, and a few more.
fn cleared(geometry: &Geometry) -> usize {
    let shape = &geometry.shape;
    (1 << (shape.tenant + shape.page).max(shape.block)) + 16
}

/// The bench for a design.
fn bench(geometry: &Geometry, text: &str) -> String {
    let mut declarations = String::new();
    let mut connections = Vec::new();
    let mut keys = String::new();
    for port in pm_verilog::ports(text, "partition_manager") {
        let kind = if port.input { "reg" } else { "wire" };
        declarations += &format!("    {kind} [{}:0] {};\n", port.width - 1, port.name);
        connections.push(format!(".{0}({0})", port.name));
        if port.name.starts_with("device_key") || port.name.starts_with("minimum_version") {
            keys += &format!("{} = 32'h{:x}; ", port.name, 0x1234_5678 + keys.len());
        }
    }
    declarations += &format!("    partition_manager dut ({});\n", connections.join(", "));
    let constants = [
        ("NOT_ACTIVE", usize::from(Reason::NotActive.code())),
        ("INTEGRITY", usize::from(Reason::Integrity.code())),
        ("ROUNDS", ROUNDS),
        ("CLEARED", cleared(geometry)),
    ];
    for (name, value) in constants {
        declarations += &format!("    localparam {name} = {value};\n");
    }
    let frame = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power_up.v")).expect("it is there");
    frame.replace("DECLARATIONS\n", &declarations).replace("DEVICE_KEY", &keys).replace("        OPENING\n", &opening(geometry))
}

/// Compiles the design with its bench; the program.
fn compiled(geometry: &Geometry) -> PathBuf {
    let text = without_initial(&Design::Core.emit(geometry).expect("it can be emitted"));
    let name = format!("power-up-{}", geometry.name);
    let files = [scratch(&format!("{name}.v"), &text), scratch(&format!("{name}-bench.v"), bench(geometry, &text))];
    let folder = Path::new(&files[0]).with_extension("obj");
    let folder_text = folder.to_str().expect("it is text");
    let run = Toolbox::discover().run(Tool::Verilator).expect("Verilator is installed: ./scripts/setup test");
    let run = run
        .args([
            "--binary",
            "--timing",
            "-Wno-fatal",
            "-Wno-WIDTH",
            "--x-initial",
            "unique",
            "--x-assign",
            "unique",
            "-DSYNTHESIS",
        ])
        // Settings for the compiler of this machine that Verilator's own configuration may lack.
        .args(["-CFLAGS", "-std=c++20 -fcoroutines -O1", "-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include"])
        .args(["--top-module", "bench", "-j", "2", "--Mdir", folder_text])
        .args(&files);
    let ended = run.attempt(Duration::from_secs(600)).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(ended.code, Some(0), "{}: {}", geometry.name, ended.text);
    folder.join("Vbench")
}

/// Runs so many seeds.
fn survives(name: &str, seeds: u64) {
    let geometry = preset(name);
    let program = compiled(&geometry);
    for seed in 1..=seeds {
        let output = std::process::Command::new(&program)
            .args(["+verilator+rand+reset+2".to_string(), format!("+verilator+seed+{seed}")])
            .output()
            .expect("the simulation runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let passed = said.lines().find(|line| line.starts_with("PASSED"));
        let passed = passed.unwrap_or_else(|| panic!("{name}, seed {seed}: {said}"));
        let opened = if geometry.features.boot { "opened 0" } else { "opened 2" };
        assert!(passed.ends_with(opened), "{name}, seed {seed}: {said}");
        if seed == 1 {
            eprintln!("{name}: {passed}");
        }
    }
}

fn seeds() -> u64 {
    std::env::var("PM_SEEDS").map_or(20, |seeds| seeds.parse().expect("PM_SEEDS is a number"))
}

#[test]
fn any_contents_and_one_edge_of_reset_are_closed_and_quiet() {
    for name in ["tiny", "tiny+integrity", "tiny+integrity+lockstep"] {
        survives(name, seeds());
    }
}

#[test]
#[ignore = "slow: larger designs and every feature; some minutes"]
fn the_same_with_every_feature() {
    for name in [
        "tiny+lockstep",
        "tiny+dynamic+alerts+chain+integrity",
        "tiny+dynamic+alerts+chain+boot+integrity+lockstep",
        "cu+integrity",
    ] {
        survives(name, seeds());
    }
}
