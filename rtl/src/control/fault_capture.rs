//! The fault capture: which denial was the first since software acknowledged the last one?
//!
//! ```text
//!   denials of both ports --[edge, while unclaimed]--> fault    of two in one cycle the translate port's
//! ```

use super::{port_witness::Denial, register_bank::WideRegister};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The captured denial but for its address, as `FAULT_INFO` shows it.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Fault {
    /// High while a denial is held; the other fields then have a meaning.
    pub valid: Bit,
    /// High when the physical port refused the access.
    pub physical: Bit,
    /// Tenant that asked.
    pub tenant: Bits<8>,
    /// Row that the refusal names.
    pub slot: Bits<8>,
    /// Kind of the access: 0 read, 1 write, 2 execute.
    pub kind: Bits<2>,
    /// Code of the `Reason` of the refusal.
    pub reason: Bits<4>,
}

block! {
    /// Holds the first denial until software acknowledges it.
    pub struct FaultCapture<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no fault is held.
        pub reset: Signal<In, Bit>,
        /// Outcome of the translate port in this cycle.
        pub translate: Signal<In, Denial<ADDRESS>>,
        /// Outcome of the physical port in this cycle.
        pub physical: Signal<In, Denial<ADDRESS>>,
        /// High: software acknowledges the fault that is held.
        pub acknowledged: Signal<In, Bit>,
        /// High while the next denial takes the place of `fault`.
        pub unclaimed: Signal<Out, Bit>,
        /// Fault that is held.
        pub fault: Signal<Out, Fault>,
        /// Bits 31:0 of the address of the fault.
        pub address_low: Signal<Out, Bits<32>>,
        /// Bits 63:32 of the address of the fault.
        pub address_high: Signal<Out, Bits<32>>,
        fault_held: Register<Fault>,
        fault_address: WideRegister<ADDRESS>,
        free: Signal<Local, Bit>,
    }
}

kernel! {
    FaultCapture<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(fault_held) blocks(fault_address) {
        self.free.next = !self.fault_held.q.val().valid | self.acknowledged.val();
        self.fault_address.write_low.next = false;
        self.fault_address.write_high.next = false;
        self.fault_address.data.next = 0.into();
        self.fault_address.load.next = self.free.val();
        self.fault_address.loaded.next = self.physical.val().address;
        if self.translate.val().denied {
            self.fault_address.loaded.next = self.translate.val().address;
        }
        // While no fault is held, the capture loads every access that passes: only `valid` waits for a denial.
        if self.free.val() {
            self.fault_held.d.next.valid = self.translate.val().denied | self.physical.val().denied;
            self.fault_held.d.next.physical = true;
            self.fault_held.d.next.tenant = self.physical.val().tenant;
            self.fault_held.d.next.kind = self.physical.val().kind;
            self.fault_held.d.next.slot = self.physical.val().slot;
            self.fault_held.d.next.reason = self.physical.val().reason;
            if self.translate.val().denied {
                self.fault_held.d.next.physical = false;
                self.fault_held.d.next.tenant = self.translate.val().tenant;
                self.fault_held.d.next.kind = self.translate.val().kind;
                self.fault_held.d.next.slot = self.translate.val().slot;
                self.fault_held.d.next.reason = self.translate.val().reason;
            }
        }
        self.unclaimed.next = self.free.val();
        self.fault.next = self.fault_held.q.val();
        self.address_low.next = self.fault_address.low.val();
        self.address_high.next = self.fault_address.high.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Denied on the translate port, denied on the physical port, acknowledged.
    type Cycle = (bool, bool, bool);

    fn denial(denied: bool, slot: u64) -> Denial<40> {
        Denial { denied, slot: slot.to_bits(), address: (slot << 32 | slot).to_bits(), ..Denial::default() }
    }

    /// Valid, physical, slot and address, after cycles of which the number is the slot; 128 is added for the physical port.
    fn held(cycles: &[Cycle]) -> (bool, bool, u64, u64) {
        let mut capture = FaultCapture::<40>::default();
        capture.connect_all();
        for (slot, cycle) in (1u64..).zip(cycles) {
            capture.translate.next = denial(cycle.0, slot);
            capture.physical.next = denial(cycle.1, slot + 128);
            capture.acknowledged.next = cycle.2;
            simulate(&mut capture, 100);
            for level in [true, false] {
                capture.clock.next = level.into();
                simulate(&mut capture, 100);
            }
        }
        let fault = capture.fault.val();
        let address = capture.address_high.val().to_u64() << 32 | capture.address_low.val().to_u64();
        (fault.valid, fault.physical, fault.slot.to_u64(), address)
    }

    #[test]
    fn the_first_denial_stays_until_it_is_acknowledged() {
        let check = |cycles: &[Cycle], expected: Option<(bool, u64)>| {
            let (valid, physical, slot, address) = held(cycles);
            assert_eq!(valid.then_some((physical, slot)), expected, "{cycles:?}");
            assert!(!valid || address == slot << 32 | slot, "{cycles:?}: address {address:x}");
        };
        let (quiet, acknowledged) = ((false, false, false), (false, false, true));
        check(&[quiet], None);
        check(&[(true, false, false)], Some((false, 1)));
        check(&[(false, true, false)], Some((true, 129)));
        check(&[(true, true, false)], Some((false, 1)));
        check(&[quiet, (false, true, false), (true, false, false)], Some((true, 130)));
        check(&[(true, false, false), (false, true, false), quiet], Some((false, 1)));
        check(&[(true, false, false), acknowledged], None);
        check(&[acknowledged, (true, false, false)], Some((false, 2)));
        // A denial in the very cycle of the acknowledgement is the next fault.
        check(&[(true, false, false), (false, true, true)], Some((true, 130)));
        check(&[(true, false, false), acknowledged, (true, false, false)], Some((false, 3)));
    }
}
