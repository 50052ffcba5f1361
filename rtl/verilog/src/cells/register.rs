//! A register with a synchronous reset.
//!
//! ```text
//!   d ---->|    |----> q      q changes one clock edge after d
//!   reset->| FF |             reset wins over d, and loads zero
//! ```

use super::cell;
use rust_hdl::prelude::*;

/// Holds one value of any type; zero (the first variant of an enum) at power-up and after reset.
#[derive(Clone, Debug, LogicBlock)]
pub struct Register<T: Synth> {
    /// Rising edge samples `d`.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: loads zero instead of `d`.
    pub reset: Signal<In, Bit>,
    /// The next value.
    pub d: Signal<In, T>,
    /// The value held.
    pub q: Signal<Out, T>,
}

impl<T: Synth> Default for Register<T> {
    fn default() -> Self {
        Self { clock: Signal::default(), reset: Signal::default(), d: Signal::default(), q: Signal::default() }
    }
}

impl<T: Synth> Logic for Register<T> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = if self.reset.val() { T::default() } else { self.d.val() };
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        let width = T::BITS;
        cell(
            &format!("register_{width}"),
            &format!(
                "initial q = {width}'h0;\n\nalways @(posedge clock) begin\n    \
                 if (reset) q <= {width}'h0;\n    else q <= d;\nend\n"
            ),
        )
    }

    fn timing(&self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: "register".into(),
            clock: "clock".into(),
            inputs: vec!["d".into(), "reset".into()],
            outputs: vec!["q".into()],
        }]
    }
}
