//! Everything that is proven, with the faults that must make each proof fail.

use crate::Kind;

/// What of the design a property is proven of.
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

/// How a property is proven for all time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Property directed reachability, from any state after a reset.
    Reachability,
    /// Induction over so many cycles from any state at all.
    Induction(usize),
    /// The same on single bits, for what a solver of words does not end.
    BitInduction(usize),
}

/// A mistake in the emitted Verilog that a property must notice.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// What is wrong then.
    pub name: &'static str,
    /// What stands in the Verilog.
    pub find: &'static str,
    /// What takes its place.
    pub replace: &'static str,
}

/// One output of one monitor.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Which of the claims a to h it belongs to.
    pub claim: char,
    /// What is true.
    pub says: &'static str,
    /// The monitor.
    pub kind: Kind,
    /// The output that holds always.
    pub output: &'static str,
    /// What of the design.
    pub top: Top,
    /// How.
    pub method: Method,
    /// For which geometries.
    pub geometries: &'static [&'static str],
    /// Part of every test run.
    pub quick: bool,
    /// Modules that answer anything at any time, which allows more than the design does.
    pub free: &'static [&'static str],
    /// What is assumed.
    pub assumes: &'static str,
    /// What must make it fail.
    pub faults: &'static [Fault],
}

/// What only tells of what happened: the log, interrupts and counters.
const LOG: &[&str] = &["audit", "event_bank"];

/// The same and, with `boot`, the cipher: it may find any tag right.
const GATED: &[&str] = &["audit", "event_bank", "crypto"];

macro_rules! faults {
    ($($name:literal: $find:literal => $replace:literal;)*) => {
        &[$(Fault { name: $name, find: $find, replace: $replace }),*]
    };
}

/// Every property, in the order of the claims.
pub const PROPERTIES: &[Property] = &[
    Property {
        name: "translate_decision",
        claim: 'a',
        says: "every answer of the translate port is what the datasheet says of the tables, whatever stands in them",
        kind: Kind::TranslateDecision,
        output: "holds",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "window and frame are aligned (boot_configuration); tables, gate and bases stand still while the access is under way",
        faults: faults! {
            "one witness is enough": "mine = (finding[0] & finding[1]) & finding[2];" => "mine = finding[0] & finding[1];";
            "an access may leave its row": "outcome_d[4] = ends_within_holds;" => "outcome_d[4] = 1'b0;";
            "length 0 is granted": "outcome_d[2] = (length != 3'h0) & (" => "outcome_d[2] = (";
            "the tenant's number is cut": "outcome_d[1] = admitted[8:1] < tenants;" => "outcome_d[1] = 1'b1;";
        },
    },
    Property {
        name: "physical_decision",
        claim: 'a',
        says: "every answer of the physical port is what the datasheet says of the guarded blocks, whatever they are",
        kind: Kind::PhysicalDecision,
        output: "holds",
        top: Top::DataPath,
        method: Method::BitInduction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the frame is aligned (boot_configuration); rows, gate and bases stand still while the access is under way",
        faults: faults! {
            "an access that begins in the frame before is not compared": "starts_in_frame | (starts_before_frame & carries)" => "starts_in_frame";
            "the last byte may lie beyond the address space": "& (~((frame == (~frame_mask)) & carries))" => "";
            "the second row is not compared": "touched_lanes_d = lanes;" => "touched_lanes_d = {3'h0, entries_0_overlaps};";
        },
    },
    Property {
        name: "blocks_disjoint",
        claim: 'b',
        says: "two held blocks have no granule in common",
        kind: Kind::Tables,
        output: "holds_blocks",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the allocator does not look at blocks": "(judged_q[0] & in_pool_q) & (~blocked)" => "judged_q[0] & in_pool_q";
        },
    },
    Property {
        name: "pages_disjoint",
        claim: 'b',
        says: "two valid rows of one tenant have no page in common",
        kind: Kind::Tables,
        output: "holds_pages",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "CREATE overlaps": "end else if (survey[0]) begin" => "end else if (survey[0] & seal_q) begin";
        },
    },
    Property {
        name: "rows_in_pool",
        claim: 'b',
        says: "a held block lies in the pool and is as large as its row; a valid row's block is held",
        kind: Kind::Tables,
        output: "holds_pool",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the pool's end is not looked at": "& (extent_of_q[4:3] <= pool_last)" => "";
        },
    },
    Property {
        name: "copies_agree",
        claim: 'b',
        says: "comparators and both copies of the rows say the same of a valid row",
        kind: Kind::Tables,
        output: "holds_copies",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the isolation flag is ignored": "order_d[3] = target_q[12];\n                guarding_d = 1'h0;\n                state_d = CommandState_Record;" => "order_d[3] = 1'b0;\n                guarding_d = 1'h0;\n                state_d = CommandState_Record;";
        },
    },
    Property {
        name: "shadow_agrees",
        claim: 'b',
        says: "between commands a page is mapped to the valid row that has it, or not at all",
        kind: Kind::Tables,
        output: "holds_shadow",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "shadow pages stay mapped": "shadow_entry[0] = (is_create | is_share) | (is_resize & grows_q);" => "shadow_entry[0] = 1'b1;";
        },
    },
    Property {
        name: "held_is_valid",
        claim: 'b',
        says: "while CREATE is decided a row's block is held exactly when the row is valid",
        kind: Kind::Allocation,
        output: "holds_held",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "what DESTROY revoked stays held": "order_d[0] = ~is_resize;\n                order_d[3] = 1'h0;" => "order_d[0] = 1'h0;\n                order_d[3] = 1'h0;";
        },
    },
    Property {
        name: "engine_is_busy",
        claim: 'b',
        says: "a command is at work only while the register port says so: operands are steady",
        kind: Kind::Allocation,
        output: "holds_busy",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "busy ends before the command": "assign busy = running_q;\n    assign writes = access[1]" => "assign busy = running_q & begun_q;\n    assign writes = access[1]";
        },
    },
    Property {
        name: "rows_in_order",
        claim: 'b',
        says: "a row becomes valid as it has stood for a flight, in the slot that was addressed a cycle before, and changes, but for its rights, when it has not been valid for a flight",
        kind: Kind::Reach,
        output: "holds_order",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "CREATE does not reserve": "order_d[0] = (~refused_q) & (~is_resize);" => "order_d[0] = 1'b0;";
        },
    },
    Property {
        name: "isolation_translate",
        claim: 'c',
        says: "a grant that touches a guarded block came through its row's own range, from its own tenant",
        kind: Kind::Reach,
        output: "holds_translate",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "blocks_disjoint, rows_in_pool, copies_agree and rows_in_order of the two rows; bases are aligned (boot_configuration) and stand still",
        faults: faults! {
            "an access may leave its row": "outcome_d[4] = ends_within_holds;" => "outcome_d[4] = 1'b0;";
        },
    },
    Property {
        name: "isolation_physical",
        claim: 'c',
        says: "nothing that touches a guarded block is allowed on the physical port",
        kind: Kind::Reach,
        output: "holds_physical",
        top: Top::DataPath,
        method: Method::Induction(8),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "the comparison is not waited for": "((active & claim_q[0]) & claim_q[1]) & (~reached)" => "(active & claim_q[0]) & claim_q[1]";
        },
    },
    Property {
        name: "non_interference_lookup",
        claim: 'd',
        says: "whatever other tenants do, every entry of the CAM holds a tenant's row, and matches what it asks for, in the same cycles",
        kind: Kind::Interference,
        output: "holds_entry",
        top: Top::Twins,
        method: Method::Induction(1),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the tenant asks the same, and its own rows and pages are written the same, in both; rows_in_order",
        faults: faults! {
            "tenants are not told apart": "owner_matches_d = tenant == owner_q;" => "owner_matches_d = 1'b1;";
        },
    },
    Property {
        name: "non_interference",
        claim: 'd',
        says: "whatever other tenants do, and whatever is done for them, a tenant gets the same answers in the same cycles",
        kind: Kind::Interference,
        output: "holds",
        top: Top::Twins,
        method: Method::Induction(1),
        geometries: &["tiny", "cu"],
        quick: true,
        free: &[],
        assumes: "the same; its pages begin the same; non_interference_lookup of every entry",
        faults: faults! {
            "an access is refused when another follows it": "verdict_d[2] = confirmed;" => "verdict_d[2] = confirmed & (~examined[0]);";
            "the page's word comes from another tenant's table": "read_index = ({1'h0, tenant} << page_bits) | {1'h0, page};" => "read_index = {1'h0, page};";
        },
    },
    Property {
        name: "audit_denials",
        claim: 'e',
        says: "denials raised = recorded + waiting + counted as lost, until the count stops at its end",
        kind: Kind::Accounts,
        output: "holds_denials",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "a denial that finds no place is not counted": "dropped_d = {1'h0, translate_dropped} + {1'h0, physical_dropped};" => "dropped_d = {1'h0, translate_dropped};";
        },
    },
    Property {
        name: "audit_records",
        claim: 'e',
        says: "records written = records taken + records in the log",
        kind: Kind::Accounts,
        output: "holds_records",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "a record that is written while one is taken is lost": "if (readable & (~frees)) begin" => "if (readable) begin";
        },
    },
    Property {
        name: "audit_commands",
        claim: 'e',
        says: "no row changes without the record of a command, written before the next command begins",
        kind: Kind::Accounts,
        output: "holds_command",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: &[],
        assumes: "",
        faults: faults! {
            "a command does not wait for its record": "if (record_taken | audit_refused) begin" => "if (1'b1) begin";
        },
    },
    Property {
        name: "boot_closed",
        claim: 'f',
        says: "nothing is granted, allowed or left to the standard MMU unless the gate is open",
        kind: Kind::Boot,
        output: "holds_closed",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "grants while closed": "assign open = active & claim_q[0];" => "assign open = claim_q[0];";
        },
    },
    Property {
        name: "boot_reset",
        claim: 'f',
        says: "after a reset the gate is closed and nothing is sealed",
        kind: Kind::Boot,
        output: "holds_reset",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the gate wakes up open": "assign active = state_q == BootState_Active;" => "assign active = (state_q == BootState_Active) | (state_q == BootState_Clearing);";
        },
    },
    Property {
        name: "boot_asked",
        claim: 'f',
        says: "the gate opens only when it was asked to since the last reset, and then stays open",
        kind: Kind::Boot,
        output: "holds_asked",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the gate opens by itself": "if (cleared) begin\n                    state_d = BootState_Closed;" => "if (cleared) begin\n                    state_d = BootState_Active;";
        },
    },
    Property {
        name: "boot_accepted",
        claim: 'f',
        says: "with boot the gate is closed, and nothing granted, allowed or left to the standard MMU, until a manifest's tag was found right",
        kind: Kind::Boot,
        output: "holds_accepted",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the ports do not wait for the loader": "opens = manifest_loader_0_active;" => "opens = 1'b1;";
        },
    },
    Property {
        name: "boot_configuration",
        claim: 'f',
        says: "behind an open gate the pool is whole granules of one frame, and the window is aligned",
        kind: Kind::Boot,
        output: "holds_configuration",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "the gate opens with any pool": "end else if (~fits) begin" => "end else if ((~fits) & (~fits) & (~audit_room)) begin";
        },
    },
    Property {
        name: "boot_sealed",
        claim: 'f',
        says: "what is sealed stays sealed until reset",
        kind: Kind::Boot,
        output: "holds_sealed",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "a second SEAL undoes the first": "seal_d = 1'h1;" => "seal_d = ~seal_q;\n                end else if (is_query) begin\n                    seal_d = 1'h0;";
        },
    },
    Property {
        name: "boot_frozen",
        claim: 'f',
        says: "what is sealed changes no row",
        kind: Kind::Boot,
        output: "holds_frozen",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny", "cu", "tiny+boot"],
        quick: true,
        free: GATED,
        assumes: "",
        faults: faults! {
            "SEAL is no reason to refuse": "end else if (seal_q & (~(is_query | is_find))) begin" => "end else if (seal_q & is_seal) begin";
        },
    },
    Property {
        name: "command_ends",
        claim: 'g',
        says: "a command is busy for at most slots + words + granules + 31 cycles, not counting those in which memory is not ready",
        kind: Kind::Progress,
        output: "holds_end",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "a record that is in the log ends no command": "if (record_taken | audit_refused) begin" => "if (record_taken & audit_refused) begin";
        },
    },
    Property {
        name: "revoked_is_over",
        claim: 'g',
        says: "three cycles after a row ceased to be valid nothing is granted through it",
        kind: Kind::Progress,
        output: "holds_revoked",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the CAM does not look at the valid bit": "assign hit = ((valid_q & owner_matches_q)" => "assign hit = ((owner_matches_q & owner_matches_q)";
        },
    },
    Property {
        name: "destroy_is_prompt",
        claim: 'g',
        says: "a DESTROY that is not refused lets nothing through later than 4 cycles after the answer that accepts it",
        kind: Kind::Progress,
        output: "holds_destroy",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: &[],
        assumes: "",
        faults: faults! {
            "DESTROY unmaps before it revokes": "state_d = CommandState_Revoke;" => "state_d = CommandState_Settle;";
        },
    },
    Property {
        name: "allocator_space",
        claim: 'h',
        says: "CREATE finds space exactly when a gap of the pool is large enough, and takes the lowest",
        kind: Kind::Allocation,
        output: "holds_space",
        top: Top::Core,
        method: Method::Induction(18),
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "copies_agree, rows_in_pool and held_is_valid of every row; engine_is_busy",
        faults: faults! {
            "the block after the pool's first is no candidate": "start_of_d[0] = 1'h1;\n            start_of_d[2:1] = pool_first;" => "start_of_d[0] = 1'h1;\n            start_of_d[2:1] = pool_first + 2'h1;";
        },
    },
    Property {
        name: "allocator_slot",
        claim: 'h',
        says: "CREATE finds a slot exactly when one is free, and takes the lowest",
        kind: Kind::Allocation,
        output: "holds_slot",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the last free slot is taken": "(((seen_q & (~held)) & (~live)) & (~result_q[2]))" => "((seen_q & (~held)) & (~live))";
        },
    },
    Property {
        name: "allocator_overlap",
        claim: 'h',
        says: "CREATE is refused for an overlap exactly when a valid row of the tenant has one of the pages",
        kind: Kind::Allocation,
        output: "holds_overlap",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: false,
        free: LOG,
        assumes: "",
        faults: faults! {
            "the last row is not looked at": "clash_d = (seen_q & live) & pages_overlap;" => "clash_d = ((seen_q & live) & pages_overlap) & (~seen_index_q);";
        },
    },
    Property {
        name: "allocator_time",
        claim: 'h',
        says: "the allocator's verdict comes within slots + 16 cycles of the strobe",
        kind: Kind::Allocation,
        output: "holds_time",
        top: Top::Core,
        method: Method::Reachability,
        geometries: &["tiny"],
        quick: true,
        free: LOG,
        assumes: "",
        faults: faults! {
            "what follows the walk is not counted": "draining_d = draining_q - 3'h1;" => "draining_d = draining_q;";
        },
    },
];
