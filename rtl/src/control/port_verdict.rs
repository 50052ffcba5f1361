//! The verdict of a port: was this access refused, and does the refusal raise the critical alert?
//!
//! ```text
//!   valid, passed, not_mine, reason --> denied --(a critical reason?)--> alarming
//!   alarm: a block that is no port asks for the alert -------------------'
//! ```

use pm_interface::Reason;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Outcome of one access on one port.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PortOutcome {
    /// High when the port granted or allowed the access.
    pub passed: Bit,
    /// High when the port left the access to the standard MMU.
    pub not_mine: Bit,
    /// High when the port refused the access.
    pub denied: Bit,
    /// High when the outcome raises the critical alert.
    pub alarming: Bit,
    /// Code of the `Reason` of the refusal.
    pub reason: Bits<4>,
    /// Row that the refusal names.
    pub slot: Bits<8>,
}

block! {
    /// Sorts the response of one port. `critical_reason` is the reason that raises the alert. With one of `guards` the port hears
    /// of accesses that a bus guard had to end.
    pub struct PortVerdict for geometry, critical_reason: Reason, guards: usize {
        /// High while the port responds.
        pub valid: Signal<In, Bit>,
        /// High when the response grants or allows the access.
        pub passed: Signal<In, Bit>,
        /// High when the response leaves the access to the standard MMU.
        pub not_mine: Signal<In, Bit>,
        /// Code of the response's `Reason`.
        pub reason: Signal<In, Bits<4>>,
        /// Row that the response names.
        pub slot: Signal<In, Bits<8>>,
        /// High: a block that is no port asks for the critical alert.
        pub alarm: Signal<In, Bit>,
        /// Outcome of the access whose response is due in this cycle.
        pub outcome: Signal<Out, PortOutcome>,
        /// High: the response is to an access that the bus guard had to end.
        pub stalled: Vec<Signal<In, Bit>> = vec![Default::default(); guards],
        denied: Signal<Local, Bit>,
        ended: Vec<Constant<Bits<4>>> = vec![Constant::new(Reason::Stalled.code().to_bits()); guards],
        critical: Constant<Bits<4>> = Constant::new(critical_reason.code().to_bits()),
        integrity: Constant<Bits<4>> where integrity = Constant::new(Reason::Integrity.code().to_bits()),
    }
}

kernel! {
    PortVerdict
    #[hdl_gen]
    fn update(&mut self) {
        self.denied.next = self.valid.val() & !self.passed.val() & !self.not_mine.val();
        self.outcome.next.passed = self.passed.val();
        self.outcome.next.not_mine = self.not_mine.val();
        self.outcome.next.denied = self.denied.val();
        self.outcome.next.alarming = (self.denied.val() & (self.reason.val() == self.critical.val())) | self.alarm.val();
        self.outcome.next.reason = self.reason.val();
        self.outcome.next.slot = self.slot.val();
    }
    // A refusal for want of agreement keeps its reason.
    when(stalled) {
        if self.stalled[0].val() & self.denied.val() & (self.reason.val() != self.critical.val()) {
            self.outcome.next.reason = self.ended[0].val();
        }
    }
    when(integrity) {
        if self.denied.val() & (self.reason.val() == self.integrity[0].val()) {
            self.outcome.next.alarming = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// Valid, passed, not mine, reason, alarm.
    type Response = (bool, bool, bool, Reason, bool);

    fn outcome(geometry: &str, critical: Reason, response: Response) -> (bool, bool) {
        let geometry = Geometry::preset(geometry).unwrap();
        let mut verdict = PortVerdict::new(&geometry, critical, 0);
        verdict.connect_all();
        verdict.valid.next = response.0;
        verdict.passed.next = response.1;
        verdict.not_mine.next = response.2;
        verdict.reason.next = response.3.code().to_bits();
        verdict.alarm.next = response.4;
        simulate(&mut verdict, 100);
        (verdict.outcome.val().denied, verdict.outcome.val().alarming)
    }

    #[test]
    fn an_access_that_the_guard_ended_is_refused_as_stalled() {
        let check = |valid: bool, stalled: bool, reason: Reason, expected: Reason| {
            let mut verdict = PortVerdict::new(&Geometry::preset("tiny").unwrap(), Reason::Integrity, 1);
            verdict.connect_all();
            (verdict.valid.next, verdict.stalled[0].next) = (valid, stalled);
            verdict.reason.next = reason.code().to_bits();
            simulate(&mut verdict, 100);
            let outcome = verdict.outcome.val();
            let found = (outcome.denied, outcome.alarming, outcome.reason.to_u64());
            let alarming = valid && reason == Reason::Integrity;
            assert_eq!(found, (valid, alarming, expected.code().into()), "{valid} {stalled} {reason:?}");
        };
        check(true, false, Reason::OutOfRange, Reason::OutOfRange);
        check(true, true, Reason::OutOfRange, Reason::Stalled);
        check(true, true, Reason::NoTenant, Reason::Stalled);
        check(true, true, Reason::Integrity, Reason::Integrity);
        check(false, true, Reason::OutOfRange, Reason::OutOfRange);
    }

    #[test]
    fn a_refusal_is_denied_and_a_critical_one_alarms() {
        use Reason::{Integrity, Isolated, None, Permission};
        let check = |geometry: &str, critical: Reason, response: Response, expected: (bool, bool)| {
            assert_eq!(outcome(geometry, critical, response), expected, "{geometry} {critical:?} {response:?}");
        };
        for (geometry, critical) in [("tiny", Integrity), ("tiny", Isolated), ("tiny+integrity", Isolated)] {
            check(geometry, critical, (false, false, false, critical, false), (false, false));
            check(geometry, critical, (true, true, false, None, false), (false, false));
            check(geometry, critical, (true, false, true, None, false), (false, false));
            check(geometry, critical, (true, false, false, Permission, false), (true, false));
            check(geometry, critical, (true, false, false, critical, false), (true, true));
            // Beside a grant no reason alarms.
            check(geometry, critical, (true, true, false, critical, false), (false, false));
            check(geometry, critical, (false, false, false, None, true), (false, true));
            check(geometry, critical, (true, true, false, None, true), (false, true));
        }
        // With `integrity` a physical access can meet a word that is not what was written.
        check("tiny", Isolated, (true, false, false, Integrity, false), (true, false));
        check("tiny+integrity", Isolated, (true, false, false, Integrity, false), (true, true));
        check("tiny+integrity", Integrity, (true, false, false, Isolated, false), (true, false));
    }
}
