//! A step around a ring of entries: which entry comes after this one?
//!
//! ```text
//!   0 --> 1 --> ... --> last --> 0
//! ```

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Moves a pointer to the next entry; combinational.
    pub struct RingStep with places: usize {
        /// Number of an entry.
        pub place: Signal<In, Bits<4>>,
        /// High: the pointer moves on.
        pub moves: Signal<In, Bit>,
        /// Number of the next entry with `moves`, else `place`.
        pub following: Signal<Out, Bits<4>>,
        last: Constant<Bits<4>> = Constant::new((places - 1).to_bits()),
    }
}

kernel! {
    RingStep
    #[hdl_gen]
    fn update(&mut self) {
        self.following.next = self.place.val();
        if self.moves.val() {
            self.following.next = self.place.val() + 1;
            if self.place.val() == self.last.val() {
                self.following.next = 0.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;

    #[test]
    fn a_pointer_goes_around_or_stays() {
        let check = |places: usize, place: u64, moves: bool, expected: u64| {
            let mut step = RingStep::new(places);
            step.connect_all();
            (step.place.next, step.moves.next) = (place.to_bits(), moves);
            settle(&mut step);
            assert_eq!(step.following.val().to_u64(), expected, "{place} of {places}, moves {moves}");
        };
        for places in 2..=16 {
            let last = places as u64 - 1;
            check(places, 0, true, 1);
            check(places, last - 1, true, last);
            check(places, last, true, 0);
            check(places, last, false, last);
            check(places, 0, false, 0);
        }
    }
}
