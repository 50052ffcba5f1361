//! The flow with the real tools: figures of designs whose size is known, and every way in which a build may fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pm_bsp::bitstream::{build, BoardDesign};
use pm_bsp::flow::report::{measure, FlowReport, FlowRequest};
use pm_bsp::flow::Flow;
use pm_bsp::tools::{Tool, Toolbox};
use pm_interface::Geometry;

/// A delay line of 24 bits, a RAM, and an adder behind the delay line. Without `no_rw_check` yosys would add cells that
/// make a read of the word being written see the old one.
const SIZED: &str = "
module delay24(input clock, input [23:0] a, output reg [23:0] q);
  always @(posedge clock) q <= a;
endmodule
module store(input clock, input write, input [7:0] write_address, input [7:0] read_address, input [15:0] data,
             output reg [15:0] q);
  (* no_rw_check *) reg [15:0] words[0:255];
  always @(posedge clock) begin if (write) words[write_address] <= data; q <= words[read_address]; end
endmodule
module inner(input clock, input [7:0] a, input [7:0] b, output reg [7:0] sum);
  always @(posedge clock) sum <= a + b;
endmodule
module sized(input clock, input [23:0] a, input write, output [23:0] q, output [15:0] word, output [7:0] sum);
  delay24 first(.clock(clock), .a(a), .q(q));
  store memory(.clock(clock), .write(write), .write_address(a[7:0]), .read_address(a[15:8]), .data(a[23:8]), .q(word));
  inner adder(.clock(clock), .a(q[7:0]), .b(q[15:8]), .sum(sum));
endmodule
";

/// A counter on the board's clock and LEDs.
const COUNTER: &str = "
module counter(input clock, output [7:0] leds);
  reg [31:0] count = 0;
  always @(posedge clock) count <= count + 1;
  assign leds = count[31:24];
endmodule
";

const COUNTER_PINS: &str = "set_io clock P7\nset_io leds[0] J11\nset_io leds[1] K11\nset_io leds[2] K12\n\
    set_io leds[3] K14\nset_io leds[4] L12\nset_io leds[5] L14\nset_io leds[6] M12\nset_io leds[7] N14\n";

/// A folder of the test's own, emptied.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn counter(frequency: f64, seeds: &[u64]) -> BoardDesign {
    BoardDesign {
        verilog: COUNTER.into(),
        top: "counter".into(),
        pcf: format!("set_frequency clock {frequency}\n{COUNTER_PINS}"),
        frequency,
        seeds: seeds.to_vec(),
    }
}

fn measured(test: &str, verilog: &str, top: &str) -> anyhow::Result<FlowReport> {
    let flow = Flow::new(folder(test));
    let source = flow.write("source.v", verilog)?;
    let request = FlowRequest {
        sources: vec![source],
        top: top.into(),
        clock: "clock".into(),
        frequency: 100.0,
        seeds: vec![1, 2, 3],
        synthesis: String::new(),
    };
    measure(&flow, &request, &|_| {})
}

#[test]
fn cells_are_counted_for_the_block_that_they_are_in_and_the_harness_apart() {
    let report = measured("sized", SIZED, "sized").unwrap();
    let cells = |path: &str| {
        let block = report.blocks.iter().find(|block| block.path == path);
        block.map_or((0, 0), |block| (block.logic_cells, block.block_rams))
    };
    assert_eq!(cells("first"), (24, 0), "{report:?}");
    // The tools may add a cell for an enable, at a carry chain's end, and for a constant.
    assert!(cells("memory").0 <= 1 && cells("memory").1 == 1, "{report:?}");
    assert!((8..=9).contains(&cells("adder").0), "{report:?}");
    assert_eq!(cells(""), (report.logic_cells, report.block_rams));
    assert!((24 + 8..=24 + 8 + 3).contains(&report.logic_cells), "{report:?}");
    // 25 input bits, 48 output bits folded to 12, 3, 1.
    let harness = 25 + 48 + 12 + 3 + 1;
    assert!((harness..=harness + 1).contains(&report.harness_logic_cells), "{report:?}");

    let mut reached: Vec<f64> = report.seeds.iter().map(|seed| seed.fmax_mhz.unwrap()).collect();
    reached.sort_by(f64::total_cmp);
    assert_eq!(report.fmax_mhz, Some(reached[1]), "not the median of {reached:?}");
    assert!(report.critical_path.contains("setup"), "{}", report.critical_path);
    let text = report.text(1);
    for part in ["sized", "logic cells", "of the measurement harness", "  first", "by seed 1: "] {
        assert!(text.contains(part), "{text}");
    }
}

/// Synthesis makes one flip-flop of two that are alike: a parity that it takes for its bit would guard nothing.
#[test]
fn guards_survive_synthesis() {
    let nets = netlist("guards", "tiny+dynamic+boot+integrity");
    let held: BTreeMap<u64, &str> = bits(&nets, ".q").collect();
    let parities: Vec<_> = bits(&nets, ".parity").collect();
    assert!(parities.len() > 40, "only {} parities are left", parities.len());
    for (bit, name) in parities {
        assert_eq!(held.get(&bit), None, "{name} is the same flip-flop");
    }
}

/// Nor would a twin that is the first once more be a second witness of what is reported.
#[test]
fn twins_survive_synthesis() {
    let nets = netlist("twins", "tiny+integrity+lockstep");
    let twin = |name: &str| {
        let inner = name.strip_prefix("reporting.lockstep_0.twin.").unwrap_or_default();
        ["audit.", "event_bank.", "register_port."].iter().any(|block| inner.starts_with(block))
    };
    let (twins, others): (Vec<_>, Vec<_>) = bits(&nets, ".q").partition(|(_, name)| twin(name));
    let others: BTreeMap<u64, &str> = others.into_iter().collect();
    // The first has parities beside; each register of its own has to be there twice.
    let registers = |half: &str| {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for (_, name) in bits(&nets, ".q") {
            let Some(register) = name.strip_prefix(half) else { continue };
            if !["_odd_0.q", "check_0.q"].iter().any(|parity| register.ends_with(parity)) {
                *found.entry(register.into()).or_default() += 1;
            }
        }
        found
    };
    let second = registers("reporting.lockstep_0.twin.");
    let lost: Vec<_> = registers("reporting.first.")
        .into_iter()
        .filter(|(name, bits)| second.get(name).is_none_or(|left| left < bits))
        .collect();
    assert!(lost.is_empty(), "the twin lost bits of these registers: {lost:?}");
    assert!(twins.len() > 250, "only {} bits of the twin are left", twins.len());
    for (bit, name) in twins {
        assert_eq!(others.get(&bit), None, "{name} is the same flip-flop");
    }
}

/// The nets of the whole design, mapped to iCE40 cells.
fn netlist(name: &str, geometry: &str) -> serde_json::Map<String, serde_json::Value> {
    let flow = Flow::new(folder(name));
    let geometry = Geometry::preset(geometry).unwrap();
    let source = flow.write("source.v", &pm_designs::emit(&geometry).unwrap()).unwrap();
    let netlist = flow.synthesize(&[source], "partition_manager", "").unwrap();
    let netlist: serde_json::Value = serde_json::from_str(&fs::read_to_string(netlist.json).unwrap()).unwrap();
    netlist["modules"]["partition_manager"]["netnames"].as_object().unwrap().clone()
}

/// The bits of the nets whose names end like this, without those that are constant.
fn bits<'a>(nets: &'a serde_json::Map<String, serde_json::Value>, suffix: &'a str) -> impl Iterator<Item = (u64, &'a str)> {
    let wanted = nets.iter().filter(move |(name, _)| name.ends_with(suffix));
    wanted.flat_map(|(name, net)| net["bits"].as_array().unwrap().iter().filter_map(|bit| Some((bit.as_u64()?, name.as_str()))))
}

#[test]
fn a_build_leaves_the_bitstream_and_both_reports() {
    let flow = Flow::new(folder("build"));
    let built = build(&flow, &counter(50.0, &[7]), &|_| {}).unwrap();
    // An HX8K's configuration is 135,100 bytes, whatever is in it.
    assert_eq!(fs::metadata(&built.bin).unwrap().len(), 135_100);
    for name in ["partition_manager.v", "partition_manager.json", "partition_manager.asc", "alchitry_cu.pcf"] {
        assert!(fs::metadata(flow.folder.join(name)).unwrap().len() > 0, "{name}");
    }
    let json: serde_json::Value = serde_json::from_slice(&fs::read(flow.folder.join("report.json")).unwrap()).unwrap();
    assert_eq!(json["seed"], 7);
    assert_eq!(json["target_mhz"], 50.0);
    assert!(json["fmax_mhz"].as_f64().unwrap() > 50.0);
    assert!(json["logic_cells"].as_u64().unwrap() >= 32);
    assert!(fs::read_to_string(flow.folder.join("report.txt")).unwrap().contains("critical path with seed 7"));
}

#[test]
fn missed_timing_is_an_error_with_the_figures_and_leaves_no_bitstream() {
    let flow = Flow::new(folder("missed"));
    flow.write("partition_manager.bin", "of an earlier build").unwrap();
    let error = build(&flow, &counter(600.0, &[1, 2, 3]), &|_| {}).unwrap_err().to_string();
    for part in ["timing missed: ", "best of 3 seeds", "600 MHz", "seed 3: ", "--seeds", "critical path with seed", "setup"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!flow.folder.join("partition_manager.bin").exists());
    assert!(flow.folder.join("report.json").exists());
}

#[test]
fn seeds_are_tried_only_until_one_meets_the_target() {
    let flow = Flow::new(folder("first"));
    let seeds: Vec<u64> = (1..=20).collect();
    let built = build(&flow, &counter(50.0, &seeds), &|_| {}).unwrap();
    let workers = std::thread::available_parallelism().unwrap().get();
    assert!(built.report.seeds.len() <= workers, "{:?}", built.report.seeds);
}

#[test]
fn a_failing_tool_is_named_with_its_own_words() {
    let error = measured("syntax", "module broken(input clock, output q); assign q = ; endmodule\n", "broken");
    let error = error.unwrap_err().to_string();
    assert!(error.contains("read_verilog") && error.contains("source.v:1: ERROR"), "{error}");

    let error = measured("top", SIZED, "absent").unwrap_err().to_string();
    assert!(error.contains("absent") && error.contains("ERROR"), "{error}");

    let mut design = counter(50.0, &[1]);
    design.pcf = COUNTER_PINS.replace("P7", "Z99");
    let flow = Flow::new(folder("pin"));
    let error = build(&flow, &design, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("nextpnr-ice40") && error.contains("Z99"), "{error}");
    assert!(!flow.folder.join("partition_manager.bin").exists());
}

#[test]
fn a_file_name_that_would_be_read_as_a_command_is_refused() {
    let flow = Flow::new(folder("names"));
    let source = flow.write("a;exec -- touch b.v", SIZED).unwrap();
    let error = flow.elaborate(&[source], "sized").unwrap_err().to_string();
    assert!(error.contains("cannot take the file name"), "{error}");
    let error = flow.elaborate(&[flow.folder.join("absent.v")], "sized").unwrap_err().to_string();
    assert!(error.contains("there is no file") && error.contains("absent.v"), "{error}");
}

#[test]
fn a_missing_tool_stops_the_build_before_anything_runs() {
    let yosys = Toolbox::discover().find(Tool::Yosys).unwrap();
    let flow = Flow { toolbox: Toolbox::only_in(Vec::new()).with(Tool::Yosys, yosys), folder: folder("missing") };
    let error = build(&flow, &counter(50.0, &[1]), &|_| {}).unwrap_err().to_string();
    assert!(error.contains("nextpnr-ice40 is missing") && error.contains("./scripts/setup bitstream"), "{error}");
    assert!(!flow.folder.join("partition_manager.v").exists());
}

#[cfg(unix)]
#[test]
fn an_exit_status_counts_even_when_the_files_are_there() {
    use std::os::unix::fs::PermissionsExt;
    let flow = Flow::new(folder("status"));
    build(&flow, &counter(50.0, &[1]), &|_| {}).unwrap();
    let liar = flow.write("icepack", "#!/bin/sh\ntouch \"$2\"\necho no space left\nexit 4\n").unwrap();
    fs::set_permissions(&liar, fs::Permissions::from_mode(0o755)).unwrap();
    let flow = Flow { toolbox: flow.toolbox.clone().with(Tool::Icepack, &liar), ..flow };
    let error = build(&flow, &counter(50.0, &[1]), &|_| {}).unwrap_err().to_string();
    assert!(error.contains("exit status: 4") && error.ends_with("no space left"), "{error}");
}
