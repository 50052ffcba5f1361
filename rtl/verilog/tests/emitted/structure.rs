//! The shape of the text: names, modules, processes, and that equal designs give equal text.

use crate::support::{connected, emitted};
use pm_verilog::cells::{BlockRam, Register};
use pm_verilog::names::modules;
use pm_verilog::{emit, kernel, EmitOptions};
use rust_hdl::prelude::*;

block! {
    Counter { clock: Signal<In, Clock>, reset: Signal<In, Bit>, enable: Signal<In, Bit>, count: Signal<Out, Bits<4>>, total: Register<Bits<4>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.total.clock.next = self.clock.val();
        self.total.reset.next = self.reset.val();
        self.total.d.next = self.total.q.val();
        if self.enable.val() {
            self.total.d.next = self.total.q.val() + 1;
        }
        self.count.next = self.total.q.val();
    }
}

#[test]
fn a_small_block_reads_well() {
    insta::assert_snapshot!(emitted::<Counter>());
}

/// Two counters of one kind, one of another, in one field name each.
#[derive(LogicBlock)]
pub struct Bank {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    enable: Signal<In, Bits<2>>,
    sum: Signal<Out, Bits<4>>,
    counters: Vec<Counter>,
    last: Pair,
    memory: BlockRam<Bits<4>, 4>,
}

impl Default for Bank {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            enable: Default::default(),
            sum: Default::default(),
            counters: (0..2).map(|_| Counter::default()).collect(),
            last: Default::default(),
            memory: Default::default(),
        }
    }
}

impl Logic for Bank {
    #[hdl_gen]
    fn update(&mut self) {
        for i in 0..2 {
            self.counters[i].clock.next = self.clock.val();
            self.counters[i].reset.next = self.reset.val();
            self.counters[i].enable.next = self.enable.val().get_bit(i);
        }
        self.last.clock.next = self.clock.val();
        self.last.reset.next = self.reset.val();
        self.memory.clock.next = self.clock.val();
        self.memory.read_address.next = self.counters[0].count.val();
        self.memory.write_address.next = self.counters[1].count.val();
        self.memory.write_data.next = self.last.out.val();
        self.memory.write_enable.next = true;
        self.sum.next = self.memory.read_data.val();
    }
}

block! {
    Down { clock: Signal<In, Clock>, reset: Signal<In, Bit>, count: Signal<Out, Bits<4>>, total: Register<Bits<4>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.total.clock.next = self.clock.val();
        self.total.reset.next = self.reset.val();
        self.total.d.next = self.total.q.val() - 1;
        self.count.next = self.total.q.val();
    }
}

// The field `counters` of another kind: its module must get another name.
block! {
    Pair { clock: Signal<In, Clock>, reset: Signal<In, Bit>, out: Signal<Out, Bits<4>>, counters: Down }
    #[hdl_gen]
    fn update(&mut self) {
        self.counters.clock.next = self.clock.val();
        self.counters.reset.next = self.reset.val();
        self.out.next = self.counters.count.val();
    }
}

#[test]
fn equal_modules_appear_once_under_telling_names() {
    let text = emitted::<Bank>();
    let mut names: Vec<&str> = modules(&text).collect();
    assert_eq!(names.last(), Some(&"partition_manager"));
    names.sort_unstable();
    assert_eq!(names, ["partition_manager", "pm_block_ram_16x4", "pm_counters", "pm_last", "pm_last_counters", "pm_register_4"]);
    assert!(text.contains("pm_counters counters_0 (") && text.contains("pm_counters counters_1 ("), "{text}");
    assert!(text.contains("pm_last_counters counters ("), "{text}");
}

#[test]
fn clocks_go_straight_to_the_cells() {
    let text = emitted::<Bank>();
    assert!(!text.contains("_clock;"), "a clock has a wire of its own:\n{text}");
    // Four blocks of the bank; one register in each of the two kinds of counter; one counter in `last`.
    assert_eq!(text.matches(".clock(clock)").count(), 7, "{text}");
}

#[test]
fn no_dollar_and_no_unsized_literal() {
    let text = emitted::<Bank>();
    assert!(!text.contains('$'), "{text}");
    assert!(!text.contains("32'h"), "{text}");
}

#[test]
fn emission_is_deterministic() {
    let first = emitted::<Bank>();
    for _ in 0..5 {
        assert_eq!(first, emitted::<Bank>());
    }
}

#[test]
fn the_header_and_the_name_of_the_top() {
    let options = EmitOptions {
        top: "bank".into(),
        header: vec!["geometry tiny".into(), "version 1\nline".into()],
        ..EmitOptions::default()
    };
    let text = emit(&connected::<Bank>(), &options).unwrap();
    assert!(text.starts_with("// bank: generated"), "{text}");
    assert!(text.contains("\n// geometry tiny\n// version 1\n// line\n"), "{text}");
    assert!(text.contains("module bank ("), "{text}");
}

// Two results that have nothing to do with each other, and one that shares a target.
block! {
    Apart {
        a: Signal<In, Bits<2>>, left: Signal<Out, Bits<2>>, right: Signal<Out, Bits<2>>, plain: Signal<Out, Bits<2>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.left.next = 0.into();
        self.right.next = 0.into();
        self.plain.next = self.a.val() + 1;
        if self.a.val().get_bit(0) {
            self.left.next = self.plain.val();
        }
        if self.a.val().get_bit(1) {
            self.right.next = self.left.val();
        }
    }
}

#[test]
fn independent_results_have_processes_of_their_own() {
    let text = emitted::<Apart>();
    assert_eq!(text.matches("always @(*)").count(), 2, "{text}");
    assert!(text.contains("assign plain = a + 2'h1;"), "{text}");
}

// A loop through an inner block that is only apparent: `first` feeds it, `second` comes back.
block! {
    Through {
        clock: Signal<In, Clock>, reset: Signal<In, Bit>, a: Signal<In, Bits<4>>, out: Signal<Out, Bits<4>>,
        held: Register<Bits<4>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = self.clock.val();
        self.held.reset.next = self.reset.val();
        self.out.next = 0.into();
        self.held.d.next = self.a.val();
        if self.held.q.val() == 3 {
            self.out.next = self.held.q.val();
            self.held.d.next = self.out.val() + 1;
        }
    }
}

#[test]
fn statements_that_share_a_target_share_a_process() {
    let text = emitted::<Through>();
    assert_eq!(text.matches("always @(*)").count(), 1, "{text}");
}

/// The macro of the cells writes the same kernel as by hand.
#[derive(LogicBlock, Default)]
struct ByMacro {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    enable: Signal<In, Bit>,
    count: Signal<Out, Bits<4>>,
    total: Register<Bits<4>>,
}

impl Logic for ByMacro {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(total) {
            if self.enable.val() {
                self.total.d.next = self.total.q.val() + 1;
            }
            self.count.next = self.total.q.val();
        }
    }
}

#[test]
fn the_kernel_macro_is_the_kernel() {
    assert_eq!(emitted::<ByMacro>(), emitted::<Counter>());
}
