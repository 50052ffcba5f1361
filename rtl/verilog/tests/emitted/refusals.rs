//! What is refused: each with the block, the statement, the reason and a way out.

use crate::support::{connected, refusal};
use pm_verilog::cells::Register;
use pm_verilog::{bundle, emit, EmitOptions};
use rust_hdl::core::ast::{
    BlackBox, VerilogExpression as E, VerilogLiteral, VerilogOp, VerilogOpUnary, VerilogStatement, Wrapper,
};
use rust_hdl::prelude::*;

/// Declares a block with input `a`, output `out` and some more, and checks what its refusal says.
macro_rules! refused {
    ($test:ident: $what:literal, $at:literal; { $($field:ident: $type:ty),* $(,)? } $pound:tt $attribute:tt fn update(&mut $self:ident) $body:tt) => {
        #[test]
        fn $test() {
            block! { Bad { $($field: $type),* } $pound $attribute fn update(&mut $self) $body }
            let error = refusal::<Bad>();
            assert!(error.what.contains($what), "{error}");
            assert!(error.at.contains($at), "{error}");
            assert!(error.block.starts_with("partition_manager") && !error.advice.is_empty(), "{error:?}");
        }
    };
}

refused! { a_latch: "latch", "out"; { a: Signal<In, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        if self.a.val() { self.out.next = true; }
    }
}

refused! { a_latch_in_a_local: "latch", "held"; { a: Signal<In, Bit>, held: Signal<Local, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = false;
        if self.a.val() { self.held.next = true; self.out.next = self.held.val(); }
    }
}

bundle! {
    /// Two fields.
    pub struct Two<A> {
        /// Low.
        pub low: Bits<A>,
        /// High.
        pub high: Bit,
    }
}

refused! { a_field_left_out: "latch", "out"; { a: Signal<In, Bits<2>>, out: Signal<Out, Two<2>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next.low = self.a.val();
    }
}

refused! { a_match_that_leaves_codes_out: "latch", "out"; { a: Signal<In, Light>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        match self.a.val() {
            Light::Off => self.out.next = false,
            Light::Dim => self.out.next = true,
            Light::Full => self.out.next = true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
#[allow(dead_code, reason = "the third variant is there to leave one code of two bits without a name")]
enum Light {
    Off,
    Dim,
    Full,
}

refused! { a_read_on_a_path_without_assignment: "read before it is assigned", "out.next = half"; {
        a: Signal<In, Bit>, half: Signal<Local, Bit>, out: Signal<Out, Bit>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        if self.a.val() { self.half.next = true; }
        self.out.next = self.half.val();
        self.half.next = false;
    }
}

refused! { a_read_before_assignment: "read before it is assigned", ""; { a: Signal<In, Bit>, late: Signal<Local, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.late.val();
        self.late.next = self.a.val();
    }
}

refused! { an_input_of_an_inner_block_read_too_early: "assigned later", "out.next = held.d"; {
        clock: Signal<In, Clock>, a: Signal<In, Bit>, out: Signal<Out, Bit>, held: Register<Bit>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = self.clock.val();
        self.held.reset.next = false;
        self.held.d.next = self.a.val();
        self.out.next = self.held.d.val() ^ self.held.q.val();
        self.held.d.next = !self.a.val();
    }
}

refused! { an_undriven_input: "not connected", "reset"; {
        clock: Signal<In, Clock>, out: Signal<Out, Bit>, outer: Holder,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.outer.clock.next = self.clock.val();
        self.out.next = self.outer.out.val();
    }
}

block! {
    Holder { clock: Signal<In, Clock>, out: Signal<Out, Bit>, held: Register<Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = self.clock.val();
        self.held.d.next = true;
        self.out.next = self.held.q.val();
    }
}

refused! { a_driven_input: "input of this block", "a.next = "; { a: Signal<In, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = true;
        self.a.next = false;
    }
}

refused! { a_driven_output_of_an_inner_block: "driven by the block inside", "held.q"; {
        clock: Signal<In, Clock>, out: Signal<Out, Bit>, held: Register<Bit>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = self.clock.val();
        self.held.reset.next = false;
        self.held.d.next = true;
        self.held.q.next = true;
        self.out.next = self.held.q.val();
    }
}

refused! { a_literal_that_does_not_fit: "does not fit", "a & 16"; { a: Signal<In, Bits<4>>, out: Signal<Out, Bits<4>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val() & 16;
    }
}

refused! { a_compared_literal_that_does_not_fit: "does not fit", "a < 16"; { a: Signal<In, Bits<4>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val() < 16;
    }
}

refused! { bare_integers_compared: "no width", "3 < 5"; { a: Signal<In, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = 3 < 5;
    }
}

refused! { an_index_that_may_leave_the_signal: "can reach 7", "get_bit"; { a: Signal<In, Bits<5>>, i: Signal<In, Bits<3>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val().get_bit(self.i.val().index());
    }
}

refused! { a_replaced_bit_that_may_not_be_there: "can reach 7", "replace_bit"; { a: Signal<In, Bits<5>>, i: Signal<In, Bits<3>>, out: Signal<Out, Bits<5>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val().replace_bit(self.i.val().index(), true);
    }
}

refused! { a_bit_that_is_not_there: "bit 5 of 5", ""; { a: Signal<In, Bits<5>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val().get_bit(5);
    }
}

refused! { arithmetic_on_an_index: "wraps before .index()", ""; { a: Signal<In, Bits<8>>, i: Signal<In, Bits<2>>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val().get_bit(self.i.val().index() + 1);
    }
}

#[test]
fn a_shift_by_a_long_amount() {
    block! {
        Bad { a: Signal<In, Bits<8>>, by: Signal<In, Bits<20>>, out: Signal<Out, Bits<8>> }
        #[hdl_gen]
        fn update(&mut self) {
            self.out.next = self.a.val() << self.by.val();
        }
    }
    let error = refusal::<Bad>();
    assert!(error.what.contains("20 bits"), "{error}");
}

#[test]
fn signed_numbers() {
    block! {
        Bad { a: Signal<In, Signed<8>>, out: Signal<Out, Bit> }
        #[hdl_gen]
        fn update(&mut self) {
            self.out.next = self.a.val() < self.a.val();
        }
    }
    let error = refusal::<Bad>();
    assert!(error.what.contains("order on `Signed"), "{error}");
    block! {
        Cast { a: Signal<In, Bits<8>>, out: Signal<Out, Signed<8>> }
        #[hdl_gen]
        fn update(&mut self) {
            self.out.next = signed_cast(self.a.val());
        }
    }
    let error = refusal::<Cast>();
    assert!(error.what.contains("signed arithmetic"), "{error}");
}

#[test]
fn order_of_records_and_enums() {
    #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, LogicState)]
    enum Rank {
        Low,
        High,
    }
    block! {
        Bad { a: Signal<In, Rank>, b: Signal<In, Rank>, out: Signal<Out, Bit> }
        #[hdl_gen]
        fn update(&mut self) {
            self.out.next = self.a.val() < self.b.val();
        }
    }
    let error = refusal::<Bad>();
    assert!(error.what.contains("order on `Rank`"), "{error}");
    assert_ne!(Rank::Low, Rank::High);
}

refused! { a_loop_variable_that_is_a_field: "name of a field", "for i in 0..2"; { i: Signal<In, Bits<2>>, out: Signal<Out, Bits<2>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = 0.into();
        for i in 0..2 { self.out.next = self.out.val().replace_bit(i, self.i.val().get_bit(i)); }
    }
}

#[derive(LogicBlock, Default)]
struct HostOnly {
    a: Signal<In, Bits<8>>,
    out: Signal<Out, Bits<8>>,
    _amount: u64,
}

impl Logic for HostOnly {
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val() + self._amount;
    }
}

#[test]
fn a_field_of_the_simulation_only() {
    let error = refusal::<HostOnly>();
    assert!(error.what.contains("only in the simulation") && error.advice.contains("Constant"), "{error}");
}

const ELSEWHERE: u64 = 3;

refused! { a_rust_constant: "`ELSEWHERE` is not a signal", "a + ELSEWHERE"; { a: Signal<In, Bits<8>>, out: Signal<Out, Bits<8>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.a.val() + ELSEWHERE;
    }
}

refused! { a_clock_through_logic: "a clock that passes through logic", "held.clock"; {
        clock: Signal<In, Clock>, out: Signal<Out, Bit>, held: Register<Bit>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = self.clock.val();
        if self.held.q.val() { self.held.clock.next = self.clock.val(); }
        self.held.reset.next = false;
        self.held.d.next = true;
        self.out.next = self.held.q.val();
    }
}

refused! { an_inverted_clock: "logic on a clock", "held.clock"; { clock: Signal<In, Clock>, out: Signal<Out, Bit>, held: Register<Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.held.clock.next = !self.clock.val();
        self.held.reset.next = false;
        self.held.d.next = true;
        self.out.next = self.held.q.val();
    }
}

refused! { a_clock_that_leaves: "a clock that passes through logic", "out"; { clock: Signal<In, Clock>, out: Signal<Out, Clock> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.clock.val();
    }
}

refused! { a_keyword_as_a_port_of_the_top: "keyword", "release"; { release: Signal<In, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = self.release.val();
    }
}

refused! { two_names_that_meet: "would be called `adder_sum`", "adder.sum"; { a: Signal<In, Bit>, adder_sum: Signal<Out, Bit>, adder: Passing }
    #[hdl_gen]
    fn update(&mut self) {
        self.adder.a.next = self.a.val();
        self.adder_sum.next = self.adder.sum.val();
    }
}

block! {
    Passing { a: Signal<In, Bit>, sum: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.a.val();
    }
}

#[test]
fn a_tristate() {
    block! {
        Bad { a: Signal<InOut, Bit>, out: Signal<Out, Bit> }
        #[hdl_gen]
        fn update(&mut self) {
            self.out.next = true;
        }
    }
    let error = refusal::<Bad>();
    assert!(error.what.contains("bidirectional") && error.at == "a", "{error}");
}

/// A block whose `hdl` is whatever the test wants: for trees that Rust's types keep kernels from having.
struct Tree(fn() -> Verilog);

impl Default for Tree {
    fn default() -> Self {
        Tree(|| Verilog::Empty)
    }
}

#[derive(LogicBlock, Default)]
struct Raw {
    a: Signal<In, Bits<4>>,
    out: Signal<Out, Bits<4>>,
    _tree: Tree,
}

impl Logic for Raw {
    fn update(&mut self) {}
    fn connect(&mut self) {
        self.out.connect();
    }
    fn hdl(&self) -> Verilog {
        (self._tree.0)()
    }
}

#[track_caller]
fn raw(tree: fn() -> Verilog, what: &str) {
    let mut block = connected::<Raw>();
    block._tree = Tree(tree);
    let error = emit(&block, &EmitOptions::default()).expect_err("should have been refused");
    assert!(error.what.contains(what), "{error}");
    assert_eq!(error.block, "partition_manager");
}

fn drive(value: E) -> Verilog {
    Verilog::Combinatorial(vec![VerilogStatement::Assignment(E::Signal("out$next".into()), value)])
}

fn signal(name: &str) -> Box<E> {
    Box::new(E::Signal(name.into()))
}

#[test]
fn hand_written_verilog() {
    raw(|| Verilog::Custom("assign out = a;".into()), "written by hand");
    raw(|| Verilog::Wrapper(Wrapper { code: "assign out = a;".into(), cores: String::new() }), "foreign Verilog");
    raw(|| Verilog::Blackbox(BlackBox { code: String::new(), name: "core".into() }), "foreign Verilog");
    raw(|| Verilog::Empty, "no kernel");
}

#[test]
fn trees_that_have_no_exact_translation() {
    raw(|| drive(E::Unary(VerilogOpUnary::Neg, signal("a"))), "negative");
    raw(|| drive(E::Unsigned(signal("a"))), "signed arithmetic");
    raw(|| drive(E::Literal(VerilogLiteral::from(-1i32))), "negative");
    raw(|| drive(E::Binary(signal("a"), VerilogOp::Mul, signal("a"))), "16 by 16");
    raw(|| drive(E::Binary(signal("a"), VerilogOp::LogicalAnd, signal("a"))), "logical operator on 4 bits");
    raw(|| drive(E::Cast(signal("a"), 0)), "no bits");
    raw(|| drive(E::Cast(signal("a"), 3)), "the value has 3 bits and its target 4");
    raw(|| drive(E::Slice(signal("a"), 2, Box::new(E::Literal(4u32.into())))), "bit 4 of 4");
    raw(|| drive(E::Signal("b[a]".into())), "an index that is not fixed");
    raw(
        || Verilog::Combinatorial(vec![VerilogStatement::Assignment(E::Signal("out".into()), *signal("a"))]),
        "not a signal's `next`",
    );
    raw(
        || {
            Verilog::Combinatorial(vec![VerilogStatement::SliceAssignment {
                base: *signal("out"),
                width: 2,
                offset: E::Literal(3u32.into()),
                replacement: *signal("a"),
            }])
        },
        "bits 3 to 5",
    );
}

#[test]
fn a_kernel_that_panics_while_its_tree_is_built() {
    raw(|| panic!("on purpose"), "panicked");
}

#[test]
fn a_name_for_the_top_that_is_none() {
    let options = EmitOptions { top: "module".into(), ..EmitOptions::default() };
    assert!(emit(&connected::<Passing>(), &options).unwrap_err().what.contains("not a name"));
}
