//! Every node of the syntax tree that is translated, against the simulation.

#![allow(clippy::nonminimal_bool, clippy::bool_comparison, clippy::assertions_on_constants, reason = "each is a node under test")]

use crate::support::{emitted, exact};
use pm_verilog::bundle;
use rust_hdl::prelude::*;

block! {
    Arithmetic {
        a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>, flag: Signal<In, Bit>,
        sum: Signal<Out, Bits<4>>, difference: Signal<Out, Bits<4>>, rest: Signal<Out, Bits<4>>, carried: Signal<Out, Bits<4>>,
        and: Signal<Out, Bits<4>>, or: Signal<Out, Bits<4>>, xor: Signal<Out, Bits<4>>, not: Signal<Out, Bits<4>>,
        folded: Signal<Out, Bits<4>>, mixed: Signal<Out, Bits<4>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.a.val() + self.b.val();
        self.difference.next = self.a.val() - self.b.val();
        self.rest.next = 9 - self.a.val();
        self.carried.next = self.a.val() + self.flag.val();
        self.and.next = self.a.val() & self.b.val();
        self.or.next = self.a.val() | 0b0101;
        self.xor.next = self.a.val() ^ self.b.val();
        self.not.next = !self.a.val();
        self.folded.next = self.a.val() + (1 << 2) - (5 - 3);
        self.mixed.next = self.a.val() - (self.b.val() - (self.a.val() | self.b.val() & 3));
    }
}

#[test]
fn arithmetic_wraps_at_the_declared_width() {
    // `and`, `or`, `xor` and `not` are keywords: inside they would be renamed, at the top they are refused.
    let error = crate::support::refusal::<Arithmetic>();
    assert!(error.what.contains("keyword"), "{error}");
    block! {
        Wrapper {
            a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>, flag: Signal<In, Bit>, inner: Arithmetic,
            out: Signal<Out, Bits<40>>,
        }
        #[hdl_gen]
        fn update(&mut self) {
            self.inner.a.next = self.a.val();
            self.inner.b.next = self.b.val();
            self.inner.flag.next = self.flag.val();
            self.out.next = bit_cast::<40, 4>(self.inner.sum.val())
                | (bit_cast::<40, 4>(self.inner.difference.val()) << 4)
                | (bit_cast::<40, 4>(self.inner.rest.val()) << 8)
                | (bit_cast::<40, 4>(self.inner.carried.val()) << 12)
                | (bit_cast::<40, 4>(self.inner.and.val()) << 16)
                | (bit_cast::<40, 4>(self.inner.or.val()) << 20)
                | (bit_cast::<40, 4>(self.inner.xor.val()) << 24)
                | (bit_cast::<40, 4>(self.inner.not.val()) << 28)
                | (bit_cast::<40, 4>(self.inner.folded.val()) << 32)
                | (bit_cast::<40, 4>(self.inner.mixed.val()) << 36);
        }
    }
    exact(inputs!(Wrapper: a, b, flag));
}

block! {
    Comparisons {
        a: Signal<In, Bits<4>>, b: Signal<In, Bits<4>>,
        eq: Signal<Out, Bit>, ne: Signal<Out, Bit>, lt: Signal<Out, Bit>, le: Signal<Out, Bit>, gt: Signal<Out, Bit>,
        ge: Signal<Out, Bit>, both: Signal<Out, Bit>, either: Signal<Out, Bit>, below: Signal<Out, Bit>,
        never: Signal<Out, Bit>, always_true: Signal<Out, Bit>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.eq.next = self.a.val() == self.b.val();
        self.ne.next = self.a.val() != 7;
        self.lt.next = self.a.val() < self.b.val();
        self.le.next = self.a.val() <= self.b.val();
        self.gt.next = 3 > self.a.val();
        self.ge.next = self.a.val() >= self.b.val();
        self.both.next = (self.a.val() == 3) && (self.b.val() != 3);
        self.either.next = (self.a.val() == 3) || !(self.b.val() == 3);
        self.below.next = self.a.val().get_bit(0) < self.b.val().get_bit(0);
        self.never.next = self.a.val() < 0;
        self.always_true.next = self.a.val() <= 15;
    }
}

#[test]
fn comparisons_and_logical_operators() {
    exact(inputs!(Comparisons: a, b));
}

block! {
    Reductions { a: Signal<In, Bits<5>>, all: Signal<Out, Bit>, any: Signal<Out, Bit>, parity: Signal<Out, Bit>, none: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.all.next = self.a.val().all();
        self.any.next = (self.a.val() & 6).any();
        self.parity.next = self.a.val().xor();
        self.none.next = !self.a.val().any();
    }
}

#[test]
fn reductions() {
    exact(inputs!(Reductions: a));
}

block! {
    Shifts {
        a: Signal<In, Bits<6>>, by: Signal<In, Bits<4>>,
        left: Signal<Out, Bits<6>>, right: Signal<Out, Bits<6>>, fixed: Signal<Out, Bits<6>>, gone: Signal<Out, Bits<6>>,
        one_hot: Signal<Out, Bits<64>>, half: Signal<Out, Bits<3>>, sum: Signal<Out, Bits<6>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.left.next = self.a.val() << self.by.val();
        self.right.next = self.a.val() >> self.by.val();
        self.fixed.next = (self.a.val() << 2) | (self.a.val() >> 4);
        self.gone.next = self.a.val() << 6;
        self.one_hot.next = 1 << self.by.val();
        self.half.next = bit_cast::<3, 6>(self.a.val() >> self.by.val());
        self.sum.next = (self.a.val() + self.a.val()) >> 1;
    }
}

#[test]
fn shifts_lose_bits_at_the_declared_width() {
    exact(inputs!(Shifts: a, by));
}

block! {
    Product { a: Signal<In, Bits<8>>, b: Signal<In, Bits<8>>, out: Signal<Out, Bits<32>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = (bit_cast::<16, 8>(self.a.val()) << 8) * (bit_cast::<16, 8>(self.b.val()) + 0xFF00);
    }
}

#[test]
fn products_of_16_bits_have_32() {
    exact(inputs!(Product: a, b));
}

block! {
    Casts {
        a: Signal<In, Bits<6>>, b: Signal<In, Bits<6>>,
        wide: Signal<Out, Bits<9>>, narrow: Signal<Out, Bits<3>>, narrow_sum: Signal<Out, Bits<3>>, same: Signal<Out, Bits<6>>,
        literal: Signal<Out, Bits<6>>, chosen: Signal<Out, Bits<2>>, nested: Signal<Out, Bits<12>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.wide.next = bit_cast::<9, 6>(self.a.val());
        self.narrow.next = bit_cast::<3, 6>(self.a.val());
        self.narrow_sum.next = bit_cast::<3, 6>(self.a.val() + self.b.val());
        self.same.next = bit_cast::<6, 6>(self.a.val() - self.b.val());
        self.literal.next = self.a.val() ^ bits::<6>(0x2A);
        self.nested.next = bit_cast::<12, 3>(bit_cast::<3, 6>(self.a.val() ^ self.b.val())) + bit_cast::<12, 6>(!self.a.val());
        // Temporaries in conditions, in an else-if, and in a match.
        self.chosen.next = 0.into();
        if bit_cast::<2, 6>(self.a.val() + 1) == 3 {
            self.chosen.next = 1.into();
        } else if bit_cast::<2, 6>(self.b.val() + 1) == 2 {
            self.chosen.next = 2.into();
        } else if self.b.val() == 9 {
            self.chosen.next = bit_cast::<2, 6>(self.a.val() >> 1);
        }
    }
}

#[test]
fn casts_widen_with_zeros_and_narrow_exactly() {
    exact(inputs!(Casts: a, b));
    let text = emitted::<Casts>();
    assert!(text.contains("assign wide = {3'h0, a};"), "{text}");
    assert!(text.contains("assign narrow = a[2:0];"), "{text}");
}

block! {
    Slices {
        a: Signal<In, Bits<8>>, at: Signal<In, Bits<3>>, place: Signal<In, Bits<2>>, bit: Signal<In, Bit>,
        middle: Signal<Out, Bits<3>>, beyond: Signal<Out, Bits<4>>, one: Signal<Out, Bit>, moving: Signal<Out, Bits<5>>,
        sliding: Signal<Out, Bits<4>>, chosen: Signal<Out, Bit>, replaced: Signal<Out, Bits<8>>, put: Signal<Out, Bits<8>>,
        of_sum: Signal<Out, Bits<2>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.middle.next = self.a.val().get_bits::<3>(2);
        self.beyond.next = self.a.val().get_bits::<4>(6);
        self.one.next = self.a.val().get_bit(7);
        self.moving.next = self.a.val().get_bits::<5>(self.place.val().index());
        self.sliding.next = self.a.val().get_bits::<4>(self.at.val().index());
        self.chosen.next = self.a.val().get_bit(self.at.val().index());
        self.replaced.next = self.a.val().replace_bit(5, self.bit.val());
        self.put.next = self.a.val().replace_bit(self.at.val().index(), self.bit.val());
        self.of_sum.next = (self.a.val() + 3).get_bits::<2>(4);
    }
}

#[test]
fn slices_bits_and_replacements() {
    // `bit` is a keyword of SystemVerilog.
    block! {
        Renamed {
            a: Signal<In, Bits<8>>, at: Signal<In, Bits<3>>, place: Signal<In, Bits<2>>, set: Signal<In, Bit>, inner: Slices,
            out: Signal<Out, Bits<37>>,
        }
        #[hdl_gen]
        fn update(&mut self) {
            self.inner.a.next = self.a.val();
            self.inner.at.next = self.at.val();
            self.inner.place.next = self.place.val();
            self.inner.bit.next = self.set.val();
            self.out.next = bit_cast::<37, 3>(self.inner.middle.val())
                | (bit_cast::<37, 4>(self.inner.beyond.val()) << 3)
                | (bit_cast::<37, 5>(self.inner.moving.val()) << 7)
                | (bit_cast::<37, 4>(self.inner.sliding.val()) << 12)
                | (bit_cast::<37, 8>(self.inner.replaced.val()) << 16)
                | (bit_cast::<37, 8>(self.inner.put.val()) << 24)
                | (bit_cast::<37, 2>(self.inner.of_sum.val()) << 32);
            if self.inner.one.val() != self.inner.chosen.val() {
                self.out.next = bit_cast::<37, 8>(self.inner.put.val());
            }
        }
    }
    exact(inputs!(Renamed: a, at, place, set));
}

#[derive(LogicBlock)]
struct Constants {
    a: Signal<In, Bits<8>>,
    out: Signal<Out, Bits<8>>,
    page: Signal<Out, Bits<3>>,
    shifted: Signal<Out, Bits<8>>,
    fixed: Signal<Out, Bits<8>>,
    chosen: Signal<Out, Bit>,
    reached: Signal<Out, Bit>,
    floor: Constant<Bits<8>>,
    mask: Constant<Bits<8>>,
    offset: Constant<Bits<4>>,
    enabled: Constant<Bit>,
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            a: Default::default(),
            out: Default::default(),
            page: Default::default(),
            shifted: Default::default(),
            fixed: Default::default(),
            chosen: Default::default(),
            reached: Default::default(),
            floor: Constant::new(0.into()),
            mask: Constant::new(0xA5.into()),
            offset: Constant::new(3.into()),
            enabled: Constant::new(true),
        }
    }
}

impl Logic for Constants {
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next = (self.a.val() & self.mask.val()) + self.mask.val();
        self.page.next = self.a.val().get_bits::<3>(self.offset.val().index());
        self.shifted.next = self.a.val() >> self.offset.val();
        self.chosen.next = self.mask.val().get_bit(self.a.val().get_bits::<3>(1).index());
        self.reached.next = (self.a.val() >= self.floor.val()) & (self.a.val() > self.mask.val());
        // Depends on nothing that ever changes: must hold from the start all the same.
        self.fixed.next = 1.into();
        if self.enabled.val() {
            self.fixed.next = self.mask.val() + 1;
        }
    }
}

#[test]
fn constants_keep_their_width() {
    exact(inputs!(Constants: a));
    let text = emitted::<Constants>();
    assert!(text.contains("localparam [7:0] mask = 8'ha5;"), "{text}");
    assert!(text.contains("assign fixed = 8'ha6;"), "{text}");
    assert!(text.contains("assign page = a[5:3];"), "{text}");
}

block! {
    Branches {
        a: Signal<In, Bits<3>>, b: Signal<In, Bits<3>>, out: Signal<Out, Bits<3>>, last: Signal<Out, Bits<3>>,
        full: Signal<Out, Bit>, temporary: Signal<Local, Bits<3>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.temporary.next = self.a.val() + 1;
        self.out.next = self.temporary.val();
        if self.a.val() == 3 {
            self.out.next = self.b.val();
        } else if self.a.val() > self.b.val() {
            self.out.next = self.out.val() + self.temporary.val();
        } else {
            if self.b.val() == 7 {
                self.out.next = 0.into();
            }
        }
        // The value of `temporary` changes after `out` took it: order matters.
        self.temporary.next = self.out.val() ^ self.b.val();
        self.last.next = self.temporary.val();
        match self.a.val().get_bit(0) {
            true => self.full.next = self.b.val().any(),
            false => self.full.next = false,
        }
    }
}

#[test]
fn branches_and_the_order_of_statements() {
    exact(inputs!(Branches: a, b));
}

#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum Colour {
    Red,
    Green,
    Blue,
}

block! {
    Enums {
        a: Signal<In, Bits<2>>, state: Signal<Local, Colour>, next: Signal<Out, Colour>, is_blue: Signal<Out, Bit>,
        number: Signal<Out, Bits<2>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.state.next = Colour::Red;
        match self.a.val().index() {
            1 => self.state.next = Colour::Green,
            0x2 => self.state.next = Colour::Blue,
            _ => {}
        }
        match self.state.val() {
            Colour::Red => self.next.next = Colour::Green,
            Colour::Green => {
                self.next.next = Colour::Blue;
            }
            _ => self.next.next = Colour::Red,
        }
        self.is_blue.next = self.state.val() == Colour::Blue;
        self.number.next = self.next.val().into();
    }
}

#[test]
fn enums_and_matches() {
    exact(inputs!(Enums: a));
    let text = emitted::<Enums>();
    assert!(text.contains("localparam [1:0] Colour_Blue = 2'h2;"), "{text}");
}

bundle! {
    /// A pair.
    pub struct Pair<LOW, HIGH> {
        /// Least significant.
        pub low: Bits<LOW>,
        /// In the middle.
        pub flag: Bit,
        /// Most significant.
        pub high: Bits<HIGH>,
    }
}

block! {
    Bundles {
        pair: Signal<In, Pair<3, 4>>, out: Signal<Out, Pair<4, 3>>, same: Signal<Out, Bit>, copy: Signal<Out, Pair<3, 4>>,
    }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.next.low = self.pair.val().high + 1;
        self.out.next.flag = !self.pair.val().flag;
        self.out.next.high = self.pair.val().low;
        self.same.next = self.pair.val().flag & (self.out.val().high == 5);
        self.copy.next = self.pair.val();
        if self.pair.val().flag {
            self.copy.next.high = 9.into();
        }
    }
}

#[test]
fn bundles_are_vectors_of_their_fields() {
    exact(inputs!(Bundles: pair));
    assert!(emitted::<Bundles>().contains("out_draft[3:0] = pair[7:4] + 4'h1;"));
}

#[derive(Copy, Clone, PartialEq, Debug, Default, LogicStruct)]
struct Record {
    colour: Colour,
    value: Bits<3>,
}

block! {
    Structs { a: Signal<In, Bits<3>>, record: Signal<Local, Record>, out: Signal<Out, Bits<3>>, green: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.record.next.value = self.a.val() + 2;
        self.record.next.colour = Colour::Red;
        if self.a.val().any() {
            self.record.next.colour = Colour::Green;
        }
        self.out.next = self.record.val().value;
        self.green.next = self.record.val().colour == Colour::Green;
    }
}

#[test]
fn logic_structs_with_an_enum_inside() {
    exact(inputs!(Structs: a));
}

block! {
    Adder { a: Signal<In, Bits<3>>, b: Signal<In, Bits<3>>, sum: Signal<Out, Bits<3>> }
    #[hdl_gen]
    fn update(&mut self) {
        self.sum.next = self.a.val() + self.b.val();
    }
}

#[derive(LogicBlock)]
struct Chain {
    a: Signal<In, Bits<3>>,
    b: Signal<In, Bits<3>>,
    sum: Signal<Out, Bits<3>>,
    parts: [Signal<Local, Bits<3>>; 3],
    adders: Vec<Adder>,
    _count: usize,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            a: Default::default(),
            b: Default::default(),
            sum: Default::default(),
            parts: Default::default(),
            adders: (0..3).map(|_| Adder::default()).collect(),
            _count: 3,
        }
    }
}

impl Logic for Chain {
    #[hdl_gen]
    fn update(&mut self) {
        self.adders[0].a.next = self.a.val();
        for i in 0..self._count {
            self.adders[i].b.next = self.b.val();
            self.parts[i].next = self.adders[i].sum.val() ^ i.to_bits::<3>();
        }
        for i in 0..2 {
            self.adders[i + 1].a.next = self.parts[i].val();
        }
        self.sum.next = self.parts[2].val();
    }
}

#[test]
fn loops_vectors_of_blocks_and_arrays_of_signals() {
    exact(inputs!(Chain: a, b));
}

#[derive(LogicInterface, Default)]
#[join = "Sink"]
struct Source {
    data: Signal<Out, Bits<3>>,
    ready: Signal<In, Bit>,
}

#[derive(LogicInterface, Default)]
#[join = "Source"]
struct Sink {
    data: Signal<In, Bits<3>>,
    ready: Signal<Out, Bit>,
}

block! {
    Producer { a: Signal<In, Bits<3>>, out: Source }
    #[hdl_gen]
    fn update(&mut self) {
        self.out.data.next = self.a.val();
        if self.out.ready.val() {
            self.out.data.next = self.a.val() + 3;
        }
    }
}

block! {
    Consumer { input_stream: Sink, total: Signal<Out, Bits<3>>, enable: Signal<In, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        self.input_stream.ready.next = self.enable.val();
        self.total.next = self.input_stream.data.val() - 1;
    }
}

block! {
    Outer { enable: Signal<In, Bit>, total: Signal<Out, Bits<3>>, consumer: Consumer, stream: Sink }
    #[hdl_gen]
    fn update(&mut self) {
        Sink::link(&mut self.stream, &mut self.consumer.input_stream);
        self.consumer.enable.next = self.enable.val();
        self.total.next = self.consumer.total.val();
    }
}

block! {
    Joined { a: Signal<In, Bits<3>>, enable: Signal<In, Bit>, total: Signal<Out, Bits<3>>, producer: Producer, outer: Outer }
    #[hdl_gen]
    fn update(&mut self) {
        self.producer.a.next = self.a.val();
        self.outer.enable.next = self.enable.val();
        Source::join(&mut self.producer.out, &mut self.outer.stream);
        self.total.next = self.outer.total.val();
    }
}

#[test]
fn links_and_joins_of_interfaces() {
    exact(inputs!(Joined: a, enable));
}

block! {
    Said { a: Signal<In, Bit>, out: Signal<Out, Bit> }
    #[hdl_gen]
    fn update(&mut self) {
        assert!(true);
        println!("a comment that ends in a backslash \\");
        self.out.next = self.a.val();
    }
}

#[test]
fn comments_leave_no_trace() {
    exact(inputs!(Said: a));
    assert!(!emitted::<Said>().contains("backslash"));
}
