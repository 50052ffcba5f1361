//! Calm: have tables and gate been the same for a whole flight? An access that met two states may be judged by either.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Counts the cycles since tables, gate or bases last changed.
    pub struct Calm<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// The tables are written.
        pub written: Signal<In, Bit>,
        /// The gate is open.
        pub active: Signal<In, Bit>,
        /// The window is strict.
        pub strict: Signal<In, Bit>,
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Tables, gate and bases have not changed for longer than an access takes.
        pub settled: Signal<Out, Bit>,
        changes: Signal<Local, Bit>,
        was_active: Register<Bit>,
        was_strict: Register<Bit>,
        window_was: Register<Bits<ADDRESS>>,
        frame_was: Register<Bits<ADDRESS>>,
        cycles: Register<Bits<3>>,
    }
}

kernel! {
    Calm<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(was_active, was_strict, window_was, frame_was, cycles) {
        self.was_active.d.next = self.active.val();
        self.was_strict.d.next = self.strict.val();
        self.window_was.d.next = self.window_base.val();
        self.frame_was.d.next = self.frame_base.val();
        if !self.cycles.q.val().all() {
            self.cycles.d.next = self.cycles.q.val() + 1;
        }
        self.changes.next = self.written.val()
            | (self.active.val() ^ self.was_active.q.val())
            | (self.strict.val() ^ self.was_strict.q.val())
            | (self.window_base.val() != self.window_was.q.val())
            | (self.frame_base.val() != self.frame_was.q.val());
        if self.changes.val() {
            self.cycles.d.next = 0.into();
        }
        self.settled.next = !self.changes.val() & (self.cycles.q.val() >= 5);
    }
}
