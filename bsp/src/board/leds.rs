//! The LEDs, and the slow tick that comes out of the heartbeat's counter.
//!
//! | LED | lit while |
//! |---|---|
//! | 0 | the Partition Manager is closed |
//! | 1 | it is active |
//! | 2 | it is sealed |
//! | 3 | an alert waits in `IRQ_STATUS` |
//! | 4 to 6 | never |
//! | 7 | heartbeat: on and off for `2^(BEAT - 1)` cycles each |

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Drives the LEDs and the tick from a `BEAT`-bit counter.
    pub struct Leds<BEAT> with tick_bits: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the counter restarts and the LEDs are off.
        pub reset: Signal<In, Bit>,
        /// The Partition Manager is active.
        pub active: Signal<In, Bit>,
        /// The Partition Manager is sealed.
        pub sealed: Signal<In, Bit>,
        /// An alert of the Partition Manager waits in `IRQ_STATUS`.
        pub alert: Signal<In, Bit>,
        /// LEDs of the board, high while lit.
        pub leds: Signal<Out, Bits<8>>,
        /// High for one cycle in every `2^tick_bits`.
        pub tick: Signal<Out, Bit>,
        count: Register<Bits<BEAT>>,
        phase: Register<Bit>,
        shown: Register<Bits<8>>,
        state_leds: Signal<Local, Bits<8>>,
        alert_led: Signal<Local, Bits<8>>,
        beat_led: Signal<Local, Bits<8>>,
        tick_bits: Constant<Bits<8>> = Constant::new((tick_bits as u64).into()),
        beat_bit: Constant<Bits<8>> = Constant::new((BEAT as u64 - 1).into()),
    }
    requires {
        assert!(tick_bits < BEAT, "LEDs: a tick every 2^{tick_bits} cycles from a counter of {BEAT} bits");
    }
}

kernel! {
    Leds<BEAT>
    #[hdl_gen]
    fn update(&mut self) registers(count, phase, shown) {
        self.count.d.next = self.count.q.val() + 1;
        self.phase.d.next = self.count.q.val().get_bit(self.tick_bits.val().index());
        self.tick.next = self.count.q.val().get_bit(self.tick_bits.val().index()) ^ self.phase.q.val();
        self.state_leds.next = 0x01.into();
        if self.active.val() {
            self.state_leds.next = 0x02.into();
            if self.sealed.val() {
                self.state_leds.next = 0x06.into();
            }
        }
        self.alert_led.next = 0.into();
        if self.alert.val() {
            self.alert_led.next = 0x08.into();
        }
        self.beat_led.next = 0.into();
        if self.count.q.val().get_bit(self.beat_bit.val().index()) {
            self.beat_led.next = 0x80.into();
        }
        self.shown.d.next = self.state_leds.val() | (self.alert_led.val() | self.beat_led.val());
        self.leds.next = self.shown.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;

    fn new() -> Leds<6> {
        let mut block = Leds::<6>::new(3);
        block.connect_all();
        check_all(&block).unwrap();
        block
    }

    #[test]
    fn shows_each_state() {
        let check = |(active, sealed, alert), expected: u64| {
            let mut block = new();
            block.active.next = active;
            block.sealed.next = sealed;
            block.alert.next = alert;
            step!(block);
            step!(block);
            assert_eq!(block.leds.val().to_u64() & 0x7F, expected, "active {active} sealed {sealed} alert {alert}");
        };
        check((false, false, false), 0x01);
        check((true, false, false), 0x02);
        check((true, true, false), 0x06);
        check((false, true, false), 0x01); // closed is closed
        check((false, false, true), 0x09);
        check((true, false, true), 0x0A);
        check((true, true, true), 0x0E);
    }

    #[test]
    fn beats_and_ticks() {
        let mut block = new();
        let (mut ticks, mut lit) = (0, 0);
        for _ in 0..64 * 4 {
            step!(block);
            ticks += usize::from(block.tick.val());
            lit += usize::from(block.leds.val().get_bit(7));
        }
        assert_eq!(ticks, 64 * 4 / 8);
        assert_eq!(lit, 64 * 4 / 2);
    }
}
