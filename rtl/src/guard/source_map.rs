//! The source map of a bus guard: sideband and identifier of the bus on one side, tenants on the other.
//!
//! ```text
//!   register access --> SourceBank --entries--+--> SourceMatch: first source --> its sideband, with the tenant in bits 7:0
//!                                             '--> SourceMatch: second source --> likewise
//! ```

use super::{source_bank::SourceBank, source_match::SourceMatch};
use crate::control::{BankAnswer, RegisterAccess};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// The entries, and the tenant of one source a cycle, or with `both` of two.
    pub struct SourceMap<WIDTH, SIDEBAND> with entries: usize, both: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no entry is valid.
        pub reset: Signal<In, Bit>,
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// High from SEAL to reset: the entries stay.
        pub sealed: Signal<In, Bit>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// Source of an access: the sideband, and above it the identifier.
        pub source: Signal<In, Bits<WIDTH>>,
        /// Sideband of that access with its tenant in bits 7:0, in the same cycle; 255 where no entry, or more than one, names the source.
        pub sideband: Signal<Out, Bits<SIDEBAND>>,
        /// Source of a second access; absent without `both`.
        pub second_source: Vec<Signal<In, Bits<WIDTH>>> = vec![Default::default(); usize::from(both)],
        /// Sideband of the second access, likewise.
        pub second_sideband: Vec<Signal<Out, Bits<SIDEBAND>>> = vec![Default::default(); usize::from(both)],
        bank: SourceBank<WIDTH> = SourceBank::new(entries),
        first: SourceMatch<WIDTH, SIDEBAND> = SourceMatch::new(entries),
        second: Vec<SourceMatch<WIDTH, SIDEBAND>> = vec![SourceMatch::new(entries); usize::from(both)],
    }
}

kernel! {
    SourceMap<WIDTH, SIDEBAND>
    #[hdl_gen]
    fn update(&mut self) blocks(bank) {
        self.bank.access.next = self.access.val();
        self.bank.sealed.next = self.sealed.val();
        self.answer.next = self.bank.answer.val();
        for i in 0..self.bank.entry.len() {
            self.first.entry[i].next = self.bank.entry[i].val();
        }
        self.first.source.next = self.source.val();
        self.sideband.next = self.first.sideband.val();
    }
    when(second) {
        for i in 0..self.bank.entry.len() {
            self.second[0].entry[i].next = self.bank.entry[i].val();
        }
        self.second[0].source.next = self.second_source[0].val();
        self.second_sideband[0].next = self.second[0].sideband.val();
    }
}
