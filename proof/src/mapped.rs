//! The mapped netlist against the Verilog that it was made from, block by block.
//!
//! ```text
//!   block --proc, memory_map-------------------------------------> gold --+
//!     |                                                                   +--> outputs equal? --abc dprove
//!     '---synth_ice40 --> LUTs, flip-flops, block RAMs --models--> gate --+
//! ```
//!
//! Both begin with every register and memory at zero, as the FPGA does. Block RAMs are the models of yosys, a register a bit. A
//! memory of many words lies outside of both: what is written to it and where it is read is compared, and what it answers is
//! anything, the same for both.

use crate::{Job, ProofFinding, ProofOutcome, Prover};
use anyhow::{Context, Result};
use pm_bsp::flow::mapping;
use pm_interface::Geometry;
use pm_verilog::names;
use std::fs;
use std::time::Instant;

/// Words from which on a memory is compared by its ports alone.
const LARGE: usize = 256;

/// A block that is compared.
#[derive(Clone, Copy, Debug)]
pub struct MappedBlock {
    /// Its name for `pm prove`.
    pub name: &'static str,
    /// What it is called in the design.
    pub module: &'static str,
    /// Part of every test run.
    pub quick: bool,
    /// Where it is compared.
    pub geometries: &'static [&'static str],
}

macro_rules! blocks {
    ($($name:literal $module:literal $quick:literal $geometries:expr;)*) => {
        &[$(MappedBlock { name: $name, module: $module, quick: $quick, geometries: &$geometries },)*]
    };
}

/// Every block but registers and small memories, which are compared within the blocks that hold them, and large ones.
pub const BLOCKS: &[MappedBlock] = blocks! {
    "mapped_admit" "admit" true ["tiny", "cu"];
    "mapped_extent" "extent" false ["tiny", "cu"];
    "mapped_shadow_table" "shadow_table" true ["tiny", "cu"];
    "mapped_starts_after" "starts_after" false ["tiny", "cu"];
    "mapped_lookup_entries" "lookup_entries" false ["tiny", "cu"];
    "mapped_lookup" "lookup" false ["tiny", "cu"];
    "mapped_partition_table" "partition_table" false ["tiny", "cu"];
    "mapped_permission" "permission" false ["tiny", "cu"];
    "mapped_translate" "translate" false ["tiny", "cu"];
    "mapped_respond" "respond" false ["tiny", "cu"];
    "mapped_ends_before" "ends_before" false ["tiny", "cu"];
    "mapped_place" "place" false ["tiny", "cu"];
    "mapped_comparators_entries" "comparators_entries" false ["tiny", "cu"];
    "mapped_comparators" "comparators" false ["tiny", "cu"];
    "mapped_candidates_entries" "candidates_entries" false ["tiny", "cu"];
    "mapped_candidates" "candidates" false ["tiny", "cu"];
    "mapped_physical_respond" "physical_respond" false ["tiny", "cu"];
    "mapped_isolation" "isolation" false ["tiny", "cu"];
    "mapped_data_path" "data_path" false ["tiny"];
    "mapped_register_port" "register_port" false ["tiny", "cu"];
    "mapped_identity_bank" "identity_bank" false ["tiny", "cu"];
    "mapped_pool_base" "pool_base" false ["tiny", "cu"];
    "mapped_gate_registers" "gate_registers" true ["tiny", "cu"];
    "mapped_gate_judge" "gate_judge" true ["tiny", "cu"];
    "mapped_boot_gate" "boot_gate" false ["tiny", "cu"];
    "mapped_boot" "boot" false ["tiny", "cu"];
    "mapped_command_reader" "command_reader" true ["tiny", "cu"];
    "mapped_known_command" "known_command" true ["tiny", "cu"];
    "mapped_command_bank" "command_bank" false ["tiny", "cu"];
    "mapped_command_engine" "command_engine" true ["tiny", "cu"];
    "mapped_command_decoder" "decoder" true ["tiny", "cu"];
    "mapped_command_operands" "asked" false ["tiny", "cu"];
    "mapped_command_judge" "judge" true ["tiny", "cu"];
    "mapped_row_builder" "row_builder" false ["tiny", "cu"];
    "mapped_row_view" "row_view" false ["tiny", "cu"];
    "mapped_command_outcome" "outcome" false ["tiny", "cu"];
    "mapped_command_sequencer" "sequencer" false ["tiny", "cu"];
    "mapped_command_driver" "driver" false ["tiny", "cu"];
    "mapped_allocator" "allocator" false ["tiny", "cu"];
    "mapped_scrubber" "scrubber" false ["tiny", "cu"];
    "mapped_shadow_writer" "shadow_writer" false ["tiny", "cu"];
    "mapped_audit" "audit" false ["tiny", "cu"];
    "mapped_translate_slot" "translate_slot" false ["tiny", "cu"];
    "mapped_physical_slot" "physical_slot" false ["tiny", "cu"];
    "mapped_tally" "tally" false ["tiny", "cu"];
    "mapped_arbiter" "arbiter" false ["tiny", "cu"];
    "mapped_format" "format" false ["tiny", "cu"];
    "mapped_writer" "writer" false ["tiny", "cu"];
    "mapped_places" "places" false ["tiny", "cu"];
    "mapped_reader" "reader" false ["tiny", "cu"];
    "mapped_record_watch" "denials" false ["tiny", "cu"];
    "mapped_record_announcer" "announcer" false ["tiny", "cu"];
    "mapped_granted_count" "granted_count" false ["tiny", "cu"];
    "mapped_capture" "capture" false ["tiny", "cu"];
    "mapped_event_registers" "registers" false ["tiny", "cu"];
    "mapped_event_bank" "event_bank" false ["tiny", "cu"];
    "mapped_history" "history" false ["tiny", "cu"];
    "mapped_translate_witness" "translate_witness" false ["tiny", "cu"];
    "mapped_reporting" "first" false ["tiny"];
    "mapped_translate_verdict" "translate_verdict" true ["tiny", "cu"];
    "mapped_physical_verdict" "physical_verdict" false ["tiny", "cu"];
    "mapped_control_reader" "control_reader" false ["tiny", "cu"];
};

impl MappedBlock {
    /// The claim that these belong to.
    pub const CLAIM: char = 'm';

    /// What is true of each.
    pub const SAYS: &'static str = "the netlist of iCE40 cells answers as the Verilog does, in every cycle from power-up";

    /// What is assumed.
    pub const ASSUMES: &'static str = "registers and memories begin with zeros; yosys' models of the cells";

    /// The seeded fault.
    pub const FAULT: &'static str =
        "the first lookup table is inverted; where there is none a flip-flop is set by its reset, or the memory not read";
}

/// The netlist with that fault.
fn spoilt(netlist: &str) -> Result<String> {
    let head = "parameter \\LUT_INIT 16'";
    let Some(start) = netlist.find(head).map(|start| start + head.len()) else {
        let faults = [("cell \\SB_DFFSR ", "cell \\SB_DFFSS "), ("connect \\RE 1'1", "connect \\RE 1'0")];
        let fault = faults.into_iter().find(|(find, _)| netlist.contains(find));
        return fault.map(|(find, replace)| netlist.replacen(find, replace, 1)).context("the netlist has nothing to spoil");
    };
    let end = start + netlist[start..].find('\n').context("the netlist stops in a lookup table")?;
    let inverted: String = netlist[start..end].chars().map(|bit| if bit == '0' { '1' } else { '0' }).collect();
    Ok(format!("{}{inverted}{}", &netlist[..start], &netlist[end..]))
}

/// Names of the memories of a text that are too large to be compared bit by bit.
fn large_memories(text: &str) -> Vec<String> {
    let is_large = |name: &&str| names::memory_words(name).is_some_and(|words| words >= LARGE);
    names::modules(text).filter(is_large).map(String::from).collect()
}

impl Prover {
    /// Compares a block, or with a fault in its netlist shows that the comparison can fail.
    ///
    /// # Errors
    /// When the geometry is not supported, or a tool is missing or fails.
    pub fn compare(&self, block: &MappedBlock, geometry: &Geometry, faulty: bool) -> Result<ProofFinding> {
        let start = Instant::now();
        let name = format!("{}-{}{}", block.name, geometry.name, if faulty { "-fault" } else { "" });
        let job = Job { prover: self, name, free: &[] };
        let text = pm_designs::emit(geometry)?;
        job.write("v", &text)?;
        let outcome = job.equivalence(&names::of(&text, block.module), &large_memories(&text), faulty)?;
        Ok(ProofFinding {
            property: block.name.into(),
            claim: MappedBlock::CLAIM,
            says: MappedBlock::SAYS.into(),
            design: block.module.into(),
            geometry: geometry.name.clone(),
            fault: faulty.then(|| MappedBlock::FAULT.into()),
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// Whether a block of two texts answers alike in every cycle from power-up, a memory of many words outside of both; nothing
    /// when that is not known in the time.
    ///
    /// # Errors
    /// When a tool is missing or fails.
    pub fn alike(&self, name: &str, texts: [&str; 2], block: &str) -> Result<Option<bool>> {
        let job = Job { prover: self, name: name.into(), free: &[] };
        job.write("v", texts[0])?;
        job.write("other.v", texts[1])?;
        let (memories, module) = (large_memories(texts[0]), names::of(texts[0], block));
        job.compare(&module, &format!("{}rename {module} gate\n", job.read("other.v", &module, &memories)), &memories)
    }
}

impl Job<'_> {
    /// Reads a block as one module, its large memories turned to ports.
    fn read(&self, extension: &str, top: &str, memories: &[String]) -> String {
        let outside: String = memories.iter().map(|memory| format!("blackbox {memory}\n")).collect();
        let ports: String = memories.iter().map(|memory| format!("expose -evert t:{memory}\n")).collect();
        format!(
            "read_verilog -DSYNTHESIS {}.{extension}\n{outside}hierarchy -check -top {top}\nproc\nflatten\n{ports}",
            self.name
        )
    }

    fn equivalence(&self, top: &str, memories: &[String], faulty: bool) -> Result<ProofOutcome> {
        let name = &self.name;
        let map = format!("{}\nrename {top} gate\ndelete =A:blackbox\nwrite_rtlil {name}.il", mapping(top, ""));
        self.yosys(&(self.read("v", top, memories) + &map))?;
        if faulty {
            let path = self.path("il");
            let netlist = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            self.write("il", &spoilt(&netlist)?)?;
        }
        // Models are elaborated where they are used.
        let gate = format!(
            "read_verilog -defer -D NO_ICE40_DEFAULT_ASSIGNMENTS +/ice40/cells_sim.v\nread_rtlil {name}.il\nhierarchy -top gate\nproc\nflatten\n"
        );
        match self.compare(top, &gate, memories)? {
            Some(true) => Ok(ProofOutcome::Proven { method: "correspondence".into(), depth: 1 }),
            Some(false) => self.shown(),
            None => {
                Ok(ProofOutcome::Bounded { cycles: 0, because: format!("not finished in {} s", self.prover.limit.as_secs()) })
            }
        }
    }

    /// Whether module `top` of the text and what `gate` reads as one module of that name answer alike.
    fn compare(&self, top: &str, gate: &str, memories: &[String]) -> Result<Option<bool>> {
        let name = &self.name;
        // The models write a bit at a port, with one address: a port a word is enough.
        let plain = "opt_expr\nopt_clean\nmemory_share\nmemory_collect\n";
        let opt = "opt -fast -nodffe -nosdff\n";
        self.yosys(&format!(
            "{}{plain}rename {top} gold\ndesign -stash gold\n{gate}{plain}design -stash gate\n\
             design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n\
             miter -equiv -flatten -make_assert gold gate proof\nhierarchy -top proof\nopt_clean\nmemory_map\nopt_clean\n\
             setundef -init -zero\n{opt}async2sync\ndffunmap\n{opt}write_smt2 -wires {name}.smt2\ntechmap\n{opt}aigmap\nopt_clean\n\
             write_aiger -I -B -zinit -ywmap {name}.ywa {name}.aig",
            self.read("v", top, memories)
        ))?;
        let text = self.abc("dprove")?;
        Ok(if text.contains("Status = 1") { Some(true) } else { text.contains("Status = 0").then_some(false) })
    }
}
