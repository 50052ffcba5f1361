//! A register slice: cuts every path between the two sides of a stream, and still moves a payload a cycle.
//!
//! ```text
//!   source --ready?--> main --> sink      latency 1 edge; ready is a register: the spare one is empty
//!             '------> spare --'
//! ```

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// A stream of `T`, one edge later.
    pub struct Slice<type T> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the slice is empty.
        pub reset: Signal<In, Bit>,
        /// The source offers `source_payload`; stays high until taken.
        pub source_valid: Signal<In, Bit>,
        /// Payload of the source; valid with `source_valid`.
        pub source_payload: Signal<In, T>,
        /// The slice takes the payload in this cycle if `source_valid`.
        pub source_ready: Signal<Out, Bit>,
        /// The slice offers `sink_payload`; stays high until taken.
        pub sink_valid: Signal<Out, Bit>,
        /// Payload for the sink; valid with `sink_valid`.
        pub sink_payload: Signal<Out, T>,
        /// The sink takes the payload in this cycle.
        pub sink_ready: Signal<In, Bit>,
        main: Register<T>,
        spare: Register<T>,
        full: Register<Bit>,
        overfull: Register<Bit>,
    }
}

kernel! {
    Slice<type T>
    #[hdl_gen]
    fn update(&mut self) registers(main, spare, full, overfull) {
        self.source_ready.next = !self.overfull.q.val();
        self.sink_valid.next = self.full.q.val();
        self.sink_payload.next = self.main.q.val();
        if self.sink_ready.val() | !self.full.q.val() {
            if self.overfull.q.val() {
                self.main.d.next = self.spare.q.val();
                self.overfull.d.next = false;
            } else {
                self.main.d.next = self.source_payload.val();
                self.full.d.next = self.source_valid.val();
            }
        } else if self.source_valid.val() & !self.overfull.q.val() {
            self.spare.d.next = self.source_payload.val();
            self.overfull.d.next = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_loses_nothing_whatever_the_sides_do() {
        let mut slice = Slice::<Bits<8>>::default();
        slice.connect_all();
        check_all(&slice).unwrap();
        let (mut state, mut offered, mut got) = (1u32, 0u64, Vec::new());
        let mut busy = 0;
        for cycle in 0..2000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // The last quarter runs without a pause on either side.
            let (offers, takes) = if cycle >= 1500 { (true, true) } else { (state >> 13 & 1 == 1, state >> 21 & 3 != 0) };
            slice.source_valid.next = offers;
            slice.source_payload.next = offered.into();
            slice.sink_ready.next = takes;
            simulate(&mut slice, 100);
            let ready = slice.source_ready.val();
            if takes && slice.sink_valid.val() {
                got.push(slice.sink_payload.val().to_u64());
                busy += usize::from(cycle >= 1500);
            }
            slice.clock.next = true.into();
            simulate(&mut slice, 100);
            slice.clock.next = false.into();
            simulate(&mut slice, 100);
            if offers && ready {
                offered = (offered + 1) % 256;
            }
        }
        assert_eq!(busy, 500, "one a cycle");
        assert!(got.len() > 900);
        assert!(got.iter().enumerate().all(|(place, value)| *value == place as u64 % 256));
    }
}
