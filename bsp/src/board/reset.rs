//! Reset synchroniser: the button and power-up become one clean synchronous reset.
//!
//! ```text
//!   button_n --[FF]--[FF]--> pressed? restart the count : count --> full? --[FF]--[FF]--> reset = not released
//! ```
//!
//! All registers of the synchroniser are zero at power-up, which is the state of a pressed button: the design starts in reset and
//! stays there until the clock has run for `2^STRETCH` cycles. This time is longer than the bouncing of the button.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Holds `reset` for `2^STRETCH` cycles after power-up and after the button was let go.
    pub struct ResetSynchroniser<STRETCH> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Reset button, asynchronous, low while pressed.
        pub button_n: Signal<In, Bit>,
        /// Reset of the design: synchronous, high.
        pub reset: Signal<Out, Bit>,
        first_stage: Register<Bit>,
        second_stage: Register<Bit>,
        waited: Register<Bits<STRETCH>>,
        full: Register<Bit>,
        released: Register<Bit>,
    }
}

kernel! {
    ResetSynchroniser<STRETCH>
    #[hdl_gen]
    fn update(&mut self) clocked(first_stage, second_stage, waited, full, released) {
        // Not `kernel!`: what makes the reset has none itself.
        self.first_stage.reset.next = false;
        self.first_stage.d.next = self.button_n.val();
        self.second_stage.reset.next = false;
        self.second_stage.d.next = self.first_stage.q.val();
        self.waited.reset.next = false;
        self.waited.d.next = 0.into();
        self.full.reset.next = false;
        self.full.d.next = false;
        self.released.reset.next = false;
        self.released.d.next = false;
        self.reset.next = !self.released.q.val();
        if self.second_stage.q.val() {
            self.waited.d.next = self.waited.q.val() + 1;
            self.full.d.next = self.full.q.val() | self.waited.q.val().all();
            self.released.d.next = self.full.q.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;

    /// Cycles until the reset ends.
    fn wait(block: &mut ResetSynchroniser<4>) -> usize {
        for cycles in 0..100 {
            if !block.reset.val() {
                return cycles;
            }
            step!(*block);
        }
        panic!("the reset never ends");
    }

    #[test]
    fn stretches_power_up_and_every_press() {
        let mut block = ResetSynchroniser::<4>::default();
        block.connect_all();
        check_all(&block).unwrap();
        block.button_n.next = true;
        simulate(&mut block, 100);
        assert!(block.reset.val(), "in reset from the first cycle");
        assert_eq!(wait(&mut block), 2 + 15 + 2);
        for pressed in [1, 2, 50] {
            for _ in 0..10 {
                step!(block);
                assert!(!block.reset.val());
            }
            block.button_n.next = false;
            for _ in 0..pressed {
                step!(block);
            }
            block.button_n.next = true;
            for _ in 0..3 {
                step!(block);
            }
            assert!(block.reset.val(), "a press of {pressed} cycles");
            assert!((14..=19).contains(&wait(&mut block)));
        }
        // A bouncing button starts the count again.
        for _ in 0..20 {
            block.button_n.next = false;
            step!(block);
            block.button_n.next = true;
            for _ in 0..10 {
                step!(block);
            }
            assert!(block.reset.val());
        }
        wait(&mut block);
    }
}
