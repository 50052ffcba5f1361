//! All properties, with the faults that must make each proof fail.

use crate::wakeup::RecordSort;
use crate::MonitorKind;
use pm_verilog::{Change, EmitError};

/// Part of the design for which a property is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// All of it.
    Core,
    /// The data path alone: whatever the control side writes, and when.
    DataPath,
    /// Two data paths that share clock, reset, gate and bases.
    Twins,
}

impl Top {
    /// Name of the module.
    pub fn module(self) -> &'static str {
        match self {
            Top::Core => "partition_manager",
            Top::DataPath | Top::Twins => "data_path",
        }
    }
}

/// Method with which a property is proven for all time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Property directed reachability, from any state after a reset.
    Reachability,
    /// Induction over so many cycles from any state at all.
    Induction(usize),
    /// The same on single bits, for what a solver of words does not end.
    BitInduction(usize),
}

/// A mistake in the design that a property must notice.
#[derive(Clone, Copy, Debug)]
pub struct SeededFault {
    /// Name of the fault: the mistake in words.
    pub name: &'static str,
    /// Change to the design, as [`pm_verilog::change`] reads the text.
    pub change: &'static str,
}

impl SeededFault {
    /// Changes that the fault makes to the design.
    ///
    /// # Errors
    /// When the change is not written as one.
    pub fn changes(&self) -> Result<Vec<Change>, EmitError> {
        Change::parse(self.name, self.change)
    }
}

/// Property: one output of one monitor.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Name of the property, unique.
    pub name: &'static str,
    /// Letter of the claim, a to h, that the property belongs to.
    pub claim: char,
    /// Statement of the property in words.
    pub says: &'static str,
    /// Monitor that states the property.
    pub kind: MonitorKind,
    /// Output of the monitor that is always high.
    pub output: &'static str,
    /// Part of the design that is proven.
    pub top: Top,
    /// Method of the proof.
    pub method: Method,
    /// Names of the geometries for which the property is proven.
    pub geometries: &'static [&'static str],
    /// The proof is part of every test run.
    pub quick: bool,
    /// Modules that may answer anything at any time, which allows more than the design does.
    pub free: &'static [&'static str],
    /// Assumption of the proof in words, which the output `assumed` of the monitor states; empty without an assumption.
    pub assumes: &'static str,
    /// Faults that must make the property fail.
    pub faults: &'static [SeededFault],
}

/// Modules that only report: the log, interrupts and counters.
const LOG: &[&str] = &["audit", "event_bank"];

/// The patrol: it reports repairs where no bit was lost, and at any time.
const PATROL: &[&str] = &["patrol"];

/// The modules of `LOG` and, with `boot`, the cipher, which may find any tag right.
const GATED: &[&str] = &["audit", "event_bank", "crypto"];

macro_rules! faults {
    ($($name:literal: $change:literal;)*) => {
        &[$(SeededFault { name: $name, change: $change }),*]
    };
}

/// Every property, in the order of the claims.
pub const PROPERTIES: &[Property] = &[
    Property {
        name: "translate_decision",
        claim: 'a',
        says: "every answer of the translate port is what the datasheet says of the tables, whatever stands in them",
        kind: MonitorKind::TranslateDecision,
        output: "holds",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "window and frame are aligned (boot_configuration); tables, gate and bases stand still while the access is under way",
        faults: faults! {
            "one witness is enough": "respond: mine drops finding.agreed";
            "an access may leave its row": "permission: outcome.d.beyond is false";
            "length 0 is granted": "extent: outcome.d.sized is length <= max_length";
            "the tenant's number is cut": "extent: outcome.d.known is true";
            "a strict window hands on what nobody has": "respond: outside drops strict";
        },
    },
    Property {
        name: "physical_decision",
        claim: 'a',
        says: "every answer of the physical port is what the datasheet says of the guarded blocks, whatever they are",
        kind: MonitorKind::PhysicalDecision,
        output: "holds",
        top: Top::DataPath,
        method: Method::BitInduction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the frame is aligned (boot_configuration); rows, gate and bases stand still while the access is under way",
        faults: faults! {
            "an access that begins in the frame before is not compared": "place: outcome.d.inside drops starts_before_frame, carries";
            "the last byte may lie beyond the address space": "place: outcome.d.sized drops frame, carries";
            "the second row is not compared": "comparators: touched_lanes.d is cast::<4>(entries[0].overlaps) when true";
        },
    },
    Property {
        name: "blocks_disjoint",
        claim: 'b',
        says: "two held blocks have no granule in common",
        kind: MonitorKind::Tables,
        output: "holds_blocks",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the allocator does not look at blocks": "allocator: approved.d.valid drops blocked";
        },
    },
    Property {
        name: "pages_disjoint",
        claim: 'b',
        says: "two valid rows of one tenant have no page in common",
        kind: MonitorKind::Tables,
        output: "holds_pages",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "CREATE overlaps": "command_engine.judge: if survey.overlaps else kind.find is it & sealed";
        },
    },
    Property {
        name: "rows_in_pool",
        claim: 'b',
        says: "a held block lies in the pool and is as large as its row; a valid row's block is held",
        kind: MonitorKind::Tables,
        output: "holds_pool",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the pool's end is not looked at": "allocator: in_pool.d from pool_last drops pool_last";
        },
    },
    Property {
        name: "copies_agree",
        claim: 'b',
        says: "comparators and both copies of the rows say the same of a valid row",
        kind: MonitorKind::Tables,
        output: "holds_copies",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the isolation flag is ignored": "driver: order.d.guarded in Update is false";
        },
    },
    Property {
        name: "shadow_agrees",
        claim: 'b',
        says: "between commands a page is mapped to the valid row that has it, or not at all",
        kind: MonitorKind::Tables,
        output: "holds_shadow",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "shadow pages stay mapped": "driver: mapped is true";
        },
    },
    Property {
        name: "held_is_valid",
        claim: 'b',
        says: "while CREATE is decided a row's block is held exactly when the row is valid",
        kind: MonitorKind::Allocation,
        output: "holds_held",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "what DESTROY revoked stays held": "driver: order.d.enable in Free is false";
        },
    },
    Property {
        name: "engine_is_busy",
        claim: 'b',
        says: "a command is at work only while the register port says so: operands are steady",
        kind: MonitorKind::Allocation,
        output: "holds_busy",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "busy ends before the command": "command_bank: busy is it & begun.q";
        },
    },
    Property {
        name: "rows_in_order",
        claim: 'b',
        says: "a row becomes valid as it has stood for a flight, in the slot that was addressed a cycle before, and changes, but for its rights, when it has not been valid for a flight",
        kind: MonitorKind::Reach,
        output: "holds_order",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "CREATE does not reserve": "driver: order.d.enable in Reserve is false";
        },
    },
    Property {
        name: "isolation_translate",
        claim: 'c',
        says: "a grant that touches a guarded block came through its row's own range, from its own tenant",
        kind: MonitorKind::Reach,
        output: "holds_translate",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "blocks_disjoint, rows_in_pool, copies_agree and rows_in_order of the two rows; bases are aligned (boot_configuration) and stand still",
        faults: faults! {
            "an access may leave its row": "permission: outcome.d.beyond is false";
        },
    },
    Property {
        name: "isolation_physical",
        claim: 'c',
        says: "nothing that touches a guarded block is allowed on the physical port",
        kind: MonitorKind::Reach,
        output: "holds_physical",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "the comparison is not waited for": "physical_respond: allowed drops reached";
        },
    },
    Property {
        name: "non_interference_lookup",
        claim: 'd',
        says: "whatever other tenants do, every entry of the CAM holds a tenant's row, and matches what it asks for, in the same cycles",
        kind: MonitorKind::Interference,
        output: "holds_entry",
        top: Top::Twins,
        method: Method::Induction(1),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the tenant asks the same, and its own rows and pages are written the same, in both; rows_in_order",
        faults: faults! {
            "tenants are not told apart": "lookup.entries: owner_matches.d from tenant is true";
        },
    },
    Property {
        name: "non_interference",
        claim: 'd',
        says: "whatever other tenants do, and whatever is done for them, a tenant gets the same answers in the same cycles",
        kind: MonitorKind::Interference,
        output: "holds",
        top: Top::Twins,
        method: Method::Induction(1),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the same; its pages begin the same; non_interference_lookup of every entry",
        faults: faults! {
            "an access is refused when another follows it": "respond: verdict.d.confirmed is it & !examined.valid";
            "the page's word comes from another tenant's table": "shadow_table: read_index drops tenant";
        },
    },
    Property {
        name: "audit_denials",
        claim: 'e',
        says: "denials raised = recorded + waiting + counted as lost, until the count stops at its end",
        kind: MonitorKind::Accounts,
        output: "holds_denials",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "a denial that finds no place is not counted": "tally: dropped.d from physical_dropped drops physical_dropped";
        },
    },
    Property {
        name: "audit_records",
        claim: 'e',
        says: "records written = records taken + records in the log",
        kind: MonitorKind::Accounts,
        output: "holds_records",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "a record that is written while one is taken is lost": "audit.places: level_held.d is level_held.q + 1 when readable & freed";
        },
    },
    Property {
        name: "audit_commands",
        claim: 'e',
        says: "no row changes without the record of a command, written before the next command begins",
        kind: MonitorKind::Accounts,
        output: "holds_command",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "a command does not wait for its record": "sequencer: if record_taken is true";
        },
    },
    Property {
        name: "wakeup_denial",
        claim: 'e',
        says: "while the record of a denial can be read, bit 1 of IRQ_STATUS is set, and irq where enabled, whatever was acknowledged and when",
        kind: MonitorKind::Wakeup(RecordSort::Denial),
        output: "holds",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "tiny+chain"],
        quick: true,
        free: &[],
        assumes: "fewer than 255 records can be read: the log has 48 places",
        faults: faults! {
            "a record that becomes readable raises nothing": "event_bank: raised drops announced";
            "a record that is popped ends the announcement of those behind it": "announcer.denials: waits from last.q is false";
        },
    },
    Property {
        name: "wakeup_loss",
        claim: 'e',
        says: "while the record of losses can be read, bit 3 of IRQ_STATUS is set, and irq where enabled, whatever was acknowledged and when",
        kind: MonitorKind::Wakeup(RecordSort::Loss),
        output: "holds",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "tiny+chain"],
        quick: true,
        free: &[],
        assumes: "fewer than 255 records can be read: the log has 48 places",
        faults: faults! {
            "a record of losses that becomes readable raises nothing": "event_bank: raised drops announced";
        },
    },
    Property {
        name: "wakeup_repair",
        claim: 'e',
        says: "while the record of a repair can be read, bit 6 of IRQ_STATUS is set, and irq where enabled, whatever was acknowledged and when",
        kind: MonitorKind::Wakeup(RecordSort::Repair),
        output: "holds",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny+integrity", "tiny+chain+integrity"],
        quick: true,
        free: PATROL,
        assumes: "fewer than 255 records can be read: the log has 48 places",
        faults: faults! {
            "a record of a repair that becomes readable raises nothing": "reporting.first: event_bank.repaired drops announcer.repaired";
            "a repair that is popped ends the announcement of those behind it": "announcer.repairs: waits from last.q is false";
            "the record of a repair is taken for another": "announcer: repairs.arrives is false";
            "what is acknowledged stays so while a record waits": "event_bank: repairs.d is false when registers.acknowledges";
        },
    },
    Property {
        name: "boot_closed",
        claim: 'f',
        says: "nothing is granted, allowed or left to the standard MMU unless the gate is open",
        kind: MonitorKind::Boot,
        output: "holds_closed",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "grants while closed": "respond: open drops active";
        },
    },
    Property {
        name: "boot_reset",
        claim: 'f',
        says: "after a reset the gate is closed and nothing is sealed",
        kind: MonitorKind::Boot,
        output: "holds_reset",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the gate wakes up open": "boot_gate: active is it | (state.q == BootState::Clearing)";
        },
    },
    Property {
        name: "boot_asked",
        claim: 'f',
        says: "the gate opens only when it was asked to since the last reset, and then stays open",
        kind: MonitorKind::Boot,
        output: "holds_asked",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the gate opens by itself": "boot_gate: state.d from BootState::Closed in Clearing is BootState::Active";
        },
    },
    Property {
        name: "boot_strict",
        claim: 'f',
        says: "the window behind an open gate is strict only when an activation asked for it, and otherwise only when one asked for none; neither changes until reset",
        kind: MonitorKind::Boot,
        output: "holds_strict",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "a bit of CONTROL is not looked at": "gate_registers: activates_strict is false";
            "the window may change behind an open gate": "boot_gate: strict_held.d from strict_held.q is gate_registers.activates_strict";
        },
    },
    Property {
        name: "boot_accepted",
        claim: 'f',
        says: "with boot the gate is closed, and nothing granted, allowed or left to the standard MMU, until a manifest's tag was found right",
        kind: MonitorKind::Boot,
        output: "holds_accepted",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the ports do not wait for the loader": "boot: active from loader.active is true";
        },
    },
    Property {
        name: "boot_configuration",
        claim: 'f',
        says: "behind an open gate the pool is whole granules of one frame, and the window is aligned",
        kind: MonitorKind::Boot,
        output: "holds_configuration",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the gate opens with any pool": "gate_judge: if fits is it & !audit_room";
        },
    },
    Property {
        name: "boot_sealed",
        claim: 'f',
        says: "what is sealed stays sealed until reset",
        kind: MonitorKind::Boot,
        output: "holds_sealed",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "a second SEAL undoes the first": "command_engine.outcome: seal.d is false when (state == CommandState::Done) & kind.query";
        },
    },
    Property {
        name: "boot_frozen",
        claim: 'f',
        says: "what is sealed changes no row",
        kind: MonitorKind::Boot,
        output: "holds_frozen",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "SEAL is no reason to refuse": "command_engine.judge: if sealed is sealed & kind.seal";
        },
    },
    Property {
        name: "command_ends",
        claim: 'g',
        says: "a command is busy for at most slots + words + granules + 31 cycles, not counting those in which memory is not ready",
        kind: MonitorKind::Progress,
        output: "holds_end",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "a record that is in the log ends no command": "sequencer: if record_taken takes & for |";
        },
    },
    Property {
        name: "revoked_is_over",
        claim: 'g',
        says: "three cycles after a row ceased to be valid nothing is granted through it",
        kind: MonitorKind::Progress,
        output: "holds_revoked",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the CAM does not look at the valid bit": "lookup.entries: hit drops valid.q";
        },
    },
    Property {
        name: "destroy_is_prompt",
        claim: 'g',
        says: "a DESTROY that is not refused lets nothing through later than 4 cycles after the answer that accepts it",
        kind: MonitorKind::Progress,
        output: "holds_destroy",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "DESTROY unmaps before it revokes": "sequencer: step.d from CommandState::Revoke is CommandState::Settle";
        },
    },
    Property {
        name: "allocator_space",
        claim: 'h',
        says: "CREATE finds space exactly when a gap of the pool is large enough, and takes the lowest",
        kind: MonitorKind::Allocation,
        output: "holds_space",
        top: Top::Core,
        method: Method::Induction(18),
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "copies_agree, rows_in_pool and held_is_valid of every row; engine_is_busy",
        faults: faults! {
            "the block after the pool's first is no candidate": "allocator: start_of.d.first from pool_first is it + 1";
        },
    },
    Property {
        name: "allocator_slot",
        claim: 'h',
        says: "CREATE finds a slot exactly when one is free, and takes the lowest",
        kind: MonitorKind::Allocation,
        output: "holds_slot",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the last free slot is taken": "allocator: if held drops result.q.slot_free";
        },
    },
    Property {
        name: "allocator_overlap",
        claim: 'h',
        says: "CREATE is refused for an overlap exactly when a valid row of the tenant has one of the pages",
        kind: MonitorKind::Allocation,
        output: "holds_overlap",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the last row is not looked at": "allocator: clash.d from pages_overlap is it & !seen_index.q.any()";
        },
    },
    Property {
        name: "allocator_time",
        claim: 'h',
        says: "the allocator's verdict comes within slots + 16 cycles of the strobe",
        kind: MonitorKind::Allocation,
        output: "holds_time",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "what follows the walk is not counted": "allocator: draining.d else scanning.q is draining.q";
        },
    },
];
