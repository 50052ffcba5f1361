//! The boot gate: closed until the configuration has been written whole, checked and frozen.
//!
//! ```text
//!   Clearing --cleared--> Closed --CONTROL=1--> Checking --right--> Active (until reset)
//!                            ^                     |
//!                            +---- Refused <-wrong-+
//! ```
//!
//! [`GateRegisters`] answers the register accesses, [`GateJudge`] says whether the configuration is right. This block holds the
//! registers, and decides when the gate opens.
//!
//! Software writes the pool and window registers and activates. With the feature `boot` the manifest loader does, after it
//! authenticated a manifest; the gate checks and freezes the same.

use super::{
    audit::AuditEntry,
    boot_state::BootState,
    gate_judge::GateJudge,
    gate_registers::GateRegisters,
    register_bank::{BankAnswer, RegisterAccess, WideRegister},
    tenant_windows::{TenantWindows, WindowPort},
};
use crate::constants::Statuses;
use pm_interface::{registers::offset, Event, Windows};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The bits of `WINDOW_BASE` in [`RegisterAccess::selected`].
const WINDOW_REGISTERS: u64 = 1 << (offset::WINDOW_BASE_LO / 4) | 1 << (offset::WINDOW_BASE_HI / 4);

block! {
    /// Configuration registers and the decision to open.
    pub struct BootGate<ADDRESS, BLOCK> for geometry, built_strict: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the gate closes, and the configuration is zero.
        pub reset: Signal<In, Bit>,
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// Answer of this bank, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High once the shadow page tables are clear.
        pub cleared: Signal<In, Bit>,
        /// High while the shadow page tables are to be cleared.
        pub clearing: Signal<Out, Bit>,
        /// High while the gate is open, until reset.
        pub active: Signal<Out, Bit>,
        /// High: the window is strict; steady while `active`.
        pub strict: Signal<Out, Bit>,
        /// First byte of the window; steady while `active`.
        pub window_base: Signal<Out, Bits<ADDRESS>>,
        /// First byte of the pool's frame; steady while `active`.
        pub frame_base: Signal<Out, Bits<ADDRESS>>,
        /// First granule of the pool in its frame; steady while `active`.
        pub pool_first: Signal<Out, Bits<BLOCK>>,
        /// Last granule of the pool in its frame; steady while `active`.
        pub pool_last: Signal<Out, Bits<BLOCK>>,
        /// High while the log has room for the record of an activation.
        pub audit_room: Signal<In, Bit>,
        /// High while the record of an activation waits for the log.
        pub record_valid: Signal<Out, Bit>,
        /// Record of the activation; valid with `record_valid`.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        /// High: the log takes the record at this edge.
        pub record_taken: Signal<In, Bit>,
        state: Register<BootState> where guarded,
        status: Register<Bits<4>> where guarded,
        strict_held: Register<Bit> where guarded,
        recording: Register<Bit> where guarded,
        size_less_one: Register<Bits<ADDRESS>>,
        last_byte: Register<Bits<ADDRESS>>,
        summed: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        examined: Register<Bit> = Register::guarded(usize::from(geometry.features.reports_twice())),
        pool_base: WideRegister<ADDRESS> = WideRegister::guarded(usize::from(geometry.features.integrity)),
        pool_size: WideRegister<ADDRESS> = WideRegister::guarded(usize::from(geometry.features.integrity)),
        window: WideRegister<ADDRESS> = WideRegister::guarded(usize::from(geometry.features.integrity)),
        gate_registers: GateRegisters = GateRegisters::new(built_strict),
        gate_judge: GateJudge<ADDRESS> = GateJudge::new(geometry),
        statuses: Statuses,
        event: Constant<Bits<4>> = Constant::new(Event::Boot.code().to_bits()),
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        frame_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.frame() - 1).to_bits()),
        /// High while no register of the configuration and of the gate's state has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High while `frame_base` is what was configured.
        pub frame_intact: Signal<Out, Bit> where integrity,
        pool_end: Register<Bits<BLOCK>> where integrity,
        end_differs: Register<Bit> where integrity,
        examinations: Register<Bits<2>> where integrity = Register::guarded(usize::from(geometry.features.reports_twice())),
        misfits: Register<Bits<2>> where integrity = Register::guarded(usize::from(geometry.features.reports_twice())),
        agreed: Signal<Local, Bit> where integrity,
        disagreed: Register<Bit> where reports,
        /// With windows per tenant: the other tenants' windows. `window_base` is that of tenant 0 then.
        pub windows: WindowPort<ADDRESS> where per_tenant,
        /// Base of the window that the second data path is to compare with, an edge before that data path admits the access.
        pub twin_base: Vec<Signal<Out, Bits<ADDRESS>>> = vec![Default::default(); geometry.twin_windows()],
        windows_intact: Vec<Signal<Local, Bit>> =
            vec![Default::default(); usize::from(geometry.features.integrity && geometry.windows == Windows::PerTenant)],
        tenant_windows: TenantWindows<ADDRESS> where per_tenant = TenantWindows::new(geometry),
        window_registers: Constant<Bits<64>> where per_tenant = Constant::new(WINDOW_REGISTERS.to_bits()),
    }
}

kernel! {
    BootGate<ADDRESS, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(state, status, strict_held, recording) registers(size_less_one, last_byte, summed, examined)
        blocks(pool_base, pool_size, window) intact(pool_base, pool_size, window)
    {
        self.gate_registers.access.next = self.access.val();
        self.gate_registers.state.next = self.state.q.val();
        self.gate_registers.status.next = self.status.q.val();
        self.gate_registers.strict.next = self.strict_held.q.val();
        self.strict.next = self.strict_held.q.val();
        self.gate_registers.pool_base.next.low = self.pool_base.low.val();
        self.gate_registers.pool_base.next.high = self.pool_base.high.val();
        self.gate_registers.pool_size.next.low = self.pool_size.low.val();
        self.gate_registers.pool_size.next.high = self.pool_size.high.val();
        self.gate_registers.window.next.low = self.window.low.val();
        self.gate_registers.window.next.high = self.window.high.val();
        self.answer.next = self.gate_registers.answer.val();
        self.pool_base.write_low.next = self.gate_registers.pool_base_writes.val().low;
        self.pool_base.write_high.next = self.gate_registers.pool_base_writes.val().high;
        self.pool_base.data.next = self.access.val().data;
        self.pool_base.load.next = false;
        self.pool_base.loaded.next = 0.into();
        self.pool_size.write_low.next = self.gate_registers.pool_size_writes.val().low;
        self.pool_size.write_high.next = self.gate_registers.pool_size_writes.val().high;
        self.pool_size.data.next = self.access.val().data;
        self.pool_size.load.next = false;
        self.pool_size.loaded.next = 0.into();
        self.window.write_low.next = self.gate_registers.window_writes.val().low;
        self.window.write_high.next = self.gate_registers.window_writes.val().high;
        self.window.data.next = self.access.val().data;
        self.window.load.next = false;
        self.window.loaded.next = 0.into();

        // The size less one, then the last byte, then the questions about them: a cycle each.
        self.size_less_one.d.next = self.pool_size.value.val() - 1;
        self.last_byte.d.next = self.pool_base.value.val() + self.size_less_one.q.val();
        self.gate_judge.pool_base.next = self.pool_base.value.val();
        self.gate_judge.pool_size.next = self.pool_size.value.val();
        self.gate_judge.size_less_one.next = self.size_less_one.q.val();
        self.gate_judge.last_byte.next = self.last_byte.q.val();
        self.gate_judge.window.next = self.window.value.val();
        self.gate_judge.audit_room.next = self.audit_room.val();

        self.summed.d.next = false;
        self.examined.d.next = false;
        match self.state.q.val() {
            BootState::Clearing => {
                if self.cleared.val() {
                    self.state.d.next = BootState::Closed;
                }
            }
            BootState::Closed => {
                if self.gate_registers.activates.val() {
                    self.strict_held.d.next = self.gate_registers.activates_strict.val();
                    self.state.d.next = BootState::Checking;
                }
            }
            BootState::Refused => {
                if self.gate_registers.activates.val() {
                    self.strict_held.d.next = self.gate_registers.activates_strict.val();
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
                    self.status.d.next = self.gate_judge.status.val();
                    if !self.audit_room.val() {
                        self.recording.d.next = false;
                        self.state.d.next = BootState::Refused;
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
    }
    // The sums are computed again in every cycle. The gate accepts an examination when its result was the same three times, so
    // that a bit that was lost in one of the sums neither opens nor refuses.
    when(agreed) registers(examinations, misfits) {
        self.examinations[0].d.next =
            (self.examinations[0].q.val() << 1) | bit_cast::<2, 1>(self.examined.q.val().into());
        self.misfits[0].d.next = (self.misfits[0].q.val() << 1) | bit_cast::<2, 1>((!self.gate_judge.fits.val()).into());
        self.agreed[0].next = self.examined.q.val()
            & self.examinations[0].q.val().all()
            & ((self.gate_judge.fits.val() & !self.misfits[0].q.val().any())
                | (!self.gate_judge.fits.val() & self.misfits[0].q.val().all()));
        if (self.state.q.val() == BootState::Checking) & !self.recording.q.val() & !self.agreed[0].val() {
            self.recording.d.next = false;
            self.status.d.next = self.status.q.val();
            self.state.d.next = BootState::Checking;
        }
    }
    // SEC_CM: CONTROL.PARITY
    // Once the configuration is frozen the sum and what was made of it the cycle before are the same.
    when(pool_end) registers(pool_end, end_differs) {
        self.pool_end[0].d.next = self.pool_last.val();
        self.end_differs[0].d.next =
            (self.state.q.val() == BootState::Active) & (self.pool_end[0].q.val() != self.pool_last.val());
        self.frame_intact[0].next = self.pool_base.intact[0].val();
        self.intact[0].next = self.intact[0].val() & !self.end_differs[0].q.val();
    }
    // With `lockstep` three examinations that disagree are a trip as well: the gate would open late, with no report.
    when(disagreed) registers(disagreed) also_intact(summed, examined) {
        self.disagreed[0].d.next =
            self.examined.q.val() & self.examinations[0].q.val().all() & !self.agreed[0].val();
        self.intact[0].next = self.intact[0].val()
            & self.examinations[0].intact[0].val()
            & self.misfits[0].intact[0].val()
            & !self.disagreed[0].q.val();
    }
    // Windows per tenant: `window` is that of tenant 0, and CMD_TENANT says whose WINDOW_BASE is.
    when(tenant_windows) blocks(tenant_windows) {
        WindowPort::<ADDRESS>::link(&mut self.windows[0], &mut self.tenant_windows[0].port);
        self.tenant_windows[0].first.next = self.window.value.val();
        self.tenant_windows[0].writes.next = self.gate_registers.window_writes.val();
        self.tenant_windows[0].data.next = self.access.val().data;
        self.gate_registers.window.next.low = self.tenant_windows[0].low.val();
        self.gate_registers.window.next.high = self.tenant_windows[0].high.val();
        // A tenant that does not exist has no such registers.
        if !self.tenant_windows[0].known.val() {
            self.gate_registers.access.next.selected = self.access.val().selected & !self.window_registers[0].val();
        }
        self.window.write_low.next =
            self.gate_registers.window_writes.val().low & self.tenant_windows[0].names_first.val();
        self.window.write_high.next =
            self.gate_registers.window_writes.val().high & self.tenant_windows[0].names_first.val();
        self.gate_judge.window.next = self.tenant_windows[0].any_base.val();
    }
    when(twin_base) {
        self.twin_base[0].next = self.tenant_windows[0].twin_base[0].val();
    }
    when(windows_intact) {
        self.windows_intact[0].next = self.tenant_windows[0].intact[0].val();
        self.intact[0].next = self.intact[0].val() & self.windows_intact[0].val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::{Geometry, Status};

    /// Frames of 16 bytes, granules of 4, windows of 8.
    type Small = BootGate<5, 2>;

    fn write(gate: &mut Small, register: u8, data: u64) -> bool {
        gate.access.next = RegisterAccess {
            write: true,
            selected: (1u64 << (register / 4)).into(),
            data: data.into(),
            writes_one: data == 1,
            activates: matches!(data, 1 | 3 | 5),
            fits_low: data < 32,
            fits_high: data == 0,
            ..RegisterAccess::default()
        };
        simulate(gate, 100);
        let accepted = gate.answer.val().accepted;
        tick!(*gate);
        gate.access.next = RegisterAccess::default();
        accepted
    }

    fn gate(geometry: &str) -> Small {
        let mut gate = Small::new(&Geometry::preset(geometry).unwrap(), false);
        gate.connect_all();
        gate.audit_room.next = true;
        gate.record_taken.next = true;
        gate.cleared.next = true;
        tick!(gate);
        gate
    }

    /// Writes a pool and a window and activates: the gate's status, and whether it opened.
    #[track_caller]
    fn check(stimulus: fn(&mut Small), [base, size, window]: [u64; 3], expected: Status) {
        for geometry in ["tiny", "tiny+integrity", "tiny+integrity+lockstep"] {
            let mut gate = gate(geometry);
            stimulus(&mut gate);
            for (register, data) in [(offset::POOL_BASE_LO, base), (offset::POOL_SIZE_LO, size), (offset::WINDOW_BASE_LO, window)]
            {
                assert!(write(&mut gate, register, data));
            }
            assert!(write(&mut gate, offset::CONTROL, 1));
            for _ in 0..12 {
                tick!(gate);
            }
            let status = gate.record.val().reason.to_u64();
            assert_eq!(status, u64::from(expected.code()), "{geometry}: pool {base} + {size}, window {window}");
            assert_eq!(gate.active.val(), expected == Status::Ok, "{geometry}");
            // After a refusal the registers may be written again; behind an open gate the registers are frozen.
            assert_eq!(write(&mut gate, offset::POOL_BASE_LO, 0), expected != Status::Ok, "{geometry}");
        }
    }

    #[test]
    fn which_configuration_opens() {
        let fine = |_: &mut Small| {};
        check(fine, [0, 16, 16], Status::Ok);
        check(fine, [20, 8, 8], Status::Ok);
        check(fine, [28, 4, 0], Status::Ok);
        check(fine, [2, 8, 0], Status::BadAlignment);
        check(fine, [0, 6, 0], Status::BadAlignment);
        check(fine, [0, 8, 4], Status::BadAlignment);
        check(fine, [0, 0, 0], Status::BadSize);
        check(fine, [0, 20, 0], Status::BadSize);
        // A pool that leaves its frame, or the addresses.
        check(fine, [8, 12, 0], Status::BadSize);
        check(fine, [28, 8, 0], Status::BadSize);
        check(|gate| gate.audit_room.next = false, [0, 16, 16], Status::AuditFull);
    }

    #[test]
    fn nothing_is_written_before_the_shadow_page_tables_are_clear() {
        let mut gate = Small::new(&Geometry::preset("tiny").unwrap(), false);
        gate.connect_all();
        for _ in 0..4 {
            assert!(!write(&mut gate, offset::POOL_SIZE_LO, 8));
            assert!(!write(&mut gate, offset::CONTROL, 1));
            assert!(gate.clearing.val() && !gate.active.val());
        }
    }

    #[test]
    fn what_a_gate_tells_of_an_open_pool() {
        let check = |[base, size, window]: [u64; 3], expected: [u64; 4]| {
            let mut gate = gate("tiny");
            for (register, data) in [(offset::POOL_BASE_LO, base), (offset::POOL_SIZE_LO, size), (offset::WINDOW_BASE_LO, window)]
            {
                write(&mut gate, register, data);
            }
            write(&mut gate, offset::CONTROL, 1);
            for _ in 0..6 {
                tick!(gate);
            }
            assert!(gate.active.val());
            let (first, last) = (gate.pool_first.val().to_u64(), gate.pool_last.val().to_u64());
            assert_eq!([gate.frame_base.val().to_u64(), first, last, gate.window_base.val().to_u64()], expected);
        };
        check([0, 16, 16], [0, 0, 3, 16]);
        check([20, 8, 8], [16, 1, 2, 8]);
    }
}
