//! Permission: may this kind of access, for its whole length? Asked of the row itself, not of the CAM that found it.
//!
//! ```text
//!   row, examined --> owner, first page, last page, kind --[edge]--> permission
//! ```

use super::extent::Examined;
use crate::store::Row;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// What the row says of the access.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Permit {
    /// The row belongs to this tenant and holds the first page.
    pub holds: Bit,
    /// The row permits this kind of access.
    pub permitted: Bit,
    /// The last byte lies in the row's range.
    pub within: Bit,
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
    kind_permitted: Signal<Local, Bit>,
    outcome: Register<Permit>,
}

impl<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> Logic for Permission<ADDRESS, TENANT, PAGE, BLOCK> {
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
            self.outcome.d.next.holds = (self.row.val().tenant == self.examined.val().tenant)
                & (self.examined.val().page >= self.row.val().first_page)
                & (self.examined.val().page <= self.row.val().last_page);
            self.outcome.d.next.within = (self.examined.val().last_page <= self.row.val().last_page)
                & !self.examined.val().leaves_window;
            self.permit.next = self.outcome.q.val();
        }
    }
}
