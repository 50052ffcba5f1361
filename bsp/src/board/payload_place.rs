//! The place of a byte in the payload: to which field of the request does the byte belong?
//!
//! ```text
//!   byte 0: selector    bytes 1 to 4: word    byte 5: mode    bytes 6 to 9: data
//! ```

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Chooses the field for a byte; combinational. At most one output is high.
    pub struct PayloadPlace {
        /// High while bytes of the payload arrive.
        pub arrives: Signal<In, Bit>,
        /// Place of the byte in the payload; 6 for all that belong to the data.
        pub place: Signal<In, Bits<3>>,
        /// High: the byte is the selector.
        pub is_selector: Signal<Out, Bit>,
        /// High: the byte is one of the word.
        pub is_word: Signal<Out, Bit>,
        /// High: the byte is the mode.
        pub is_mode: Signal<Out, Bit>,
        /// High: the byte is one of the data.
        pub is_data: Signal<Out, Bit>,
    }
}

kernel! {
    PayloadPlace
    #[hdl_gen]
    fn update(&mut self) {
        self.is_selector.next = false;
        self.is_word.next = false;
        self.is_mode.next = false;
        self.is_data.next = false;
        if self.arrives.val() {
            if self.place.val() == 0 {
                self.is_selector.next = true;
            } else if self.place.val() <= 4 {
                self.is_word.next = true;
            } else if self.place.val() == 5 {
                self.is_mode.next = true;
            } else {
                self.is_data.next = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_the_payload_has_one_field() {
        // Expected: selector, word, mode, data.
        let check = |arrives: bool, byte: u64, expected: [bool; 4]| {
            let mut place = PayloadPlace::default();
            place.connect_all();
            (place.arrives.next, place.place.next) = (arrives, byte.into());
            assert!(simulate(&mut place, 100), "the block does not settle");
            let found = [place.is_selector.val(), place.is_word.val(), place.is_mode.val(), place.is_data.val()];
            assert_eq!(found, expected, "byte {byte}, arrives {arrives}");
        };
        check(true, 0, [true, false, false, false]);
        for byte in 1..=4 {
            check(true, byte, [false, true, false, false]);
        }
        check(true, 5, [false, false, true, false]);
        check(true, 6, [false, false, false, true]);
        for byte in 0..=6 {
            check(false, byte, [false; 4]);
        }
    }
}
