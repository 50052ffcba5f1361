//! Decision, physical port: every answer is the one that the datasheet's table gives for the guarded blocks, for any blocks.

use crate::{calm::Calm, flight::Flight, sizes::Sizes};
use pm_rtl::{constants::Reasons, ports::AccessRequest};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Judges the physical port's answers.
    pub struct PhysicalDecision<ADDRESS, LENGTH, BLOCK, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// The gate is open.
        pub active: Signal<In, Bit>,
        /// First byte of the frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// A row is written in this cycle.
        pub table_write_enable: Signal<In, Bit>,
        /// Requests to the physical port.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the physical port: the other fields are meaningful.
        pub physical_response_valid: Signal<In, Bit>,
        /// Response of the physical port: the access is allowed.
        pub physical_response_allowed: Signal<In, Bit>,
        /// Response of the physical port: reason of a refusal.
        pub physical_response_reason: Signal<In, Bits<4>>,
        /// Response of the physical port: number of the row that decided.
        pub physical_response_slot: Signal<In, Bits<8>>,
        /// For each row: no physical access may reach the block of the row.
        pub guarded: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: first granule of the block.
        pub first: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// For each row: last granule of the block.
        pub last: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// The frame lies where the gate lets it lie.
        pub assumed: Signal<Out, Bit>,
        /// The response is the one that the datasheet gives for the tables.
        pub holds: Signal<Out, Bit>,
        flight: Flight<ADDRESS, LENGTH>,
        calm: Calm<ADDRESS>,
        length: Signal<Local, Bits<WIDE>>,
        address: Signal<Local, Bits<WIDE>>,
        last_byte: Signal<Local, Bits<WIDE>>,
        frame: Signal<Local, Bits<WIDE>>,
        block_first: Signal<Local, Bits<BLOCK>>,
        block_last: Signal<Local, Bits<BLOCK>>,
        touches: Signal<Local, Bit>,
        touched: Signal<Local, Bit>,
        touched_slot: Signal<Local, Bits<8>>,
        allowed: Signal<Local, Bit>,
        reason: Signal<Local, Bits<4>>,
        slot: Signal<Local, Bits<8>>,
        reasons: Reasons,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    PhysicalDecision<ADDRESS, LENGTH, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) blocks(flight, calm) {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.flight.request);
        self.calm.written.next = self.table_write_enable.val();
        self.calm.active.next = self.active.val();
        self.calm.strict.next = false;
        self.calm.window_base.next = 0.into();
        self.calm.frame_base.next = self.frame_base.val();

        self.address.next = bit_cast::<WIDE, ADDRESS>(self.flight.arrived.val().address);
        self.length.next = bit_cast::<WIDE, LENGTH>(self.flight.arrived.val().length);
        self.last_byte.next = (self.address.val() + self.length.val()) - 1;
        self.frame.next = bit_cast::<WIDE, ADDRESS>(self.frame_base.val());
        self.touched.next = false;
        self.touched_slot.next = 0.into();
        for i in 0..self.guarded.len() {
            // Frames are aligned, as assumed below: their sums with a block's place have no carries.
            self.block_first.next = self.first[i].val();
            self.block_last.next = self.last[i].val();
            self.touches.next = self.guarded[i].val()
                & (self.last_byte.val()
                    >= (self.frame.val() | (bit_cast::<WIDE, BLOCK>(self.block_first.val()) << self.sizes.granule_bits.val())))
                & (self.address.val()
                    <= (self.frame.val()
                        | (bit_cast::<WIDE, BLOCK>(self.block_last.val()) << self.sizes.granule_bits.val())
                        | self.sizes.granule_less_one.val()));
            if self.touches.val() & !self.touched.val() {
                self.touched_slot.next = i.to_bits::<8>();
            }
            self.touched.next = self.touched.val() | self.touches.val();
        }

        self.allowed.next = false;
        self.reason.next = self.reasons.none.val();
        self.slot.next = 0.into();
        if !self.active.val() {
            self.reason.next = self.reasons.not_active.val();
        } else if self.flight.arrived.val().tenant >= self.sizes.tenants.val() {
            self.reason.next = self.reasons.no_tenant.val();
        } else if (self.length.val() == 0)
            | (self.length.val() > self.sizes.max_length.val())
            | (self.last_byte.val() > self.sizes.last_address.val())
        {
            self.reason.next = self.reasons.out_of_range.val();
        } else if self.touched.val() {
            self.reason.next = self.reasons.isolated.val();
            self.slot.next = self.touched_slot.val();
        } else {
            self.allowed.next = true;
        }

        self.holds.next = true;
        if self.calm.settled.val() {
            self.holds.next = self.physical_response_valid.val() == self.flight.arrived.val().valid;
            if self.flight.arrived.val().valid {
                self.holds.next = self.physical_response_valid.val()
                    & (self.physical_response_allowed.val() == self.allowed.val())
                    & (self.physical_response_reason.val() == self.reason.val())
                    // Without the feature `boot` the gate never closes again: there are no rows behind a closed one.
                    & ((self.physical_response_slot.val() == self.slot.val()) | !self.active.val());
            }
        }
        self.assumed.next = (self.frame.val() & self.sizes.frame_less_one.val()) == 0;
    }
}
