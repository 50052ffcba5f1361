//! Permission: may this kind of access, for its whole length? Asked of the row itself, not of the CAM that found it.
//!
//! ```text
//!   row, examined --> owner, first page, last page, kind --[edge]--> permission
//! ```

use super::extent::Examined;
use crate::store::{LessThan, Row};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// What the row says of the access.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Permit {
    /// The row belongs to this tenant.
    pub owned: Bit,
    /// The first page is below the row's range.
    pub below: Bit,
    /// The first page is above the row's range.
    pub above: Bit,
    /// The row permits this kind of access.
    pub permitted: Bit,
    /// The last byte lies above the row's range.
    pub beyond: Bit,
    /// The last byte lies above the window.
    pub leaves_window: Bit,
}

/// Asks the row that the shadow page table named.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Permission<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing is permitted.
    pub reset: Signal<In, Bit>,
    /// The row.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// The access.
    pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
    /// The verdicts, one edge later.
    pub permit: Signal<Out, Permit>,
    starts_after: LessThan<PAGE>,
    ends_before: LessThan<PAGE>,
    ends_within: LessThan<PAGE>,
    kind_permitted: Signal<Local, Bit>,
    /// With `integrity`: `permit` is what was found.
    pub intact: Vec<Signal<Out, Bit>>,
    outcome: Register<Permit>,
    _guards: usize,
}

impl<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> Permission<ADDRESS, TENANT, PAGE, BLOCK> {
    /// With its register guarded, or not.
    pub fn guarded(guards: usize) -> Self {
        let outcome = Register::guarded(guards);
        Self { outcome, intact: vec![Default::default(); guards], _guards: guards, ..Default::default() }
    }
}

impl<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for Permission<ADDRESS, TENANT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(outcome) {
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
            for i in 0..self._guards {
                self.intact[i].next = self.outcome.intact[i].val();
            }
        }
    }
}
