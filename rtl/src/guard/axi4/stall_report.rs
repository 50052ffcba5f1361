//! The report of a stall: which tenant did not go on?
//!
//! ```text
//!   the guard's own report --------------------------+--> report: an access of no bytes, which the log refuses
//!   stalls, tenant, address --> kept until reported --'
//!   misled ---------------------^ owed data did not end where their burst ends: reported as malformed
//! ```
//!
//! The report of a stall goes before the guard's own.

use super::question::Question;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Adds reports of stalls to those of a guard. `kind`: the kind of its accesses, 0 read, 1 write.
    pub struct StallReport<ADDRESS> with kind: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: there is nothing to report.
        pub reset: Signal<In, Bit>,
        /// High for one cycle: the guard ends accesses that a master does not go on with.
        pub stalls: Signal<In, Bit>,
        /// Tenant of the access that the master did not go on with; valid with `stalls`.
        pub tenant: Signal<In, Bits<8>>,
        /// Address of that access; valid with `stalls`.
        pub address: Signal<In, Bits<ADDRESS>>,
        /// High for one cycle: data that the master owed did not end where their burst ends.
        pub misled: Signal<In, Bit>,
        /// The guard has a report of its own.
        pub own: Signal<In, Bit>,
        /// Report of the guard; valid with `own`.
        pub own_report: Signal<In, Question<ADDRESS>>,
        /// The guard's report is logged in this cycle.
        pub own_reported: Signal<Out, Bit>,
        /// A report is to be logged.
        pub reports: Signal<Out, Bit>,
        /// Access to log; valid with `reports`.
        pub report: Signal<Out, Question<ADDRESS>>,
        /// The report is logged in this cycle.
        pub reported: Signal<In, Bit>,
        waits: Register<Bit>,
        malformed: Register<Bit>,
        who: Register<Bits<8>>,
        place: Register<Bits<ADDRESS>>,
        kind: Constant<Bits<2>> = Constant::new(kind.to_bits()),
    }
}

kernel! {
    StallReport<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(waits, malformed, who, place) {
        self.reports.next = self.own.val() | self.waits.q.val();
        self.own_reported.next = self.reported.val() & !self.waits.q.val();
        self.report.next = self.own_report.val();
        if self.waits.q.val() {
            self.report.next.tenant = self.who.q.val();
            self.report.next.address = self.place.q.val();
            self.report.next.length = 0.into();
            self.report.next.kind = self.kind.val();
            self.report.next.stalled = !self.malformed.q.val();
            if self.malformed.q.val() {
                self.report.next.kind = 3.into();
            }
            if self.reported.val() {
                self.waits.d.next = false;
            }
        }
        if self.stalls.val() {
            self.waits.d.next = true;
            self.malformed.d.next = false;
            self.who.d.next = self.tenant.val();
            self.place.d.next = self.address.val();
        } else if self.misled.val() {
            self.waits.d.next = true;
            self.malformed.d.next = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    type Report = StallReport<16>;

    /// Tenant, kind, length and `stalled` of what is reported.
    fn said(report: &Report) -> Option<(u64, u64, u64, bool)> {
        let said = report.report.val();
        let numbers = (said.tenant.to_u64(), said.kind.to_u64(), said.length.to_u64(), said.stalled);
        report.reports.val().then_some(numbers)
    }

    /// After a cycle with this stimulus; the guard has a report of tenant 9 when `own`.
    fn after(stalls: bool, misled: bool, own: bool) -> Report {
        let mut report = Report::new(1);
        report.connect_all();
        (report.stalls.next, report.misled.next) = (stalls, misled);
        (report.tenant.next, report.address.next) = (5.into(), 0x1230u64.to_bits());
        report.own.next = own;
        report.own_report.next = Question { tenant: 9.into(), kind: 3.into(), ..Question::default() };
        edge!(report);
        (report.stalls.next, report.misled.next) = (false, false);
        settle(&mut report);
        report
    }

    #[test]
    fn a_stall_is_reported_before_the_guards_own() {
        let check = |stalls: bool, misled: bool, own: bool, expected: Option<(u64, u64, u64, bool)>| {
            assert_eq!(said(&after(stalls, misled, own)), expected, "stalls {stalls}, misled {misled}, own {own}");
        };
        check(false, false, false, None);
        check(false, false, true, Some((9, 3, 0, false)));
        for own in [false, true] {
            check(true, false, own, Some((5, 1, 0, true)));
            check(false, true, own, Some((0, 3, 0, false)));
        }
    }

    #[test]
    fn each_report_is_made_once() {
        let mut report = after(true, false, true);
        report.reported.next = true;
        settle(&mut report);
        assert!(!report.own_reported.val());
        assert_eq!(report.report.val().address.to_u64(), 0x1230);
        edge!(report);
        assert_eq!(said(&report), Some((9, 3, 0, false)));
        assert!(report.own_reported.val());
    }
}
