//! Geometries that are no preset: from a file, compiled on demand, through the suites that need no source of their own.
//!
//! The quick set takes one; the slow one six that somebody chose, and some that are drawn from the bounds. A drawn one is told by its
//! seed: `PM_SEED=N` draws it again.

use crate::pm::{pm, scratch, Run};
use pm_sim::block_cosim::Random;

/// A user's file: 40-bit addresses, granules of 1 KiB, numbers of slots and tenants that are no powers of two.
pub const MINE: &str = "\
address_bits = 40
granule = \"1 KiB\"
window = \"1 MiB\"
pool = \"64 MiB\"
tenants = 5
slots = 24
";

/// Geometries at the edges of what there can be, as far as simulators get: a block is scrubbed word by word, with `boot` the whole pool.
const CHOSEN: [(&str, &str); 6] = [
    ("mine", MINE),
    (
        "one_tenant",
        "address_bits = 16\ngranule = \"16 B\"\nwindow = \"1 KiB\"\npool = \"512 B\"\ntenants = 1\nslots = 3\nlongest_access = \"64 B\"\n",
    ),
    ("many_slots", "address_bits = 32\ngranule = \"4 KiB\"\nwindow = \"2 MiB\"\npool = \"8 MiB\"\ntenants = 12\nslots = 200\n"),
    ("wide", "address_bits = 64\ngranule = \"64 KiB\"\nwindow = \"16 MiB\"\npool = \"8 MiB\"\ntenants = 3\nslots = 7\n"),
    (
        "small_granules",
        "address_bits = 20\ngranule = \"4 B\"\nwindow = \"64 B\"\npool = \"4 KiB\"\ntenants = 7\nslots = 5\nlongest_access = \"8 B\"\n",
    ),
    ("large_granules", "address_bits = 48\ngranule = \"256 KiB\"\nwindow = \"1 MiB\"\npool = \"2 MiB\"\ntenants = 2\nslots = 9\n"),
];

/// The largest granules: clearing one takes 268 million cycles.
const LARGEST: &str = "address_bits = 64\ngranule = \"1 GiB\"\nwindow = \"16 GiB\"\npool = \"32 GiB\"\ntenants = 2\nslots = 9\n";

/// A run that has to end well; what it printed.
#[track_caller]
fn passes(arguments: &[&str]) -> String {
    let Run { code, output, errors } = pm(arguments);
    assert_eq!(code, 0, "pm {}: {output}{errors}", arguments.join(" "));
    output
}

/// A scenario whose accesses lie in the window and the pool of any geometry: made, used, refused, destroyed.
fn scenario(geometry: &str) -> String {
    let sizes = pm_system::geometry::named(geometry).expect("the file is good");
    let (granule, (_, _, window), other) = (sizes.granule(), sizes.default_setup(), sizes.tenants - 1);
    format!(
        "geometry = {geometry:?}\n\
         [[step]]\ncreate = {{ tenant = 0, base = {window:#x}, size = {granule:#x}, rights = \"rw\", isolated = true, name = \"heap\" }}\n\
         [[step]]\naccess = {{ tenant = 0, address = {window:#x}, length = 4, kind = \"read\", expect = \"granted\" }}\n\
         [[step]]\naccess = {{ tenant = 0, address = {window:#x}, length = 4, kind = \"execute\", expect = \"denied\", reason = \
         \"Permission\" }}\n\
         [[step]]\naccess = {{ tenant = {other}, physical = \"heap\", length = 4, kind = \"read\", expect = \"denied\", reason = \
         \"Isolated\" }}\n\
         [[step]]\ndestroy = {{ name = \"heap\" }}\n\
         [[step]]\naccess = {{ tenant = 0, address = {window:#x}, length = 4, kind = \"read\", expect = \"not_mine\" }}\n"
    )
}

/// Readers of Verilog.
#[track_caller]
fn checks(geometry: &str) {
    let checks = passes(&["check", "--geometry", geometry]);
    let verdict = checks.lines().last().unwrap_or_default();
    assert!(verdict.starts_with("passed: ") && verdict.ends_with(" checks are clean"), "{checks}");
}

/// Readers of Verilog, the model beside the emitted text, and a scenario on the RTL in RustHDL.
#[track_caller]
fn suites(name: &str, geometry: &str, seeds: &str) {
    println!("{name}: {geometry}");
    checks(geometry);
    passes(&["cosim", "--geometry", geometry, "--seeds", seeds, "--steps", "60"]);
    let file = scratch(&format!("sizes_{name}.scenario.toml"), scenario(geometry));
    let told = passes(&["sim", &file]);
    assert!(told.contains("all 6 steps as expected"), "{told}");
}

#[test]
fn a_file_of_a_new_user_goes_through_the_suites() {
    let file = scratch("sizes_mine.toml", MINE);
    suites("mine", &file, "3");
    suites("mine_with_features", &(file + "+dynamic+chain+integrity"), "1");
}

/// Clearing the shadow page tables of the largest preset takes a million cycles, before each list of steps.
#[test]
fn the_largest_preset_is_compared_with_the_model_in_verilator() {
    let told = passes(&["cosim", "--geometry", "soc64", "--seeds", "2", "--steps", "60"]);
    assert!(told.contains("2 of 2 seeds done") && told.contains("0 seeds differ"), "{told}");
}

#[test]
#[ignore = "slow: six geometries, each compiled, with and without features"]
fn geometries_at_the_edges_go_through_the_suites() {
    for (name, text) in CHOSEN {
        let file = scratch(&format!("sizes_{name}.toml"), text);
        suites(name, &file, "20");
        suites(&format!("{name}_with_features"), &(file + "+dynamic+chain+boot+alerts+integrity"), "5");
    }
}

/// What cannot be simulated in an acceptable time is read by every tool, and the model runs the scenario.
#[test]
#[ignore = "slow: one geometry, compiled"]
fn the_largest_granules_are_emitted() {
    let file = scratch("sizes_largest.toml", LARGEST);
    checks(&file);
    let file = scratch("sizes_largest.scenario.toml", scenario(&file));
    let told = passes(&["sim", "--model", &file]);
    assert!(told.contains("all 6 steps as expected"), "{told}");
}

/// A geometry drawn from the bounds, small enough to be simulated.
fn drawn(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut draw = |least: u64, most: u64| least + random.below(most - least + 1);
    let (granule, page, block) = (draw(2, 16), draw(1, 10), draw(1, 10));
    let address = draw(granule + page.max(block) + 1, 64).max(5);
    let longest = 12.min(granule + page.min(block));
    format!(
        "address_bits = {address}\ngranule = {}\nwindow = {}\npool = {}\ntenants = {}\nslots = {}\nlongest_access = {}\n",
        1u64 << granule,
        1u64 << (granule + page),
        1u64 << (granule + block),
        draw(1, 20),
        draw(2, 40),
        1u64 << draw(2, longest)
    )
}

#[test]
#[ignore = "slow: two geometries that are drawn, each compiled"]
fn drawn_geometries_go_through_the_suites() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |now| now.as_secs());
    let first = std::env::var("PM_SEED").map_or(now, |seed| seed.parse().expect("PM_SEED is a whole number"));
    for seed in first..first + 2 {
        let text = drawn(seed);
        println!("PM_SEED={seed}\n{text}");
        suites(&format!("drawn_{seed}"), &scratch(&format!("sizes_drawn_{seed}.toml"), text), "20");
    }
}

/// What is drawn is always a geometry.
#[test]
fn every_drawn_geometry_is_possible() {
    for seed in 0..500 {
        let file = scratch("sizes_drawn.toml", drawn(seed));
        pm_system::geometry::named(&file).unwrap_or_else(|error| panic!("seed {seed}: {error:#}"));
    }
}

#[test]
fn a_geometry_is_told_of() {
    let file = scratch("sizes_told.toml", MINE);
    let told = passes(&["geometry", &file]);
    for line in ["address 40, length 13, tenant 3, slot 5, page 10, block 16", "1 MiB: 1024 granules", "0x1a140a28, 0x00301805"] {
        assert!(told.contains(line), "{told}");
    }
    let json: serde_json::Value = serde_json::from_str(&passes(&["geometry", &file, "--json"])).expect("it is JSON");
    assert_eq!((json["tenants"].as_u64(), json["widths"]["page"].as_u64()), (Some(5), Some(10)));
}

#[test]
fn names_are_found_in_a_file_of_geometries() {
    let file = scratch("sizes_named.toml", format!("[mine]\n{MINE}[yours]\n{MINE}"));
    let told = passes(&["--geometries", &file, "geometry", "yours+slots=20"]);
    assert!(told.contains("5, 20"), "{told}");
    let Run { code, errors, .. } = pm(&["--geometries", &file, "geometry", "theirs"]);
    assert_eq!(code, 2);
    assert_eq!(errors, "pm: no geometry is called \"theirs\"; choose one of mine, yours, tiny, mcu, cu, soc32, soc64\n");
}

/// Refusals end with 2 and compile nothing.
#[test]
fn impossible_geometries_are_refused() {
    let refused = [
        ("slots = 24", "slots = 5000", "5000 slots are not possible: 2 to 256 are; the nearest is 256"),
        ("address_bits = 40", "address_bits = 70", "70 address bits are not possible: 5 to 64 are; the nearest is 64"),
        ("slots = 24", "slots = 24\nslotz = 3", ":7: unknown field `slotz`"),
    ];
    for (old, new, message) in refused {
        let file = scratch("sizes_refused.toml", MINE.replace(old, new));
        for command in [["geometry", "--json", &file], ["verilog", "--geometry", &file]] {
            let Run { code, output, errors } = pm(&command);
            assert_eq!((code, output.as_str()), (2, ""), "{errors}");
            assert!(errors.contains(message) && errors.contains("sizes_refused.toml"), "{errors}");
        }
    }
}
