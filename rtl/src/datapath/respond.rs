//! Respond: the only driver of `granted`, which is the AND of every verdict.
//!
//! ```text
//!   examined --[edge]--+
//!   finding -----------+
//!   permit ------------+--> first refusal wins --[edge]--+
//!   active ------------+                                 +--> AND --> granted, physical, reason, slot
//!   block, confirmed -----------------------------[edge]--+
//! ```
//!
//! The flow of the decision, from deny to grant:
//!
//! ```text
//!   not active            NotActive
//!   no such tenant        NoTenant
//!   length 0 or too large OutOfRange
//!   outside the window    not mine
//!   shadow  CAM
//!     -      -            not mine
//!     k      -            InvalidPartition
//!     k      k            permission, then extent, then the recheck, then granted
//!     anything else       Integrity
//! ```

use super::{extent::Examined, lookup::Finding, permission::Permit};
use crate::{bus::TranslateResponse, constants::Reasons};
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// The response as registered: the recheck is a comparison of its own and joins last.
    pub struct Verdict<ADDRESS> {
        /// There is one.
        pub valid: Bit,
        /// Nothing but the recheck can still refuse it.
        pub permitted: Bit,
        /// The recheck confirms the physical address.
        pub confirmed: Bit,
        /// The access belongs to the standard MMU.
        pub not_mine: Bit,
        /// Why not; `None` where `permitted`.
        pub reason: Bits<4>,
        /// Which row decided.
        pub slot: Bits<8>,
        /// Where, if it is granted.
        pub physical: Bits<ADDRESS>,
    }
}

/// Combines the verdicts on the translate port.
#[derive(Clone, Debug, LogicBlock)]
pub struct Respond<
    const ADDRESS: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no response.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of the pool's frame.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// The access, one edge before the rest.
    pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
    /// What CAM and shadow page table said.
    pub finding: Signal<In, Finding<SLOT>>,
    /// What the row said.
    pub permit: Signal<In, Permit>,
    /// The block that holds the first byte.
    pub block: Signal<In, Bits<BLOCK>>,
    /// It is the row's.
    pub confirmed: Signal<In, Bit>,
    /// The answer, one edge later.
    pub response: TranslateResponse<ADDRESS>,
    access: Register<Examined<ADDRESS, TENANT, PAGE>>,
    verdict: Register<Verdict<ADDRESS>>,
    mine: Signal<Local, Bit>,
    sound: Signal<Local, Bit>,
    permitted: Signal<Local, Bit>,
    granted: Signal<Local, Bit>,
    reasons: Reasons,
    granule_bits: Constant<Bits<6>>,
}


impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize>
    Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            active: Default::default(),
            frame_base: Default::default(),
            examined: Default::default(),
            finding: Default::default(),
            permit: Default::default(),
            block: Default::default(),
            confirmed: Default::default(),
            response: Default::default(),
            access: Default::default(),
            verdict: Default::default(),
            mine: Default::default(),
            sound: Default::default(),
            permitted: Default::default(),
            granted: Default::default(),
            reasons: Default::default(),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
        }
    }
}

impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(access, verdict) {
            self.access.d.next = self.examined.val();

            // SEC_CM: LOOKUP.AGREE
            self.mine.next = self.finding.val().mapped & self.finding.val().found & self.finding.val().agreed;
            self.sound.next = self.active.val()
                & self.access.q.val().valid
                & self.access.q.val().known
                & self.access.q.val().sized
                & self.access.q.val().in_window
                & self.mine.val();
            self.permitted.next = self.sound.val()
                & self.permit.val().holds
                & self.permit.val().permitted
                & self.permit.val().within;

            self.verdict.d.next.valid = self.access.q.val().valid;
            self.verdict.d.next.permitted = self.permitted.val();
            self.verdict.d.next.confirmed = self.confirmed.val();
            self.verdict.d.next.not_mine = false;
            self.verdict.d.next.slot = 0.into();
            self.verdict.d.next.physical = self.frame_base.val()
                | (bit_cast::<ADDRESS, BLOCK>(self.block.val()) << self.granule_bits.val())
                | self.access.q.val().offset;
            if self.sound.val() {
                self.verdict.d.next.slot = bit_cast::<8, SLOT>(self.finding.val().slot);
            }
            if self.permitted.val() {
                self.verdict.d.next.reason = self.reasons.none.val();
            } else if !self.active.val() {
                self.verdict.d.next.reason = self.reasons.not_active.val();
            } else if !self.access.q.val().known {
                self.verdict.d.next.reason = self.reasons.no_tenant.val();
            } else if !self.access.q.val().sized {
                self.verdict.d.next.reason = self.reasons.out_of_range.val();
            } else if !self.access.q.val().in_window | (!self.finding.val().mapped & !self.finding.val().found) {
                self.verdict.d.next.not_mine = self.access.q.val().valid;
                self.verdict.d.next.reason = self.reasons.none.val();
            } else if !self.finding.val().found {
                self.verdict.d.next.reason = self.reasons.invalid_partition.val();
            } else if !self.mine.val() | !self.permit.val().holds {
                self.verdict.d.next.reason = self.reasons.integrity.val();
            } else if !self.permit.val().permitted {
                self.verdict.d.next.reason = self.reasons.permission.val();
            } else if !self.permit.val().within {
                self.verdict.d.next.reason = self.reasons.out_of_range.val();
            } else {
                self.verdict.d.next.reason = self.reasons.not_active.val();
            }

            self.granted.next =
                self.verdict.q.val().valid & self.verdict.q.val().permitted & self.verdict.q.val().confirmed;
            self.response.valid.next = self.verdict.q.val().valid;
            self.response.granted.next = self.granted.val();
            self.response.not_mine.next = self.verdict.q.val().not_mine;
            self.response.reason.next = self.verdict.q.val().reason;
            self.response.slot.next = self.verdict.q.val().slot;
            self.response.physical.next = 0.into();
            if self.granted.val() {
                self.response.physical.next = self.verdict.q.val().physical;
            } else if self.verdict.q.val().permitted {
                self.response.reason.next = self.reasons.integrity.val();
            }
        }
    }
}
