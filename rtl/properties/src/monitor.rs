//! Monitors by name: their Verilog, their ports, and what of the design these are wired to.

use crate::{
    accounts::Accounts, allocation::Allocation, boot::Boot, interference::Interference, physical_decision::PhysicalDecision,
    progress::Progress, reach::Reach, tables::Tables, translate_decision::TranslateDecision, wakeup::RecordSort, wakeup::Wakeup,
};
use anyhow::{bail, Context, Result};
use pm_interface::Geometry;
use pm_verilog::{EmitOptions, Port};
use rust_hdl::prelude::Block;

/// A monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorKind {
    /// [`TranslateDecision`].
    TranslateDecision,
    /// [`PhysicalDecision`].
    PhysicalDecision,
    /// [`Reach`].
    Reach,
    /// [`Tables`].
    Tables,
    /// [`Boot`].
    Boot,
    /// [`Progress`].
    Progress,
    /// [`Allocation`].
    Allocation,
    /// [`Accounts`].
    Accounts,
    /// [`Wakeup`], of these records.
    Wakeup(RecordSort),
    /// [`Interference`].
    Interference,
}

/// Source of an input of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A signal of the design, by the names of the instances it lies in.
    Signal(String),
    /// A word of a memory of the design, and the output of the monitor that says which.
    Word(String, String),
}

/// A monitor's Verilog.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Verilog of every module of the monitor; the top module is called `monitor`.
    pub verilog: String,
    /// Ports of the monitor, in order.
    pub ports: Vec<Port>,
    /// Inputs that are not ports of the design, and what they are wired to.
    pub wires: Vec<(String, Wire)>,
}

/// The monitor of a geometry.
///
/// # Errors
/// When the geometry's widths have no monitors, or the backend refuses one.
pub fn monitor(kind: MonitorKind, geometry: &Geometry) -> Result<Monitor> {
    match geometry.shape.address {
        5 => shaped::<5, 3, 1, 1, 1, 2, 2, 8>(kind, geometry),
        32 if geometry.shape.page == 8 => shaped::<32, 13, 3, 4, 8, 5, 11, 36>(kind, geometry),
        _ => bail!("there are monitors for the presets tiny and cu, not for {}", geometry.name),
    }
    .with_context(|| format!("emitting the monitor {kind:?} of geometry {}", geometry.name))
}

fn shaped<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
    const WIDE: usize,
>(
    kind: MonitorKind,
    geometry: &Geometry,
) -> Result<Monitor> {
    match kind {
        MonitorKind::TranslateDecision => {
            let block = TranslateDecision::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>::new(geometry);
            emitted(block, kind, geometry)
        }
        MonitorKind::PhysicalDecision => emitted(PhysicalDecision::<ADDRESS, LENGTH, BLOCK, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Reach => emitted(Reach::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Tables => emitted(Tables::<TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Boot => emitted(Boot::<ADDRESS, TENANT, SLOT, PAGE, BLOCK, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Progress => emitted(Progress::<SLOT, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Allocation => emitted(Allocation::<TENANT, SLOT, PAGE, BLOCK, WIDE>::new(geometry), kind, geometry),
        MonitorKind::Interference => {
            let block = Interference::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>::new(geometry);
            emitted(block, kind, geometry)
        }
        MonitorKind::Accounts => emitted(Accounts::default(), kind, geometry),
        MonitorKind::Wakeup(announced) => emitted(Wakeup::of(announced), kind, geometry),
    }
}

fn emitted<B: Block>(mut block: B, kind: MonitorKind, geometry: &Geometry) -> Result<Monitor> {
    block.connect_all();
    // The design has modules of the same roles: a prefix of its own keeps them apart.
    let options = EmitOptions { top: "monitor".into(), prefix: "monitor_".into(), ..EmitOptions::default() };
    let verilog = pm_verilog::emit(&block, &options)?;
    Ok(Monitor { ports: pm_verilog::ports(&verilog, &options.top), verilog, wires: wires(kind, geometry) })
}

fn wires(kind: MonitorKind, geometry: &Geometry) -> Vec<(String, Wire)> {
    let mut wires = Vec::new();
    let mut signals = |pairs: &[(&str, &str)]| {
        wires.extend(pairs.iter().map(|(input, path)| (input.to_string(), Wire::Signal(path.to_string()))));
    };
    let data_path = [
        ("active", "data_path.active"),
        ("window_base", "data_path.window_base"),
        ("frame_base", "data_path.frame_base"),
        ("table_write_enable", "data_path.table_write_enable"),
        ("shadow_write_enable", "data_path.shadow_write_enable"),
        ("strict", "data_path.strict"),
    ];
    let engine = [("state", "command_engine.sequencer.step_q"), ("code", "command_engine.code"), ("busy", "command_bank.busy")];
    let pool = [("pool_first", "boot.pool_first"), ("pool_last", "boot.pool_last")];
    match kind {
        MonitorKind::TranslateDecision => signals(&data_path),
        MonitorKind::PhysicalDecision => signals(&[data_path[0], data_path[2], data_path[3]]),
        MonitorKind::Reach => {
            signals(&data_path[1..4]);
            signals(&[
                ("table_write_slot", "data_path.table_write_slot"),
                ("table_write_row", "data_path.table_write_row"),
                ("table_write_valid", "data_path.table_write_valid"),
            ]);
        }
        MonitorKind::Tables => {
            signals(&pool);
            signals(&[engine[0], ("order", "command_engine.driver.order_q")]);
        }
        MonitorKind::Boot => {
            signals(&[data_path[1], data_path[3], data_path[5]]);
            signals(&[("pool_base", "boot.boot_gate.pool_base_value"), ("pool_size", "boot.boot_gate.pool_size_value")]);
            if geometry.features.boot {
                signals(&[("judged_0", "boot.loader_0.tag_done"), ("authentic_0", "boot.loader_0.tag_matches")]);
            }
        }
        MonitorKind::Progress => {
            signals(&engine);
            signals(&[("refused", "command_engine.outcome.stopped_q"), ("operands_slot", "command_bank.slot_q")]);
        }
        MonitorKind::Allocation => {
            signals(&pool);
            signals(&engine);
            signals(&[
                ("start", "command_engine.start"),
                ("span", "allocator.span"),
                ("wanted_tenant", "allocator.tenant"),
                ("wanted_first", "allocator.first_page"),
                ("wanted_last", "allocator.last_page"),
                ("survey", "allocator.survey"),
            ]);
        }
        MonitorKind::Interference => signals(&[
            ("stages_admitted", "data_path.admit.admitted"),
            ("stages_entry", "data_path.shadow_table.entry"),
            ("stages_examined", "data_path.extent.examined"),
            ("stages_expected", "data_path.lookup.expected_q"),
            ("stages_row", "data_path.partition_table.row"),
            ("stages_claim", "data_path.respond.claim_q"),
            ("stages_finding", "data_path.lookup.finding"),
            ("stages_permit", "data_path.permission.permit"),
            ("stages_block", "data_path.translate.block"),
            ("stages_first_block", "data_path.translate.first_block_q"),
            ("stages_last_block", "data_path.translate.last_block_q"),
        ]),
        MonitorKind::Accounts => signals(&[
            ("translate_denied", "reporting.first.audit.translate_slot.denied"),
            ("physical_denied", "reporting.first.audit.physical_slot.denied"),
            ("translate_waits", "reporting.first.audit.translate_slot_waiting"),
            ("physical_waits", "reporting.first.audit.physical_slot_waiting"),
            ("writing", "reporting.first.audit.writer_writing"),
            ("copied", "reporting.first.audit.writer_copied"),
            ("begun", "reporting.first.audit.writer_begun"),
            ("stored", "reporting.first.audit.writer_stored"),
            ("freed", "reporting.first.audit.reader_frees"),
            ("lost", "reporting.first.audit.tally_denials"),
            ("dropped", "reporting.first.audit.tally.dropped_q"),
            ("level", "reporting.first.audit.places.level_held_q"),
            ("command_taken", "reporting.first.audit.command_taken"),
            data_path[3],
            ("start", "command_engine.start"),
            engine[2],
        ]),
        MonitorKind::Wakeup(announced) => {
            signals(&[
                ("arrives", "reporting.first.audit.places.readable"),
                ("leaves", "reporting.first.audit.reader_frees"),
                ("level", "reporting.first.audit.places.level_held_q"),
                ("shows", "reporting.first.audit.places.some_held_q"),
                ("causes", "reporting.first.event_bank.registers.causes"),
                ("enabled", "reporting.first.event_bank.registers.enabled"),
            ]);
            // With `chain` a record can be read when the digest has taken it in.
            let told = if geometry.features.chain { "chain_0_told" } else { "writer_told" };
            for word in ["event", "kind"] {
                signals(&[(&format!("told_{word}"), &format!("reporting.first.audit.{told}_{word}"))]);
            }
            for register in ["newest", "some", "last"] {
                signals(&[(register, &format!("reporting.first.announcer.{}.{register}_q", announced.watch()))]);
            }
        }
    }
    // Contents of the comparators.
    let lookup = [("valid", "valid_q"), ("owner", "owner_q"), ("floor", "floor_q"), ("last_page", "last_q")];
    let isolation = [("held", "held_now_q"), ("guarded", "guarded_q"), ("first", "bounds_first_q"), ("last", "bounds_last_q")];
    for slot in 0..geometry.slots {
        let mut entry = |block: &str, input: &str, register: &str| {
            let path = format!("data_path.{block}.entries_{slot}.{register}");
            wires.push((format!("{input}_{slot}"), Wire::Signal(path)));
        };
        match kind {
            MonitorKind::TranslateDecision => {
                lookup[..3].iter().for_each(|(input, register)| entry("lookup", input, register));
                entry("lookup", "last", "last_q");
            }
            MonitorKind::PhysicalDecision => {
                isolation[1..].iter().for_each(|(input, register)| entry("isolation.comparators", input, register))
            }
            MonitorKind::Progress => entry("lookup", "valid", "valid_q"),
            MonitorKind::Accounts | MonitorKind::Wakeup(_) => {}
            MonitorKind::Interference => {
                lookup.iter().for_each(|(input, register)| entry("lookup", input, register));
                entry("lookup", "chosen", "chosen_q");
                entry("lookup", "hit", "hit");
                entry("lookup", "named", "expected_q");
            }
            MonitorKind::Reach | MonitorKind::Tables | MonitorKind::Boot | MonitorKind::Allocation => {
                lookup.iter().for_each(|(input, register)| entry("lookup", input, register));
                isolation.iter().for_each(|(input, register)| entry("isolation.comparators", input, register));
            }
        }
    }
    if kind == MonitorKind::Interference {
        let twins = wires.iter().map(|(input, wire)| {
            let Wire::Signal(path) = wire else { unreachable!("no words yet") };
            (format!("twin_{input}"), Wire::Signal(path.replace("data_path.", "twin.")))
        });
        let twins: Vec<_> = twins.collect();
        wires.extend(twins);
    }
    let mut word = |input: &str, memory: &str, address: &str| {
        let side = if input.starts_with("twin_") { "twin" } else { "data_path" };
        wires.push((input.into(), Wire::Word(format!("{side}.{memory}"), address.into())));
    };
    if matches!(kind, MonitorKind::TranslateDecision | MonitorKind::Tables) {
        word("shadow", "shadow_table.memory", "shadow_index");
        word("row", "partition_table.lookup_copy", "row_index");
        word("rights", "partition_table.rights", "row_index");
    }
    if kind == MonitorKind::Allocation {
        for slot in 0..geometry.slots {
            word(&format!("copy_{slot}"), "partition_table.control_copy", &format!("copy_index_{slot}"));
        }
    }
    if kind == MonitorKind::Reach {
        word("row", "partition_table.lookup_copy", "row_index");
        word("rights", "partition_table.rights", "row_index");
    }
    if kind == MonitorKind::Interference {
        for side in ["", "twin_"] {
            word(&format!("{side}shadow"), "shadow_table.memory", "shadow_index");
            word(&format!("{side}row"), "partition_table.lookup_copy", "row_index");
            word(&format!("{side}rights"), "partition_table.rights", "row_index");
        }
    }
    if kind == MonitorKind::Tables {
        word("control_row", "partition_table.control_copy", "row_index");
    }
    wires
}
