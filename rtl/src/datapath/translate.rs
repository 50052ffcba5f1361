//! Translate: which physical block? One addition, and then the question again: is that block this row's?
//!
//! ```text
//!   page + delta --[edge]--> block --> first_block <= block <= last_block? --> confirmed
//! ```

use super::extent::Examined;
use crate::store::Row;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Adds the row's delta and rechecks the sum against the row's own block.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Translate<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The row.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// The access.
    pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
    /// The granule of the frame that holds the first byte, one edge later.
    pub block: Signal<Out, Bits<BLOCK>>,
    /// It lies in the row's block.
    pub confirmed: Signal<Out, Bit>,
    sum: Register<Bits<BLOCK>>,
    first_block: Register<Bits<BLOCK>>,
    last_block: Register<Bits<BLOCK>>,
    /// With `integrity`: `block` is the sum that was taken.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> Translate<ADDRESS, TENANT, PAGE, BLOCK> {
    /// With the sum guarded, or not. A wrong end of the block denies, or does nothing.
    pub fn guarded(guards: usize) -> Self {
        let sum = Register::guarded(guards);
        Self { sum, intact: vec![Default::default(); guards], _guards: guards, ..Default::default() }
    }
}

impl<const ADDRESS: usize, const TENANT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for Translate<ADDRESS, TENANT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(sum, first_block, last_block) {
            self.sum.d.next = bit_cast::<BLOCK, PAGE>(self.examined.val().page) + self.row.val().delta;
            self.first_block.d.next = self.row.val().first_block;
            self.last_block.d.next = self.row.val().last_block;
            self.block.next = self.sum.q.val();
            for i in 0..self._guards {
                self.intact[i].next = self.sum.intact[i].val();
            }
            // SEC_CM: TRANSLATE.RECHECK
            self.confirmed.next =
                (self.sum.q.val() >= self.first_block.q.val()) & (self.sum.q.val() <= self.last_block.q.val());
        }
    }
}
