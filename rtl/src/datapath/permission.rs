//! Permission: may this kind of access, for its whole length? Asked of the row itself, not of the CAM that found it.
//!
//! ```text
//!   row, examined --> owner, first page, last page, kind --[edge]--> permission
//! ```

use super::extent::Examined;
use crate::store::{LessThan, Row};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Rights that the row gives to the access.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Permit {
    /// High: the row belongs to the tenant of the access.
    pub owned: Bit,
    /// High: the first page of the access lies below the row's range.
    pub below: Bit,
    /// High: the first page of the access lies above the row's range.
    pub above: Bit,
    /// High: the row permits this kind of access.
    pub permitted: Bit,
    /// High: the last byte of the access lies above the row's range.
    pub beyond: Bit,
    /// High: the last byte of the access lies above the window.
    pub leaves_window: Bit,
}

block! {
    /// Asks the row that the shadow page table named.
    pub struct Permission<ADDRESS, TENANT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access is permitted.
        pub reset: Signal<In, Bit>,
        /// Row that the shadow page table named, in every cycle.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Access that is asked about, in the same cycle as `row`.
        pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
        /// Rights that the row gives to the access, one edge later.
        pub permit: Signal<Out, Permit>,
        starts_after: LessThan<PAGE>,
        ends_before: LessThan<PAGE>,
        ends_within: LessThan<PAGE>,
        kind_permitted: Signal<Local, Bit>,
        outcome: Register<Permit> where guarded,
        /// High while `permit` has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Permission<ADDRESS, TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(outcome) {
        self.kind_permitted.next = false;
        if self.examined.val().kind == 0 {
            self.kind_permitted.next = self.row.val().read;
        } else if self.examined.val().kind == 1 {
            self.kind_permitted.next = self.row.val().write;
        } else if self.examined.val().kind == 2 {
            self.kind_permitted.next = self.row.val().execute;
        }
        self.outcome.d.next.permitted = self.kind_permitted.val();
        self.outcome.d.next.owned = self.row.val().tenant == self.examined.val().tenant;
        self.starts_after.left.next = self.examined.val().page;
        self.starts_after.right.next = self.row.val().first_page;
        self.outcome.d.next.below = self.starts_after.holds.val();
        self.ends_before.left.next = self.row.val().last_page;
        self.ends_before.right.next = self.examined.val().page;
        self.outcome.d.next.above = self.ends_before.holds.val();
        self.ends_within.left.next = self.row.val().last_page;
        self.ends_within.right.next = self.examined.val().last_page;
        self.outcome.d.next.beyond = self.ends_within.holds.val();
        self.outcome.d.next.leaves_window = self.examined.val().leaves_window;
        self.permit.next = self.outcome.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    /// Read, write and execute of a row of tenant 1 from page 2 to page 5.
    fn row(rights: (bool, bool, bool)) -> Row<2, 3, 3> {
        Row {
            tenant: 1u64.into(),
            first_page: 2u64.into(),
            last_page: 5u64.into(),
            read: rights.0,
            write: rights.1,
            execute: rights.2,
            ..Row::default()
        }
    }

    fn permit(rights: (bool, bool, bool), tenant: u64, kind: u64, pages: (u64, u64), leaves_window: bool) -> Permit {
        let mut permission = Permission::<8, 2, 3, 3>::new(&Geometry::preset("tiny").unwrap());
        permission.connect_all();
        permission.row.next = row(rights);
        permission.examined.next = Examined {
            valid: true,
            tenant: tenant.into(),
            kind: kind.into(),
            page: pages.0.into(),
            last_page: pages.1.into(),
            leaves_window,
            ..Examined::default()
        };
        edge!(permission);
        permission.permit.val()
    }

    #[test]
    fn a_kind_needs_its_own_right() {
        let check = |rights, expected: [bool; 4]| {
            let said = [0, 1, 2, 3].map(|kind| permit(rights, 1, kind, (2, 2), false).permitted);
            assert_eq!(said, expected, "{rights:?}");
        };
        check((false, false, false), [false, false, false, false]);
        check((true, false, false), [true, false, false, false]);
        check((false, true, false), [false, true, false, false]);
        check((false, false, true), [false, false, true, false]);
        // No row permits kind 3.
        check((true, true, true), [true, true, true, false]);
    }

    #[test]
    fn the_range_and_the_owner_are_the_rows() {
        let all = (true, true, true);
        let good = Permit { owned: true, permitted: true, ..Permit::default() };
        let check = |tenant: u64, pages: (u64, u64), leaves: bool, expected: Permit| {
            assert_eq!(permit(all, tenant, 0, pages, leaves), expected, "{tenant} {pages:?} {leaves}");
        };
        check(1, (2, 2), false, good);
        check(1, (5, 5), false, good);
        check(1, (2, 5), false, good);
        check(0, (2, 2), false, Permit { owned: false, ..good });
        check(3, (2, 2), false, Permit { owned: false, ..good });
        check(1, (1, 2), false, Permit { below: true, ..good });
        check(1, (5, 6), false, Permit { beyond: true, ..good });
        check(1, (6, 6), false, Permit { above: true, beyond: true, ..good });
        // The last page wrapped with the window: only `leaves_window` tells.
        check(1, (5, 0), true, Permit { leaves_window: true, ..good });
    }
}
