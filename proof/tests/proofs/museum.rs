//! A museum of known mistakes: faults that shipped in open memory-protection hardware, seeded into ours.
//!
//! Each is an edit of the emitted Verilog and the property whose proof it makes fail; that the property holds without the edit is
//! what `proofs` shows. Where a public tracker tells of the mistake, it is named.

use pm_interface::Geometry;
use pm_proof::{ready, spoilt, Outcome, Prover};
use pm_properties::{Fault, Property, Top, PROPERTIES};
use std::path::Path;
use std::time::Duration;

/// A mistake.
struct Exhibit {
    /// What went wrong.
    mistake: &'static str,
    /// Project and number of issue or pull request; empty where none is known.
    seen: &'static str,
    /// The property that notices it.
    property: &'static str,
    /// It is noticed within seconds.
    quick: bool,
    find: &'static str,
    replace: &'static str,
}

macro_rules! exhibits {
    ($($property:ident $speed:ident $mistake:literal $seen:literal: $find:literal => $replace:literal;)*) => {
        const EXHIBITS: &[Exhibit] = &[$(Exhibit {
            mistake: $mistake, seen: $seen, property: stringify!($property), quick: matches!(stringify!($speed).as_bytes(), b"quick"),
            find: $find, replace: $replace,
        },)*];
    };
}

exhibits! {
    physical_decision quick "a requester whose number equals their count is accepted" "":
        "placed_d[1] = admitted[8:1] < tenants;" => "placed_d[1] = admitted[8:1] <= tenants;";
    translate_decision quick "a requester's number wraps around to another's" "":
        "outcome_d[1] = admitted[8:1] < tenants;" => "outcome_d[1] = {7'h0, admitted[1]} < tenants;";
    translate_decision quick "the last bytes of a page are refused" "":
        "outcome_d[4] = last_byte[3];" => "outcome_d[4] = last_byte[3] | (&last_byte[2:0]);";
    physical_decision quick "address plus length overflows" "":
        "& (~((frame == (~frame_mask)) & carries))" => "";
    rows_in_order quick "an entry is visible half written" "":
        "order_d[2] = 1'h1;\n                order_d[3] = ~is_share;" => "order_d[1] = 1'h1;\n                order_d[2] = 1'h1;\n                order_d[3] = ~is_share;";
    boot_frozen quick "a lock is bypassed by way of another entry" "stnolting/neorv32#363, chipsalliance/rocket-chip#1340":
        "end else if (seal_q & (~(is_query | is_find))) begin" => "end else if ((seal_q & (~(is_query | is_find))) & (~is_create)) begin";
    boot_closed quick "disabled means that everything is allowed" "":
        "assign allowed = ((active & claim_q[0]) & claim_q[1]) & (~reached);" => "assign allowed = (claim_q[0] & claim_q[1]) & ((~active) | (~reached));";
    translate_decision quick "a denied write goes on after one that was granted" "":
        "verdict_d[1] = permitted;" => "verdict_d[1] = permitted | (verdict_q[1] & sound);";
    revoked_is_over quick "a stale translation is used after it was revoked" "chipsalliance/rocket-chip#2534":
        "assign hit = ((valid_q & owner_matches_q)" => "assign hit = (((valid_q | expected_q) & owner_matches_q)";
    translate_decision quick "a size is decoded by a shift as wide as the word: zero" "":
        "(length <= max_length);" => "((length & (max_length - 3'h1)) <= max_length);";
    physical_decision quick "an entry of lower priority hides the denial of another" "lowRISC/ibex#742, openhwgroup/cva6#3177":
        "touched_lanes_d = lanes;" => "touched_lanes_d = {3'h0, entries_0_overlaps ^ entries_1_overlaps};";
    audit_denials slow "an error record is overwritten by the next" "":
        "dropped_d = {1'h0, translate_dropped} + {1'h0, physical_dropped};" => "dropped_d = 2'h0;";
    translate_decision quick "only the first byte of a burst is checked" "openhwgroup/cvw#1354, openhwgroup/cvw#1889":
        "outcome_d[4] = ends_within_holds;" => "outcome_d[4] = 1'h0;";
    translate_decision quick "an access of no bytes is granted" "":
        "outcome_d[2] = (length != 3'h0) & (" => "outcome_d[2] = (";
    boot_reset quick "a reset during an update leaves it half done" "":
        "if (reset) q <= 3'h0;" => "if (reset & (q != 3'h4)) q <= 3'h0;";
    physical_decision quick "the upper bits of an address are not compared with the region's" "openhwgroup/cv32e40p#585":
        "assign starts_in_frame = frame == pool_frame;" => "assign starts_in_frame = (frame == pool_frame) & (~frame[4]);";
    translate_decision quick "an error stays after the access that made it" "lowRISC/ibex#813":
        "verdict_d[7:4] = reason & open_mask;" => "verdict_d[7:4] = (reason & open_mask) | ((verdict_q[7:4] == reasons_permission) ? reasons_permission : 4'h0);";
    translate_decision quick "an address that is known to be wrong is compared all the same" "lowRISC/opentitan#13794":
        "assign sound = ((open & claim_q[1]) & claim_q[6]) & mine;" => "assign sound = (open & claim_q[1]) & mine;";
    copies_agree quick "rights that were changed do not take effect" "openhwgroup/cva6#3298":
        "order_d[3] = target_q[12];\n                guarding_d = 1'h0;" => "order_d[3] = target_q[12] & (~is_protect);\n                guarding_d = 1'h0;";
    shadow_agrees quick "an invalidation acts on the operand of the one before" "openhwgroup/cva6#3307":
        "current_tenant_d = tenant;" => "current_tenant_d = current_tenant_q;";
}

fn property(exhibit: &Exhibit) -> &'static Property {
    let found = PROPERTIES.iter().find(|property| property.name == exhibit.property);
    found.unwrap_or_else(|| panic!("{}: no property is called {}", exhibit.mistake, exhibit.property))
}

fn fault(exhibit: &Exhibit) -> Fault {
    Fault { name: exhibit.mistake, find: exhibit.find, replace: exhibit.replace }
}

fn notice(chosen: impl Iterator<Item = &'static Exhibit>, seconds: u64) {
    if let Err(error) = ready() {
        eprintln!("skipped: {error:#}");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("museum");
    let tiny = Geometry::preset("tiny").unwrap();
    let mut missed = Vec::new();
    for (number, exhibit) in chosen.enumerate() {
        // A folder each: files are named after property and fault.
        let prover = Prover::new(folder.join(number.to_string()), Duration::from_secs(seconds)).unwrap();
        let found = prover.prove(property(exhibit), &tiny, Some(&fault(exhibit))).unwrap_or_else(|error| panic!("{error:#}"));
        eprintln!("{:<76} {:<20} {:5.1} s", exhibit.mistake, exhibit.property, found.seconds);
        if !matches!(found.outcome, Outcome::Failed { .. }) {
            missed.push((exhibit.mistake, found.outcome));
        }
    }
    assert!(missed.is_empty(), "not noticed: {missed:#?}");
}

#[test]
fn every_exhibit_fits_the_design() {
    let tiny = Geometry::preset("tiny").unwrap();
    let (core, data_path) = (pm_designs::emit(&tiny).unwrap(), pm_designs::emit_data_path(&tiny).unwrap());
    for exhibit in EXHIBITS {
        let design = if property(exhibit).top == Top::Core { &core } else { &data_path };
        assert_ne!(spoilt(design, &fault(exhibit)).unwrap(), *design, "{}", exhibit.mistake);
    }
    let told = EXHIBITS.iter().filter(|exhibit| !exhibit.seen.is_empty());
    assert!(told.clone().count() >= 5 && told.flat_map(|exhibit| exhibit.seen.split(", ")).all(|seen| seen.contains('#')));
}

#[test]
fn known_mistakes_are_noticed() {
    notice(EXHIBITS.iter().filter(|exhibit| exhibit.quick).step_by(3), 120);
}

#[test]
#[ignore = "slow: all of them"]
fn every_known_mistake_is_noticed() {
    notice(EXHIBITS.iter(), 900);
}
