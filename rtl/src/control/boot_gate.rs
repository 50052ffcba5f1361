//! The boot gate: closed until the configuration has been written whole, checked and frozen.
//!
//! ```text
//!   Clearing --cleared--> Closed --CONTROL=1--> Checking --right--> Active (until reset)
//!                            ^                     |
//!                            +---- Refused <-wrong-+
//! ```
//!
//! The simple form of the gate: software writes the pool and window registers and activates. An authenticated manifest
//! takes the place of those writes later; what is checked and what is frozen stays.

use super::{
    audit::AuditEntry,
    register_bank::{BankAnswer, RegisterAccess, WideRegister},
};
use crate::{constants, constants::Statuses};
use pm_interface::{registers::offset, Event, Geometry};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Mirrors `pm_interface::BootState`.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum BootState {
    /// The shadow page tables are being cleared.
    Clearing,
    /// Waiting for an activation.
    Closed,
    /// Looking at the configuration.
    Checking,
    /// The configuration was refused.
    Refused,
    /// Open.
    Active,
}

constants! {
    /// Offsets of the boot bank.
    pub struct BootOffsets: Bits<8> {
        /// `CONTROL`.
        control = offset::CONTROL / 4,
        /// `POOL_BASE_LO`.
        pool_base_low = offset::POOL_BASE_LO / 4,
        /// `POOL_BASE_HI`.
        pool_base_high = offset::POOL_BASE_HI / 4,
        /// `POOL_SIZE_LO`.
        pool_size_low = offset::POOL_SIZE_LO / 4,
        /// `POOL_SIZE_HI`.
        pool_size_high = offset::POOL_SIZE_HI / 4,
        /// `WINDOW_BASE_LO`.
        window_base_low = offset::WINDOW_BASE_LO / 4,
        /// `WINDOW_BASE_HI`.
        window_base_high = offset::WINDOW_BASE_HI / 4,
        /// `BOOT_STATE`.
        boot_state = offset::BOOT_STATE / 4,
    }
}

/// Configuration registers and the decision to open.
#[derive(Clone, Debug, LogicBlock)]
pub struct BootGate<const ADDRESS: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: closed.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// Its answer.
    pub answer: Signal<Out, BankAnswer>,
    /// The shadow page tables are clear.
    pub cleared: Signal<In, Bit>,
    /// The shadow page tables are to be cleared.
    pub clearing: Signal<Out, Bit>,
    /// Open.
    pub active: Signal<Out, Bit>,
    /// First byte of the window.
    pub window_base: Signal<Out, Bits<ADDRESS>>,
    /// First byte of the pool's frame.
    pub frame_base: Signal<Out, Bits<ADDRESS>>,
    /// First granule of the pool in its frame.
    pub pool_first: Signal<Out, Bits<BLOCK>>,
    /// Last granule of the pool in its frame.
    pub pool_last: Signal<Out, Bits<BLOCK>>,
    /// The log has room for the record.
    pub audit_room: Signal<In, Bit>,
    /// There is a record of an activation.
    pub record_valid: Signal<Out, Bit>,
    /// The record.
    pub record: Signal<Out, AuditEntry<ADDRESS>>,
    /// The log has taken the record.
    pub record_taken: Signal<In, Bit>,
    state: Register<BootState>,
    status: Register<Bits<4>>,
    recording: Register<Bit>,
    size_less_one: Register<Bits<ADDRESS>>,
    last_byte: Register<Bits<ADDRESS>>,
    summed: Register<Bit>,
    examined: Register<Bit>,
    pool_base: WideRegister<ADDRESS>,
    pool_size: WideRegister<ADDRESS>,
    window: WideRegister<ADDRESS>,
    selected: Signal<Local, Bits<64>>,
    data: Signal<Local, Bits<32>>,
    unfrozen: Signal<Local, Bit>,
    writes: Signal<Local, Bit>,
    reads: Signal<Local, Bit>,
    aligned: Signal<Local, Bit>,
    fits: Signal<Local, Bit>,
    state_code: Signal<Local, Bits<3>>,
    shown: Signal<Local, Bits<32>>,
    statuses: Statuses,
    offsets: BootOffsets,
    event: Constant<Bits<4>>,
    granule_bits: Constant<Bits<6>>,
    granule_mask: Constant<Bits<ADDRESS>>,
    window_mask: Constant<Bits<ADDRESS>>,
    frame_mask: Constant<Bits<ADDRESS>>,
    pool_mask: Constant<Bits<ADDRESS>>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: `frame_base` is what was configured.
    pub frame_intact: Vec<Signal<Out, Bit>>,
    pool_end: Vec<Register<Bits<BLOCK>>>,
    end_differs: Vec<Register<Bit>>,
    examinations: Vec<Register<Bits<2>>>,
    misfits: Vec<Register<Bits<2>>>,
    agreed: Vec<Signal<Local, Bit>>,
    disagreed: Vec<Register<Bit>>,
    _reports: usize,
    _guards: usize,
}

impl<const ADDRESS: usize, const BLOCK: usize> BootGate<ADDRESS, BLOCK> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            answer: Default::default(),
            cleared: Default::default(),
            clearing: Default::default(),
            active: Default::default(),
            window_base: Default::default(),
            frame_base: Default::default(),
            pool_first: Default::default(),
            pool_last: Default::default(),
            audit_room: Default::default(),
            record_valid: Default::default(),
            record: Default::default(),
            record_taken: Default::default(),
            state: Register::guarded(guards),
            status: Register::guarded(guards),
            recording: Register::guarded(guards),
            size_less_one: Default::default(),
            last_byte: Default::default(),
            pool_end: vec![Default::default(); guards],
            end_differs: vec![Default::default(); guards],
            examinations: vec![Register::guarded(reports); guards],
            misfits: vec![Register::guarded(reports); guards],
            agreed: vec![Default::default(); guards],
            disagreed: vec![Default::default(); reports],
            _reports: reports,
            summed: Register::guarded(reports),
            examined: Register::guarded(reports),
            pool_base: WideRegister::guarded(guards),
            pool_size: WideRegister::guarded(guards),
            window: WideRegister::guarded(guards),
            selected: Default::default(),
            data: Default::default(),
            unfrozen: Default::default(),
            writes: Default::default(),
            reads: Default::default(),
            aligned: Default::default(),
            fits: Default::default(),
            state_code: Default::default(),
            shown: Default::default(),
            statuses: Default::default(),
            offsets: Default::default(),
            event: Constant::new(Event::Boot.code().to_bits()),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            granule_mask: Constant::new((geometry.granule() - 1).to_bits()),
            window_mask: Constant::new((geometry.window() - 1).to_bits()),
            frame_mask: Constant::new((geometry.frame() - 1).to_bits()),
            pool_mask: Constant::new((geometry.largest_pool() - 1).to_bits()),
            intact: vec![Default::default(); guards],
            frame_intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize, const BLOCK: usize> Logic for BootGate<ADDRESS, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(state, status, recording, size_less_one, last_byte, summed, examined) {
            self.pool_base.clock.next = self.clock.val();
            self.pool_base.reset.next = self.reset.val();
            self.pool_size.clock.next = self.clock.val();
            self.pool_size.reset.next = self.reset.val();
            self.window.clock.next = self.clock.val();
            self.window.reset.next = self.reset.val();

            self.selected.next = self.access.val().selected;
            self.data.next = self.access.val().data;
            self.pool_base.data.next = self.data.val();
            self.pool_size.data.next = self.data.val();
            self.window.data.next = self.data.val();
            self.pool_base.load.next = false;
            self.pool_size.load.next = false;
            self.window.load.next = false;
            self.pool_base.loaded.next = 0.into();
            self.pool_size.loaded.next = 0.into();
            self.window.loaded.next = 0.into();

            self.unfrozen.next = (self.state.q.val() == BootState::Closed) | (self.state.q.val() == BootState::Refused);
            self.writes.next = self.access.val().write & self.unfrozen.val();
            self.reads.next = self.access.val().read;
            self.state_code.next = 0.into();
            match self.state.q.val() {
                BootState::Clearing => { self.state_code.next = 0.into(); }
                BootState::Closed => { self.state_code.next = 1.into(); }
                BootState::Checking => { self.state_code.next = 2.into(); }
                BootState::Refused => { self.state_code.next = 3.into(); }
                BootState::Active => { self.state_code.next = 4.into(); }
                _ => {}
            }

            self.answer.next.accepted = false;
            self.answer.next.data = 0.into();
            self.shown.next = 0.into();
            self.pool_base.write_low.next = false;
            self.pool_base.write_high.next = false;
            self.pool_size.write_low.next = false;
            self.pool_size.write_high.next = false;
            self.window.write_low.next = false;
            self.window.write_high.next = false;
            // At most one register is selected: a union, and no chain of choices.
            if self.selected.val().get_bit(self.offsets.pool_base_low.val().index()) {
                self.pool_base.write_low.next = self.writes.val() & self.access.val().fits_low;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_low);
                self.shown.next = self.shown.val() | self.pool_base.low.val();
            }
            if self.selected.val().get_bit(self.offsets.pool_base_high.val().index()) {
                self.pool_base.write_high.next = self.writes.val() & self.access.val().fits_high;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_high);
                self.shown.next = self.shown.val() | self.pool_base.high.val();
            }
            if self.selected.val().get_bit(self.offsets.pool_size_low.val().index()) {
                self.pool_size.write_low.next = self.writes.val() & self.access.val().fits_low;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_low);
                self.shown.next = self.shown.val() | self.pool_size.low.val();
            }
            if self.selected.val().get_bit(self.offsets.pool_size_high.val().index()) {
                self.pool_size.write_high.next = self.writes.val() & self.access.val().fits_high;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_high);
                self.shown.next = self.shown.val() | self.pool_size.high.val();
            }
            if self.selected.val().get_bit(self.offsets.window_base_low.val().index()) {
                self.window.write_low.next = self.writes.val() & self.access.val().fits_low;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_low);
                self.shown.next = self.shown.val() | self.window.low.val();
            }
            if self.selected.val().get_bit(self.offsets.window_base_high.val().index()) {
                self.window.write_high.next = self.writes.val() & self.access.val().fits_high;
                self.answer.next.accepted = self.reads.val() | (self.writes.val() & self.access.val().fits_high);
                self.shown.next = self.shown.val() | self.window.high.val();
            }
            if self.selected.val().get_bit(self.offsets.boot_state.val().index()) {
                self.answer.next.accepted = self.reads.val();
                self.shown.next = self.shown.val()
                    | bit_cast::<32, 3>(self.state_code.val())
                    | (bit_cast::<32, 4>(self.status.q.val()) << 8);
            }
            if self.selected.val().get_bit(self.offsets.control.val().index()) {
                self.answer.next.accepted = self.unfrozen.val() & self.access.val().writes_one;
            }
            if self.reads.val() {
                self.answer.next.data = self.shown.val();
            }

            // The size less one, then the last byte, then the questions about them: a cycle each.
            self.size_less_one.d.next = self.pool_size.value.val() - 1;
            self.last_byte.d.next = self.pool_base.value.val() + self.size_less_one.q.val();
            self.aligned.next = ((self.pool_base.value.val() & self.granule_mask.val()) == 0)
                & ((self.pool_size.value.val() & self.granule_mask.val()) == 0)
                & ((self.window.value.val() & self.window_mask.val()) == 0);
            self.fits.next = (self.pool_size.value.val() != 0)
                & ((self.size_less_one.q.val() & !self.pool_mask.val()) == 0)
                & ((self.last_byte.q.val() & !self.frame_mask.val())
                    == (self.pool_base.value.val() & !self.frame_mask.val()));

            for i in 0..self._guards {
                self.agreed[i].next = self.examined.q.val()
                    & self.examinations[i].q.val().all()
                    & ((self.fits.val() & !self.misfits[i].q.val().any())
                        | (!self.fits.val() & self.misfits[i].q.val().all()));
            }

            self.summed.d.next = false;
            self.examined.d.next = false;
            match self.state.q.val() {
                BootState::Clearing => {
                    if self.cleared.val() {
                        self.state.d.next = BootState::Closed;
                    }
                }
                BootState::Closed => {
                    if self.selected.val().get_bit(self.offsets.control.val().index()) & self.access.val().writes_one {
                        self.state.d.next = BootState::Checking;
                    }
                }
                BootState::Refused => {
                    if self.selected.val().get_bit(self.offsets.control.val().index()) & self.access.val().writes_one {
                        self.state.d.next = BootState::Checking;
                    }
                }
                BootState::Checking => {
                    self.summed.d.next = true;
                    self.examined.d.next = self.summed.q.val();
                    if self.recording.q.val() {
                        if self.record_taken.val() {
                            self.recording.d.next = false;
                            self.state.d.next = BootState::Refused;
                            if self.status.q.val() == self.statuses.ok.val() {
                                self.state.d.next = BootState::Active;
                            }
                        }
                    } else if self.examined.q.val() {
                        self.recording.d.next = true;
                        self.status.d.next = self.statuses.ok.val();
                        if !self.audit_room.val() {
                            self.recording.d.next = false;
                            self.status.d.next = self.statuses.audit_full.val();
                            self.state.d.next = BootState::Refused;
                        } else if !self.aligned.val() {
                            self.status.d.next = self.statuses.bad_alignment.val();
                        } else if !self.fits.val() {
                            self.status.d.next = self.statuses.bad_size.val();
                        }
                    }
                    // The sums are made anew in every cycle: an answer is believed when it has been the same three times, so
                    // that a bit that was lost in one of them neither opens nor refuses.
                    for i in 0..self._guards {
                        if !self.recording.q.val() & !self.agreed[i].val() {
                            self.recording.d.next = false;
                            self.status.d.next = self.status.q.val();
                            self.state.d.next = BootState::Checking;
                        }
                    }
                }
                BootState::Active => {}
                _ => {
                    self.state.d.next = BootState::Clearing;
                }
            }

            self.record_valid.next = self.recording.q.val();
            self.record.next.event = self.event.val();
            self.record.next.tenant = 0.into();
            self.record.next.slot = 0.into();
            self.record.next.kind = 0.into();
            self.record.next.reason = self.status.q.val();
            self.record.next.address = self.pool_base.value.val();

            self.clearing.next = self.state.q.val() == BootState::Clearing;
            self.active.next = self.state.q.val() == BootState::Active;
            self.window_base.next = self.window.value.val();
            self.frame_base.next = self.pool_base.value.val() & !self.frame_mask.val();
            self.pool_first.next = self.pool_base.value.val().get_bits::<BLOCK>(self.granule_bits.val().index());
            self.pool_last.next = self.last_byte.q.val().get_bits::<BLOCK>(self.granule_bits.val().index());
            // SEC_CM: CONTROL.PARITY
            for i in 0..self._guards {
                self.examinations[i].clock.next = self.clock.val();
                self.examinations[i].reset.next = self.reset.val();
                self.examinations[i].d.next =
                    (self.examinations[i].q.val() << 1) | bit_cast::<2, 1>(self.examined.q.val().into());
                self.misfits[i].clock.next = self.clock.val();
                self.misfits[i].reset.next = self.reset.val();
                self.misfits[i].d.next = (self.misfits[i].q.val() << 1) | bit_cast::<2, 1>((!self.fits.val()).into());
                // Once the configuration is frozen the sum and what was made of it the cycle before are the same.
                self.pool_end[i].clock.next = self.clock.val();
                self.pool_end[i].reset.next = self.reset.val();
                self.pool_end[i].d.next = self.pool_last.val();
                self.end_differs[i].clock.next = self.clock.val();
                self.end_differs[i].reset.next = self.reset.val();
                self.end_differs[i].d.next =
                    (self.state.q.val() == BootState::Active) & (self.pool_end[i].q.val() != self.pool_last.val());
                self.frame_intact[i].next = self.pool_base.intact[i].val();
                self.intact[i].next = self.state.intact[i].val()
                    & self.status.intact[i].val()
                    & self.recording.intact[i].val()
                    & !self.end_differs[i].q.val()
                    & self.pool_base.intact[i].val()
                    & self.pool_size.intact[i].val()
                    & self.window.intact[i].val();
                // With `lockstep` as well three examinations that disagree are a trip: the gate would open late, and nobody be told.
                for j in 0..self._reports {
                    self.disagreed[j].clock.next = self.clock.val();
                    self.disagreed[j].reset.next = self.reset.val();
                    self.disagreed[j].d.next =
                        self.examined.q.val() & self.examinations[i].q.val().all() & !self.agreed[i].val();
                    self.intact[i].next = self.intact[i].val()
                        & !self.disagreed[j].q.val()
                        & self.summed.intact[j].val()
                        & self.examined.intact[j].val()
                        & self.examinations[i].intact[j].val()
                        & self.misfits[i].intact[j].val();
                }
            }
        }
    }
}
