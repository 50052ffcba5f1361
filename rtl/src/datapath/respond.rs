//! Respond: the only driver of `granted`, which is the AND of every verdict.
//!
//! ```text
//!   examined --[edge]--+
//!   finding -----------+
//!   permit ------------+--> first refusal wins --[edge]--+
//!   active ------------+                                 +--> AND --> granted, physical, reason, slot
//!   block, confirmed -----------------------------[edge]--+
//! ```
//!
//! The flow of the decision, from deny to grant:
//!
//! ```text
//!   not active            NotActive
//!   no such tenant        NoTenant
//!   length 0 or too large OutOfRange
//!   outside the window    not mine
//!   shadow  CAM
//!     -      -            not mine, strict: InvalidPartition
//!     k      -            InvalidPartition
//!     k      k            permission, then extent, then the recheck, then granted
//!     anything else       Integrity
//! ```

use super::{extent::Examined, fault_trail::TrailSink, lookup::Finding, permission::Permit};
use crate::{constants::Reasons, ports::TranslateResponse};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Facts about an access before the tables have answered.
    pub struct Claim<ADDRESS> {
        /// High: there is an access; the other fields are valid.
        pub valid: Bit,
        /// High: the tenant and the length exist.
        pub proper: Bit,
        /// Reason of the refusal; valid unless `proper`.
        pub reason: Bits<4>,
        /// High: the first byte lies in the window.
        pub in_window: Bit,
        /// The first byte's place in its granule; the bits above are zero.
        pub offset: Bits<ADDRESS>,
    }
}

bundle! {
    /// The response as registered: the recheck is a comparison of its own and joins last.
    pub struct Verdict<ADDRESS> {
        /// High: there is an answer; the other fields are valid.
        pub valid: Bit,
        /// High: only the recheck can still refuse the access.
        pub permitted: Bit,
        /// High: the recheck confirms the physical address.
        pub confirmed: Bit,
        /// High: the access belongs to the standard MMU.
        pub not_mine: Bit,
        /// Reason of the refusal; `None` where `permitted`.
        pub reason: Bits<4>,
        /// Slot of the row that decided; else zero.
        pub slot: Bits<8>,
        /// Physical address in the pool's frame; valid with `permitted`.
        pub place: Bits<ADDRESS>,
    }
}

block! {
    /// Combines the verdicts on the translate port.
    pub struct Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the accesses under way are dropped.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// High: an address in the window that no partition has is refused, and not left to the standard MMU; steady while `active`.
        pub strict: Signal<In, Bit>,
        /// First byte of the pool's frame, a multiple of the frame's size.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Access that is answered, one edge before the other inputs.
        pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
        /// Result of the CAM and of the shadow page table for the access.
        pub finding: Signal<In, Finding<SLOT>>,
        /// Rights that the row gives to the access.
        pub permit: Signal<In, Permit>,
        /// Granule of the frame that holds the first byte.
        pub block: Signal<In, Bits<BLOCK>>,
        /// High when `block` lies in the row's block.
        pub confirmed: Signal<In, Bit>,
        /// Response of the translate port, one edge later.
        pub response: TranslateResponse<ADDRESS>,
        claim: Register<Claim<ADDRESS>> where guarded,
        verdict: Register<Verdict<ADDRESS>> where guarded,
        open: Signal<Local, Bit>,
        outside: Signal<Local, Bit>,
        mine: Signal<Local, Bit>,
        sound: Signal<Local, Bit>,
        holds: Signal<Local, Bit>,
        within: Signal<Local, Bit>,
        permitted: Signal<Local, Bit>,
        granted: Signal<Local, Bit>,
        reason: Signal<Local, Bits<4>>,
        open_mask: Signal<Local, Bits<4>>,
        slot_mask: Signal<Local, Bits<SLOT>>,
        reasons: Reasons,
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        frame_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.frame() - 1).to_bits()),
        /// High while what is known of the access has lost no bit, with `finding`.
        pub intact: Signal<Out, Bit> where integrity,
        /// High when no command was at work while the access was under way.
        pub quiet: Signal<In, Bit> where integrity,
        /// Verdict of the port's fault trail.
        pub trail: TrailSink where integrity,
    }
}

kernel! {
    Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(claim) registers(verdict) {
        self.claim.d.next.valid = self.examined.val().valid;
        self.claim.d.next.proper = self.examined.val().known & self.examined.val().sized;
        self.claim.d.next.reason = self.reasons.no_tenant.val();
        if self.examined.val().known {
            self.claim.d.next.reason = self.reasons.out_of_range.val();
        }
        self.claim.d.next.in_window = self.examined.val().in_window;
        self.claim.d.next.offset = self.examined.val().offset;

        // SEC_CM: LOOKUP.AGREE
        self.mine.next = self.finding.val().mapped & self.finding.val().found & self.finding.val().agreed;
        self.open.next = self.active.val() & self.claim.q.val().valid;
        // SEC_CM: WINDOW.STRICT
        self.outside.next = !self.claim.q.val().in_window
            | (!self.finding.val().mapped & !self.finding.val().found & !self.strict.val());
        self.sound.next = self.open.val()
            & self.claim.q.val().proper
            & self.claim.q.val().in_window
            & self.mine.val();
        self.holds.next =
            self.permit.val().owned & !self.permit.val().below & !self.permit.val().above;
        self.within.next = !self.permit.val().beyond & !self.permit.val().leaves_window;
        self.permitted.next = self.sound.val()
            & self.holds.val()
            & self.permit.val().permitted
            & self.within.val();

        self.slot_mask.next = 0.into();
        if self.sound.val() {
            self.slot_mask.next = !bits::<SLOT>(0);
        }
        self.verdict.d.next.valid = self.claim.q.val().valid;
        self.verdict.d.next.permitted = self.permitted.val();
        self.verdict.d.next.confirmed = self.confirmed.val();
        self.verdict.d.next.slot = bit_cast::<8, SLOT>(self.finding.val().slot & self.slot_mask.val());
        self.verdict.d.next.place = (bit_cast::<ADDRESS, BLOCK>(self.block.val()) << self.granule_bits.val())
            | self.claim.q.val().offset;
        self.verdict.d.next.not_mine = self.open.val()
            & self.claim.q.val().proper
            & self.outside.val();
        self.reason.next = self.reasons.none.val();
        if !self.claim.q.val().proper {
            self.reason.next = self.claim.q.val().reason;
        } else if self.outside.val() {
            self.reason.next = self.reasons.none.val();
        } else if !self.finding.val().found {
            self.reason.next = self.reasons.invalid_partition.val();
        } else if !self.mine.val() | !self.holds.val() {
            self.reason.next = self.reasons.integrity.val();
        } else if !self.permit.val().permitted {
            self.reason.next = self.reasons.permission.val();
        } else if !self.within.val() {
            self.reason.next = self.reasons.out_of_range.val();
        }
        // `NotActive` is zero. A mask and no choice: synthesis would turn a choice of zero into a slow synchronous clear.
        self.open_mask.next = 0.into();
        if self.open.val() {
            self.open_mask.next = !bits::<4>(0);
        }
        self.verdict.d.next.reason = self.reason.val() & self.open_mask.val();

        self.granted.next =
            self.verdict.q.val().valid & self.verdict.q.val().permitted & self.verdict.q.val().confirmed;
        self.response.valid.next = self.verdict.q.val().valid;
        self.response.granted.next = self.granted.val();
        self.response.not_mine.next = self.verdict.q.val().not_mine;
        self.response.reason.next = self.verdict.q.val().reason;
        self.response.slot.next = self.verdict.q.val().slot;
        self.response.physical.next = 0.into();
        if self.granted.val() {
            self.response.physical.next =
                (self.frame_base.val() & !self.frame_mask.val()) | self.verdict.q.val().place;
        } else if self.verdict.q.val().permitted {
            self.response.reason.next = self.reasons.integrity.val();
        }
    }
    // SEC_CM: DATA.PARITY
    when(trail) {
        // The frame is part of the verdict, and under its parity.
        self.verdict.d.next.place = (self.frame_base.val() & !self.frame_mask.val())
            | (bit_cast::<ADDRESS, BLOCK>(self.block.val()) << self.granule_bits.val())
            | self.claim.q.val().offset;
        if self.granted.val() {
            self.response.physical.next = self.verdict.q.val().place;
        }
        // A row that lost its valid bit looks revoked; but while no command runs no page of a revoked row is mapped.
        if self.quiet[0].val() & self.finding.val().mapped & (self.reason.val() == self.reasons.invalid_partition.val()) {
            self.verdict.d.next.reason = self.reasons.integrity.val() & self.open_mask.val();
        }
        self.response.valid.next = self.verdict.q.val().valid | self.trail[0].due.val();
        if self.trail[0].poisoned.val()
            | !self.verdict.intact[0].val()
            | (self.trail[0].due.val() & !self.verdict.q.val().valid)
        {
            self.response.granted.next = false;
            self.response.not_mine.next = false;
            self.response.physical.next = 0.into();
            self.response.reason.next = self.reasons.integrity.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::{Geometry, Reason};

    /// Results of the blocks before Respond for an access at byte 2 of block 3, in a frame that begins at address 16.
    #[derive(Clone, Copy, Debug)]
    struct Case {
        active: bool,
        strict: bool,
        examined: Examined<5, 1, 1>,
        finding: Finding<1>,
        permit: Permit,
        confirmed: bool,
    }

    /// An access that everything agrees to.
    fn good() -> Case {
        let offset = 2u64.into();
        Case {
            active: true,
            strict: false,
            examined: Examined { valid: true, known: true, sized: true, in_window: true, offset, ..Examined::default() },
            finding: Finding { mapped: true, found: true, agreed: true, slot: 1u64.into() },
            permit: Permit { owned: true, permitted: true, ..Permit::default() },
            confirmed: true,
        }
    }

    /// The finding for a shadow entry and the rows that match: the agreement table's columns.
    fn witnesses(mapped: bool, found: bool, agreed: bool) -> Case {
        Case { finding: Finding { mapped, found, agreed, slot: 1u64.into() }, ..good() }
    }

    fn permit(change: impl Fn(&mut Permit)) -> Case {
        let mut case = good();
        change(&mut case.permit);
        case
    }

    fn examined(change: impl Fn(&mut Examined<5, 1, 1>)) -> Case {
        let mut case = good();
        change(&mut case.examined);
        case
    }

    /// Expected response of the translate port.
    #[derive(Debug, PartialEq)]
    enum Said {
        /// Slot and physical address.
        Granted(u128, u128),
        NotMine,
        Denied(Reason),
        Nothing,
    }

    fn said(case: Case) -> Said {
        let mut respond = Respond::<5, 1, 1, 1, 2>::new(&Geometry::preset("tiny").unwrap());
        respond.connect_all();
        respond.frame_base.next = 16u64.into();
        respond.active.next = case.active;
        respond.strict.next = case.strict;
        respond.examined.next = case.examined;
        edge!(respond);
        // The next access follows at once.
        respond.examined.next = Examined::default();
        respond.finding.next = case.finding;
        respond.permit.next = case.permit;
        respond.block.next = 3u64.into();
        respond.confirmed.next = case.confirmed;
        edge!(respond);
        let response = &respond.response;
        let reason = Reason::from_code(u8::try_from(response.reason.val().to_u128()).unwrap());
        let physical = response.physical.val().to_u128();
        match (response.valid.val(), response.granted.val(), response.not_mine.val()) {
            (true, true, false) => Said::Granted(response.slot.val().to_u128(), physical),
            (_, true, _) => panic!("granted, and something else: {case:?}"),
            (valid, false, not_mine) => {
                assert_eq!(physical, 0, "a refused response has address zero: {case:?}");
                match (valid, not_mine) {
                    (false, _) => Said::Nothing,
                    (true, true) => Said::NotMine,
                    (true, false) => Said::Denied(reason.expect("a code of a reason")),
                }
            }
        }
    }

    /// The agreement table of the design: shadow page table and CAM.
    #[test]
    fn the_agreement_table() {
        let check = |name: &str, case: Case, expected: Said| assert_eq!(said(case), expected, "{name}");
        check("not mapped, no match", witnesses(false, false, true), Said::NotMine);
        check("mapped to k, exactly k matches", witnesses(true, true, true), Said::Granted(1, 16 + 14));
        check("mapped, no match", witnesses(true, false, false), Said::Denied(Reason::InvalidPartition));
        check("not mapped, a match", witnesses(false, true, false), Said::Denied(Reason::Integrity));
        check("mapped to k, another matches, or two", witnesses(true, true, false), Said::Denied(Reason::Integrity));
        // Combinations that occur only when a bit of the finding is lost: never a grant.
        check("agreed on nothing that is mapped", witnesses(true, false, true), Said::Denied(Reason::InvalidPartition));
        check("found and agreed, but not mapped", witnesses(false, true, true), Said::Denied(Reason::Integrity));
        check("neither, and not agreed", witnesses(false, false, false), Said::NotMine);
    }

    /// A strict window refuses what no partition has; the rest of the table is the same.
    #[test]
    fn a_strict_window() {
        let check = |name: &str, case: Case, expected: Said| assert_eq!(said(Case { strict: true, ..case }), expected, "{name}");
        check("not mapped, no match", witnesses(false, false, true), Said::Denied(Reason::InvalidPartition));
        check("neither, and not agreed", witnesses(false, false, false), Said::Denied(Reason::InvalidPartition));
        check("mapped to k, exactly k matches", witnesses(true, true, true), Said::Granted(1, 16 + 14));
        check("mapped, no match", witnesses(true, false, false), Said::Denied(Reason::InvalidPartition));
        check("not mapped, a match", witnesses(false, true, false), Said::Denied(Reason::Integrity));
        check("outside the window", examined(|access| access.in_window = false), Said::NotMine);
        let nobody = Case { active: false, ..witnesses(false, false, true) };
        check("closed", nobody, Said::Denied(Reason::NotActive));
    }

    #[test]
    fn the_first_refusal_wins() {
        let check = |name: &str, case: Case, expected: Said| assert_eq!(said(case), expected, "{name}");
        let denied = Said::Denied;
        check("no access", examined(|access| access.valid = false), Said::Nothing);
        check("closed", Case { active: false, ..good() }, denied(Reason::NotActive));
        check(
            "closed, outside",
            Case { active: false, ..examined(|access| access.in_window = false) },
            denied(Reason::NotActive),
        );
        check("no such tenant", examined(|access| access.known = false), denied(Reason::NoTenant));
        check("bad length", examined(|access| access.sized = false), denied(Reason::OutOfRange));
        check("neither", examined(|access| (access.known, access.sized) = (false, false)), denied(Reason::NoTenant));
        check("outside the window", examined(|access| access.in_window = false), Said::NotMine);
        check(
            "outside, bad length",
            examined(|access| (access.in_window, access.sized) = (false, false)),
            denied(Reason::OutOfRange),
        );
        check("another's row", permit(|row| row.owned = false), denied(Reason::Integrity));
        check("below the row", permit(|row| row.below = true), denied(Reason::Integrity));
        check("above the row", permit(|row| row.above = true), denied(Reason::Integrity));
        check("kind not permitted", permit(|row| row.permitted = false), denied(Reason::Permission));
        check("ends beyond the row", permit(|row| row.beyond = true), denied(Reason::OutOfRange));
        check("ends beyond the window", permit(|row| row.leaves_window = true), denied(Reason::OutOfRange));
        check("not permitted, and beyond", permit(|row| (row.permitted, row.beyond) = (false, true)), denied(Reason::Permission));
        check("the recheck refuses", Case { confirmed: false, ..good() }, denied(Reason::Integrity));
    }
}
