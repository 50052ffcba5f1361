//! PhysicalRespond: may the physical access proceed? The only driver of `allowed`.
//!
//! ```text
//!   placed --[edge]--> claim --+
//!   active --------------------+--> first refusal wins --[edge]--> response
//!   reached, slot -------------+
//! ```
//!
//! The flow of the decision, from deny to allowed:
//!
//! ```text
//!   not active                        NotActive
//!   no such tenant                    NoTenant
//!   length 0, too large, or wraps     OutOfRange
//!   a guarded block is touched        Isolated
//!   anything else                     allowed
//! ```

use super::{fault_trail::TrailSink, place::Placed};
use crate::{constants::Reasons, ports::PhysicalResponse};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Facts about a physical access before the comparators have answered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PhysicalClaim {
    /// High: there is an access; the other fields are valid.
    pub valid: Bit,
    /// High: tenant, length and last byte exist.
    pub proper: Bit,
    /// Reason of the refusal; valid unless `proper`.
    pub reason: Bits<4>,
}

/// The response as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PhysicalVerdict {
    /// High: there is an answer; the other fields are valid.
    pub valid: Bit,
    /// High: the access may proceed.
    pub allowed: Bit,
    /// Reason of the refusal; `None` where `allowed`.
    pub reason: Bits<4>,
}

block! {
    /// Combines the verdicts on the physical port.
    pub struct PhysicalRespond<BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the accesses under way are dropped.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// Access that is answered, one edge before `reached`.
        pub placed: Signal<In, Placed<BLOCK>>,
        /// High when the access touches a guarded block.
        pub reached: Signal<In, Bit>,
        /// Row whose guarded block is touched, with `reached`.
        pub slot: Signal<In, Bits<8>>,
        /// Response of the physical port, one edge after `reached`.
        pub response: PhysicalResponse,
        claim: Register<PhysicalClaim> where guarded,
        verdict: Register<PhysicalVerdict> where guarded,
        // Row that kept an access out. The row's number decides nothing, so the register has no parity.
        keeper: Register<Bits<8>>,
        allowed: Signal<Local, Bit>,
        reason: Signal<Local, Bits<4>>,
        open: Signal<Local, Bits<4>>,
        reasons: Reasons,
        closed: Signal<Local, Bit> where boot,
        /// High while what is known of the access has lost no bit, with `reached`.
        pub intact: Signal<Out, Bit> where integrity,
        /// Verdict of the port's fault trail.
        pub trail: TrailSink where integrity,
    }
}

kernel! {
    PhysicalRespond<BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(claim) registers(verdict, keeper) {
        self.claim.d.next.valid = self.placed.val().valid;
        self.claim.d.next.proper = self.placed.val().known & self.placed.val().sized;
        self.claim.d.next.reason = self.reasons.no_tenant.val();
        if self.placed.val().known {
            self.claim.d.next.reason = self.reasons.out_of_range.val();
        }
        self.allowed.next =
            self.active.val() & self.claim.q.val().valid & self.claim.q.val().proper & !self.reached.val();
        self.verdict.d.next.valid = self.claim.q.val().valid;
        self.verdict.d.next.allowed = self.allowed.val();
        self.keeper.d.next = self.slot.val();
        self.reason.next = self.reasons.none.val();
        if !self.claim.q.val().proper {
            self.reason.next = self.claim.q.val().reason;
        } else if self.reached.val() {
            self.reason.next = self.reasons.isolated.val();
        }
        // `NotActive` is zero.
        self.open.next = 0.into();
        if self.active.val() & self.claim.q.val().valid {
            self.open.next = !bits::<4>(0);
        }
        self.verdict.d.next.reason = self.reason.val() & self.open.val();

        self.response.valid.next = self.verdict.q.val().valid;
        self.response.allowed.next = self.verdict.q.val().allowed;
        self.response.reason.next = self.verdict.q.val().reason;
        self.response.slot.next = self.keeper.q.val();
    }
    // Only a gate that can close again has rows behind it while it is closed.
    when(closed) {
        self.closed[0].next = !self.active.val();
        if self.closed[0].val() {
            self.keeper.d.next = 0.into();
        }
    }
    // SEC_CM: DATA.PARITY
    when(trail) {
        self.response.valid.next = self.verdict.q.val().valid | self.trail[0].due.val();
        if self.trail[0].poisoned.val()
            | !self.verdict.intact[0].val()
            | (self.trail[0].due.val() & !self.verdict.q.val().valid)
        {
            self.response.allowed.next = false;
            self.response.reason.next = self.reasons.integrity.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::{Geometry, Reason};

    /// `None` where there is no answer.
    fn said(active: bool, placed: Placed<2>, reached: bool) -> Option<(bool, Reason, u128)> {
        let mut respond = PhysicalRespond::<2>::new(&Geometry::preset("tiny").unwrap());
        respond.connect_all();
        respond.active.next = active;
        respond.placed.next = placed;
        edge!(respond);
        // The next access follows at once.
        respond.placed.next = Placed::default();
        respond.reached.next = reached;
        respond.slot.next = u64::from(reached).into();
        edge!(respond);
        let response = &respond.response;
        let reason = Reason::from_code(u8::try_from(response.reason.val().to_u128()).unwrap()).expect("a code of a reason");
        response.valid.val().then(|| (response.allowed.val(), reason, response.slot.val().to_u128()))
    }

    #[test]
    fn the_first_refusal_wins() {
        let good = Placed::<2> { valid: true, known: true, asked: true, sized: true, inside: true, ..Placed::default() };
        let check = |name: &str, active: bool, placed: Placed<2>, reached: bool, expected: Option<(bool, Reason, u128)>| {
            assert_eq!(said(active, placed, reached), expected, "{name}");
        };
        check("allowed", true, good, false, Some((true, Reason::None, 0)));
        check("no access", true, Placed::default(), false, None);
        check("closed", false, good, false, Some((false, Reason::NotActive, 0)));
        check("isolated", true, good, true, Some((false, Reason::Isolated, 1)));
        check("no such tenant", true, Placed { known: false, ..good }, false, Some((false, Reason::NoTenant, 0)));
        check("bad length", true, Placed { sized: false, ..good }, false, Some((false, Reason::OutOfRange, 0)));
        check("neither", true, Placed { known: false, sized: false, ..good }, false, Some((false, Reason::NoTenant, 0)));
        check("closed, no such tenant", false, Placed { known: false, ..good }, false, Some((false, Reason::NotActive, 0)));
    }
}
