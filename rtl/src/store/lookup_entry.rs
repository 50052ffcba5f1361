//! One line of the lookup CAM: is this page of this tenant mine?
//!
//! ```text
//!   tenant, page --> = owner, >= first, <= last --[edge]--> AND valid --> matched --+
//!   named -----------------------------------------[edge]--------------------------+--> XOR --> differs
//! ```
//!
//! `matched` is one cycle behind `tenant` and `page`; `valid` is not delayed, so a revoked row stops matching at once.
//!
//! The lower bound is stored as its complement, as the comparison wants it, so that no inverter is spent per entry.

use super::LessThan;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Range match on {valid, tenant, first page, last page}.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct LookupEntry<const TENANT: usize, const PAGE: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing matches.
    pub reset: Signal<In, Bit>,
    /// A write in the next cycle is for this entry.
    pub addressed: Signal<In, Bit>,
    /// Take the new contents at the next edge, if the entry was addressed in the cycle before.
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
    /// The shadow page table says that the page is this row's.
    pub named: Signal<In, Bit>,
    /// The page of the cycle before is this row's.
    pub matched: Signal<Out, Bit>,
    /// The shadow page table says otherwise.
    pub differs: Signal<Out, Bit>,
    /// The row is valid now.
    pub live: Signal<Out, Bit>,
    chosen: Register<Bit>,
    valid: Register<Bit>,
    owner: Register<Bits<TENANT>>,
    floor: Register<Bits<PAGE>>,
    last: Register<Bits<PAGE>>,
    owner_matches: Register<Bit>,
    starts_after: LessThan<PAGE>,
    ends_before: LessThan<PAGE>,
    below: Register<Bit>,
    above: Register<Bit>,
    expected: Register<Bit>,
    hit: Signal<Local, Bit>,
    /// With `integrity`: neither the valid bit nor the choice for a write has been lost.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const PAGE: usize> Logic for LookupEntry<TENANT, PAGE> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(chosen, valid, owner, floor, last, owner_matches, below, above, expected) {
            self.chosen.d.next = self.addressed.val();
            if self.write.val() & self.chosen.q.val() {
                self.valid.d.next = self.new_valid.val();
                self.owner.d.next = self.new_tenant.val();
                self.floor.d.next = !self.new_first.val();
                self.last.d.next = self.new_last.val();
            }
            self.owner_matches.d.next = self.tenant.val() == self.owner.q.val();
            self.starts_after.left.next = self.page.val();
            self.starts_after.right.next = !self.floor.q.val();
            self.below.d.next = self.starts_after.holds.val();
            self.ends_before.left.next = self.last.q.val();
            self.ends_before.right.next = self.page.val();
            self.above.d.next = self.ends_before.holds.val();
            self.expected.d.next = self.named.val();
            self.hit.next = self.valid.q.val()
                & self.owner_matches.q.val()
                & !self.below.q.val()
                & !self.above.q.val();
            self.matched.next = self.hit.val();
            self.differs.next = self.hit.val() ^ self.expected.q.val();
            self.live.next = self.valid.q.val();
            for i in 0..self._guards {
                self.intact[i].next = self.chosen.intact[i].val() & self.valid.intact[i].val();
            }
        }
    }
}

impl<const TENANT: usize, const PAGE: usize> LookupEntry<TENANT, PAGE> {
    /// With its flags guarded, or not. Whom and what it matches has a second witness in the shadow page tables.
    pub fn guarded(guards: usize) -> Self {
        Self {
            chosen: Register::guarded(guards),
            valid: Register::guarded(guards),
            intact: vec![Default::default(); guards],
            _guards: guards,
            ..Default::default()
        }
    }

    /// Overwrites what the entry matches: fault injection.
    pub fn poke(&mut self, valid: bool, tenant: Bits<TENANT>, first: Bits<PAGE>, last: Bits<PAGE>) {
        self.valid.q.next = valid;
        self.owner.q.next = tenant;
        self.floor.q.next = !first;
        self.last.q.next = last;
    }
}
