//! UART transmitter: 8 data bits, least significant first, no parity, one stop bit.
//!
//! ```text
//!   character --> {stop, 8 data bits, start} --shifted right once a bit--> line
//! ```
//!
//! The register holds the complement, so that a cleared register is an idle (high) line.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// `TIMER` bits count the clock cycles of a bit.
    pub struct UartTransmitter<TIMER> with divider: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: breaks off the character under way.
        pub reset: Signal<In, Bit>,
        /// Character to send; valid with `valid`.
        pub character: Signal<In, Bits<8>>,
        /// A character is offered in `character`.
        pub valid: Signal<In, Bit>,
        /// The transmitter takes the character in this cycle if `valid`.
        pub ready: Signal<Out, Bit>,
        /// Pin of the serial line, high while idle.
        pub line: Signal<Out, Bit>,
        elapsed: Register<Bits<TIMER>>,
        unsent: Register<Bits<4>>,
        complement: Register<Bits<9>>,
        last_cycle: Constant<Bits<TIMER>> = Constant::new((divider - 1).into()),
    }
    requires {
        assert!((4..=1 << TIMER).contains(&divider), "UART: a bit of {divider} cycles; use 4 to {}", 1u64 << TIMER);
    }
}

kernel! {
    UartTransmitter<TIMER>
    #[hdl_gen]
    fn update(&mut self) registers(elapsed, unsent, complement) {
        self.ready.next = false;
        self.line.next = !self.complement.q.val().get_bit(0);
        self.elapsed.d.next = self.elapsed.q.val() + 1;
        if self.unsent.q.val() == 0 {
            self.ready.next = true;
            self.elapsed.d.next = 0.into();
            if self.valid.val() {
                // The start bit goes first; the stop bit and idle are the zeros that the shifting brings.
                self.complement.d.next = (bit_cast::<9, 8>(!self.character.val()) << 1) | 1;
                self.unsent.d.next = 10.into();
            }
        } else if self.elapsed.q.val() == self.last_cycle.val() {
            self.elapsed.d.next = 0.into();
            self.complement.d.next = self.complement.q.val() >> 1;
            self.unsent.d.next = self.unsent.q.val() - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::super::UartReceiver;
    use super::*;
    use rust_hdl::prelude::{simulate, Block};

    const DIVIDER: u64 = 40;

    #[derive(Debug, PartialEq)]
    enum Heard {
        Character(u8),
        FramingError,
    }

    fn receiver() -> UartReceiver<7> {
        let mut receiver = UartReceiver::<7>::new(DIVIDER);
        receiver.connect_all();
        check_all(&receiver).unwrap();
        receiver.line.next = true;
        for _ in 0..5 {
            step!(receiver);
        }
        receiver
    }

    /// Plays levels (level, cycles) into the receiver.
    fn play(receiver: &mut UartReceiver<7>, levels: &[(bool, usize)]) -> Vec<Heard> {
        let mut heard = vec![];
        for (level, cycles) in levels {
            for _ in 0..*cycles {
                receiver.line.next = *level;
                step!(*receiver);
                assert!(!(receiver.valid.val() && receiver.framing_error.val()));
                if receiver.valid.val() {
                    heard.push(Heard::Character(receiver.received.val().to_u8()));
                }
                if receiver.framing_error.val() {
                    heard.push(Heard::FramingError);
                }
            }
        }
        heard
    }

    #[test]
    fn loopback_survives_a_wrong_baud_rate() {
        // Transmitter dividers around the receiver's 40: up to 4 % off is heard, 12 % is not.
        for (divider, understood) in [(40, true), (39, true), (41, true), (45, false), (35, false)] {
            let mut transmitter = UartTransmitter::<7>::new(divider);
            transmitter.connect_all();
            check_all(&transmitter).unwrap();
            let mut receiver = receiver();
            simulate(&mut transmitter, 100);
            assert!(transmitter.line.val(), "an idle line is high from the first cycle");
            let sent: Vec<u8> = (0..=255).step_by(3).chain([0x00, 0xFF, 0x55, 0xAA]).collect();
            let mut heard = vec![];
            for character in &sent {
                transmitter.valid.next = true;
                transmitter.character.next = u64::from(*character).into();
                simulate(&mut transmitter, 100);
                assert!(transmitter.ready.val());
                loop {
                    step!(transmitter);
                    transmitter.valid.next = false;
                    heard.extend(play(&mut receiver, &[(transmitter.line.val(), 1)]));
                    if transmitter.ready.val() {
                        break;
                    }
                }
            }
            heard.extend(play(&mut receiver, &[(true, 500)]));
            let expected: Vec<Heard> = sent.iter().map(|character| Heard::Character(*character)).collect();
            assert_eq!(heard == expected, understood, "divider {divider}: {heard:?}");
        }
    }

    #[test]
    fn glitches_breaks_and_missing_stop_bits() {
        let bit = DIVIDER as usize;
        let check = |levels: &[(bool, usize)], expected: &[Heard]| {
            let mut receiver = receiver();
            let mut heard = play(&mut receiver, levels);
            heard.extend(play(&mut receiver, &[(true, 3 * bit)]));
            assert_eq!(heard, expected, "{levels:?}");
            // The receiver takes the next character, whatever came before.
            let character = play(&mut receiver, &[(false, 2 * bit), (true, 8 * bit), (true, bit)]);
            assert_eq!(character, [Heard::Character(0xFE)], "after {levels:?}");
        };
        check(&[(false, bit / 2 - 3)], &[]); // too short for a start bit
        check(&[(false, 9 * bit), (true, bit)], &[Heard::Character(0)]);
        check(&[(false, 10 * bit)], &[Heard::FramingError]);
        check(&[(false, 60 * bit)], &[Heard::FramingError]); // a break is one error
        check(&[(false, 5 * bit), (true, 4 * bit), (false, bit)], &[Heard::FramingError]);
    }
}
