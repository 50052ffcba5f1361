//! Co-simulation itself: sample blocks of every kind agree, a broken emitter is caught, faults are told well.

use pm_block_cosim::inputs;
use pm_block_cosim::{cosimulate, CosimError, Engine, Input, Options};
use pm_verilog::cells::{BlockRam, Register};
use pm_verilog::{bundle, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A range of pages.
    pub struct Range<PAGE> {
        /// First page.
        pub first: Bits<PAGE>,
        /// Last page.
        pub last: Bits<PAGE>,
        /// Whether it counts.
        pub valid: Bit,
    }
}

#[derive(Clone, Debug, Default, LogicInterface)]
struct Request {
    valid: Signal<In, Bit>,
    page: Signal<In, Bits<8>>,
}

/// One register, a bundle, comparisons of its fields.
#[derive(LogicBlock, Default)]
struct Entry {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    load: Signal<In, Bit>,
    range: Signal<In, Range<8>>,
    page: Signal<In, Bits<8>>,
    hit: Signal<Out, Bit>,
    row: Register<Range<8>>,
}

impl Logic for Entry {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(row) {
            if self.load.val() {
                self.row.d.next = self.range.val();
            }
            self.hit.next = (self.row.q.val().first <= self.page.val())
                & (self.page.val() <= self.row.q.val().last)
                & self.row.q.val().valid;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum Phase {
    Idle,
    Loading,
    Reading,
}

/// A vector of blocks, a bundle assigned by fields, an interface, a bit set in a loop.
#[derive(LogicBlock)]
struct Table {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    request: Request,
    load: Signal<In, Bits<4>>,
    hits: Signal<Out, Bits<4>>,
    any: Signal<Out, Bit>,
    entries: Vec<Entry>,
    range: Signal<Local, Range<8>>,
    seen: Signal<Local, Bits<4>>,
    _count: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            request: Default::default(),
            load: Default::default(),
            hits: Default::default(),
            any: Default::default(),
            entries: (0..4).map(|_| Entry::default()).collect(),
            range: Default::default(),
            seen: Default::default(),
            _count: 4,
        }
    }
}

impl Logic for Table {
    #[hdl_gen]
    fn update(&mut self) {
        self.range.next.first = self.request.page.val();
        self.range.next.last = self.request.page.val() + 5;
        self.range.next.valid = self.request.valid.val();
        self.seen.next = 0.into();
        for i in 0..self._count {
            self.entries[i].clock.next = self.clock.val();
            self.entries[i].reset.next = self.reset.val();
            self.entries[i].range.next = self.range.val();
            self.entries[i].load.next = self.load.val().get_bit(i);
            self.entries[i].page.next = self.request.page.val();
            self.seen.next = self.seen.val().replace_bit(i, self.entries[i].hit.val());
        }
        self.hits.next = self.seen.val();
        self.any.next = self.seen.val().any();
    }
}

/// A state machine over an enum, and a memory.
#[derive(LogicBlock)]
struct Buffer {
    clock: Signal<In, Clock>,
    reset: Signal<In, Bit>,
    start: Signal<In, Bit>,
    data: Signal<In, Bits<12>>,
    busy: Signal<Out, Bit>,
    state: Signal<Out, Phase>,
    out: Signal<Out, Bits<13>>,
    phase: Register<Phase>,
    place: Register<Bits<3>>,
    memory: BlockRam<Bits<12>, 3>,
}

impl Buffer {
    /// With a memory of `words` words.
    fn sized(words: usize) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            data: Default::default(),
            busy: Default::default(),
            state: Default::default(),
            out: Default::default(),
            phase: Default::default(),
            place: Default::default(),
            memory: BlockRam::default().sized(words),
        }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::sized(8)
    }
}

impl Logic for Buffer {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(phase, place) {
            self.memory.clock.next = self.clock.val();
            self.memory.read_address.next = self.place.q.val();
            self.memory.write_address.next = self.place.q.val();
            self.memory.write_data.next = self.data.val();
            self.memory.write_enable.next = self.phase.q.val() == Phase::Loading;
            self.busy.next = self.phase.q.val() != Phase::Idle;
            self.state.next = self.phase.q.val();
            self.out.next = bit_cast::<13, 12>(self.memory.read_data.val() + self.data.val()) + 1;
            match self.phase.q.val() {
                Phase::Idle => {
                    if self.start.val() {
                        self.phase.d.next = Phase::Loading;
                    }
                }
                Phase::Loading => {
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val().all() {
                        self.phase.d.next = Phase::Reading;
                    }
                }
                Phase::Reading => {
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val() == 6 {
                        self.phase.d.next = Phase::Idle;
                    }
                }
            }
        }
    }
}

/// Every construct that some wrong emitter gets wrong.
#[derive(LogicBlock, Default)]
struct Arithmetic {
    a: Signal<In, Bits<4>>,
    b: Signal<In, Bits<4>>,
    c: Signal<In, Bits<4>>,
    wide: Signal<In, Bits<100>>,
    flag: Signal<In, Bit>,
    masked: Signal<Out, Bit>,
    wrapped: Signal<Out, Bit>,
    below: Signal<Out, Bit>,
    carry: Signal<Out, Bits<5>>,
    spread: Signal<Out, Bits<8>>,
    middle: Signal<Out, Bits<3>>,
    total: Signal<Out, Bits<100>>,
    word: Signal<Out, Bits<40>>,
}

impl Logic for Arithmetic {
    #[hdl_gen]
    fn update(&mut self) {
        self.masked.next = self.a.val() & self.b.val() == self.c.val();
        self.wrapped.next = (self.a.val() + 1) == self.b.val();
        self.below.next = self.a.val() <= self.b.val() - self.c.val();
        self.carry.next = bit_cast::<5, 4>(self.a.val() + self.b.val());
        self.spread.next = bit_cast::<8, 4>(!self.a.val()) + self.flag.val();
        self.middle.next = self.wide.val().get_bits::<3>(5);
        self.total.next = self.wide.val() + bit_cast::<100, 4>(self.a.val());
        self.word.next = bit_cast::<40, 100>(self.wide.val() >> self.b.val());
    }
}

fn entry() -> Vec<Input<Entry>> {
    inputs!(Entry: clock, reset, load, range, page)
}

fn arithmetic() -> Vec<Input<Arithmetic>> {
    inputs!(Arithmetic: a, b, c, wide, flag)
}

/// The engines that are here; Verilator must be, Icarus may be missing on a machine without root.
fn engines() -> Vec<Engine> {
    assert!(Engine::Verilator.is_available(), "these tests need Verilator and a C++ compiler: run ./scripts/test");
    [Engine::Verilator, Engine::Icarus].into_iter().filter(|engine| engine.is_available()).collect()
}

#[track_caller]
fn agrees<B: Block>(name: &str, make: impl Fn() -> B, inputs: impl Fn() -> Vec<Input<B>>) {
    for engine in engines() {
        let report = cosimulate(name, &make, 3000, 1, Options::new(inputs()).with_engine(engine));
        let report = report.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report.constant_outputs, Vec::<String>::new(), "{report}");
    }
}

#[test]
fn a_register_of_a_bundle() {
    agrees("entry", Entry::default, entry);
}

#[test]
fn a_vector_of_blocks_and_an_interface() {
    agrees("lookup", Table::default, || inputs!(Table: clock, reset, request.valid, request.page, load));
}

#[test]
fn an_enum_and_a_memory() {
    agrees("buffer", Buffer::default, || inputs!(Buffer: clock, reset, start, data));
    // Half the words: the place's highest bit is not looked at.
    agrees("half_buffer", || Buffer::sized(4), || inputs!(Buffer: clock, reset, start, data));
}

#[test]
fn combinational_arithmetic_and_wide_words() {
    agrees("arithmetic", Arithmetic::default, arithmetic);
}

/// Whether an emitter with `flaw` is caught, on either block.
#[track_caller]
fn caught(flaw: pm_verilog::Flaw) {
    for engine in engines() {
        let mut options = Options::new(arithmetic()).with_engine(engine);
        options.flaw = Some(flaw);
        match cosimulate("arithmetic", Arithmetic::default, 2000, 3, options) {
            Err(CosimError::Difference(difference)) => {
                assert_eq!(difference.seed, 3);
                assert_eq!(difference.inputs.len(), 5);
                let text = CosimError::Difference(difference.clone()).to_string();
                assert!(text.contains(&difference.signal) && text.contains("seed 3"), "{text}");
            }
            other => panic!("{flaw:?} was not caught with {engine}: {other:?}"),
        }
    }
}

#[test]
fn wide_literals_are_caught() {
    caught(pm_verilog::Flaw::WideLiterals);
}

#[test]
fn missing_parentheses_are_caught() {
    caught(pm_verilog::Flaw::NoParentheses);
}

#[test]
fn less_for_less_or_equal_is_caught() {
    caught(pm_verilog::Flaw::LessForLessOrEqual);
}

#[test]
fn a_kept_carry_is_caught() {
    caught(pm_verilog::Flaw::CarryKept);
}

#[test]
fn a_shifted_slice_is_caught() {
    caught(pm_verilog::Flaw::ShiftedSlice);
}

#[test]
fn equal_seeds_find_equal_differences() {
    let find = |seed| {
        let mut options = Options::new(arithmetic());
        options.flaw = Some(pm_verilog::Flaw::CarryKept);
        cosimulate("arithmetic", Arithmetic::default, 2000, seed, options).unwrap_err().to_string()
    };
    assert_eq!(find(9), find(9));
    assert_ne!(find(9), find(10));
}

#[test]
fn a_hook_biases_the_stimulus_and_sees_outputs() {
    let mut hits = 0;
    let options = Options::new(entry()).with_hook(|stimulus| {
        stimulus.set("reset", 0);
        if stimulus.cycle() == 0 {
            // The whole range, valid: every page hits from the next cycle on.
            stimulus.set("load", 1);
            stimulus.set("range", 0x1_ff00);
        } else {
            stimulus.set("load", 0);
            hits += stimulus.output("hit");
        }
    });
    cosimulate("entry", Entry::default, 100, 1, options).unwrap();
    assert_eq!(hits, 98);
}

#[test]
fn a_hook_that_names_no_port_is_an_error() {
    let options = Options::new(entry()).with_hook(|stimulus| stimulus.set("rnage", 0));
    let error = cosimulate("entry", Entry::default, 10, 1, options).unwrap_err();
    assert!(error.to_string().contains("rnage"), "{error}");
}

#[test]
fn an_input_left_out_is_an_error() {
    let error = cosimulate("entry", Entry::default, 10, 1, Options::new(inputs!(Entry: clock, reset, load, range)));
    assert!(error.unwrap_err().to_string().contains("`page`"));
    let error = cosimulate("entry", Entry::default, 10, 1, Options::new(inputs!(Entry: reset, load, range, page)));
    assert!(error.unwrap_err().to_string().contains("`clock`"));
}

/// Panics in simulation when `index` names no bit: rust-hdl's `get_bit` asserts.
#[derive(LogicBlock, Default)]
struct Shy {
    trigger: Signal<In, Bits<2>>,
    out: Signal<Out, Bit>,
}

impl Logic for Shy {
    fn update(&mut self) {
        assert!(self.trigger.val() != 3, "trigger is three");
        self.out.next = self.trigger.val().any();
    }
    fn connect(&mut self) {
        self.out.connect();
    }
    fn hdl(&self) -> Verilog {
        use rust_hdl::core::ast::{VerilogExpression as E, VerilogOpUnary, VerilogStatement};
        let any = E::Unary(VerilogOpUnary::Any, Box::new(E::Signal("trigger".into())));
        Verilog::Combinatorial(vec![VerilogStatement::Assignment(E::Signal("out$next".into()), any)])
    }
}

#[test]
fn a_panic_in_the_simulation_is_told_with_seed_and_inputs() {
    let error = cosimulate("shy", Shy::default, 1000, 5, Options::new(inputs!(Shy: trigger))).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("seed 5") && text.contains("trigger is three") && text.contains("trigger=0x3"), "{text}");
}

#[test]
fn a_block_that_does_not_translate_is_an_error() {
    #[derive(LogicBlock, Default)]
    struct Latch {
        set: Signal<In, Bit>,
        out: Signal<Out, Bit>,
    }
    impl Logic for Latch {
        #[hdl_gen]
        fn update(&mut self) {
            if self.set.val() {
                self.out.next = true;
            }
        }
    }
    let error = cosimulate("latch", Latch::default, 10, 1, Options::new(inputs!(Latch: set))).unwrap_err();
    assert!(matches!(error, CosimError::Emit(_)), "{error}");
}
