//! The shared permutation: whose turn is it?
//!
//! ```text
//!   chain ----> request, granted --+
//!                                  +--> Owner: Nobody, Digest, Manifest
//!   manifest -> request, granted --+
//!       |
//!       +-- OR of both --> Permutation
//! ```
//!
//! The user that asks first has the permutation until it is done, and the other waits. If both ask at once the chain wins, which
//! needs the permutation for [`super::RECORD_CYCLES`] once its words are there. When one user is done and the other waits, the
//! waiting user is next, so that neither user can hold up the other by asking again.
//!
//! A grant takes one edge. The block must never grant both users: each user drives zeros without the grant, and so the two share
//! wires through an OR.

use super::{Permutation, PermutationUser};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// User that has the permutation.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum Owner {
    /// No user.
    Nobody,
    /// The chain of digests.
    Digest,
    /// The manifest's tag.
    Manifest,
}

block! {
    /// The permutation and its arbiter. With `integrity` and `lockstep` the register of the arbiter is guarded.
    pub struct SharedPermutation for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no user has the permutation, and its state is zero.
        pub reset: Signal<In, Bit>,
        /// Port of the chain of digests.
        pub chain: PermutationUser,
        /// Port of the manifest's tag.
        pub manifest: PermutationUser,
        owner: Register<Owner> = Register::guarded(usize::from(geometry.features.reports_twice())),
        ascon: Permutation,
        /// High while `owner` has lost no bit.
        pub intact: Signal<Out, Bit> where reports,
    }
}

kernel! {
    SharedPermutation
    #[hdl_gen]
    fn update(&mut self) guarded(owner) blocks(ascon) {
        self.ascon.clear.next = self.chain.clear.val() | self.manifest.clear.val();
        self.ascon.shift.next = self.chain.shift.val() | self.manifest.shift.val();
        self.ascon.data.next = self.chain.data.val() | self.manifest.data.val();
        self.ascon.run.next = self.chain.run.val() | self.manifest.run.val();
        self.ascon.eight_rounds.next = self.chain.eight_rounds.val() | self.manifest.eight_rounds.val();
        self.chain.granted.next = self.owner.q.val() == Owner::Digest;
        self.chain.busy.next = self.ascon.busy.val();
        self.chain.step.next = self.ascon.step.val();
        self.chain.word.next = self.ascon.word.val();
        self.manifest.granted.next = self.owner.q.val() == Owner::Manifest;
        self.manifest.busy.next = self.ascon.busy.val();
        self.manifest.step.next = self.ascon.step.val();
        self.manifest.word.next = self.ascon.word.val();

        // The owner keeps the permutation while it asks; then the other is first.
        match self.owner.q.val() {
            Owner::Digest => {
                if !self.chain.request.val() {
                    self.owner.d.next = Owner::Nobody;
                    if self.manifest.request.val() {
                        self.owner.d.next = Owner::Manifest;
                    }
                }
            }
            Owner::Manifest => {
                if !self.manifest.request.val() {
                    self.owner.d.next = Owner::Nobody;
                    if self.chain.request.val() {
                        self.owner.d.next = Owner::Digest;
                    }
                }
            }
            _ => {
                self.owner.d.next = Owner::Nobody;
                if self.chain.request.val() {
                    self.owner.d.next = Owner::Digest;
                } else if self.manifest.request.val() {
                    self.owner.d.next = Owner::Manifest;
                }
            }
        }
    }
}
