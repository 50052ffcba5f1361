//! One line of the lookup CAM: is this page of this tenant mine?
//!
//! ```text
//!   tenant, page --> = owner, >= first, <= last --[edge]--> AND valid --> matches
//! ```
//!
//! `matches` is one cycle behind `tenant` and `page`; `valid` is not delayed, so a revoked row stops matching at once.
//!
//! A comparison is a carry chain over one operand and the complement of the other. The lower bound is stored as its
//! complement and the upper bound is compared the other way round, so that no inverter is spent per entry.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Range match on {valid, tenant, first page, last page}.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct LookupEntry<const TENANT: usize, const PAGE: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing matches.
    pub reset: Signal<In, Bit>,
    /// Take the new contents at the next edge.
    pub write: Signal<In, Bit>,
    /// New contents: whether the row may match at all.
    pub new_valid: Signal<In, Bit>,
    /// New contents: who owns it.
    pub new_tenant: Signal<In, Bits<TENANT>>,
    /// New contents: its first page.
    pub new_first: Signal<In, Bits<PAGE>>,
    /// New contents: its last page.
    pub new_last: Signal<In, Bits<PAGE>>,
    /// Whose page is looked for.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Which page is looked for.
    pub page: Signal<In, Bits<PAGE>>,
    /// The page of the cycle before is this row's.
    pub matches: Signal<Out, Bit>,
    /// The row is valid now.
    pub live: Signal<Out, Bit>,
    valid: Register<Bit>,
    owner: Register<Bits<TENANT>>,
    floor: Register<Bits<PAGE>>,
    last: Register<Bits<PAGE>>,
    owner_matches: Register<Bit>,
    not_below: Register<Bit>,
    not_above: Register<Bit>,
}

impl<const TENANT: usize, const PAGE: usize> Logic for LookupEntry<TENANT, PAGE> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(valid, owner, floor, last, owner_matches, not_below, not_above) {
            if self.write.val() {
                self.valid.d.next = self.new_valid.val();
                self.owner.d.next = self.new_tenant.val();
                self.floor.d.next = !self.new_first.val();
                self.last.d.next = self.new_last.val();
            }
            self.owner_matches.d.next = self.tenant.val() == self.owner.q.val();
            self.not_below.d.next = self.page.val() >= !self.floor.q.val();
            self.not_above.d.next = self.last.q.val() >= self.page.val();
            self.matches.next = self.valid.q.val()
                & self.owner_matches.q.val()
                & self.not_below.q.val()
                & self.not_above.q.val();
            self.live.next = self.valid.q.val();
        }
    }
}

impl<const TENANT: usize, const PAGE: usize> LookupEntry<TENANT, PAGE> {
    /// Overwrites what the entry matches: fault injection.
    pub fn poke(&mut self, valid: bool, tenant: Bits<TENANT>, first: Bits<PAGE>, last: Bits<PAGE>) {
        self.valid.q.next = valid;
        self.owner.q.next = tenant;
        self.floor.q.next = !first;
        self.last.q.next = last;
    }
}
