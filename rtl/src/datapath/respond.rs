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
use crate::{constants::Reasons, ports::TranslateResponse};
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// What can be said of an access before the tables have answered.
    pub struct Claim<ADDRESS> {
        /// There is one.
        pub valid: Bit,
        /// Tenant and length exist.
        pub proper: Bit,
        /// Why not.
        pub reason: Bits<4>,
        /// The first byte lies in the window.
        pub in_window: Bit,
        /// The first byte's place in its granule; the bits above are zero.
        pub offset: Bits<ADDRESS>,
    }
}

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
        /// Where in the pool's frame, if it is granted.
        pub place: Bits<ADDRESS>,
    }
}

/// Combines the verdicts on the translate port.
#[derive(Clone, Debug, LogicBlock)]
pub struct Respond<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no response.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of the pool's frame, a multiple of the frame's size.
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
    claim: Register<Claim<ADDRESS>>,
    verdict: Register<Verdict<ADDRESS>>,
    open: Signal<Local, Bit>,
    outside: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    sound: Signal<Local, Bit>,
    holds: Signal<Local, Bit>,
    within: Signal<Local, Bit>,
    permitted: Signal<Local, Bit>,
    granted: Signal<Local, Bit>,
    reason: Signal<Local, Bits<4>>,
    open_mask: Signal<Local, Bits<4>>,
    slot_mask: Signal<Local, Bits<SLOT>>,
    reasons: Reasons,
    granule_bits: Constant<Bits<6>>,
    frame_mask: Constant<Bits<ADDRESS>>,
    /// With `integrity`: what was claimed is what it was, with `finding`.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: no command has been at work while the access was under way.
    pub quiet: Vec<Signal<In, Bit>>,
    /// With `integrity`: the access that is answered now met a fault, or everything is refused.
    pub poisoned: Vec<Signal<In, Bit>>,
    /// With `integrity`: an answer is due now.
    pub due: Vec<Signal<In, Bit>>,
    _guards: usize,
    /// With `lockstep`: refuse everything.
    pub closed: Vec<Signal<In, Bit>>,
    _locksteps: usize,
}

impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize>
    Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let locksteps = usize::from(geometry.features.lockstep);
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
            claim: Register::guarded(guards),
            verdict: Register::guarded(guards),
            open: Default::default(),
            outside: Default::default(),
            mine: Default::default(),
            sound: Default::default(),
            holds: Default::default(),
            within: Default::default(),
            permitted: Default::default(),
            granted: Default::default(),
            reason: Default::default(),
            open_mask: Default::default(),
            slot_mask: Default::default(),
            reasons: Default::default(),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            frame_mask: Constant::new((geometry.frame() - 1).to_bits()),
            intact: vec![Default::default(); guards],
            quiet: vec![Default::default(); guards],
            poisoned: vec![Default::default(); guards],
            due: vec![Default::default(); guards],
            _guards: guards,
            closed: vec![Default::default(); locksteps],
            _locksteps: locksteps,
        }
    }
}

impl<const ADDRESS: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(claim, verdict) {
            self.claim.d.next.valid = self.examined.val().valid;
            self.claim.d.next.proper = self.examined.val().known & self.examined.val().sized;
            self.claim.d.next.reason = self.reasons.no_tenant.val();
            if self.examined.val().known {
                self.claim.d.next.reason = self.reasons.out_of_range.val();
            }
            self.claim.d.next.in_window = self.examined.val().in_window;
            self.claim.d.next.offset = self.examined.val().offset;

            // SEC_CM: LOOKUP.AGREE
            self.mine.next = self.finding.val().mapped & self.finding.val().found & self.finding.val().agreed;
            self.open.next = self.active.val() & self.claim.q.val().valid;
            self.outside.next =
                !self.claim.q.val().in_window | (!self.finding.val().mapped & !self.finding.val().found);
            self.sound.next = self.open.val()
                & self.claim.q.val().proper
                & self.claim.q.val().in_window
                & self.mine.val();
            self.holds.next =
                self.permit.val().owned & !self.permit.val().below & !self.permit.val().above;
            self.within.next = !self.permit.val().beyond & !self.permit.val().leaves_window;
            self.permitted.next = self.sound.val()
                & self.holds.val()
                & self.permit.val().permitted
                & self.within.val();

            self.slot_mask.next = 0.into();
            if self.sound.val() {
                self.slot_mask.next = !bits::<SLOT>(0);
            }
            self.verdict.d.next.valid = self.claim.q.val().valid;
            self.verdict.d.next.permitted = self.permitted.val();
            self.verdict.d.next.confirmed = self.confirmed.val();
            self.verdict.d.next.slot = bit_cast::<8, SLOT>(self.finding.val().slot & self.slot_mask.val());
            self.verdict.d.next.place = (bit_cast::<ADDRESS, BLOCK>(self.block.val()) << self.granule_bits.val())
                | self.claim.q.val().offset;
            self.verdict.d.next.not_mine = self.open.val()
                & self.claim.q.val().proper
                & self.outside.val();
            self.reason.next = self.reasons.none.val();
            if !self.claim.q.val().proper {
                self.reason.next = self.claim.q.val().reason;
            } else if self.outside.val() {
                self.reason.next = self.reasons.none.val();
            } else if !self.finding.val().found {
                self.reason.next = self.reasons.invalid_partition.val();
            } else if !self.mine.val() | !self.holds.val() {
                self.reason.next = self.reasons.integrity.val();
            } else if !self.permit.val().permitted {
                self.reason.next = self.reasons.permission.val();
            } else if !self.within.val() {
                self.reason.next = self.reasons.out_of_range.val();
            }
            // A row that lost its valid bit looks revoked; but while no command runs no page of a revoked row is mapped.
            for i in 0..self._guards {
                self.intact[i].next = self.claim.intact[i].val();
                // Here the frame is part of the verdict, and under its parity.
                self.verdict.d.next.place = (self.frame_base.val() & !self.frame_mask.val())
                    | (bit_cast::<ADDRESS, BLOCK>(self.block.val()) << self.granule_bits.val())
                    | self.claim.q.val().offset;
                if self.quiet[i].val() & (self.reason.val() == self.reasons.invalid_partition.val()) {
                    self.reason.next = self.reasons.integrity.val();
                }
            }
            // `NotActive` is zero. As a mask and not as a choice: synthesis would turn that into a slow synchronous clear.
            self.open_mask.next = 0.into();
            if self.open.val() {
                self.open_mask.next = !bits::<4>(0);
            }
            self.verdict.d.next.reason = self.reason.val() & self.open_mask.val();

            self.granted.next =
                self.verdict.q.val().valid & self.verdict.q.val().permitted & self.verdict.q.val().confirmed;
            self.response.valid.next = self.verdict.q.val().valid;
            self.response.granted.next = self.granted.val();
            self.response.not_mine.next = self.verdict.q.val().not_mine;
            self.response.reason.next = self.verdict.q.val().reason;
            self.response.slot.next = self.verdict.q.val().slot;
            self.response.physical.next = 0.into();
            if self.granted.val() {
                self.response.physical.next =
                    (self.frame_base.val() & !self.frame_mask.val()) | self.verdict.q.val().place;
            } else if self.verdict.q.val().permitted {
                self.response.reason.next = self.reasons.integrity.val();
            }
            // SEC_CM: DATA.PARITY
            for i in 0..self._guards {
                self.response.valid.next = self.verdict.q.val().valid | self.due[i].val();
                if self.granted.val() {
                    self.response.physical.next = self.verdict.q.val().place;
                }
                if self.poisoned[i].val()
                    | !self.verdict.intact[i].val()
                    | (self.due[i].val() & !self.verdict.q.val().valid)
                {
                    self.response.granted.next = false;
                    self.response.not_mine.next = false;
                    self.response.physical.next = 0.into();
                    self.response.reason.next = self.reasons.integrity.val();
                }
            }
            // SEC_CM: LOCKSTEP.CLOSE
            for i in 0..self._locksteps {
                if self.closed[i].val() {
                    self.response.granted.next = false;
                    self.response.not_mine.next = false;
                    self.response.physical.next = 0.into();
                    self.response.reason.next = self.reasons.integrity.val();
                }
            }
        }
    }
}
