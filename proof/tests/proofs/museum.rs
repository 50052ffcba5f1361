//! A museum of known mistakes: faults that shipped in open memory-protection hardware, seeded into ours.
//!
//! Each is a change of the design and the property whose proof it makes fail; that the property holds without the edit is
//! what `proofs` shows. Where a public tracker tells of the mistake, it is named.

use pm_interface::Geometry;
use pm_proof::{design, ready, ProofOutcome, Prover};
use pm_properties::{Property, SeededFault, PROPERTIES};
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
    /// What is changed.
    change: &'static str,
}

macro_rules! exhibits {
    ($($property:ident $speed:ident $mistake:literal $seen:literal: $change:literal;)*) => {
        const EXHIBITS: &[Exhibit] = &[$(Exhibit {
            mistake: $mistake, seen: $seen, property: stringify!($property), quick: matches!(stringify!($speed).as_bytes(), b"quick"),
            change: $change,
        },)*];
    };
}

exhibits! {
    physical_decision quick "a requester whose number equals their count is accepted" "":
        "place: outcome.d.known takes <= for <";
    translate_decision quick "a requester's number wraps around to another's" "":
        "extent: outcome.d.known is cast::<8>(admitted.tenant.get_bit(0)) < tenants";
    translate_decision quick "the last bytes of a page are refused" "":
        "extent: outcome.d.leaves_window is it | last_byte.get_bits::<3>(0).all()";
    physical_decision quick "address plus length overflows" "":
        "place: outcome.d.sized drops frame, carries";
    rows_in_order quick "an entry is visible half written" "":
        "driver: order.d.valid is true when state == CommandState::Reserve";
    boot_frozen quick "a lock is bypassed by way of another entry" "stnolting/neorv32#363, chipsalliance/rocket-chip#1340":
        "command_engine.judge: if sealed is it & !kind.create";
    boot_closed quick "disabled means that everything is allowed" "":
        "physical_respond: allowed is claim.q.valid & claim.q.proper & (!active | !reached)";
    translate_decision quick "a denied write goes on after one that was granted" "":
        "respond: verdict.d.permitted is it | (verdict.q.permitted & sound)";
    revoked_is_over quick "a stale translation is used after it was revoked" "chipsalliance/rocket-chip#2534":
        "lookup.entries: hit is it | (expected.q & owner_matches.q & !below.q & !above.q)";
    translate_decision quick "a size is decoded by a shift as wide as the word: zero" "":
        "extent: outcome.d.sized is (length != 0) & ((length & (max_length - 1)) <= max_length)";
    physical_decision quick "an entry of lower priority hides the denial of another" "lowRISC/ibex#742, openhwgroup/cva6#3177":
        "comparators: touched_lanes.d is cast::<4>(entries[0].overlaps ^ entries[1].overlaps) when true";
    audit_denials slow "an error record is overwritten by the next" "":
        "tally: dropped.d from physical_dropped is 0";
    translate_decision quick "only the first byte of a burst is checked" "openhwgroup/cvw#1354, openhwgroup/cvw#1889":
        "permission: outcome.d.beyond is false";
    translate_decision quick "an access of no bytes is granted" "":
        "extent: outcome.d.sized is length <= max_length";
    boot_reset quick "a reset during an update leaves it half done" "":
        "boot_gate: state.reset is it & (state.q != BootState::Active)";
    physical_decision quick "the upper bits of an address are not compared with the region's" "openhwgroup/cv32e40p#585":
        "place: starts_in_frame is it & !frame.get_bit(4)";
    translate_decision quick "an error stays after the access that made it" "lowRISC/ibex#813":
        "respond: verdict.d.reason is reasons.permission when verdict.q.reason == reasons.permission";
    translate_decision quick "an address that is known to be wrong is compared all the same" "lowRISC/opentitan#13794":
        "respond: sound drops claim.q.in_window";
    copies_agree quick "rights that were changed do not take effect" "openhwgroup/cva6#3298":
        "driver: order.d.guarded in Update is it & !kind.protect";
    shadow_agrees quick "an invalidation acts on the operand of the one before" "openhwgroup/cva6#3307":
        "shadow_writer: current_tenant.d from tenant is current_tenant.q";
}

fn property(exhibit: &Exhibit) -> &'static Property {
    let found = PROPERTIES.iter().find(|property| property.name == exhibit.property);
    found.unwrap_or_else(|| panic!("{}: no property is called {}", exhibit.mistake, exhibit.property))
}

fn fault(exhibit: &Exhibit) -> SeededFault {
    SeededFault { name: exhibit.mistake, change: exhibit.change }
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
        if !matches!(found.outcome, ProofOutcome::Failed { .. }) {
            missed.push((exhibit.mistake, found.outcome));
        }
    }
    assert!(missed.is_empty(), "not noticed: {missed:#?}");
}

#[test]
fn every_exhibit_fits_the_design() {
    let tiny = Geometry::preset("tiny").unwrap();
    for exhibit in EXHIBITS {
        let emitted = |fault| design(property(exhibit), &tiny, fault).unwrap_or_else(|error| panic!("{error:#}"));
        assert_ne!(emitted(Some(&fault(exhibit))), emitted(None), "{}", exhibit.mistake);
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
