//! Names of modules, the fields of records, and the time scale: what lets an emitted text stand beside others in one design.

use crate::structure::Bank;
use crate::support::{connected, have_icarus, icarus};
use pm_verilog::names::modules;
use pm_verilog::{bundle, emit, EmitError, EmitOptions};
use rust_hdl::prelude::*;
use std::collections::BTreeSet;

fn bank(options: EmitOptions) -> Result<String, EmitError> {
    emit(&connected::<Bank>(), &options)
}

fn named(top: &str, prefix: &str) -> EmitOptions {
    EmitOptions { top: top.into(), prefix: prefix.into(), ..EmitOptions::default() }
}

#[test]
fn every_module_but_the_top_has_the_prefix() {
    for options in [EmitOptions::default(), named("bank", "pm_"), named("bank", "x7_"), named("re", "re")] {
        let text = bank(options.clone()).unwrap();
        let names: Vec<&str> = modules(&text).collect();
        let (top, inner) = names.split_last().unwrap();
        assert_eq!(*top, options.top);
        assert!(inner.len() > 4 && inner.iter().all(|name| name.starts_with(&options.prefix)), "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}

#[test]
fn no_module_takes_the_name_of_the_top_or_of_what_is_written_around_it() {
    let options = EmitOptions { around: Some("pm_last".into()), ..named("pm_counters", "pm_") };
    let text = bank(options).unwrap();
    assert!(text.starts_with("// pm_last: generated"), "{text}");
    let names: Vec<&str> = modules(&text).collect();
    assert_eq!(names.iter().filter(|name| **name == "pm_counters").count(), 1, "{names:?}");
    assert!(!names.contains(&"pm_last"), "{names:?}");
}

#[test]
fn what_is_no_name_is_refused() {
    for word in ["", "module", "logic", "7up", "a-b", "a b", "a$b", "a.b", "a\n", "ä", "a;b"] {
        for options in
            [named(word, "pm_"), named("bank", word), EmitOptions { around: Some(word.into()), ..EmitOptions::default() }]
        {
            let error = bank(options.clone()).unwrap_err();
            assert!(error.what.contains("not a") && error.advice.contains("identifier"), "{options:?}: {error}");
        }
    }
    let error = bank(EmitOptions { around: Some("bank".into()), ..named("bank", "pm_") }).unwrap_err();
    assert!(error.what.contains("module around"), "{error}");
}

#[test]
fn two_texts_of_different_names_elaborate_together() {
    if !have_icarus() {
        return;
    }
    let texts = |one, other| format!("{}{}module bench;\nendmodule\n", bank(one).unwrap(), bank(other).unwrap());
    icarus(&texts(named("a", "a_"), named("b", "b_"))).unwrap();
    // The check can fail.
    let refusal = icarus(&texts(named("a", "a_"), named("b", "a_"))).unwrap_err();
    assert!(refusal.contains("a_register_4"), "{refusal}");
}

bundle! {
    /// A place and what is there.
    pub struct Inner<WIDTH> {
        /// Where.
        pub place: Bits<WIDTH>,
        /// Whether.
        pub valid: Bit,
    }
}

bundle! {
    /// A record with another inside.
    pub struct Outer<WIDTH> {
        /// The lowest bits.
        pub low: Bits<WIDTH>,
        /// The record inside.
        pub inner: Inner<5>,
        /// The highest bit.
        pub last: Bit,
    }
}

bundle! {
    /// The same width under other names.
    pub struct Other<WIDTH> {
        /// The lowest bits.
        pub low: Bits<WIDTH>,
        /// The others.
        pub high: Bit,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum Mode {
    Off,
    Slow,
    Fast,
}

/// A record as rust-hdl makes it, with a code in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
struct Moded {
    low: Bits<3>,
    mode: Mode,
}

block! {
    Fields {
        a: Signal<In, Outer<3>>, plain: Signal<In, Bits<10>>, mode: Signal<In, Mode>, moded: Signal<In, Moded>,
        out: Signal<Out, Outer<3>>, again: Signal<Out, Outer<3>>, twice: Signal<Out, Bits<10>>, code: Signal<Out, Moded>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val();
        self.out.next.last = self.a.val().low.get_bit(0);
        self.again.next = self.out.val();
        self.twice.next = self.plain.val() + self.plain.val();
        if self.mode.val() == Mode::Off {
            self.twice.next = self.plain.val();
        } else if self.mode.val() == Mode::Slow {
            self.twice.next = self.plain.val() + 1;
        } else if self.mode.val() == Mode::Fast {
            self.twice.next = self.plain.val() + 2;
        }
        self.code.next = self.moded.val();
    }
}

const FIELDS: &str = " // last[9] inner.valid[8] inner.place[7:3] low[2:0]";

#[test]
fn the_declaration_of_a_record_carries_its_fields() {
    let text = emit(&connected::<Fields>(), &EmitOptions::default()).unwrap();
    let moded = " // mode[4:3] low[2:0]";
    for (declaration, fields) in [
        ("input  wire [9:0] a,", FIELDS),
        ("input  wire [9:0] plain,", ""),
        ("input  wire [1:0] mode,", ""),
        ("input  wire [4:0] moded,", moded),
        ("output reg  [9:0] out,", FIELDS),
        ("output wire [9:0] again,", FIELDS),
        ("output reg  [9:0] twice,", ""),
        ("output wire [4:0] code", moded),
        ("reg [9:0] out_draft;", FIELDS),
        ("reg [9:0] twice_draft;", ""),
    ] {
        assert!(text.lines().any(|line| line.trim() == format!("{declaration}{fields}")), "{declaration}{fields}\n{text}");
    }
    let ports = pm_verilog::ports(&text, "partition_manager");
    let found: Vec<(&str, usize)> = ports.iter().map(|port| (port.name.as_str(), port.width)).collect();
    let widths = [("a", 10), ("plain", 10), ("mode", 2), ("moded", 5), ("out", 10), ("again", 10), ("twice", 10), ("code", 5)];
    assert_eq!(found, widths);
}

#[derive(LogicBlock)]
struct Pass<T: Synth> {
    a: Signal<In, T>,
    out: Signal<Out, T>,
}

impl<T: Synth> Default for Pass<T> {
    fn default() -> Self {
        Self { a: Default::default(), out: Default::default() }
    }
}

impl<T: Synth> Logic for Pass<T> {
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val();
    }
}

block! {
    Both {
        a: Signal<In, Outer<3>>, b: Signal<In, Other<9>>, c: Signal<In, Bits<10>>,
        x: Signal<Out, Outer<3>>, y: Signal<Out, Other<9>>, z: Signal<Out, Bits<10>>,
        first: Pass<Outer<3>>, second: Pass<Other<9>>, third: Pass<Bits<10>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.first.a.next = self.a.val();
        self.x.next = self.first.out.val();
        self.second.a.next = self.b.val();
        self.y.next = self.second.out.val();
        self.third.a.next = self.c.val();
        self.z.next = self.third.out.val();
    }
}

/// Names of fields are comments: modules that differ in nothing else are one.
#[test]
fn modules_that_differ_in_names_of_fields_are_one() {
    let text = emit(&connected::<Both>(), &EmitOptions::default()).unwrap();
    assert_eq!(modules(&text).collect::<Vec<_>>(), ["pm_first", "partition_manager"], "{text}");
    assert!(text.contains("wire [9:0] second_out; // high[9] low[8:0]"), "{text}");
    assert!(text.contains(&format!("wire [9:0] first_out;{FIELDS}")), "{text}");
    assert!(text.contains("wire [9:0] third_out;\n"), "{text}");
    assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
}

#[test]
fn a_time_scale_is_written_where_it_is_asked_for() {
    let scaled = |scale: &str| bank(EmitOptions { timescale: Some(scale.into()), ..EmitOptions::default() });
    let plain = bank(EmitOptions::default()).unwrap();
    assert!(!plain.contains("`timescale") && plain.contains("/* verilator lint_off TIMESCALEMOD */\n"), "{plain}");
    for scale in ["1ns/1ps", "100us/10ns", "1s/1fs", "10ps/10ps"] {
        let text = scaled(scale).unwrap();
        let (head, _) = text.split_once("\nmodule ").unwrap();
        assert!(head.contains(&format!("\n`timescale {scale}\n")), "{text}");
    }
    for scale in [
        "",
        "1ns",
        "1ns/",
        "/1ps",
        "2ns/1ps",
        "1ps/1ns",
        "10ns/100ns",
        "1 ns/1ps",
        "1ns/1ps/1fs",
        "1000ps/1ps",
        "01ns/1ps",
        "1ns/1ps\nx",
        "1é/1ps",
    ] {
        let error = scaled(scale).unwrap_err();
        assert!(error.what.contains("time scale") && error.at == scale, "{error}");
    }
}
