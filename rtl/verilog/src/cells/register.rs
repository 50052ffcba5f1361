//! A register with a synchronous reset.
//!
//! ```text
//!   d ---->|    |----> q      q changes one clock edge after d
//!   reset->| FF |             reset wins over d, and loads zero
//!          |    |----> intact of a guarded one: q has the parity of the d that was sampled
//! ```

use super::activity::{Activity, Clocked};
use super::cell;
use crate::sleeper;
use rust_hdl::prelude::*;

/// Holds one value of any type; zero (the first variant of an enum) at power-up and after reset.
///
/// A guarded one keeps the parity of `d` beside it, of each four bits, so that no tree of sums stands behind `d`, and says in
/// every cycle whether `q` still has it: one flipped bit, of
/// the value or of the parity, is seen in the same cycle. It is the complement that is stored: the parity of a single bit
/// would be the bit itself, and synthesis makes one flip-flop of two that are alike. Nor has the parity a value at power-up,
/// where flip-flops begin with zero: synthesis would store the complement's complement. A reset gives it one.
#[derive(Clone, Debug)]
pub struct Register<T: Synth> {
    /// Rising edge samples `d`.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: loads zero instead of `d`.
    pub reset: Signal<In, Bit>,
    /// The next value.
    pub d: Signal<In, T>,
    /// The value held.
    pub q: Signal<Out, T>,
    /// Of a guarded register one: `q` has the parity that it was given.
    pub intact: Vec<Signal<Out, Bit>>,
    _parity: bool,
    _seen: T,
    _seen_parity: bool,
    _activity: Activity,
}

sleeper!(cell [<T: Synth>] Register<T> { clock, reset, d, q, intact });

impl<T: Synth> Default for Register<T> {
    fn default() -> Self {
        Self::guarded(0)
    }
}

impl<T: Synth> Register<T> {
    /// With one guard, or none.
    pub fn guarded(guards: usize) -> Self {
        assert!(guards <= 1, "a register has one guard at most");
        Self {
            clock: Signal::default(),
            reset: Signal::default(),
            d: Signal::default(),
            q: Signal::default(),
            intact: vec![Signal::default(); guards],
            _parity: false,
            _seen: T::default(),
            _seen_parity: false,
            _activity: Activity::default(),
        }
    }
}

impl<T: Synth> Register<T> {
    /// The parity of a value, computed only when it is another value than the last.
    fn parity_of(&mut self, value: T) -> bool {
        if value != self._seen {
            self._seen = value;
            self._seen_parity = parity(value);
        }
        self._seen_parity
    }
}

/// Bits of a guarded register that share a parity bit: what a LUT takes.
const GUARDED_TOGETHER: usize = 4;

/// Whether an odd number of bits is set.
pub(super) fn parity<T: Synth>(value: T) -> bool {
    let text = format!("{:x}", value.verilog());
    let digits = text.split_once("'h").map_or("", |(_, digits)| digits);
    digits.chars().filter_map(|digit| digit.to_digit(16)).map(u32::count_ones).sum::<u32>() % 2 == 1
}

impl<T: Synth> Clocked for Register<T> {
    fn rises(&self) -> bool {
        self.clock.pos_edge()
    }

    fn sample(&mut self) {
        self.q.next = if self.reset.val() { T::default() } else { self.d.val() };
        if !self.intact.is_empty() {
            self._parity = self.parity_of(self.q.next);
        }
    }

    fn show(&mut self) {
        if !self.intact.is_empty() {
            self.intact[0].next = self.parity_of(self.q.next) == self._parity;
        }
    }
}

impl<T: Synth> Logic for Register<T> {
    fn update(&mut self) {
        if self.rises() {
            self.sample();
        }
        self.show();
    }

    fn connect(&mut self) {
        self.q.connect();
        self.intact.iter_mut().for_each(|intact| intact.connect());
    }

    fn hdl(&self) -> Verilog {
        let width = T::BITS;
        if self.intact.is_empty() {
            return cell(
                &format!("register_{width}"),
                &format!(
                    "initial q = {width}'h0;\n\nalways @(posedge clock) begin\n    \
                     if (reset) q <= {width}'h0;\n    else q <= d;\nend\n"
                ),
            );
        }
        let groups = width.div_ceil(GUARDED_TOGETHER);
        let (declared, made, odd) = match groups {
            1 => ("reg parity".to_string(), "~^d".to_string(), "parity".to_string()),
            _ => {
                let group = |index: usize| {
                    let (low, end) = (index * GUARDED_TOGETHER, width.min((index + 1) * GUARDED_TOGETHER));
                    if end - low == 1 {
                        format!("~d[{low}]")
                    } else {
                        format!("~^d[{}:{low}]", end - 1)
                    }
                };
                let made: Vec<String> = (0..groups).rev().map(group).collect();
                (format!("reg [{}:0] parity", groups - 1), format!("{{{}}}", made.join(", ")), "(^parity)".to_string())
            }
        };
        // The complements of an even number of parities have the parity of the value itself.
        let relation = if groups % 2 == 1 { "!=" } else { "==" };
        cell(
            &format!("register_{width}_guarded"),
            &format!(
                "{declared};\ninitial q = {width}'h0;\n`ifndef SYNTHESIS\ninitial parity = {{{groups}{{1'b1}}}};\n`endif\n\n\
                 always @(posedge clock) begin\n    \
                 if (reset) q <= {width}'h0;\n    else q <= d;\n    \
                 if (reset) parity <= {{{groups}{{1'b1}}}};\n    else parity <= {made};\nend\n\n\
                 always @(*) intact_0 = (^q) {relation} {odd};\n"
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
